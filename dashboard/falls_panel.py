"""Falls that are nobody's: what went down against last year without an action of ours, so that nobody is credited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import streamlit as st

from dashboard.action_queries import REASON_WEEKS
from dashboard.page import Page
from dashboard.words import plain
from insights.actions import Action
from insights.proof.falls import Fall, falls
from insights.proof.known import known_paths, load_known

SINCE = timedelta(days=470)


def falls_panel(page: Page, actions: Mapping[str, Action]) -> None:
    """One line a fall, with the known event behind it where there is one; nothing where nothing fell."""
    _ = page._
    rows = page.rows(
        REASON_WEEKS,
        zone=page.settings.timezone,
        since=page.day_start(page.today - SINCE),
        until=page.day_start(page.today + timedelta(days=1)),
    )
    if rows.empty:
        return
    worked_on = {reason for one in actions.values() for reason in one.reasons}
    events = load_known(*known_paths(page.settings.reference_dir, page.settings.data_dir))
    found = falls(rows, page.today, worked_on, events)
    if not found:
        return
    st.header(_("Falls that are not ours"))
    st.caption(_("Contact reasons below the same ten weeks of last year, on which no action works."))
    for one in found:
        st.markdown(f"- {plain(_line(page, one))}")


def _line(page: Page, one: Fall) -> str:
    _, fmt = page._, page.fmt
    text = _("« {reason} »: {change} ({low} to {high}). {why}")
    why = (
        _("At that time: {event}.").format(event=one.event.name(page.language))
        if one.event
        else _("No known event explains it.")
    )
    change, low, high = (fmt.percent(ratio - 1, signed=True) for ratio in (one.ratio, one.low, one.high))
    return text.format(reason=one.key, change=change, low=low, high=high, why=why)
