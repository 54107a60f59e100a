"""The inbox: posted events, sealed, once each, from the moment they are answered until their days are over.

States: `received` (waits for the worker), `staged` (its rows wait for the lake), `done`, `rejected` (in quarantine).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, and_, delete, event, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from insights.ledger.ledger import Ledger
from insights.ledger.schema import INBOX, STAGED

RECEIVED, STAGED_STATE, DONE, REJECTED = "received", "staged", "done", "rejected"
MAX_ATTEMPTS = 5
LONGEST_PAUSE = timedelta(hours=1)  # before another attempt; a longer one was set by a clock that ran ahead
BATCH_BY_ATTEMPT = (200, 20)  # events taken together the first and the second time; after that one by one


@dataclass(frozen=True)
class Posted:
    """An event as the door takes it: `event_key` is a keyed hash, `sealed` the encrypted body."""

    source: str
    event_key: str
    received_at: datetime
    sealed: str


@dataclass(frozen=True)
class Waiting:
    """One event the worker has taken; `attempts` counts this one."""

    inbox_id: int
    source: str
    event_key: str
    received_at: datetime
    sealed: str
    attempts: int


@dataclass(frozen=True)
class Backlog:
    """What waits, and since when."""

    n_received: int
    oldest_received_at: datetime | None
    n_staged: int
    oldest_staged_at: datetime | None


def durable(ledger: Ledger) -> Ledger:
    """The ledger with every commit on the disk before it returns: a power cut loses no event that was answered."""
    if ledger.engine.dialect.name == "sqlite":
        event.listen(ledger.engine, "connect", _full_sync)
        ledger.engine.dispose()  # connections opened before keep the faster setting
    return ledger


def _full_sync(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def put(ledger: Ledger, posted: Sequence[Posted]) -> list[bool]:
    """Keep events in one transaction; per event whether it is new. The same source and key counts once."""
    new = []
    with ledger.engine.begin() as connection:
        for one in posted:
            values = {**vars(one), "state": RECEIVED, "attempts": 0}
            done = connection.execute(_insert(ledger.engine, values))
            new.append(done.rowcount == 1)
    return new


def _insert(engine: Engine, values: dict[str, Any]) -> Any:
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(INBOX).values(**values).on_conflict_do_nothing(index_elements=["source", "event_key"])


def take(ledger: Ledger, now: datetime) -> list[Waiting]:
    """The next events in order, their attempt counted before it is made.

    A process that dies with a batch leaves it counted: its events come again in smaller batches, at last alone, so that
    the one that kills is known and the others go on.
    """
    columns = (INBOX.c.inbox_id, INBOX.c.source, INBOX.c.event_key, INBOX.c.received_at, INBOX.c.sealed)
    due = or_(INBOX.c.retry_at.is_(None), INBOX.c.retry_at <= now, INBOX.c.retry_at > now + LONGEST_PAUSE)
    query = select(*columns, INBOX.c.attempts).where(INBOX.c.state == RECEIVED, due).order_by(INBOX.c.inbox_id)
    with ledger.engine.connect() as connection:
        rows = connection.execute(query.limit(BATCH_BY_ATTEMPT[0])).all()
    if not rows:
        return []
    made = rows[0].attempts
    size = BATCH_BY_ATTEMPT[made] if made < len(BATCH_BY_ATTEMPT) else 1
    batch = []
    for row in rows[:size]:
        if row.attempts != made:
            break
        batch.append(
            Waiting(row.inbox_id, row.source, row.event_key, utc(row.received_at), row.sealed, row.attempts + 1)
        )
    _count(ledger, [one.inbox_id for one in batch], +1)
    return batch


def give_back(ledger: Ledger, batch: Sequence[Waiting]) -> None:
    """Uncount an attempt that failed for no fault of the events (a store that did not answer)."""
    _count(ledger, [one.inbox_id for one in batch], -1)


def _count(ledger: Ledger, ids: Sequence[int], step: int) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(update(INBOX).where(INBOX.c.inbox_id.in_(ids)).values(attempts=INBOX.c.attempts + step))


def retry_later(ledger: Ledger, inbox_id: int, at: datetime, detail: str) -> None:
    """Leave an event for later; `detail` is a code, never a value."""
    with ledger.engine.begin() as connection:
        connection.execute(update(INBOX).where(INBOX.c.inbox_id == inbox_id).values(retry_at=at, detail=detail[:400]))


def backlog(ledger: Ledger) -> Backlog:
    """How much waits at each stage, and the age of the oldest, which has the lowest id: no row but that one is read."""
    received = INBOX.c.state == RECEIVED
    oldest_received = select(INBOX.c.received_at).where(received).order_by(INBOX.c.inbox_id).limit(1)
    oldest_staged = select(STAGED.c.staged_at).order_by(STAGED.c.staged_id).limit(1)
    with ledger.engine.connect() as connection:
        return Backlog(
            connection.execute(select(func.count()).select_from(INBOX).where(received)).scalar_one(),
            utc_or_none(connection.execute(oldest_received).scalar()),
            connection.execute(select(func.count()).select_from(STAGED)).scalar_one(),
            utc_or_none(connection.execute(oldest_staged).scalar()),
        )


def event_key_of(ledger: Ledger, source: str, prefix: str) -> str | None:
    """The key of a source's event that begins so; None when its days are over."""
    found = select(INBOX.c.event_key).where(
        INBOX.c.source == source, INBOX.c.event_key.startswith(prefix, autoescape=True)
    )
    with ledger.engine.connect() as connection:
        return connection.execute(found.limit(1)).scalar()


def purge_inbox(ledger: Ledger, day: date) -> int:
    """Delete the events whose days are over on `day` (strictly before it); returns how many. For `govern`.

    An event that still waits has no date. The same event posted again later is known by its feedback, not by its key.
    """
    past = and_(INBOX.c.state.in_([DONE, REJECTED]), INBOX.c.expires_on < day)
    with ledger.engine.begin() as connection:
        return int(connection.execute(delete(INBOX).where(past)).rowcount)


def utc(at: datetime) -> datetime:
    """An instant with its zone; SQLite gives it back without."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def utc_or_none(at: datetime | None) -> datetime | None:
    """The same for an instant that may be absent."""
    return None if at is None else utc(at)
