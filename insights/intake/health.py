"""Whether the intake does its work: the ledger takes writes, the worker lives, nothing waits too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from insights.intake.pulse import STARTING, STOPPED, Pulse, read_pulse
from insights.ledger import Ledger
from insights.ledger.inbox import Backlog, backlog
from insights.ledger.schema import INBOX
from insights.settings import Settings

SILENT_SECONDS = 60.0  # a worker in the midst of a large batch says nothing for some seconds
START_SECONDS = 180.0  # models are loaded once
WAITING_SECONDS = 120.0
UNCOMMITTED_SECONDS = 300.0  # beside the commit interval: a long ingestion may hold the lake


@dataclass(frozen=True)
class Health:
    """`reason` is empty when all is well."""

    reason: str
    figures: dict[str, Any]


def health(settings: Settings, ledger: Ledger, now: datetime | None = None) -> Health:
    """The state of the intake at this moment."""
    now = now or datetime.now(UTC)
    try:
        _try_write(ledger)
        waits = backlog(ledger)
    except SQLAlchemyError as error:
        return Health(f"The ledger cannot be written ({type(error).__name__}).", {"ledger": "refuses writes"})
    pulse = read_pulse(settings)
    figures = {
        "ledger": "writable",
        "worker": pulse.state if pulse else "never seen",
        "worker_heartbeat_age_seconds": round(pulse.age_seconds(now), 1) if pulse else None,
        "inbox_waiting": waits.n_received,
        "inbox_oldest_seconds": age(waits.oldest_received_at, now),
        "staged_waiting": waits.n_staged,
        "staged_oldest_seconds": age(waits.oldest_staged_at, now),
    }
    return Health(_worker_reason(pulse, now) or _waiting_reason(settings, waits, now), figures)


def age(since: datetime | None, now: datetime) -> float:
    """Seconds since an instant; 0 where there is none."""
    return 0.0 if since is None else round((now - since).total_seconds(), 1)


def _try_write(ledger: Ledger) -> None:
    """Take the write lock and give it back."""
    with ledger.engine.connect() as connection:
        connection.execute(update(INBOX).where(INBOX.c.inbox_id == -1).values(attempts=0))
        connection.rollback()


def _worker_reason(pulse: Pulse | None, now: datetime) -> str:
    if pulse is None:
        return "No worker has been seen: start `voc intake`, or `voc intake --worker-only` beside this one."
    limit = START_SECONDS if pulse.state == STARTING else SILENT_SECONDS
    if pulse.state == STOPPED or pulse.age_seconds(now) > limit:
        return f"The worker was last seen {pulse.age_seconds(now):.0f} s ago ({pulse.state})."
    return pulse.problem


def _waiting_reason(settings: Settings, waits: Backlog, now: datetime) -> str:
    if (waited := age(waits.oldest_received_at, now)) > WAITING_SECONDS:
        return f"{waits.n_received} events wait for the worker, the oldest for {waited:.0f} s."
    if (waited := age(waits.oldest_staged_at, now)) > settings.intake_commit_seconds + UNCOMMITTED_SECONDS:
        return f"{waits.n_staged} events wait for the lake, the oldest for {waited:.0f} s."
    return ""
