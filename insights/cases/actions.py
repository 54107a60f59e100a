"""What an adviser can do with a case, as events to record.

Two advisers may press "take" at the same moment: both get the key `case:<id>:assigned:<n>` with the same n, so the
second `ledger.append` returns False. The caller then folds the case again and shows `taken_by(case, language)`.
Every other step is numbered in the same way, so that a double click records once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from insights.cases.fold import apply, refusal
from insights.cases.model import (
    ASSIGNED,
    ATTEMPTED,
    CLOSED,
    NOT_REACHED,
    PREFIX,
    REACHED,
    REOPENED,
    RESOLVED,
    SCHEDULED,
    Case,
    EventDraft,
)
from insights.errors import LedgerError
from insights.i18n import translator

STEPS: dict[str, tuple[str, ...]] = {
    "take": (ASSIGNED,),
    "hand_over": (ASSIGNED,),
    "schedule": (SCHEDULED,),
    "no_answer": (ATTEMPTED,),
    "reach": (REACHED,),
    "resolve": (RESOLVED,),
    "conclude": (REACHED, RESOLVED, CLOSED),  # the call is over: contact, outcome and closing in one go
    "give_up": (NOT_REACHED, CLOSED),
    "close": (CLOSED,),
    "reopen": (REOPENED,),
}
ACTIONS = tuple(STEPS)


@dataclass(frozen=True)
class _Recorded:
    """A draft as the event it will become, to check the step after it."""

    kind: str
    subject: str
    at: datetime
    actor: str
    payload: dict[str, Any]
    event_id: int = 0
    idempotency_key: str = ""


def events_for(
    case: Case,
    action: str,
    *,
    actor: str,
    at: datetime,
    assignee: str | None = None,
    scheduled_at: datetime | None = None,
    outcome: str | None = None,
    outcomes: Sequence[str] = (),
    due_at: datetime | None = None,
    language: str = "en",
) -> list[EventDraft]:
    """The events of an action, in order, each checked against the one before.

    `hand_over` needs assignee, `schedule` scheduled_at, `resolve` and `conclude` outcome (one of `outcomes` when
    given); `reopen` takes the due time of the new round. Raises LedgerError with a sentence in `language`.
    """
    if action not in STEPS:
        raise LedgerError(f"{action!r} is no action on a case: use one of {', '.join(ACTIONS)}.")
    if action == "take" and case.assignee is not None and case.waits_for_contact:
        raise LedgerError(taken_by(case, language))
    details = _details(
        action,
        assignee=assignee,
        scheduled_at=scheduled_at,
        outcome=outcome,
        outcomes=outcomes,
        due_at=due_at,
        language=language,
    )
    drafts: list[EventDraft] = []
    for step in STEPS[action]:
        kind = PREFIX + step
        if action == "conclude" and step == REACHED and case.state == REACHED:
            continue
        sentence = refusal(case, kind, language)
        if sentence:
            raise LedgerError(sentence)
        payload = details if step not in (REACHED, CLOSED, NOT_REACHED) else {}
        key = f"case:{case.case_id}:{step}:{case.counts.get(kind, 0) + 1}"
        drafts.append(EventDraft(kind, case.case_id, payload, actor, at, key))
        case = apply(case, _Recorded(kind, case.case_id, at, actor, dict(payload))) or case
    return drafts


def possible_actions(case: Case) -> tuple[str, ...]:
    """Actions whose first step is possible now: what the page offers."""
    taken = case.assignee is not None and case.waits_for_contact
    usable = [
        action
        for action, steps in STEPS.items()
        if refusal(case, PREFIX + steps[0]) is None or (action == "conclude" and case.state == REACHED)
    ]
    return tuple(action for action in usable if not (action == "take" and taken or action == "hand_over" and not taken))


def taken_by(case: Case, language: str, timezone: str = "Europe/Paris") -> str:
    """Who has the case and since when: what the second of two advisers is told."""
    at, actor = next(
        ((at, case.assignee or who) for at, kind, who in reversed(case.history) if kind == PREFIX + ASSIGNED),
        (case.opened_at, case.assignee or ""),
    )
    local = at.astimezone(ZoneInfo(timezone))
    sentence = translator(language)("Case {case} was taken by {adviser} at {time}.")
    return sentence.format(case=case.case_id, adviser=actor, time=local.strftime("%H:%M"))


def note_key(draft: EventDraft) -> str:
    """Key under which the note to an event is kept: `ledger.put_text(note_key(draft), customer_id, text)`."""
    return f"note:{draft.key}"


def _details(
    action: str,
    *,
    assignee: str | None,
    scheduled_at: datetime | None,
    outcome: str | None,
    outcomes: Sequence[str],
    due_at: datetime | None,
    language: str,
) -> dict[str, Any]:
    """Payload of the action's own step; an action without its detail is refused."""
    _ = translator(language)
    if action == "hand_over":
        if not assignee:
            raise LedgerError(_("Say to whom the case is handed over."))
        return {"assignee": assignee}
    if action == "schedule":
        if scheduled_at is None:
            raise LedgerError(_("Give the time the customer chose."))
        return {"scheduled_at": scheduled_at.astimezone(UTC).isoformat()}
    if action in ("resolve", "conclude"):
        if not outcome or (outcomes and outcome not in outcomes):
            raise LedgerError(_("Choose what came of the contact."))
        return {"outcome": outcome}
    return {"due_at": due_at.astimezone(UTC).isoformat()} if action == "reopen" and due_at else {}
