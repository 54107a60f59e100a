"""Deliver what is due: at least once, always under the same webhook-id, each step in the ledger.

An attempt is recorded before it is made and its result after. A sender that dies in between leaves the message in
doubt: it is tried again after a minute, with the same id, and the receiver drops the second by that id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from insights.events import LedgerEvent
from insights.outbox import fold
from insights.outbox.fold import Delivery, Outbox
from insights.outbox.webhook import GONE, Answer, Endpoint, Sender

ACTOR = "outbox"
FAILURES_IN_A_ROW = 5  # then the rest of the run waits: the receiver is down, not the message bad


class LedgerLike(Protocol):
    """What the outbox needs of a ledger."""

    def append(
        self, kind: str, subject: str, payload: Mapping[str, Any], *, actor: str, at: datetime, key: str
    ) -> bool: ...

    def events(
        self, kinds: Sequence[str] = (), subject: str | None = None, after: int = 0
    ) -> Sequence[LedgerEvent]: ...


@dataclass
class DeliveryReport:
    """What one run did. `n_pending`: messages still to be delivered after it."""

    n_requested: int = 0
    n_delivered: int = 0
    n_failed: int = 0
    n_dead: int = 0
    n_in_doubt: int = 0  # sent again because the sender before had died without noting a result
    n_elsewhere: int = 0  # another sender had just taken them
    n_pending: int = 0
    disabled: bool = False
    paused_until: datetime | None = None
    files: list[Path] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """One line for the run's log."""
        if self.files:
            return f"{len(self.files)} callback deliveries written to files, none sent (dry run)."
        line = f"{self.n_delivered} delivered, {self.n_failed} to be tried again, {self.n_dead} given up."
        if self.disabled:
            return f"{line} The receiver answered 410 (gone): deliveries stop until somebody enables the endpoint."
        return line


class Deliverer:
    """A sender that remembers the ledger up to its last event: cheap to call every few seconds."""

    def __init__(self, ledger: LedgerLike, endpoint: Endpoint, wall: Callable[[], datetime] | None = None) -> None:
        self.ledger, self.endpoint = ledger, endpoint
        self.outbox = Outbox(endpoint.endpoint_id)
        self.wall = wall or (lambda: datetime.now(UTC))

    def deliver_due(self, now: datetime, *, dry_run: bool, out_dir: Path) -> DeliveryReport:
        """Send what is due at `now` (the clock of the retry schedule). Dry: write the bodies, record nothing."""
        self._catch_up()
        report = DeliveryReport()
        if dry_run:
            report.files = [_write(one, out_dir / "webhooks") for one in self.outbox.due(now)]
        else:
            report.n_requested = self._request(now)
            with Sender(self.endpoint) as sender:
                self._send_all(sender, self.outbox.due(now), now, report)
        live = [one for one in self.outbox.deliveries.values() if not self.outbox.obsolete(one)]
        report.n_pending = sum(one.state == "pending" for one in live)
        report.disabled, report.paused_until = self.outbox.disabled, self.outbox.paused_until
        return report

    def _catch_up(self) -> None:
        self.outbox.add(self.ledger.events(fold.KINDS, after=self.outbox.last_event_id))

    def _request(self, now: datetime) -> int:
        """Write down each message once; a no-op for those already there."""
        fresh = [one for one in self.outbox.deliveries.values() if not one.requested and not self.outbox.obsolete(one)]
        n_new = sum(self._record(fold.REQUESTED, one, now, "requested", {"case_id": one.case_id}) for one in fresh)
        self._catch_up()
        return n_new

    def _send_all(self, sender: Sender, due: list[Delivery], now: datetime, report: DeliveryReport) -> None:
        failures = 0
        for one in due:
            number = one.n_attempts + 1
            if not one.is_due(now) or not self._record(fold.ATTEMPTED, one, now, f"attempt:{number}", {"n": number}):
                report.n_elsewhere += 1
                self._catch_up()
                continue
            report.n_in_doubt += one.in_flight
            answer = sender.send(one.message_id, one.body, self.wall())
            self._conclude(one, number, answer, now, report)
            self._catch_up()
            failures = 0 if answer.ok else failures + 1
            if self.outbox.disabled or answer.throttled or failures >= FAILURES_IN_A_ROW:
                return

    def _conclude(self, one: Delivery, number: int, answer: Answer, now: datetime, report: DeliveryReport) -> None:
        """Record what came of an attempt."""
        said = {"status": answer.status, "error": answer.error, "n": number}
        if answer.ok:
            report.n_delivered += self._record(fold.DELIVERED, one, now, "delivered", said)
            return
        report.errors.append(f"{one.message_id}: {answer.detail or answer.error or answer.status}")
        next_at = fold.next_attempt(one, now)
        if next_at is None:
            report.n_dead += self._record(fold.DEAD, one, now, "dead", said)
        else:
            pause = timedelta(seconds=answer.retry_after_seconds or 0)
            if answer.throttled:
                said["paused_until"] = (now + pause).isoformat()
            said["next_at"] = max(next_at, now + pause).isoformat()
            report.n_failed += self._record(fold.FAILED, one, now, f"failed:{number}", said)
        if answer.status == GONE:
            key = f"{self.endpoint.endpoint_id}:disabled:{one.message_id}:{number}"
            subject = self.endpoint.endpoint_id
            self.ledger.append(fold.DISABLED, subject, {"status": GONE}, actor=ACTOR, at=now, key=key)

    def _record(self, kind: str, one: Delivery, now: datetime, step: str, more: Mapping[str, Any]) -> bool:
        key = f"delivery:{self.endpoint.endpoint_id}:{one.message_id}:{step}"
        payload = {"endpoint": self.endpoint.endpoint_id, **more}
        return self.ledger.append(kind, one.message_id, payload, actor=ACTOR, at=now, key=key)


def deliver_due(
    ledger: LedgerLike,
    endpoint: Endpoint,
    now: datetime,
    *,
    dry_run: bool,
    out_dir: Path,
    wall: Callable[[], datetime] | None = None,
) -> DeliveryReport:
    """One run of `Deliverer`. Give `now` from the wall clock in production: a pinned business day never moves on."""
    return Deliverer(ledger, endpoint, wall).deliver_due(now, dry_run=dry_run, out_dir=out_dir)


def enable(ledger: LedgerLike, endpoint: Endpoint, *, actor: str, at: datetime) -> bool:
    """Take deliveries up again after a 410; False when this was already said at that instant."""
    key = f"{endpoint.endpoint_id}:enabled:{at.isoformat()}"
    return ledger.append(fold.ENABLED, endpoint.endpoint_id, {}, actor=actor, at=at, key=key)


def _write(one: Delivery, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{one.message_id}.json"
    path.write_bytes(one.body + b"\n")
    return path
