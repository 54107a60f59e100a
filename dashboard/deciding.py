"""One decision of a person on the registry: recorded through curate, confirmed in one sentence, with the way back.

Buttons call `decide` as their `on_click`: the page is then drawn once, with the decision in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.guard import NotYoursError, safely
from dashboard.identity import still_may, viewer_here
from dashboard.menu import role_name, roles_with
from dashboard.page import Page
from dashboard.refusals import refusal
from dashboard.words import plain
from insights.access import Capability, reserved
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
    """The reader's name, the same on every page of a session; told by the sign-in where there is one."""
    if page.viewer.signed_in:
        st.caption(page._("Noted under your name: {name}").format(name=plain(page.viewer.name)))
        return
    st.text_input(
        page._("Your name"),
        key="adviser",
        persist_state="session",
        help=page._("Written on what you note, kept for this session."),
    )


def reader() -> str:
    """Name of who sits at the screen, Signed where they signed in; empty when none is told, or one of the program's own."""
    who = viewer_here()
    if who is not None and who.signed_in:
        return who.signed
    told = _typed()
    return "" if reserved(told) else told


def _typed() -> str:
    return (st.session_state.get("adviser") or "").strip()


def named(page: Page, needs: Capability = "curate") -> bool:
    """Whether the reader may decide this and has told a name; if not, the page says what is missing."""
    _ = page._
    if not page.may(needs):
        said = _("Your role, {role}, reads this without changing it. These roles may: {roles}.")
        told = said.format(role=role_name(_, page.viewer.role), roles=roles_with(_, needs))
        st.info(told, icon=":material/lock:")
        return False
    if reader():
        return True
    if reserved(_typed()):
        st.warning(_("The program itself writes under this name: write your own."), icon=":material/badge:")
        return False
    st.info(_("Write your name above to change anything: it stands beside each change."), icon=":material/badge:")
    return False


def author(page: Page, needs: Capability) -> str:
    """Name of who takes a decision. Raises NotYoursError where the role lacks the right or the session has run out.

    A click runs before the page is drawn: a disabled button alone keeps nobody out.
    """
    if not still_may(page.viewer, page.settings, needs):
        raise NotYoursError(page._("This was not noted: your role does not allow it, or your session has run out."))
    return reader()


def company_only(page: Page, what: str) -> bool:
    """Whether the reader's rights cover a part of the company only; then one line says that `what` is not shown."""
    if not page.viewer.rights.limited:
        return False
    said = page._("“{what}” speaks of the whole company, and your rights cover a part of it: it is not shown.")
    st.caption(plain(said.format(what=what)))
    return True


def decide(page: Page, view: str, sentence: str, act: Act, needs: Capability = "curate") -> bool:
    """Run one decision and keep what to tell; False when it was refused or noted already."""
    ledger, me = page.store.ledger, reader()
    before, problem = ledger.version(), ""
    try:
        act(author(page, needs))
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


def change(
    page: Page, view: str, sentence: str, *builds: Callable[[Registry], Draft], needs: Capability = "curate"
) -> bool:
    """Decide drafts, each built on the registry as the one before left it. `sentence` is text, not Markdown."""
    ledger = page.store.ledger

    def act(me: str) -> None:
        for build in builds:
            curate.record(ledger, [build(registry(ledger))], actor=me, at=page.now)

    return decide(page, view, plain(sentence), act, needs)


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
        if told.events and page.may("curate"):
            st.button(
                page._("Undo"),
                icon=":material/undo:",
                key="undo_last",
                on_click=safely(take_back),
                args=(page, view, told.events),
            )
