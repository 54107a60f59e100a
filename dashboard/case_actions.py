"""What an adviser does with a case: take it, note the call, and what came of it; each step is one event of the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from dashboard.case_contact import Contact
from dashboard.deciding import author, named, reader
from dashboard.page import Page
from insights.cases import Case, EventDraft, events_for, fold_cases, label, note_key, possible_actions, taken_by
from insights.cases.actions import came_too_late
from insights.cases.times import times_again
from insights.errors import VocError
from insights.events import LedgerEvent

NO_ANSWER, GIVE_UP, WAIT = "no_answer", "give_up", "wait"
NOTICE = "case_notice"


def actions(page: Page, case: Case, contact: Contact) -> None:
    """Take, then note: outcome, note, save. `contact`: what the law says of calling now."""
    _, me, possible = page._, reader(), possible_actions(case)
    if not named(page, "callbacks"):
        return
    if "take" in possible:
        if st.button(_("Take this case"), type="primary", width="stretch", shortcut="Alt+T"):
            act(page, case, "take", me)
        return
    if case.assignee not in (None, me) and "hand_over" in possible:
        st.warning(taken_by(case, page.language, page.settings.timezone))
        if st.button(_("Take it over")):
            act(page, case, "hand_over", me, assignee=me)
        return
    if "conclude" in possible or NO_ANSWER in possible:
        _note_form(page, case, me, possible, contact)
    _beside(page, case, me, possible)
    if "reopen" in possible and st.button(_("Reopen")):
        act(page, case, "reopen", me, **_times_again(page, case))


def _note_form(page: Page, case: Case, me: str, possible: tuple[str, ...], contact: Contact) -> None:
    """What came of the call. Where the law forbids the call, only what ends the case without one is offered."""
    _, names = page._, _outcomes(page, case, possible, contact)
    if not names:
        return
    with st.form(f"note_{case.case_id}_{len(case.history)}", border=True):
        st.radio(
            _("What came of the call?"),
            list(names),
            format_func=names.__getitem__,
            key="outcome",
            index=None,
            horizontal=True,
        )
        st.text_area(_("Note (stored encrypted)"), key="note", height=80)
        if st.form_submit_button(_("Save"), type="primary", shortcut="Alt+S"):
            code = st.session_state["outcome"]
            action = code if code in (NO_ANSWER, GIVE_UP) else "conclude"
            details = {"outcome": code, "outcomes": page.store.rules.outcomes} if action == "conclude" else {}
            act(page, case, action, me, note=st.session_state["note"], **details)


def _outcomes(page: Page, case: Case, possible: tuple[str, ...], contact: Contact) -> dict[str, str]:
    _ = page._
    give_up = GIVE_UP in possible and case.n_attempts >= page.store.rules.max_attempts
    ending = {GIVE_UP: _("give up after {n} calls").format(n=case.n_attempts)} if give_up else {}
    if contact.blocks and case.waits_for_contact:
        return ending
    codes = page.store.rules.outcomes if "conclude" in possible else ()
    names = {code: label(code, page.language) for code in codes}
    return names | ({NO_ANSWER: _("no answer")} if NO_ANSWER in possible else {}) | ending


def _beside(page: Page, case: Case, me: str, possible: tuple[str, ...]) -> None:
    """The steps that are not a call: appointment, third party, another team, a colleague, an acknowledgement."""
    with st.container(horizontal=True):
        if "schedule" in possible:
            _appointment(page, case, me)
        if WAIT in possible:
            _third_party(page, case, me)
        if "transfer" in possible:
            _transfer(page, case, me)
        if "hand_over" in possible:
            _colleague(page, case, me)
        if "acknowledge" in possible and case.acknowledged_at is None and st.button(page._("Note the acknowledgement")):
            act(page, case, "acknowledge", me)


def _appointment(page: Page, case: Case, me: str) -> None:
    _ = page._
    with st.popover(_("Make an appointment"), icon=":material/event:"):
        asked = st.datetime_input(_("When the customer wants to be called"), _tomorrow(page), format="DD/MM/YYYY")
        team = page.store.teams.get(case.owner_team)
        if team is not None and asked and not team.calendar.is_open(page.from_local(asked)):
            st.warning(_("The team is closed at that time."))
        if st.button(_("Keep the appointment")) and asked:
            act(page, case, "schedule", me, scheduled_at=page.from_local(asked))


def _tomorrow(page: Page) -> datetime:
    local = page.fmt.local(page.now + timedelta(days=1))
    return local.replace(minute=0, second=0, microsecond=0, tzinfo=None)


def _third_party(page: Page, case: Case, me: str) -> None:
    _, parties = page._, page.store.rules.third_parties
    with st.popover(_("Wait for somebody else"), icon=":material/hourglass_empty:"):
        party = st.selectbox(
            _("Whose answer is awaited"), parties, None, format_func=lambda one: label(one, page.language), key="party"
        )
        until = st.date_input(_("Until"), page.fmt.local_day(page.now + timedelta(days=7)), format="DD/MM/YYYY")
        note = st.text_area(_("Note (stored encrypted)"), key="party_note", height=80)
        if st.button(_("Note the waiting"), disabled=party is None):
            ends = page.day_start(until + timedelta(days=1))
            act(page, case, WAIT, me, note=note, waiting_on=party, waiting_until=ends)


def _transfer(page: Page, case: Case, me: str) -> None:
    _ = page._
    teams = [one for one in page.store.teams if one != case.owner_team]
    with st.popover(_("Pass to another team"), icon=":material/forward:"):
        team = st.selectbox(_("Team"), teams, None, format_func=page.team, key="to_team")
        note = st.text_area(_("Note (stored encrypted)"), key="transfer_note", height=80)
        if st.button(_("Pass the case on"), disabled=team is None):
            act(page, case, "transfer", me, note=note, team=team)


def _colleague(page: Page, case: Case, me: str) -> None:
    _ = page._
    with st.popover(_("Hand over to a colleague"), icon=":material/person_add:"):
        name = st.text_input(_("Name of the colleague"), key="colleague")
        if st.button(_("Hand it over"), disabled=not name.strip()):
            act(page, case, "hand_over", me, assignee=name.strip())


def act(page: Page, case: Case, action: str, me: str, note: str = "", **details: Any) -> None:
    """Record an action and draw the page anew; a second click, or a second adviser, is told what happened."""
    _, ledger = page._, page.store.ledger
    try:
        drafts = events_for(
            case, action, actor=author(page, "callbacks"), at=page.now, language=page.language, **details
        )
        new = all(_append(page, draft) for draft in drafts)
        if new and came_too_late(_events(page, case.case_id), [draft.key for draft in drafts]):
            tell(False, _("Somebody was quicker: the case has changed, and this step was not noted."))
        elif new:
            if note.strip():
                ledger.put_text(note_key(drafts[0]), case.customer_id, note.strip())
            what = label(details.get("outcome") or drafts[-1].kind.partition(".")[2], page.language)
            tell(True, _("Noted: {what}.").format(what=what))
        else:
            tell(False, _met(page, case.case_id, me))
    except VocError as error:
        tell(False, str(error))
    st.rerun()


def _append(page: Page, draft: EventDraft) -> bool:
    return page.store.ledger.append(**draft.row())


def _events(page: Page, case_id: str) -> list[LedgerEvent]:
    return page.store.ledger.events(kinds=("case.",), subject=case_id)


def _met(page: Page, case_id: str, me: str) -> str:
    """What to say to somebody whose step was recorded before, by them or by another."""
    case = fold_cases(_events(page, case_id))[case_id]
    if case.assignee not in (None, me):
        return taken_by(case, page.language, page.settings.timezone)
    return page._("This step was noted already.")


def _times_again(page: Page, case: Case) -> dict[str, datetime]:
    """Times of a new round: the same promises, counted from now."""
    calendars = {team_id: team.calendar for team_id, team in page.store.teams.items()}
    return times_again(case, page.store.rules, calendars, page.now)


def tell(done: bool, sentence: str) -> None:
    """Keep what the next drawing of the page says once."""
    st.session_state[NOTICE] = ("done" if done else "other", sentence)


def notice() -> None:
    """What the last click did; told once."""
    told = st.session_state.pop(NOTICE, None)
    if told:
        (st.success if told[0] == "done" else st.warning)(told[1])
