"""The words of the inner loop: a signal, a case, the event that is about to be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

RISK, DETRACTOR, LEAVE_INTENT, URGENCY = "risk", "detractor", "leave_intent", "urgency"
SIGNAL_KINDS = (URGENCY, LEAVE_INTENT, DETRACTOR, RISK)

OPEN, ASSIGNED, SCHEDULED, ATTEMPTED = "open", "assigned", "scheduled", "attempted"
REACHED, RESOLVED, NOT_REACHED, CLOSED, REOPENED = "reached", "resolved", "not_reached", "closed", "reopened"
STATES = (OPEN, ASSIGNED, SCHEDULED, ATTEMPTED, REACHED, RESOLVED, NOT_REACHED, CLOSED, REOPENED)

PREFIX = "case."
OPENED, SIGNAL_ADDED = "case.opened", "case.signal_added"
KINDS = (OPENED, SIGNAL_ADDED, *(PREFIX + state for state in STATES if state != OPEN))
HELD_OUT = "holdout.withheld"  # a proactive call the hold-out kept back: the proof counts these customers too


@dataclass(frozen=True)
class EventDraft:
    """An event to record: `ledger.append(**draft.row())` or `ledger.append_many([draft.row(), ...])`."""

    kind: str
    subject: str
    payload: Mapping[str, Any]
    actor: str
    at: datetime
    key: str

    def row(self) -> dict[str, Any]:
        """The arguments of `ledger.append`, by name."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "payload": dict(self.payload),
            "actor": self.actor,
            "at": self.at,
            "key": self.key,
        }


@dataclass(frozen=True)
class Signal:
    """One reason to call one customer. `score`: 0-10 answer of a detractor, 0-1 risk, else 0.

    `urgent_about` (safety, medical, infant, cut_off, distress) routes the case and is never written to the ledger.
    """

    customer_id: str
    kind: str
    feedback_id: str
    at: datetime
    score: float = 0.0
    value_eur_year: float = 0.0
    segment: str | None = None
    irritant_id: str | None = None
    language: str | None = None
    recontact: str = "not_asked"
    anonymous: bool = False
    urgent_about: str | None = None
    is_probability: bool = True  # of a risk: `score` is a probability, not a card's index over 100
    explored: bool = False  # of a risk: drawn for the random calls, whatever the risk

    @property
    def signal_id(self) -> str:
        """The same signal seen twice has the same id; a risk has one per scoring day (`feedback_id` is that day)."""
        return f"{self.kind}:{self.feedback_id}"


@dataclass(frozen=True)
class Case:
    """One customer to answer, as the events so far tell it. Instants are UTC."""

    case_id: str
    customer_id: str
    reason: str
    owner_team: str
    promise: str
    opened_at: datetime
    due_at: datetime
    state: str = OPEN
    waiting_since: datetime | None = None  # when the customer spoke: their waiting, in clock time
    assignee: str | None = None
    signals: tuple[str, ...] = ()
    irritant_id: str | None = None
    segment: str | None = None
    language: str | None = None
    value_eur_year: float = 0.0
    outcome: str | None = None
    n_attempts: int = 0  # calls made, answered or not
    scheduled_at: datetime | None = None
    first_attempt_at: datetime | None = None
    reached_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    kept_promise: bool | None = None  # first human contact by the due time of that moment
    counts: Mapping[str, int] = field(default_factory=dict)  # events by kind: numbers the idempotency keys
    history: tuple[tuple[datetime, str, str], ...] = ()  # (at, kind, actor)
    plan: Mapping[str, Any] = field(default_factory=dict)  # of a proactive call: day, probability, net value, arm
    refused: tuple[int, ...] = ()  # event ids that were impossible when they came (two writers met)

    @property
    def explored(self) -> bool:
        """A proactive call drawn at random."""
        return bool(self.plan.get("explored"))

    @property
    def net_eur(self) -> float | None:
        """Euros a proactive call was expected to bring when it was planned; None for other cases."""
        return self.plan.get("net_eur")

    @property
    def is_open(self) -> bool:
        """New signals join this case. A case given up or resolved takes none: they open the next one."""
        return self.state not in (RESOLVED, NOT_REACHED, CLOSED)

    @property
    def waits_for_contact(self) -> bool:
        """Nobody has spoken to the customer in this round yet, and the case has not been given up."""
        return self.state in (OPEN, ASSIGNED, SCHEDULED, ATTEMPTED, REOPENED)

    @property
    def loop_closed(self) -> bool:
        """Closed with a recorded human contact and an outcome."""
        return self.state == CLOSED and self.reached_at is not None and self.outcome is not None
