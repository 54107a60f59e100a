"""The incident behind a case, on the case: what it is part of, and that it waits behind one answer for all."""

from __future__ import annotations

import streamlit as st

from dashboard.page import Page
from dashboard.words import plain
from insights.cases import Case, label
from insights.cases.frame import incident_of
from insights.cases.model import INCIDENT
from insights.steps.incidents import answer_of
from insights.steps.watch_show import name_in


def incident_of_case(page: Page, case: Case) -> None:
    """What an adviser must know before calling; nothing where no incident explains the case."""
    _, key = page._, case.held_by or incident_of(case)
    one = page.store.incidents.get(key or "")
    if one is None:
        return
    name = plain(name_in(one.lead, page.registry, page.language))
    if case.held_by:
        held = _(
            "**Held back**: one answer for all is being prepared for the incident “{name}”. Take the case to answer it "
            "by itself."
        )
        st.warning(held.format(name=name), icon=":material/pause_circle:")
    else:
        st.info(_("Part of the incident “{name}”.").format(name=name), icon=":material/notification_important:")
    if answer := answer_of(page.store.ledger, one):
        st.markdown(_("**One answer for all:** {text}").format(text=plain(answer)))
    st.page_link(
        "views/alarms.py",
        label=_("Open the incident"),
        icon=":material/arrow_forward:",
        query_params={"incident": one.incident_id, "lang": page.language},
    )


def mark_words(page: Page, mark: str) -> str:
    """A mark as people say it; that of an incident by the incident's name."""
    if not mark.startswith(INCIDENT):
        return label(mark, page.language)
    one = page.store.incidents.get(mark.removeprefix(INCIDENT))
    return name_in(one.lead, page.registry, page.language) if one else mark
