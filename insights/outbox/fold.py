"""Deliveries as a fold of ledger events: what is pending, when it is next tried, what has ended.

A delivery follows from the decision itself: every event that opens, reopens or raises a case is one message, whether
or not anybody has asked for it yet, so that no crash between decision and request can lose one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from insights.cases.fold import apply
from insights.cases.model import OPENED, SIGNAL_ADDED, Case
from insights.events import LedgerEvent

REOPENED = "case.reopened"
REQUESTED, ATTEMPTED = "delivery.requested", "delivery.attempted"
DELIVERED, FAILED, DEAD = "delivery.delivered", "delivery.failed", "delivery.dead"
DISABLED, ENABLED = "endpoint.disabled", "endpoint.enabled"
KINDS = ("case.", "delivery.", "endpoint.")

# Delay before each attempt, counted from the failure before it (Standard Webhooks 1.0.0).
SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
)
JITTER_SHARE = 0.2
LEASE = timedelta(seconds=60)  # an attempt without result: its sender is still at it, or was killed


@dataclass
class Delivery:
    """One message. `state`: pending, delivered, dead."""

    message_id: str
    case_id: str
    kind: str
    body: bytes
    due_at: datetime
    created_at: datetime
    state: str = "pending"
    requested: bool = False
    n_attempts: int = 0
    n_failures: int = 0
    next_at: datetime | None = None
    in_flight: bool = False

    def is_due(self, now: datetime) -> bool:
        return self.state == "pending" and (self.next_at is None or self.next_at <= now)


@dataclass
class Outbox:
    """All messages by id, the cases behind them, and the endpoint's health. `add` folds further events in."""

    endpoint_id: str
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    disabled: bool = False
    paused_until: datetime | None = None
    last_event_id: int = 0

    def add(self, events: Iterable[LedgerEvent]) -> None:
        for event in events:
            self.last_event_id = max(self.last_event_id, event.event_id)
            if event.kind.startswith("case."):
                self._case(event)
            elif event.kind.startswith("delivery."):
                self._delivery(event)
            elif event.subject == self.endpoint_id:
                self.disabled = event.kind == DISABLED

    def due(self, now: datetime) -> list[Delivery]:
        """Messages to send now, the most pressing case first; none to a disabled or pausing endpoint."""
        if self.disabled or (self.paused_until is not None and now < self.paused_until):
            return []
        found = [one for one in self.deliveries.values() if one.is_due(now) and not self.obsolete(one)]
        return sorted(found, key=lambda one: (one.due_at, one.message_id))

    def obsolete(self, delivery: Delivery) -> bool:
        """The case has ended meanwhile: delivering it now would have the customer called again."""
        return not self.cases[delivery.case_id].is_open

    def _case(self, event: LedgerEvent) -> None:
        before = self.cases.get(event.subject)
        after = apply(before, event)
        if after is None:
            return
        self.cases[event.subject] = after
        accepted = before is None or len(after.history) > len(before.history)
        raised = event.kind == SIGNAL_ADDED and "due_at" in event.payload
        if accepted and (event.kind in (OPENED, REOPENED) or raised):
            found = message_id(event.subject, event.event_id)
            body = payload(event, after)
            self.deliveries[found] = Delivery(found, event.subject, event.kind, body, after.due_at, event.at)

    def _delivery(self, event: LedgerEvent) -> None:
        one = self.deliveries.get(event.subject)
        if one is None or event.payload.get("endpoint") != self.endpoint_id:
            return
        if event.kind == REQUESTED:
            one.requested = True
        elif event.kind == ATTEMPTED:
            one.n_attempts += 1
            one.in_flight = True
            one.next_at = event.at + LEASE
        else:
            self._ended(one, event)

    def _ended(self, one: Delivery, event: LedgerEvent) -> None:
        one.in_flight = False
        if one.state == "delivered":  # a slow sender's result after another has delivered
            return
        if event.kind == FAILED:
            one.n_failures += 1
            one.next_at = _instant(event.payload["next_at"])
            until = event.payload.get("paused_until")
            if until:
                self.paused_until = _instant(until)
        else:
            one.state = "delivered" if event.kind == DELIVERED else "dead"


def message_id(case_id: str, event_id: int) -> str:
    """The same for every attempt of one event of one case: the receiver's idempotency key."""
    return f"msg_{hashlib.sha256(f'{case_id}:{event_id}'.encode()).hexdigest()[:24]}"


def payload(event: LedgerEvent, case: Case) -> bytes:
    """Thin body, the same bytes for every attempt: ids and times, nothing personal but the CRM's own customer_id."""
    data = {
        "case_id": case.case_id,
        "customer_id": case.customer_id,
        "reason": case.reason,
        "promise": case.promise,
        "due_at": _z(case.due_at),
        "owner_team": case.owner_team,
    }
    body: dict[str, Any] = {"type": event.kind, "timestamp": _z(event.at), "data": data}
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def next_attempt(delivery: Delivery, now: datetime) -> datetime | None:
    """When to try again after one more failure; None when the schedule has run out.

    The jitter (up to a fifth) comes from the id and the attempt: spread over messages, the same at each replay.
    """
    failures = delivery.n_failures + 1
    if failures >= len(SCHEDULE):
        return None
    digest = hashlib.sha256(f"{delivery.message_id}:{failures}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    return now + SCHEDULE[failures] * (1 + JITTER_SHARE * share)


def _instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def _z(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
