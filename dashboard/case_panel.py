"""One case: why, the clocks, whether the customer may be called, what they said, and what has been done."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import queries, words
from dashboard.alarm_case import incident_of_case, mark_words
from dashboard.audit import noted
from dashboard.case_actions import actions
from dashboard.case_clock import FINISHED, case_waits, due_words, open_hours_now, opening_left
from dashboard.case_contact import contact_of, contact_panel
from dashboard.case_replies import reply_name
from dashboard.customer import reasons
from dashboard.format import DASH, known
from dashboard.page import Page
from dashboard.verbatims import quote
from dashboard.words import plain
from insights.cases import Case, label
from insights.events import LedgerEvent
from insights.playbooks import CHOSEN


def case_panel(page: Page, case: Case) -> None:
    """The card of a case with the actions that are possible now."""
    noted(page, "callbacks", "case", case.customer_id if case.customer_known else None, case.case_id)
    contact = contact_of(page, case)
    with st.container(border=True):
        _head(page, case)
        _clocks(page, case)
        _marks(page, case)
        incident_of_case(page, case)
        contact_panel(page, contact)
        _links(page, case)
    actions(page, case, contact)
    _said(page, case)


def _head(page: Page, case: Case) -> None:
    _, fmt = page._, page.fmt
    who = case.customer_id if case.customer_known else _("customer not known")
    st.markdown(f"**{plain(label(case.reason, page.language).capitalize())}** · {plain(who)}")
    facts = [_("due {instant}").format(instant=fmt.instant(case.due_at)), page.team(case.owner_team)]
    facts += [one for one in [open_hours_now(page, case.owner_team)] if one and case.is_open]
    facts += [words.segment(_, case.segment)] if case.segment else []
    if case.value_eur_year:
        facts.append(_("{euros} of margin a year").format(euros=fmt.euros(case.value_eur_year)))
    st.caption(plain(" · ".join(facts)))
    if case.irritant_id:
        st.markdown(_("About: {label}").format(label=plain(page.label(case.irritant_id))))


def _clocks(page: Page, case: Case) -> None:
    """The promise, the opening time left for it, and the customer's own waiting."""
    _ = page._
    judged = {"state": case.state, "kept_promise": case.kept_promise} if case.state in FINISHED else None
    told = [
        (_("Promise"), due_words(page, case.due_at, judged)),
        (_("Opening time left"), opening_left(page, case.owner_team, case.due_at) if judged is None else DASH),
        (_("The customer waited") if judged else _("The customer waits"), case_waits(page, case)),
    ]
    for column, (name, value) in zip(st.columns(3, gap="xsmall"), told, strict=True):
        column.markdown(f":small[:gray[{plain(name)}]]  \n**{plain(value)}**")


def _marks(page: Page, case: Case) -> None:
    """An appointment, a third party, the legal times of a formal complaint."""
    _, fmt = page._, page.fmt
    if case.scheduled_at is not None and case.waits_for_contact:
        st.info(_("Appointment: {instant}").format(instant=fmt.instant(case.scheduled_at)), icon=":material/event:")
    if case.state == "waiting":
        party = label(case.waiting_on or "", page.language) or _("somebody else")
        until = fmt.day(case.waiting_until) if case.waiting_until else DASH
        st.info(_("Waits for {party} until {day}.").format(party=party, day=until), icon=":material/hourglass_empty:")
    if case.legal_at("answer_by"):
        by = fmt.day(case.legal_at("answer_by"))
        st.caption(_("Formal complaint: the law wants a full answer by {day}.").format(day=by))
    if case.ombudsman_open(page.now):
        st.warning(_("Open for so long that the customer may turn to the ombudsman: answer today."))


def _said(page: Page, case: Case) -> None:
    """The customer's own words behind the signals; a risk has none, and tells its reasons."""
    ids = [signal.partition(":")[2] for signal in case.signals]
    found = page.rows(queries.SIGNAL_WORDS, ids=ids, customer_id=case.customer_id).to_dict("records")
    risk = any(signal.startswith("risk:") for signal in case.signals)
    if not found and not risk:
        return
    with st.container(border=True):
        for row in found:
            place = f"{page.fmt.instant(row['occurred_at'])} · {words.kind(page._, row['kind'])}"
            st.caption(plain(f"{place} · {words.channel(page._, row['channel'])}"))
            quote(page, row["verbatim"])
        if risk:
            score = page.rows(queries.SCORE_OF, customer_id=case.customer_id, until=page.today)
            told = [reason for text in score["reasons"] for reason in reasons(page, text)]
            st.markdown("\n".join(f"- {plain(reason)}" for reason in told))


def _links(page: Page, case: Case) -> None:
    """The customer in the CRM, by id alone, and their whole history here."""
    if not case.customer_known:
        return
    url = page.crm_url(case.customer_id)
    with st.container(horizontal=True):
        if url:
            st.link_button(page._("Open in the CRM"), url, icon=":material/open_in_new:")
        st.page_link(
            "views/customer.py",
            label=page._("The customer's whole history"),
            icon=":material/history:",
            query_params={"customer": case.customer_id, "lang": page.language},
        )


def history_panel(page: Page, case: Case) -> None:
    """What has been done so far, with the notes that can still be read."""
    for event in page.store.ledger.events(kinds=("case.",), subject=case.case_id):
        who = page._("by rule") if event.actor == "rules" else event.actor
        st.caption(plain(f"{page.fmt.instant(event.at)} · {_step(page, event)} · {who}"))
        note = page.store.ledger.text(f"note:{event.idempotency_key}")
        if note:
            st.text(note)


def _step(page: Page, event: LedgerEvent) -> str:
    """A step as people say it, with what belongs to it."""
    _, code, told = page._, event.kind.partition(".")[2], event.payload
    steps = {
        "opened": _("opened"),
        "signal_added": _("one more signal"),
        "signal_removed": _("a signal was deleted at its source"),
        "reminded": _("reminder sent"),
        "escalated": _("escalated"),
        "acknowledged": _("acknowledgement sent"),
        "marked": _("marked: {what}").format(what=mark_words(page, str(told.get("mark", "")))),
    }
    if event.kind == CHOSEN:
        return _("reply chosen: {title}").format(title=reply_name(page, str(told.get("reply"))))
    return " · ".join([steps.get(code) or label(code, page.language), *_details(page, told)])


def _details(page: Page, told: Any) -> list[str]:
    """Of a step: the colleague, the outcome, the team, the third party, the appointment."""
    found = [str(told["assignee"])] if known(told.get("assignee")) else []
    found += [label(str(told["outcome"]), page.language)] if known(told.get("outcome")) else []
    if known(told.get("owner_team")) and "reason" not in told:
        found.append(page.team(str(told["owner_team"])))
    found += [label(str(told["on"]), page.language)] if known(told.get("on")) else []
    found += [page.fmt.instant(told["scheduled_at"])] if known(told.get("scheduled_at")) else []
    return found


__all__ = ["case_panel", "history_panel"]
