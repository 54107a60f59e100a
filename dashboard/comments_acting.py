"""One thing a person did to a comment: recorded, confirmed in one sentence, with the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.acting import redactor
from dashboard.data import ledger_place
from dashboard.deciding import author, reader
from dashboard.guard import NotYoursError, safely
from dashboard.page import Page
from dashboard.words import plain
from insights.comments import Book, Person
from insights.errors import LedgerError, SettingsError
from insights.ledger import Ledger
from insights.outbox.endpoints import Directory, load_directory
from insights.settings import Settings
from insights.steps import comments as steps

NOTICE = "comment_notice"
Act = Callable[[str], object]  # takes the name of who acts


@dataclass(frozen=True)
class Told:
    """What the last click did on one subject. `events`: what can be taken back."""

    subject: str
    done: bool
    sentence: str
    events: tuple[int, ...] = ()


@st.cache_resource(show_spinner=False, max_entries=4)
def _book(place: str, version: int, _ledger: Ledger) -> Book:
    return steps.book(_ledger)


def book(page: Page) -> Book:
    """The comments at this ledger version."""
    store = page.store
    return _book(ledger_place(store.settings), store.version, store.ledger)


@st.cache_data(show_spinner=False, max_entries=4, ttl=300)
def _people(place: str, version: int, _ledger: Ledger, _settings: Settings) -> dict[str, Person]:
    try:
        told = load_directory(_settings, dry_run=True)
    except SettingsError:  # a mistake in endpoints.yaml keeps nobody from writing
        told = Directory({})
    return steps.people(_ledger, _settings, told)


def people(page: Page) -> dict[str, Person]:
    """Colleagues who can be called, by name."""
    store = page.store
    return _people(ledger_place(store.settings), store.version, store.ledger, store.settings)


def write(page: Page, kind: str, subject_id: str, at: str) -> None:
    """Record what the form under the keys `cmt_text_<at>` and `cmt_tell_<at>` says."""
    words, told = st.session_state[f"cmt_text_{at}"], st.session_state[f"cmt_tell_{at}"]
    written = page._("Written.") if not told else page._("Written; {names} will be told.").format(names=", ".join(told))
    _run(
        page, subject_id, written,
        lambda me: steps.write(
            page.store.ledger, kind, subject_id, words, told,
            people=people(page), actor=me, at=page.now, redact=redactor(page),
        ),
    )  # fmt: skip


def change(page: Page, subject_id: str, comment_id: str, at: str) -> None:
    """Record other words for one's own comment."""
    words, told = st.session_state[f"cmt_text_{at}"], st.session_state[f"cmt_tell_{at}"]
    _run(
        page, subject_id, page._("Changed."),
        lambda me: steps.change(
            page.store.ledger, comment_id, words, told,
            people=people(page), actor=me, at=page.now, redact=redactor(page),
        ),
    )  # fmt: skip


def remove(page: Page, subject_id: str, comment_id: str) -> None:
    """Take one's own comment away."""
    _run(
        page, subject_id, page._("Deleted."),
        lambda me: steps.remove(page.store.ledger, comment_id, actor=me, at=page.now),
    )  # fmt: skip


def mark_read(page: Page) -> None:
    """All that calls the reader is read."""
    steps.mark_read(page.store.ledger, reader(), at=page.now)


def notice(page: Page, subject_id: str) -> None:
    """What the last click on this subject's comments did, with its undo."""
    told = st.session_state.get(NOTICE)
    if not isinstance(told, Told) or told.subject != subject_id:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="cmt_notice_box"):
        (st.success if told.done else st.warning)(told.sentence)
        if told.events and reader():
            st.button(
                page._("Undo"), icon=":material/undo:", key="cmt_undo", on_click=safely(_take_back),
                args=(page, subject_id, told.events),
            )  # fmt: skip


def _take_back(page: Page, subject_id: str, events: tuple[int, ...]) -> None:
    def act(me: str) -> None:
        for one in sorted(events, reverse=True):
            steps.undo(page.store.ledger, one, actor=me, at=page.now)

    _run(page, subject_id, page._("Taken back: everything is as it was before."), act, undoable=False)


def _run(page: Page, subject_id: str, sentence: str, act: Act, *, undoable: bool = True) -> None:
    """Run one act and keep what to tell."""
    ledger, me = page.store.ledger, reader()
    before = ledger.version()
    try:
        act(author(page, "comment"))
    except (LedgerError, NotYoursError) as error:
        st.session_state[NOTICE] = Told(subject_id, False, refusal(page, error))
        return
    made = tuple(one.event_id for one in ledger.events(steps.KINDS, after=before) if one.actor == me)
    st.session_state[NOTICE] = Told(subject_id, True, plain(sentence), made if undoable else ())


def refusal(page: Page, error: LedgerError | NotYoursError) -> str:
    """Why a comment was refused, in the reader's language."""
    said, _ = str(error), page._
    if isinstance(error, NotYoursError):
        return plain(said)
    if "characters" in said:
        return _("A comment has 1 to 2,000 characters.")
    if "only they may change it" in said:
        return _("Only who wrote a comment may change it.")
    return _("Somebody else decided something meanwhile: look again.")
