"""Cases as a fold of ledger events: the state machine of the inner loop.

An event that is impossible in its case's state changes nothing and is listed in `Case.refused`: two writers may meet,
but no order of events leads to an impossible state. `check` refuses such an event before it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from insights.cases.labels import label
from insights.cases.model import (
    ACKNOWLEDGED,
    ANSWER,
    ASSIGNED,
    ATTEMPTED,
    BEFORE_CONTACT,
    CANCELLED,
    CLOSED,
    COMPLAINT,
    DANGER,
    ESCALATED,
    HELD,
    MARKED,
    NOT_REACHED,
    OPEN,
    OPEN_STATES,
    OPENED,
    PREFIX,
    REACHED,
    RELEASED,
    REMINDED,
    REOPENED,
    REPLY_CHOSEN,
    RESOLVED,
    SCHEDULED,
    SIGNAL_ADDED,
    SIGNAL_REMOVED,
    STATES,
    TRANSFERRED,
    URGENCY,
    WAITING,
    Case,
    Round,
)
from insights.errors import LedgerError
from insights.events import LedgerEvent
from insights.i18n import translator

# Which states an event may find. An attempt, a contact and a resolution also need somebody who has taken the case.
POSSIBLE: Mapping[str, tuple[str, ...]] = {
    SIGNAL_ADDED: OPEN_STATES,
    SIGNAL_REMOVED: OPEN_STATES,
    REMINDED: OPEN_STATES,
    ESCALATED: OPEN_STATES,
    ACKNOWLEDGED: OPEN_STATES,
    MARKED: OPEN_STATES,
    HELD: (OPEN,),
    RELEASED: tuple(state for state in STATES if state != CANCELLED),
    REPLY_CHOSEN: tuple(state for state in STATES if state != CANCELLED),
    PREFIX + ASSIGNED: (*OPEN_STATES, NOT_REACHED),
    PREFIX + SCHEDULED: (OPEN, ASSIGNED, SCHEDULED, ATTEMPTED, REOPENED),
    PREFIX + ATTEMPTED: (ASSIGNED, SCHEDULED, ATTEMPTED),
    PREFIX + REACHED: (ASSIGNED, SCHEDULED, ATTEMPTED, NOT_REACHED, WAITING),
    PREFIX + WAITING: (REACHED, WAITING),
    PREFIX + TRANSFERRED: OPEN_STATES,
    PREFIX + RESOLVED: (REACHED, WAITING),
    PREFIX + NOT_REACHED: (ATTEMPTED, SCHEDULED),
    PREFIX + CLOSED: (RESOLVED, NOT_REACHED),
    PREFIX + REOPENED: (RESOLVED, CLOSED),
    PREFIX + CANCELLED: BEFORE_CONTACT,
}
NEEDS_TAKER = (PREFIX + ATTEMPTED, PREFIX + REACHED, PREFIX + RESOLVED, PREFIX + WAITING)
_SENTENCES = {
    PREFIX + CLOSED: "Case {case} is “{state}”: note a contact and its outcome, or give it up after calls, first.",
    PREFIX + RESOLVED: "Case {case} is “{state}”: note the contact before its outcome.",
    PREFIX + WAITING: "Case {case} is “{state}”: speak to the customer before you wait for somebody else.",
}


def refusal(case: Case | None, kind: str, language: str = "en") -> str | None:
    """Why an event is impossible now, as a sentence in the reader's language; None when it is possible."""
    _ = translator(language)
    if kind == OPENED:
        return _("Case {case} is already open.").format(case=case.case_id) if case else None
    if case is None:
        return _("There is no such case: reload the list.")
    if kind not in POSSIBLE:
        return _("{kind} is no event of a case.").format(kind=kind)
    names = {"case": case.case_id, "state": label(case.state, language)}
    if kind in NEEDS_TAKER and case.assignee is None and case.state not in (RESOLVED, CLOSED, CANCELLED):
        return _("Case {case} has not been taken by anyone: take it first.").format(**names)
    if case.state not in POSSIBLE[kind]:
        return _(_SENTENCES.get(kind, "Case {case} is “{state}”: this step is not possible now.")).format(**names)
    if kind == PREFIX + NOT_REACHED and case.n_attempts == 0:
        return _("Case {case} cannot be given up: no call has been noted.").format(**names)
    return _(sentence).format(**names) if (sentence := _also_impossible(case, kind)) else None


def _also_impossible(case: Case, kind: str) -> str | None:
    """What the state alone does not tell."""
    if kind == PREFIX + CANCELLED and case.reached_at is not None:
        return "Somebody has spoken to the customer of case {case}: note an outcome instead of cancelling it."
    if kind == ACKNOWLEDGED and case.family != COMPLAINT:
        return "Case {case} is no formal complaint: there is nothing to acknowledge."
    return None


