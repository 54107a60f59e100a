"""What one run of the rules decided: new cases, joined signals, refusals, and the events that keep them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from insights.cases.model import ANSWER, HELD_OUT, OPENED, SIGNAL_ADDED, EventDraft, Signal

ACTOR = "rules"

NO_CUSTOMER, ANONYMOUS, NO_RECONTACT, OBJECTION = "no_customer", "anonymous", "no_recontact", "objection"
TOO_OLD, IN_THE_FUTURE, NO_RULE, LEAVING = "too_old", "in_the_future", "no_rule", "leaving"
QUIET, HOLDOUT, CAPACITY, NOT_A_CUSTOMER = "quiet_days", "holdout", "capacity", "not_a_customer"
NOT_WORTH, CASE_OPEN = "not_worth", "case_open"
WHYS = (
    *(NO_CUSTOMER, ANONYMOUS, NO_RECONTACT, OBJECTION, TOO_OLD, IN_THE_FUTURE, NO_RULE, LEAVING),
    *(QUIET, HOLDOUT, CAPACITY, NOT_A_CUSTOMER, NOT_WORTH, CASE_OPEN),
)


@dataclass(frozen=True)
class NewCase:
    """A case about to be opened. `number` counts the customer's cases of the family from 1. `plan`: of a proactive call."""

    case_id: str
    customer_id: str
    reason: str
    owner_team: str
    promise: str
    opened_at: datetime
    due_at: datetime
    waiting_since: datetime
    signals: tuple[Signal, ...]
    value_eur_year: float
    segment: str | None
    language: str | None
    number: int
    position: int
    plan: Mapping[str, Any] = field(default_factory=dict)
    family: str = ANSWER
    matter: str = ""
    resolve_by: datetime | None = None
    legal: Mapping[str, Any] = field(default_factory=dict)

    @property
    def irritant_id(self) -> str | None:
        return next((signal.irritant_id for signal in self.signals if signal.irritant_id), None)

    def draft(self) -> EventDraft:
        """The opening event. Its key numbers the customer's cases of a family: two writers cannot open two at once."""
        payload: dict[str, Any] = {
            "customer_id": self.customer_id,
            "reason": self.reason,
            "owner_team": self.owner_team,
            "promise": self.promise,
            "due_at": self.due_at.isoformat(),
            "waiting_since": self.waiting_since.isoformat(),
            "signals": [signal.signal_id for signal in self.signals],
            "irritant_id": self.irritant_id,
            "segment": self.segment,
            "language": self.language,
            "value_eur_year": self.value_eur_year,
            "family": self.family,
        }
        payload |= {"plan": dict(self.plan)} if self.plan else {}
        payload |= {"matter": self.matter} if self.matter else {}
        payload |= {"resolve_by": self.resolve_by.isoformat()} if self.resolve_by else {}
        payload |= {"legal": dict(self.legal)} if self.legal else {}
        family = "" if self.family == ANSWER else f"{self.family}:"
        key = f"case:{self.customer_id}:{family}opened:{self.number}"
        return EventDraft(OPENED, self.case_id, payload, ACTOR, self.opened_at, key)


@dataclass(frozen=True)
class Joined:
    """A signal that joins an open case; `raised` holds what it changes (reason, team, promise, due time)."""

    case_id: str
    signal: Signal
    at: datetime
    raised: Mapping[str, Any]

    def draft(self) -> EventDraft:
        payload = {"signal": self.signal.signal_id, "irritant_id": self.signal.irritant_id, **self.raised}
        key = f"case:{self.case_id}:signal:{self.signal.signal_id}"
        return EventDraft(SIGNAL_ADDED, self.case_id, payload, ACTOR, self.at, key)


@dataclass(frozen=True)
class Refused:
    """A signal that opens nothing, and why (one of the codes above). `plan`: of a call the hold-out kept back."""

    signal: Signal
    why: str
    plan: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Opened:
    """What one run decided. `events()` is what the ledger keeps of it."""

    now: datetime
    cases: list[NewCase] = field(default_factory=list)
    joined: list[Joined] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def events(self) -> list[EventDraft]:
        """Openings, joined signals, and the proactive calls the hold-out kept back."""
        held = {one.signal.customer_id: one for one in self.refused if one.why == HOLDOUT}
        return [
            *(case.draft() for case in self.cases),
            *(joined.draft() for joined in self.joined),
            *(_held_out(one, self.now) for one in held.values()),
        ]

    def refusals(self) -> dict[str, int]:
        """How many signals were refused, by reason."""
        return dict(Counter(refused.why for refused in self.refused).most_common())


def _held_out(one: Refused, now: datetime) -> EventDraft:
    """One event a customer and experiment: intention to treat counts those we would have called."""
    signal = one.signal
    payload = {"score": signal.score, "value_eur_year": signal.value_eur_year, "plan": dict(one.plan)}
    key = f"holdout:{one.plan.get('experiment')}:{signal.customer_id}"
    return EventDraft(HELD_OUT, signal.customer_id, payload, ACTOR, now, key)
