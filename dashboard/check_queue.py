"""The texts a session is asked about: chosen once, then shown until each is answered or passed over."""

from __future__ import annotations

import streamlit as st

from dashboard.page import Page
from insights.ledger.placements import placements
from insights.steps.looking import Asked, to_look_at

AT_ONCE = 20
QUEUE, SKIPPED = "check_queue", "check_skipped"


def to_check(page: Page) -> list[Asked]:
    """What is still to answer, the most useful first. When all is done, texts are chosen anew.

    An answer that is taken back brings its text back.
    """
    gone = _answered(page)
    waiting = [one for one in _queue(page) if one.text_sha not in gone | set(st.session_state.get(SKIPPED, ()))]
    if not waiting and st.session_state.get(QUEUE, (None, []))[1]:
        st.session_state.pop(QUEUE)
        st.session_state.pop(SKIPPED, None)
        waiting = [one for one in _queue(page) if one.text_sha not in gone]
    return waiting


def skip(text_sha: str) -> None:
    """Pass a text over: it may come back with the next choice."""
    st.session_state[SKIPPED] = [*st.session_state.get(SKIPPED, ()), text_sha]


def _queue(page: Page) -> list[Asked]:
    """Chosen once a session and snapshot of the lake: choosing takes seconds, an answer must not."""
    at, kept = (page.store.place, page.store.snapshot), st.session_state.get(QUEUE)
    if kept is None or kept[0] != at:
        with st.spinner(page._("Choosing the texts most worth your look…")):
            kept = (at, to_look_at(page.store.lake, page.store.ledger, AT_ONCE))
        st.session_state[QUEUE] = kept
    return list(kept[1])


def _answered(page: Page) -> set[str]:
    """Hashes of the texts people have answered for."""
    ids = [event.event_id for event in page.store.corrections]
    return {one.text_sha for one in placements(page.store.ledger, ids)} if ids else set()