def check(case: Case | None, kind: str, language: str = "en") -> None:
    """Refuse an impossible event. Raises LedgerError with one sentence."""
    sentence = refusal(case, kind, language)
    if sentence:
        raise LedgerError(sentence)


def apply(case: Case | None, event: LedgerEvent) -> Case | None:
    """The case after an event; an impossible event only adds its id to `refused`."""
    written = {} if case is None else {**case.written, event.kind: case.written.get(event.kind, 0) + 1}
    if refusal(case, event.kind):
        return None if case is None else replace(case, refused=(*case.refused, event.event_id), written=written)
    after = _opened(event) if case is None else _STEPS[event.kind](case, event)
    if after.held_by and (after.state != OPEN or (case is not None and after.promise != case.promise)):
        after = replace(after, held_by=None)  # somebody has taken it, or it is more than a duplicate now
    counts = {**after.counts, event.kind: after.counts.get(event.kind, 0) + 1}
    history = (*after.history, (event.at, event.kind, event.actor))
    return replace(after, counts=counts, written=written or counts, history=history)


def fold_cases(events: Iterable[LedgerEvent]) -> dict[str, Case]:
    """All cases by id from ledger events in order; other kinds are passed over."""
    cases: dict[str, Case] = {}
    for event in events:
        if event.kind.startswith(PREFIX):
            after = apply(cases.get(event.subject), event)
            if after is not None:
                cases[event.subject] = after
    return cases


def _opened(event: LedgerEvent) -> Case:
    data = event.payload
    return Case(
        case_id=event.subject,
        customer_id=str(data["customer_id"]),
        reason=str(data["reason"]),
        owner_team=str(data["owner_team"]),
        promise=str(data["promise"]),
        opened_at=event.at,
        due_at=_instant(data["due_at"]),
        waiting_since=_instant(data.get("waiting_since") or event.at.isoformat()),
        signals=tuple(data.get("signals") or ()),
        irritant_id=data.get("irritant_id"),
        segment=data.get("segment"),
        language=data.get("language"),
        value_eur_year=float(data.get("value_eur_year") or 0.0),
        plan=data.get("plan") or {},
        family=data.get("family") or _family(str(data["reason"])),
        opened_as=data.get("family") or ANSWER,
        matter=str(data.get("matter") or ""),
        resolve_by=_instant_or_none(data.get("resolve_by")),
        legal=data.get("legal") or {},
    )


def _family(reason: str) -> str:
    """Of an event written before families were."""
    return DANGER if reason == URGENCY else ANSWER


def _signal_added(case: Case, event: LedgerEvent) -> Case:
    """A raised case goes to its new team free of its first taker, so that the team on call can take it."""
    data = event.payload
    after = replace(
        case,
        signals=(*case.signals, str(data["signal"])),
        irritant_id=case.irritant_id or data.get("irritant_id"),
        reason=data.get("reason", case.reason),
        promise=data.get("promise", case.promise),
        owner_team=data.get("owner_team", case.owner_team),
        due_at=_instant(data["due_at"]) if data.get("due_at") else case.due_at,
        resolve_by=_instant_or_none(data.get("resolve_by")) or case.resolve_by,
        legal=data.get("legal") or case.legal,
        family=DANGER if data.get("reason") == URGENCY else case.family,
    )
    if after.owner_team != case.owner_team and case.waits_for_contact:
        return replace(after, assignee=None, state=OPEN)
    return after


def _signal_removed(case: Case, event: LedgerEvent) -> Case:
    return replace(case, signals=tuple(one for one in case.signals if one != event.payload.get("signal")))


def _told(case: Case, event: LedgerEvent) -> Case:
    return replace(case, told=(*case.told, str(event.payload.get("threshold"))))


def _acknowledged(case: Case, event: LedgerEvent) -> Case:
    return replace(case, acknowledged_at=case.acknowledged_at or event.at)


def _marked(case: Case, event: LedgerEvent) -> Case:
    mark = str(event.payload.get("mark"))
    return case if mark in case.marks else replace(case, marks=(*case.marks, mark))


def _held(case: Case, event: LedgerEvent) -> Case:
    incident = str(event.payload.get("incident") or "")
    return case if not incident or incident in case.released_from else replace(case, held_by=incident)


def _released(case: Case, event: LedgerEvent) -> Case:
    incident = str(event.payload.get("incident") or "")
    held_by = None if case.held_by == incident else case.held_by
    return replace(case, held_by=held_by, released_from=(*case.released_from, incident))


def _assigned(case: Case, event: LedgerEvent) -> Case:
    """A hand-over keeps what has been reached; taking a waiting case makes it assigned."""
    state = ASSIGNED if case.state in (OPEN, REOPENED, NOT_REACHED) else case.state
    if case.state == TRANSFERRED:
        state = ASSIGNED if case.reached_at is None else REACHED
    return replace(case, state=state, outcome=None, assignee=str(event.payload.get("assignee") or event.actor))


