"""What other systems did with a case, as events of the case: posted to the intake, or read from a CRM.

Every step is judged by the case's own state machine; what is impossible is refused with a sentence. The same message
recorded twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from insights.cases.actions import events_for, refused_events
from insights.cases.fold import fold_cases
from insights.cases.model import Case, EventDraft
from insights.errors import LedgerError
from insights.i18n import translator
from insights.outbox.record import LedgerLike

ASSIGNED, RESOLVED, REACHED, CLOSED, REOPENED = "assigned", "resolved", "reached", "closed", "reopened"
ACTIONS = {
    "scheduled": "schedule",
    "attempted": "no_answer",
    REACHED: "reach",
    "waiting": "wait",
    "transferred": "transfer",
    "acknowledged": "acknowledge",
    RESOLVED: "resolve",
    "not_reached": "give_up",
    CLOSED: "close",
    REOPENED: "reopen",
}
EVENTS = (ASSIGNED, *ACTIONS)
POSTED = "posted.case_event"
CLOCK_TOLERANCE = timedelta(minutes=5)
Again = Callable[[Case, datetime], Mapping[str, datetime]]
TRIES = 5  # somebody else records the same step in the same instant


@dataclass(frozen=True)
class Said:
    """One step as another system tells it. `by` is an adviser's id, never a name."""

    event: str
    at: datetime
    by: str
    outcome: str | None = None
    scheduled_at: datetime | None = None
    team: str | None = None
    waiting_on: str | None = None
    waiting_until: datetime | None = None
    hand_over: bool = False  # take the case from whoever has it


class UnknownCase(LedgerError):
    """No event of the ledger speaks of this case."""


def message_hash(message: str) -> str:
    """Stands for a message's id, which another system chose."""
    return hashlib.sha256(message.encode()).hexdigest()[:32]


def record(
    ledger: LedgerLike,
    case_id: str,
    said: Said,
    *,
    message: str,
    via: str,
    outcomes: Sequence[str],
    now: datetime,
    language: str = "en",
    again: Again | None = None,
) -> bool:
    """Record a step once; False when this message was recorded before, for whichever case.

    `again`: the times of a new round, for a reopening. Raises UnknownCase, and LedgerError with a sentence for a step that
    is impossible now, also where somebody was quicker by an instant.
    """
    found = message_hash(message)
    posted = {
        "kind": POSTED,
        "subject": found,
        "payload": {"case_id": case_id, "via": via},
        "actor": said.by,
        "at": now,
    }
    posted |= {"key": f"posted:{found}"}
    if ledger.events((POSTED,), subject=found):
        return False
    n_written = 0
    for _ in range(TRIES):
        events = ledger.events(("case.",), subject=case_id)
        mine = {event.event_id for event in events if event.payload.get("message") == found}
        if mine - refused_events(events):
            ledger.append_many([posted])
            return n_written > 0
        case = fold_cases(events).get(case_id)
        drafts = drafts_of(case, case_id, said, outcomes, now, language, again)  # says why it is too late
        told = [replace(one, payload={**one.payload, "via": via, "message": found}) for one in drafts]
        n_written = ledger.append_many([one.row() for one in told])
    raise LedgerError(f"Case {case_id} is being worked on by others at this moment: post the event again.")


def drafts_of(
    case: Case | None,
    case_id: str,
    said: Said,
    outcomes: Sequence[str],
    now: datetime,
    language: str,
    again: Again | None = None,
) -> list[EventDraft]:
    """Events of a step. Raises UnknownCase, and LedgerError for what is impossible."""
    _ = translator(language)
    if case is None:
        raise UnknownCase(_("There is no such case: reload the list."))
    if said.at > now + CLOCK_TOLERANCE:
        raise LedgerError(_("Case {case}: a step cannot lie in the future.").format(case=case_id))
    if said.at < case.round_opened_at:
        raise LedgerError(_("Case {case}: a step cannot lie before the case was opened.").format(case=case_id))
    times = again(case, now) if again is not None and said.event == REOPENED else {}
    return events_for(
        case,
        _action(case, said),
        actor=said.by,
        at=said.at,
        assignee=said.by if said.hand_over else None,
        scheduled_at=said.scheduled_at,
        outcome=said.outcome,
        outcomes=outcomes,
        team=said.team,
        waiting_on=said.waiting_on,
        waiting_until=said.waiting_until,
        language=language,
        **times,
    )


def _action(case: Case, said: Said) -> str:
    if said.event != ASSIGNED:
        return ACTIONS[said.event]
    return "hand_over" if said.hand_over and case.assignee is not None else "take"


def path_to(case: Case, step: str) -> list[str]:
    """Events that bring a case where a CRM's status says it is; empty when it is there or past it.

    A record that is solved there was taken and its customer spoken to: a status mapped to `resolved` says so.
    """
    taken = [] if case.assignee is not None else [ASSIGNED]
    if not case.is_open or (step == ASSIGNED and not taken):
        return []
    if step == ASSIGNED:
        return taken
    if step == REACHED:
        return [] if case.reached_at is not None else [*taken, REACHED]
    if step == RESOLVED:
        return [*taken, *([] if case.reached_at is not None else [REACHED]), RESOLVED, CLOSED]
    if step == "attempted":
        return [] if case.n_attempts or case.reached_at is not None else [*taken, "attempted"]
    if step == "not_reached":
        return [*taken, *([] if case.n_attempts else ["attempted"]), "not_reached"] if case.reached_at is None else []
    return []
