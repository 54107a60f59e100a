"""Deliver what is due: at least once, always under the same id, each step in the ledger.

Messages are claimed in the ledger before they are sent, and what came of them is recorded after. A sender that dies in
between leaves them in doubt: they are tried again after a minute, with the same id, and the receiver drops the second
by that id. Claims and results of a handful of messages share a transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy.exc import IntegrityError

from insights.outbox import fold
from insights.outbox.breaker import OPEN
from insights.outbox.carrier import Carrier, Parcel
from insights.outbox.endpoint import Endpoint
from insights.outbox.fold import Delivery, Outbox
from insights.outbox.http import Answer
from insights.outbox.kinds import carrier_for
from insights.outbox.record import ACTOR, LedgerLike
from insights.outbox.report import DeliveryReport
from insights.outbox.ring import with_texts
from insights.outbox.schedule import next_attempt

GONE = 410
ERASURES = "privacy."
Clock = Callable[[], datetime]
Row = dict[str, Any]

__all__ = ["Deliverer", "DeliveryReport", "LedgerLike", "deliver_due"]


class Deliverer:
    """A sender that remembers the ledger up to its last event: cheap to call every few seconds.

    As a context manager it keeps its connections between runs. `wall` stamps and signs; `now` rules the schedule.
    """

    def __init__(self, ledger: LedgerLike, endpoint: Endpoint, wall: Clock | None = None) -> None:
        self.ledger, self.endpoint = ledger, endpoint
        self.outbox = Outbox(endpoint.endpoint_id, endpoint.route)
        self.wall = wall or (lambda: datetime.now(UTC))
        self.token = secrets.token_hex(6)  # tells this sender's claims from another's
        self._carrier: Carrier | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._kept = False

    def __enter__(self) -> Self:
        self._kept = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept = False
        self._close()

    def deliver_due(self, now: datetime, *, dry_run: bool, out_dir: Path, clock: Clock | None = None) -> DeliveryReport:
        """Send what is due at `now` (the clock of the retry schedule). Dry: write the bodies, record nothing.

        `clock` moves on during a long run; without it every step is stamped `now`.
        """
        self.catch_up()
        report = DeliveryReport(self.endpoint.endpoint_id)
        try:
            if dry_run:
                report.files = [self._write(one, out_dir) for one in self.outbox.due(now)]
            else:
                report.n_requested = self._request(now)
                self._send_all(clock or (lambda: now), report)
        finally:
            if not self._kept:
                self._close()
        report.n_pending = len(self.outbox.live())
        report.disabled, report.breaker = self.outbox.disabled, self.outbox.breaker.state(clock() if clock else now)
        report.paused_until = report.paused_until or self.outbox.paused_until
        return report

    def catch_up(self) -> None:
        """Fold in what the ledger has that is new; everything again when an erasure has rewritten events."""
        kinds = (*fold.KINDS, ERASURES)
        news = self.ledger.events(kinds, after=self.outbox.last_event_id)
        if self.outbox.last_event_id and any(event.kind.startswith(ERASURES) for event in news):
            self.outbox = Outbox(self.endpoint.endpoint_id, self.endpoint.route)
            news = self.ledger.events(kinds)
        self.outbox.add(news)

    def _record(self, rows: Sequence[Row]) -> int:
        """Put events into the ledger in one transaction and fold them in, with those of others; the new ones' count."""
        if not rows:
            return 0
        try:
            n_new = self.ledger.append_many(rows)
        except IntegrityError:  # another sender wrote one of them in the same instant
            n_new = sum(self.ledger.append(**row) for row in rows)
        self.catch_up()
        return n_new

    def _open(self) -> Carrier:
        if self._carrier is None:
            self._carrier = carrier_for(self.endpoint, self.outbox.attempts_since(self.wall()))
        return self._carrier

    def _close(self) -> None:
        if self._carrier is not None:
            self._carrier.close()
        if self._pool is not None:
            self._pool.shutdown()
        self._carrier = self._pool = None

    def _request(self, now: datetime) -> int:
        """Write down each message once; a no-op for those already there."""
        fresh = [one for one in self.outbox.live() if not one.requested]
        rows = [self._row(fold.REQUESTED, one, now, "requested", {"case_id": one.case_id}) for one in fresh]
        return self._record(rows)

    def _send_all(self, clock: Clock, report: DeliveryReport) -> None:
        """Each message at most once, until all are tried or the endpoint wants no more."""
        tried: set[str] = set()
        while fresh := [one for one in self.outbox.due(clock()) if one.message_id not in tried]:
            carrier = self._open()
            at_once = carrier.together * self.endpoint.connections
            for group in _groups(fresh, at_once * carrier.claim):
                tried |= {one.message_id for one in group}
                if wait := carrier.wait_seconds():
                    report.paused_until = clock() + timedelta(seconds=wait)
                    return
                if not self._round(carrier, self._claim(group, clock(), report), at_once, clock, report):
                    return

    def _claim(self, group: Sequence[Delivery], now: datetime, report: DeliveryReport) -> list[Delivery]:
        """The messages that are now this sender's; another one may have been quicker."""
        there = [self.outbox.pending.get(one.message_id) for one in group]
        free = [one for one in there if one is not None and one.is_due(now)]
        doubtful = {one.message_id for one in free if one.in_flight}
        self._record([self._attempt(one, now) for one in free])
        known = [self.outbox.pending.get(one.message_id) for one in free]
        mine = [one for one in known if one is not None and one.in_flight and one.claimed_by == self.token]
        report.n_elsewhere += len(group) - len(mine)
        report.n_in_doubt += sum(one.message_id in doubtful for one in mine)
        return mine

    def _round(
        self, carrier: Carrier, mine: Sequence[Delivery], at_once: int, clock: Clock, report: DeliveryReport
    ) -> bool:
        """Send what was claimed and record what came of it; what is not sent any more is given back.

        False when the endpoint wants no more for now.
        """
        rows: list[Row] = []
        breaker, going = copy(self.outbox.breaker), True
        for wave in _groups(mine, at_once):
            if not going:
                rows += [self._row(fold.RELEASED, one, clock(), f"released:{one.n_attempts}", {}) for one in wave]
                continue
            for one, answer in zip(wave, self._carry(carrier, wave), strict=True):
                rows += self._result(one, answer, clock(), report)
                breaker.note(answer.status, answer.error, clock())
                going = going and answer.status != GONE and not answer.throttled
            going = going and breaker.state(clock()) != OPEN
        self._record(rows)
        return going and self.outbox.accepts(clock())

    def _carry(self, carrier: Carrier, wave: Sequence[Delivery]) -> list[Answer]:
        parts = [[self._parcel(one) for one in part] for part in _groups(wave, carrier.together)]
        if len(parts) == 1:
            return carrier.carry(parts[0], self.wall())
        self._pool = self._pool or ThreadPoolExecutor(self.endpoint.connections, thread_name_prefix="outbox")
        done = self._pool.map(lambda part: carrier.carry(part, self.wall()), parts)
        return [answer for answers in done for answer in answers]

    def _parcel(self, one: Delivery) -> Parcel:
        outbox = self.outbox
        case = outbox.cases.get(one.case_id)
        body = with_texts(one.body, self.ledger) if one.kind.startswith(fold.INCIDENT) else one.body
        return Parcel(one.message_id, one.kind, body, case, one.case_id not in outbox.known_there)

    def _attempt(self, one: Delivery, now: datetime) -> Row:
        number = one.n_attempts + 1
        return self._row(fold.ATTEMPTED, one, now, f"attempt:{number}", {"n": number, "by": self.token})

    def _result(self, one: Delivery, answer: Answer, now: datetime, report: DeliveryReport) -> list[Row]:
        """Events that say what came of an attempt."""
        number = one.n_attempts
        said: dict[str, Any] = {"status": answer.status, "error": answer.error, "n": number}
        if answer.ok:
            report.n_delivered += 1
            said |= {"reference": answer.reference} if answer.reference else {}
            said |= {"record_id": answer.record_id} if answer.record_id else {}
            return [self._row(fold.DELIVERED, one, now, "delivered", said)]
        report.errors.append(f"{one.message_id}: {answer.detail or answer.error or answer.status}")
        pause = timedelta(seconds=answer.retry_after_seconds or 0)
        if answer.throttled:
            said["paused_until"] = (now + pause).isoformat()
        next_at = None if answer.final else next_attempt(one, now)
        if next_at is None:
            report.n_dead += 1
            rows = [self._row(fold.DEAD, one, now, f"dead:{number}", said)]
        else:
            said["next_at"] = max(next_at, now + pause).isoformat()
            report.n_failed += 1
            rows = [self._row(fold.FAILED, one, now, f"failed:{number}", said)]
        return [*rows, self._off(one, number, now)] if answer.status == GONE else rows

    def _off(self, one: Delivery, number: int, now: datetime) -> Row:
        name = self.endpoint.endpoint_id
        key = f"{name}:disabled:{one.message_id}:{number}"
        return {
            "kind": fold.DISABLED,
            "subject": name,
            "payload": {"status": GONE},
            "actor": ACTOR,
            "at": now,
            "key": key,
        }

    def _row(self, kind: str, one: Delivery, now: datetime, step: str, more: Mapping[str, Any]) -> Row:
        name = self.endpoint.endpoint_id
        return {
            **{"kind": kind, "subject": one.message_id, "payload": {"endpoint": name, **more}},
            **{"actor": ACTOR, "at": now, "key": f"delivery:{name}:{one.message_id}:{step}"},
        }

    def _write(self, one: Delivery, out_dir: Path) -> Path:
        carrier = self._open()
        folder = out_dir / carrier.folder
        if self.endpoint.name:
            folder /= self.endpoint.name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{one.message_id}{carrier.suffix}"
        path.write_bytes(carrier.written(self._parcel(one), self.wall()) + b"\n")
        return path


def deliver_due(
    ledger: LedgerLike,
    endpoint: Endpoint,
    now: datetime,
    *,
    dry_run: bool,
    out_dir: Path,
    wall: Clock | None = None,
) -> DeliveryReport:
    """One run of `Deliverer`. Give `now` from the wall clock in production: a pinned business day never moves on."""
    return Deliverer(ledger, endpoint, wall).deliver_due(now, dry_run=dry_run, out_dir=out_dir)


def _groups(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))
