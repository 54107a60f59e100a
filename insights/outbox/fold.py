"""Deliveries as a fold of ledger events: what is pending, when it is next tried, what has ended.

A delivery follows from the decision itself: every event that opens, reopens, raises or hands on a case is one message
of each endpoint that wants it, whether or not anybody has asked for it yet, so that no crash between decision and
request can lose one. Where a case has arrived, its end elsewhere is told too: nobody is to be called twice. An endpoint
that mirrors cases (a CRM) gets every change of what it shows; only the newest is worth sending.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from insights.alarms.incidents import CLOSED, UNDONE, fold_incidents
from insights.alarms.incidents import REOPENED as REOPENED_INCIDENT
from insights.cases.fold import apply
from insights.cases.model import HELD, MARKED, OPENED, SIGNAL_ADDED, Case
from insights.cases.model import RELEASED as GIVEN_BACK
from insights.cases.notices import ESCALATION, REMINDER
from insights.events import LedgerEvent
from insights.jumps import ahead
from insights.outbox import thin
from insights.outbox.breaker import HALF_OPEN, OPEN, Breaker
from insights.outbox.schedule import LEASE, SCHEDULE, message_id, next_attempt

REOPENED = "case.reopened"
REQUESTED, ATTEMPTED, RELEASED = "delivery.requested", "delivery.attempted", "delivery.released"
DELIVERED, FAILED, DEAD, REPLAYED = "delivery.delivered", "delivery.failed", "delivery.dead", "delivery.replayed"
DISABLED, ENABLED = "endpoint.disabled", "endpoint.enabled"
QUEUED = "message.queued"
INCIDENT = "incident."  # events, and kinds of messages that speak of an incident in the place of a case
OF_NO_CASE = ("action.", "comment.")  # kinds of messages that speak of an action or a comment
KINDS = ("case.", "delivery.", "endpoint.", "message.", INCIDENT)
HELD_LEAST = timedelta(hours=4)  # before its promise a held case leaves, released or not
BEFORE_ANYBODY = (f"notice.{REMINDER}", f"notice.{ESCALATION}")  # true until somebody has spoken to the customer

__all__ = ["LEASE", "SCHEDULE", "Delivery", "Outbox", "Route", "message_id", "next_attempt"]


@dataclass(frozen=True)
class Route:
    """Which messages an endpoint gets. Empty sets: of all teams, for all reasons."""

    teams: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    cases: bool = True  # False: only notices addressed to it
    mirrors: bool = False  # a CRM: every change of a case, also its end; the newest replaces the older ones

    def takes(self, case: Case) -> bool:
        return (not self.teams or case.owner_team in self.teams) and (not self.reasons or case.reason in self.reasons)


@dataclass
class Delivery:
    """One message to one endpoint. `state`: pending, delivered, dead."""

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
    tried_at: datetime | None = None  # when an attempt set `next_at`
    in_flight: bool = False
    claimed_by: str | None = None
    delivered_at: datetime | None = None
    n_replays: int = 0
    ends: bool = False  # says that the case is over
    leaves: bool = False  # says that the case has gone to a team of another endpoint
    event_id: int = 0  # of the case event it tells
    why: str = ""  # status or error of the last failure

    def is_due(self, now: datetime) -> bool:
        return self.state == "pending" and self.waits_until(now) <= now

    def is_held(self, now: datetime) -> bool:
        """A sender is at it."""
        return self.in_flight and now < self.waits_until(now)

    def waits_until(self, now: datetime) -> datetime:
        """When it may be tried; now, where the clock ran ahead when that was set."""
        if self.next_at is None or ahead(self.tried_at or self.created_at, now):
            return now
        return self.next_at


@dataclass
class Outbox:
    """All messages of one endpoint by id, the cases behind them, and its health. `add` folds further events in."""

    endpoint_id: str
    route: Route = Route()
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    pending: dict[str, Delivery] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)  # newest message by case
    known_there: set[str] = field(default_factory=set)  # cases of which something has arrived
    attempted: Counter[str] = field(default_factory=Counter)  # by case, attempts that were not given back unsent
    newest_there: dict[str, int] = field(default_factory=dict)  # by case, the newest event that has arrived
    breaker: Breaker = field(default_factory=Breaker)
    disabled: bool = False
    paused_until: datetime | None = None
    paused_at: datetime | None = None
    last_event_id: int = 0
    attempted_at: deque[datetime] = field(default_factory=lambda: deque(maxlen=2000))
    incidents: list[LedgerEvent] = field(default_factory=list)
    over: set[str] = field(default_factory=set)  # incidents that a person has closed

    def add(self, events: Iterable[LedgerEvent]) -> None:
        for event in events:
            self.last_event_id = max(self.last_event_id, event.event_id)
            if event.kind.startswith("case."):
                self._case(event)
            elif event.kind.startswith("delivery."):
                self._delivery(event)
            elif event.kind == QUEUED:
                self._queued(event)
            elif event.kind.startswith(INCIDENT):
                self._incident(event)
            elif event.subject == self.endpoint_id and event.kind in (DISABLED, ENABLED):
                self.disabled = event.kind == DISABLED
                if not self.disabled:
                    self.breaker.succeed()

    def due(self, now: datetime) -> list[Delivery]:
        """Messages to send now, the most pressing case first; none to an endpoint that is off, pausing or down.

        One alone while the breaker is half-open. Of one case one message at a time.
        """
        if not self.accepts(now):
            return []
        busy = {one.case_id for one in self.pending.values() if one.is_held(now)}
        half_open = self.breaker.state(now) == HALF_OPEN
        if half_open and busy:
            return []
        first: dict[str, Delivery] = {}
        for one in self.pending.values():
            if one.is_due(now) and one.case_id not in busy and not self.obsolete(one) and not self.held(one, now):
                first.setdefault(one.case_id, one)
        found = sorted(first.values(), key=lambda one: (one.due_at, one.message_id))
        return found[:1] if half_open else found

    def accepts(self, now: datetime) -> bool:
        """Neither disabled nor pausing nor cut off."""
        return not self.disabled and not self.pauses(now) and self.breaker.state(now) != OPEN

    def pauses(self, now: datetime) -> bool:
        """Whether the receiver asked to be left alone, for as long as it said."""
        if self.paused_until is None or self.paused_at is None:
            return False
        return now < self.paused_until and not ahead(self.paused_at, now)

    def next_due(self, now: datetime) -> datetime | None:
        """When the next attempt is worth a look; None when nothing waits or the endpoint is off."""
        live = [one for one in self.pending.values() if not self.obsolete(one) and not self.held(one, now)]
        if self.disabled or not live:
            return None
        earliest = [min(one.waits_until(now) for one in live), now]
        earliest += [self.paused_until] if self.paused_until and self.pauses(now) else []
        earliest += [self.breaker.until] if self.breaker.until and self.breaker.state(now) == OPEN else []
        return max(earliest)

    def obsolete(self, delivery: Delivery) -> bool:
        """Not worth sending any more.

        The case was erased; it has ended or left this endpoint's teams (the customer would be called again); something
        newer of it has arrived; or, where cases are mirrored, a newer message says more.
        """
        if delivery.kind.startswith(INCIDENT):
            return delivery.case_id in self.over
        if delivery.kind.startswith(OF_NO_CASE):
            return False
        case = self.cases.get(delivery.case_id)
        if case is None:
            return True
        if not delivery.kind.startswith("case."):
            return not case.is_open or (delivery.kind in BEFORE_ANYBODY and not case.waits_for_contact)
        if self.route.mirrors and self.latest.get(delivery.case_id) != delivery.message_id:
            return True
        if delivery.event_id < self.newest_there.get(delivery.case_id, 0):
            return True
        there = delivery.case_id in self.known_there
        if delivery.ends or delivery.leaves:
            over = not case.is_open if delivery.ends else not self.route.takes(case)
            return self.attempted[delivery.case_id] < 1 or not (over or self.route.mirrors)
        return not (self.route.mirrors and there) and not (case.is_open and self.route.takes(case))

    def held(self, delivery: Delivery, now: datetime) -> bool:
        """Its case waits behind one answer for all, and nothing of it has left yet: it goes when the case is released.

        Whatever becomes of the watch that releases it, it goes HELD_LEAST before its promise; notices are never held.
        """
        case = self.cases.get(delivery.case_id)
        if case is None or case.held_by is None or not delivery.kind.startswith("case."):
            return False
        return delivery.case_id not in self.known_there and case.due_at - now > HELD_LEAST

    def attempts_since(self, now: datetime) -> list[float]:
        """Seconds since each of the last attempts, whoever made them: what a rate limit has already let pass."""
        return [max((now - at).total_seconds(), 0.0) for at in self.attempted_at if not ahead(at, now)]

    def live(self) -> list[Delivery]:
        """What still has to arrive."""
        return [one for one in self.pending.values() if not self.obsolete(one)]

    def _case(self, event: LedgerEvent) -> None:
        before = self.cases.get(event.subject)
        after = apply(before, event)
        if after is None:
            return
        self.cases[event.subject] = after
        accepted = before is None or len(after.history) > len(before.history)
        if not accepted or not self.route.cases or event.payload.get("via") == self.endpoint_id:
            return
        if self._is_news(event, before, after):
            found = message_id(event.subject, event.event_id)
            one = Delivery(found, event.subject, event.kind, thin.payload(event, after), after.due_at, event.at)
            one.ends, one.event_id = not after.is_open, event.event_id
            one.leaves = not self.route.takes(after)
            self._put(one)
            self.latest[event.subject] = found

    def _is_news(self, event: LedgerEvent, before: Case | None, after: Case) -> bool:
        if self.route.mirrors:
            concerned = self.route.takes(after) or event.subject in self.latest
            return concerned and (before is None or _shown(before) != _shown(after))
        if before is not None and before.is_open and not after.is_open:
            return event.subject in self.latest
        if event.kind in (HELD, GIVEN_BACK):  # told where the case is known; elsewhere it comes late, or not at all
            return event.subject in self.known_there or self.attempted[event.subject] > 0
        raised = event.kind == SIGNAL_ADDED and "due_at" in event.payload
        handed_on = before is not None and before.owner_team != after.owner_team
        if handed_on and not self.route.takes(after):
            return event.subject in self.latest
        return self.route.takes(after) and (event.kind in (OPENED, REOPENED, MARKED) or raised or handed_on)

    def _queued(self, event: LedgerEvent) -> None:
        if event.payload.get("endpoint") != self.endpoint_id:
            return
        data = event.payload
        start = _instant(data["not_before"])
        code, case = str(data["subject_code"]), str(data["case_id"])
        kind = code if code.startswith((INCIDENT, *OF_NO_CASE)) else f"notice.{code}"
        body = thin.incident(data, event.at) if data.get("thin") else thin.notice(event)
        one = Delivery(event.subject, case, kind, body, start, event.at, requested=True, next_at=start)
        self._put(one)

    def _incident(self, event: LedgerEvent) -> None:
        self.incidents.append(event)
        if event.kind in (CLOSED, REOPENED_INCIDENT, UNDONE):
            known = fold_incidents(self.incidents)
            self.over = {one.incident_id for one in known.values() if one.closed_at is not None}

    def _put(self, one: Delivery) -> None:
        self.deliveries[one.message_id] = self.pending[one.message_id] = one

    def _delivery(self, event: LedgerEvent) -> None:
        one = self.deliveries.get(event.subject)
        if one is None or event.payload.get("endpoint") != self.endpoint_id:
            return
        if event.kind == REQUESTED:
            one.requested = True
        elif event.kind == ATTEMPTED:
            self.attempted_at.append(event.at)
            one.n_attempts += 1
            one.in_flight, one.claimed_by, one.next_at = True, event.payload.get("by"), event.at + LEASE
            one.tried_at = event.at
            self.attempted[one.case_id] += 1
        elif event.kind == RELEASED:
            one.in_flight, one.claimed_by, one.next_at = False, None, None
            self.attempted[one.case_id] -= 1
        elif event.kind == REPLAYED:
            self._replayed(one)
        else:
            self._ended(one, event)

    def _replayed(self, one: Delivery) -> None:
        if one.state == "dead":
            one.state, one.n_failures, one.next_at, one.in_flight = "pending", 0, None, False
            one.n_replays += 1
            self.pending[one.message_id] = one

    def _ended(self, one: Delivery, event: LedgerEvent) -> None:
        status, error = event.payload.get("status"), event.payload.get("error")
        self.breaker.note(status, error, event.at)
        if until := event.payload.get("paused_until"):
            self.paused_until, self.paused_at = _instant(until), event.at
        if one.state == "delivered":  # a slow sender's result after another has delivered
            return
        one.in_flight, one.claimed_by = False, None
        if event.kind == FAILED:
            one.n_failures += 1
            one.next_at, one.tried_at = _instant(event.payload["next_at"]), event.at
            one.why = str(error or status)
            return
        one.state = "delivered" if event.kind == DELIVERED else "dead"
        self.pending.pop(one.message_id, None)
        if event.kind == DELIVERED:
            one.delivered_at = event.at
            self.known_there.add(one.case_id)
            self.newest_there[one.case_id] = max(one.event_id, self.newest_there.get(one.case_id, 0))
        else:
            one.why = str(error or status)


def _instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def _shown(case: Case) -> tuple[Any, ...]:
    """What a CRM shows of a case."""
    return case.state, case.owner_team, case.reason, case.due_at, case.resolve_by, case.outcome, case.marks
