"""What an adviser can do with a case, as events to record.

Two advisers may press "take" at the same moment: both get the key `case:<id>:assigned:<n>` with the same n, so the
second `ledger.append` returns False. The caller then folds the case again and shows `taken_by(case, language)`.
Every other step is numbered in the same way, so that a double click records once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from insights.cases.fold import apply, fold_cases, refusal
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
    TRANSFERRED,
    WAITING,
    Case,
    EventDraft,
)
from insights.errors import LedgerError
from insights.events import LedgerEvent
from insights.i18n import translator

STEPS: dict[str, tuple[str, ...]] = {
    "take": (ASSIGNED,),
    "hand_over": (ASSIGNED,),
    "schedule": (SCHEDULED,),
    "no_answer": (ATTEMPTED,),
    "reach": (REACHED,),
    "wait": (WAITING,),
    "transfer": (TRANSFERRED,),
    "acknowledge": ("acknowledged",),
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
    resolve_by: datetime | None = None,
    team: str | None = None,
    waiting_on: str | None = None,
    waiting_until: datetime | None = None,
    language: str = "en",
) -> list[EventDraft]:
    """The events of an action, in order, each checked against the one before.

    `hand_over` needs assignee, `schedule` scheduled_at, `resolve` and `conclude` outcome (one of `outcomes` when
    given), `transfer` the id of another team, `wait` the code of a third party and, if known, until when; `reopen`
    takes the due times of the new round. Raises LedgerError with a sentence in `language`.
    """
    if action not in STEPS:
        raise LedgerError(f"{action!r} is no action on a case: use one of {', '.join(ACTIONS)}.")
    if action == "take" and case.assignee is not None and case.is_open:
        raise LedgerError(taken_by(case, language))
    given = {"assignee": assignee, "outcome": outcome, "owner_team": team, "on": waiting_on}
    instants = {"scheduled_at": scheduled_at, "due_at": due_at, "resolve_by": resolve_by, "until": waiting_until}
    details = _details(case, action, given, instants, outcomes, language)
    drafts: list[EventDraft] = []
    for step in STEPS[action]:
        kind = PREFIX + step
        if action == "conclude" and step == REACHED and case.state == REACHED:
            continue
        sentence = refusal(case, kind, language)
        if sentence:
            raise LedgerError(sentence)
        payload = details if step not in (REACHED, CLOSED, NOT_REACHED) else {}
        drafts.append(EventDraft(kind, case.case_id, payload, actor, at, case.next_key(kind)))
        case = apply(case, _Recorded(kind, case.case_id, at, actor, dict(payload))) or case
    return drafts


def came_too_late(events: Sequence[LedgerEvent], keys: Collection[str]) -> bool:
    """Whether one of the steps under these keys stands in the ledger and changed nothing: somebody was quicker.

    `events`: all `case.` events of the case, those just written among them.
    """
    refused = refused_events(events)
    return any(event.event_id in refused for event in events if event.idempotency_key in keys)


def refused_events(events: Sequence[LedgerEvent]) -> frozenset[int]:
    """Ids of the events that were impossible when they came."""
    return frozenset(found for case in fold_cases(events).values() for found in case.refused)


def possible_actions(case: Case) -> tuple[str, ...]:
    """Actions whose first step is possible now: what the page offers."""
    taken = case.assignee is not None and case.is_open
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


NEEDED: Mapping[str, tuple[str, str]] = {
    "hand_over": ("assignee", "Say to whom the case is handed over."),
    "schedule": ("scheduled_at", "Give the time the customer chose."),
    "resolve": ("outcome", "Choose what came of the contact."),
    "conclude": ("outcome", "Choose what came of the contact."),
    "transfer": ("owner_team", "Choose the team the case goes to."),
    "wait": ("on", "Say whose answer you are waiting for."),
}
ALSO: Mapping[str, tuple[str, ...]] = {"wait": ("until",), "reopen": ("due_at", "resolve_by")}


def _details(
    case: Case,
    action: str,
    given: Mapping[str, str | None],
    instants: Mapping[str, datetime | None],
    outcomes: Sequence[str],
    language: str,
) -> dict[str, Any]:
    """Payload of the action's own step; an action without its detail is refused."""
    told = {name: at.astimezone(UTC).isoformat() for name, at in instants.items() if at is not None}
    known: dict[str, Any] = {name: value for name, value in given.items() if value} | told
    name, sentence = NEEDED.get(action, ("", ""))
    unusual = name == "outcome" and outcomes and known.get("outcome") not in outcomes
    same_team = name == "owner_team" and known.get("owner_team") == case.owner_team
    if name and (name not in known or unusual or same_team):
        raise LedgerError(translator(language)(sentence))
    return {one: known[one] for one in (name, *ALSO.get(action, ())) if one in known}
