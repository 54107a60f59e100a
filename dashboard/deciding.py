"""One decision of a person on the registry: recorded through curate, confirmed in one sentence, with the way back.

Buttons call `decide` as their `on_click`: the page is then drawn once, with the decision in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.page import Page
from dashboard.refusals import refusal
from dashboard.words import plain
from insights.errors import VocError
from insights.irritants.edit import Draft
from insights.irritants.registry import Registry
from insights.steps import curate
from insights.steps.resolved import KINDS, registry

NOTICE = "registry_notice"
IN_SIGHT = ("check",)  # pages so short that the notice is always seen
Act = Callable[[str], object]  # takes the name of who decides


@dataclass(frozen=True)
class Told:
    """What the last click on a page did. `events`: what can be taken back, oldest first."""

    view: str
    done: bool
    sentence: str
    events: tuple[int, ...] = ()


def name_field(page: Page) -> None:
    """The reader's name, the same on every page of a session."""
    st.text_input(
        page._("Your name"),
        key="adviser",
        persist_state="session",
        help=page._("Written on what you note, kept for this session."),
    )


def reader() -> str:
    """Name of who sits at the screen; empty when it is not told."""
    return (st.session_state.get("adviser") or "").strip()


def named(page: Page) -> bool:
    """Whether the reader has told a name; if not, the page asks for it."""
    if reader():
        return True
    st.info(page._("Write your name above to change anything: it stands beside each change."), icon=":material/badge:")
    return False


def decide(page: Page, view: str, sentence: str, act: Act) -> bool:
    """Run one decision and keep what to tell; False when it was refused or noted already."""
    ledger, me = page.store.ledger, reader()
    before, problem = ledger.version(), ""
    try:
        act(me)
    except VocError as error:
        problem = refusal(page, error)
    made = tuple(event.event_id for event in ledger.events(KINDS, after=before) if event.actor == me)
    if problem:
        told = Told(view, False, problem, made)
    elif made:
        told = Told(view, True, sentence, made)
    else:
        told = Told(view, False, page._("This was noted already: nothing changed."))
    tell(told)
    return told.done


def tell(told: Told) -> None:
    """Keep what to tell, and on a long page show it at once wherever the reader has scrolled to."""
    st.session_state[NOTICE] = told
    if told.view not in IN_SIGHT:
        st.toast(told.sentence)


def change(page: Page, view: str, sentence: str, *builds: Callable[[Registry], Draft]) -> bool:
    """Decide drafts, each built on the registry as the one before left it. `sentence` is text, not Markdown."""
    ledger = page.store.ledger

    def act(me: str) -> None:
        for build in builds:
            curate.record(ledger, [build(registry(ledger))], actor=me, at=page.now)

    return decide(page, view, plain(sentence), act)


def take_back(page: Page, view: str, events: Sequence[int]) -> None:
    """Undo events, the newest first."""
    decide(
        page,
        view,
        page._("Taken back: everything is as it was before."),
        lambda me: [curate.undo(page.store.ledger, one, actor=me, at=page.now) for one in reversed(events)],
    )


def notice(page: Page, view: str) -> None:
    """What the last decision on this page did, with its undo, until the next one or another page."""
    told = st.session_state.get(NOTICE)
    if not isinstance(told, Told) or told.view != view:
        st.session_state.pop(NOTICE, None)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="registry_notice_box"):
        (st.success if told.done else st.warning)(told.sentence)
        if told.events:
            st.button(
                page._("Undo"),
                icon=":material/undo:",
                key="undo_last",
                on_click=take_back,
                args=(page, view, told.events),
            )
