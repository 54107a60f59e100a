"""What a person decides about an incident on the page, confirmed in one sentence, with the way back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.deciding import author
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain
from insights.alarms.incidents import Incident
from insights.errors import VocError
from insights.steps.incidents import decide, undo

NOTICE = "incident_notice"


def act(page: Page, incident_id: str, step: str, sentence: str, *, reason: str = "", text: str = "") -> None:
    """Record one decision; used as `on_click`, so that the page is drawn once with the decision in it."""
    _note(
        page,
        sentence,
        lambda: decide(
            page.store.ledger, incident_id, step, actor=author(page, "decide"), at=page.now, reason=reason, text=text,
            language=page.language,
        ),
    )  # fmt: skip


def take_back(page: Page, incident_id: str, event_id: int) -> None:
    """Undo the newest decision."""
    _note(
        page,
        page._("Taken back: everything is as it was before."),
        lambda: undo(
            page.store.ledger, incident_id, event_id, actor=author(page, "decide"), at=page.now, language=page.language
        ),
        way_back=False,
    )


def _note(page: Page, sentence: str, decided: Callable[[], Incident], *, way_back: bool = True) -> None:
    try:
        one = decided()
    except VocError as error:
        st.session_state[NOTICE] = (False, str(error), "", 0)
        return
    last = one.decisions[-1] if way_back and one.decisions else 0
    st.session_state[NOTICE] = (True, sentence, one.incident_id, last)


def notice(page: Page) -> None:
    """What the last decision did, with its undo, told once."""
    told = st.session_state.pop(NOTICE, None)
    if not told:
        return
    done, sentence, incident_id, event_id = told
    with st.container(horizontal=True, vertical_alignment="center"):
        (st.success if done else st.warning)(plain(sentence))
        if event_id and page.may("decide"):
            st.button(
                page._("Undo"),
                icon=":material/undo:",
                key="undo_incident",
                on_click=safely(take_back),
                args=(page, incident_id, event_id),
            )
