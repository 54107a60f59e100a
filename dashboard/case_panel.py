"""One callback case: why, what the customer said, what has been done, and the next step in three clicks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from dashboard import queries, words
from dashboard.customer import reasons
from dashboard.format import known
from dashboard.page import Page
from dashboard.verbatims import quote
from dashboard.words import plain
from insights.cases import Case, EventDraft, events_for, fold_cases, label, note_key, possible_actions, taken_by
from insights.errors import LedgerError

NO_ANSWER, GIVE_UP = "no_answer", "give_up"


def due_words(page: Page, due_at: Any, row: Mapping[str, Any] | None = None) -> str:
    """`in 5 hours`, `3 hours late`; for a finished case (given as its row) whether the promise was kept."""
    _ = page._
    if row is not None and row["state"] in ("closed", "resolved", "not_reached", "reached"):
        return _("kept") if known(row["kept_promise"]) and row["kept_promise"] else _("missed")
    left = (due_at - page.now).total_seconds()
    return (_("in {time}") if left >= 0 else _("{time} late")).format(time=page.fmt.duration(left))


def case_panel(page: Page, case: Case) -> None:
    """Everything about one case, with the actions that are possible now."""
    _, fmt = page._, page.fmt
    with st.container(border=True):
        st.markdown(f"**{plain(label(case.reason, page.language).capitalize())}** · {plain(case.customer_id)}")
        facts = [
            _("due {instant}").format(instant=fmt.instant(case.due_at)),
            page.team(case.owner_team),
        ]
        facts += [words.segment(_, case.segment)] if case.segment else []
        if case.value_eur_year:
            facts.append(_("{euros} of margin a year").format(euros=fmt.euros(case.value_eur_year)))
        st.caption(plain(" · ".join(facts)))
        if case.irritant_id:
            st.markdown(_("About: {label}").format(label=plain(page.label(case.irritant_id))))
        _said(page, case)
        _links(page, case)
    _actions(page, case)
    _history(page, case)


def _said(page: Page, case: Case) -> None:
    """The customer's own words behind the signals; a risk has none, and tells its reasons."""
    ids = [signal.partition(":")[2] for signal in case.signals]
    found = page.rows(queries.SIGNAL_WORDS, ids=ids, customer_id=case.customer_id)
    for row in found.to_dict("records"):
        place = f"{page.fmt.instant(row['occurred_at'])} · {words.kind(page._, row['kind'])}"
        st.caption(plain(f"{place} · {words.channel(page._, row['channel'])}"))
        quote(page, row["verbatim"])
    if any(signal.startswith("risk:") for signal in case.signals):
        score = page.rows(queries.SCORE_OF, customer_id=case.customer_id, until=page.today)
        told = [reason for text in score["reasons"] for reason in reasons(page, text)]
        st.markdown("\n".join(f"- {plain(reason)}" for reason in told))


def _links(page: Page, case: Case) -> None:
    url = page.crm_url(case.customer_id)
    with st.container(horizontal=True):
        if url:
            st.link_button(page._("Open in the CRM"), url)
        st.page_link(
            "views/risk.py",
            label=page._("The customer's whole history"),
            icon=":material/history:",
            query_params={"customer": case.customer_id, "lang": page.language},
        )


def _actions(page: Page, case: Case) -> None:
    """Take, then note: outcome, note, save."""
    _ = page._
    me = (st.session_state.get("adviser") or "").strip()
    possible = possible_actions(case)
    if not me:
        st.info(_("Write your name above to take or note a case."), icon=":material/badge:")
        return
    if "take" in possible:
        if st.button(_("Take this case"), type="primary", width="stretch"):
            act(page, case, "take", me)
        return
    if case.assignee not in (None, me) and "hand_over" in possible:
        st.warning(taken_by(case, page.language, page.settings.timezone))
        if st.button(_("Take it over")):
            act(page, case, "hand_over", me, assignee=me)
        return
    if "conclude" in possible or NO_ANSWER in possible:
        _note_form(page, case, me, possible)
    if "schedule" in possible:
        _appointment(page, case, me)
    if "reopen" in possible and st.button(_("Reopen")):
        act(page, case, "reopen", me, due_at=_due_again(page, case))


def _note_form(page: Page, case: Case, me: str, possible: tuple[str, ...]) -> None:
    _ = page._
    names = {code: label(code, page.language) for code in page.store.rules.outcomes} if "conclude" in possible else {}
    if NO_ANSWER in possible:
        names[NO_ANSWER] = _("no answer")
    if GIVE_UP in possible and case.n_attempts >= page.store.rules.max_attempts:
        names[GIVE_UP] = _("give up after {n} calls").format(n=case.n_attempts)
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
        if st.form_submit_button(_("Save"), type="primary"):
            code = st.session_state["outcome"]
            action = code if code in (NO_ANSWER, GIVE_UP) else "conclude"
            details = {"outcome": code, "outcomes": page.store.rules.outcomes} if action == "conclude" else {}
            act(page, case, action, me, note=st.session_state["note"], **details)


def _appointment(page: Page, case: Case, me: str) -> None:
    _ = page._
    with st.popover(_("Make an appointment")):
        start = page.fmt.local(page.now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0, tzinfo=None)
        asked = st.datetime_input(_("When the customer wants to be called"), start, format="DD/MM/YYYY")
        if st.button(_("Keep the appointment")) and asked:
            act(page, case, "schedule", me, scheduled_at=page.from_local(asked))


def act(page: Page, case: Case, action: str, me: str, note: str = "", **details: Any) -> None:
    """Record an action and draw the page anew; a second click, or a second adviser, is told what happened."""
    _, ledger = page._, page.store.ledger
    try:
        drafts = events_for(case, action, actor=me, at=page.now, language=page.language, **details)
        if all(_append(page, draft) for draft in drafts):
            if note.strip():
                ledger.put_text(note_key(drafts[0]), case.customer_id, note.strip())
            what = label(details.get("outcome") or drafts[-1].kind.partition(".")[2], page.language)
            st.session_state["case_notice"] = ("done", _("Noted: {what}.").format(what=what))
        else:
            case = fold_cases(ledger.events(kinds=("case.",), subject=case.case_id))[case.case_id]
            other = taken_by(case, page.language, page.settings.timezone)
            st.session_state["case_notice"] = (
                "other",
                other if case.assignee != me else _("This step was noted already."),
            )
    except LedgerError as error:
        st.session_state["case_notice"] = ("other", str(error))
    st.rerun()


def _due_again(page: Page, case: Case) -> datetime | None:
    """Due time of a new round: the same promise, counted from now; None when rule or team are gone."""
    promise, team = page.store.rules.promises.get(case.promise), page.store.teams.get(case.owner_team)
    return promise.due_at(page.now, team.calendar) if promise and team else None


def _append(page: Page, draft: EventDraft) -> bool:
    return page.store.ledger.append(**draft.row())


def _history(page: Page, case: Case) -> None:
    """What has been done so far, with the notes that can still be read."""
    _ = page._
    steps = {"opened": _("opened"), "signal_added": _("one more signal")}
    with st.expander(_("What has been done")):
        for event in page.store.ledger.events(kinds=("case.",), subject=case.case_id):
            step = event.kind.partition(".")[2]
            said = steps.get(step) or label(step, page.language)
            who = _("by rule") if event.actor == "rules" else event.actor
            st.caption(plain(f"{page.fmt.instant(event.at)} · {said} · {who}"))
            note = page.store.ledger.text(f"note:{event.idempotency_key}")
            if note:
                st.text(note)


__all__ = ["act", "case_panel", "due_words"]