def _scheduled(case: Case, event: LedgerEvent) -> Case:
    return replace(case, state=SCHEDULED, scheduled_at=_instant(event.payload["scheduled_at"]))


def _attempted(case: Case, event: LedgerEvent) -> Case:
    first = case.first_attempt_at or event.at
    return replace(case, state=ATTEMPTED, n_attempts=case.n_attempts + 1, first_attempt_at=first)


def _reached(case: Case, event: LedgerEvent) -> Case:
    kept = event.at <= case.due_at if case.kept_promise is None else case.kept_promise
    after = replace(case, state=REACHED, outcome=None, reached_at=case.reached_at or event.at, kept_promise=kept)
    return replace(
        after,
        n_attempts=case.n_attempts + 1,
        first_attempt_at=case.first_attempt_at or event.at,
        first_reached_at=case.first_reached_at or event.at,
        waiting_on=None,
        waiting_until=None,
    )


def _waits(case: Case, event: LedgerEvent) -> Case:
    data = event.payload
    until = _instant_or_none(data.get("until"))
    return replace(case, state=WAITING, waiting_on=str(data.get("on") or "") or None, waiting_until=until)


def _transferred(case: Case, event: LedgerEvent) -> Case:
    """To another team, taken by nobody. The promise to the customer stays as it was, unless a new time is given."""
    data = event.payload
    due = _instant_or_none(data.get("due_at")) or case.due_at
    team = str(data.get("owner_team") or case.owner_team)
    return replace(case, state=TRANSFERRED, owner_team=team, assignee=None, due_at=due, scheduled_at=None)


def _resolved(case: Case, event: LedgerEvent) -> Case:
    kept = case.kept_resolution
    if kept is None and case.resolve_by is not None:
        kept = event.at <= case.resolve_by
    outcome = str(event.payload["outcome"])
    after = replace(case, state=RESOLVED, outcome=outcome, resolved_at=event.at, kept_resolution=kept)
    return replace(after, waiting_on=None, waiting_until=None)


def _cancelled(case: Case, event: LedgerEvent) -> Case:
    """Ended without a contact, because there is nothing left to answer or nobody may be called: no promise is judged."""
    return replace(case, state=CANCELLED, closed_at=event.at, cancelled_why=str(event.payload.get("why") or ""))


def _not_reached(case: Case, _event: LedgerEvent) -> Case:
    return replace(case, state=NOT_REACHED, outcome=NOT_REACHED)


def _closed(case: Case, event: LedgerEvent) -> Case:
    return replace(case, state=CLOSED, closed_at=event.at)


def _reopened(case: Case, event: LedgerEvent) -> Case:
    """A new round: taken by nobody, with times and calls of its own; how the round before went is kept."""
    due = _instant(event.payload["due_at"]) if event.payload.get("due_at") else case.due_at
    return replace(
        case,
        state=REOPENED,
        rounds=(*case.rounds, ended_round(case)),
        assignee=None,
        outcome=None,
        due_at=due,
        resolve_by=_instant_or_none(event.payload.get("resolve_by")),
        reached_at=None,
        resolved_at=None,
        closed_at=None,
        scheduled_at=None,
        kept_promise=None,
        kept_resolution=None,
        n_attempts=0,
        first_attempt_at=None,
        reply=None,
    )


def ended_round(case: Case) -> Round:
    """The round a case is in, as it ends. A promise of a contact that nobody has kept by then is missed."""
    return Round(
        number=len(case.rounds) + 1,
        team=case.owner_team,
        opened_at=case.round_opened_at,
        due_at=case.due_at,
        reached_at=case.reached_at,
        kept=bool(case.kept_promise),
        resolve_by=case.resolve_by,
        resolved_at=case.resolved_at,
        kept_resolution=case.kept_resolution,
    )


def _instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def _instant_or_none(text: Any) -> datetime | None:
    return _instant(text) if text else None


_STEPS = {
    SIGNAL_ADDED: _signal_added,
    SIGNAL_REMOVED: _signal_removed,
    REMINDED: _told,
    ESCALATED: _told,
    ACKNOWLEDGED: _acknowledged,
    MARKED: _marked,
    REPLY_CHOSEN: lambda case, event: replace(case, reply=str(event.payload.get("reply"))),
    HELD: _held,
    RELEASED: _released,
    PREFIX + WAITING: _waits,
    PREFIX + TRANSFERRED: _transferred,
    PREFIX + CANCELLED: _cancelled,
    PREFIX + ASSIGNED: _assigned,
    PREFIX + SCHEDULED: _scheduled,
    PREFIX + ATTEMPTED: _attempted,
    PREFIX + REACHED: _reached,
    PREFIX + RESOLVED: _resolved,
    PREFIX + NOT_REACHED: _not_reached,
    PREFIX + CLOSED: _closed,
    PREFIX + REOPENED: _reopened,
}
