"""One decision of a person on an action: recorded, confirmed in one sentence, with the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.action_refusals import action_refusal
from dashboard.deciding import NOTICE, Told, author, reader, tell
from dashboard.guard import safely
from dashboard.page import Page
from dashboard.words import plain
from insights.actions.book import Book
from insights.actions.edit import Draft
from insights.errors import VocError
from insights.steps import actions as steps

MARK = "actions:"  # before the view in a notice, so that no other page's undo takes these events


def book(page: Page) -> Book:
    """The actions at this ledger version."""
    return steps.book(page.store.ledger)


def record(page: Page, view: str, sentence: str, build: Callable[[Book], Draft]) -> bool:
    """Record one draft and keep what to tell; False when it was refused."""
    return _run(page, view, sentence, lambda me: steps.record(page.store.ledger, build, actor=me, at=page.now))


def declare(page: Page, view: str, sentence: str, told: Mapping[str, Any]) -> bool:
    """Declare an action and keep what to tell; False when it was refused."""
    store = page.store

    def act(me: str) -> str:
        return steps.declare(store.whole_lake, store.ledger, told, actor=me, at=page.now, redact=redactor(page))

    return _run(page, view, sentence, act)


def draw_teams(page: Page, view: str, sentence: str, action_id: str) -> bool:
    """Draw half of the teams and keep what to tell; False when it was refused."""
    seed = page.settings.seed
    return _run(
        page,
        view,
        sentence,
        lambda me: steps.draw_units(
            page.store.whole_lake, page.store.ledger, action_id, "team", actor=me, at=page.now, seed=seed
        ),
    )


def redactor(page: Page) -> steps.Redact:
    """What takes customers' data out of a text that a person writes here."""
    return _redactor(str(page.settings.data_dir), page.store.whole_lake, page.store.ledger)


@st.cache_resource(show_spinner=False, max_entries=2)
def _redactor(place: str, _lake: Any, _ledger: Any) -> steps.Redact:
    return steps.redactor_of(_lake, _ledger)


def _run(page: Page, view: str, sentence: str, act: Callable[[str], object]) -> bool:
    ledger, me = page.store.ledger, reader()
    before = ledger.version()
    try:
        act(author(page, "decide"))
    except VocError as error:
        tell(Told(MARK + view, False, action_refusal(page, error)))
        return False
    made = tuple(one.event_id for one in ledger.events(steps.KINDS, after=before) if one.actor == me)
    again = page._("This was noted already: nothing changed.")
    tell(Told(MARK + view, bool(made), plain(sentence) if made else again, made))
    return bool(made)


def _take_back(page: Page, view: str, events: Sequence[int]) -> None:
    def act(me: str) -> None:
        for one in sorted(events, reverse=True):
            steps.undo(page.store.ledger, one, actor=me, at=page.now)

    _run(page, view, page._("Taken back: everything is as it was before."), act)


def notice(page: Page, view: str) -> None:
    """What the last decision on this page did, with its undo, until the next one or another page."""
    told = st.session_state.get(NOTICE)
    if not isinstance(told, Told) or told.view != MARK + view:
        st.session_state.pop(NOTICE, None)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="action_notice_box"):
        (st.success if told.done else st.warning)(told.sentence)
        if told.events and reader() and page.may("decide"):
            st.button(
                page._("Undo"),
                icon=":material/undo:",
                key="undo_action",
                on_click=safely(_take_back),
                args=(page, view, told.events),
            )
