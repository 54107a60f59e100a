"""Alarms: the state now, the open incidents, past ones with what came of them, false alarms against the budget."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard.alarm_acting import notice
from dashboard.alarm_now import now_panel
from dashboard.alarm_panel import incident_panel
from dashboard.alarm_terms import terms_panel
from dashboard.deciding import name_field
from dashboard.guard import empty
from dashboard.page import Page, from_url, picking, show, to_url
from dashboard.words import plain
from insights.alarms import COMPANY, POOLED
from insights.alarms.incidents import Incident, false_alarms
from insights.alarms.words import figure, outcome
from insights.steps.watch_show import name_in

WEEKS = 8  # over which false alarms are counted
NAMED, ALL = "named", "all"
SHOWN = 200


def render(page: Page) -> None:
    _ = page._
    with st.container():
        notice(page)
    now_panel(page)
    known = page.store.incidents
    if not page.store.has("alert"):
        known = {}
    if not known:
        empty(
            _("No alarm has rung yet."),
            _("`voc run` plays history once; `voc serve` then watches every few seconds."),
        )
        terms_panel(page)
        return
    if page.may("decide"):
        name_field(page)
    for one in sorted((one for one in known.values() if one.is_open), key=_newest):
        incident_panel(page, one)
    _past(page, [one for one in known.values() if not one.is_open])
    _budget(page, list(known.values()))
    terms_panel(page)


def _newest(one: Incident) -> tuple[float, str]:
    return -one.raised_at.timestamp(), one.incident_id


def _past(page: Page, past: list[Incident]) -> None:
    """Past incidents, the newest first; the chosen one in full."""
    _, fmt = page._, page.fmt
    st.header(_("Past incidents"))
    kinds = {NAMED: _("On an irritant"), ALL: _("All irritants together too")}
    from_url("kind", list(kinds), NAMED)
    st.segmented_control(
        _("Which"), list(kinds), key="kind", format_func=kinds.__getitem__, required=True, label_visibility="collapsed"
    )
    wanted = to_url("kind", NAMED) == ALL
    linked = st.query_params.get("incident")
    listed = sorted((one for one in past if wanted or one.lead != POOLED or one.incident_id == linked), key=_newest)[
        :SHOWN
    ]
    if not listed:
        st.markdown(_("None yet."))
        return
    names = {one.incident_id: name_in(one.lead, page.registry, page.language) for one in listed}
    shown = pd.DataFrame(
        {
            _("Rang"): [fmt.instant(one.raised_at) for one in listed],
            _("What"): [names[one.incident_id] for one in listed],
            _("People"): [fmt.number(one.n_authors) for one in listed],
            _("Expected"): [figure(one.expected, page.language) for one in listed],
            _("What it was"): [_outcome(page, one) for one in listed],
        }
    )
    ids = [one.incident_id for one in listed]
    picking(shown, "incident_table", "incident", ids, wide=_("What"))
    from_url("incident", ids, ids[0])
    st.selectbox(
        _("Incident"),
        ids,
        key="incident",
        format_func=lambda key: f"{names[key]} · {fmt.instant(_by(listed, key).raised_at)}",
    )
    incident_panel(page, _by(listed, str(to_url("incident", None))))


def _by(listed: list[Incident], key: str) -> Incident:
    return next(one for one in listed if one.incident_id == key)


def _outcome(page: Page, one: Incident) -> str:
    said = outcome(one.reason, page.language)
    return page._("{outcome} (replayed)").format(outcome=said) if one.replayed else said


def _budget(page: Page, known: list[Incident]) -> None:
    """False alarms a week against what is borne."""
    _, fmt = page._, page.fmt
    since = page.now - timedelta(weeks=WEEKS)
    n = false_alarms(known, since, page.now)
    rang = sum(since <= one.raised_at < page.now for one in known)
    told = _(
        "**False alarms**: {n} in {weeks} weeks, as people judged them; {most} a week are borne for the whole company. "
        "Incidents in that time: {rang}."
    )
    text = told.format(n=fmt.number(n), weeks=WEEKS, most=fmt.number(COMPANY.per_week), rang=fmt.number(rang))
    (st.warning if n > WEEKS * COMPANY.per_week else st.markdown)(text)
    st.caption(plain(_("Close false alarms as such: the baseline then learns that week as an ordinary one.")))


if __name__ == "__main__":
    show(render)
