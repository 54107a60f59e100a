"""Append-only events with a unique idempotency key, encrypted notes, and keyed identities (identity.py).

An event holds no free text and no address. Cases, actions, deliveries and the irritant registry are folds of events.
The one rewriting of events allowed is the erasure of a person (insights/privacy/ledger_rows.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Engine, create_engine, delete, event, insert, or_, select, text, true
from sqlalchemy.engine import Connection, ExceptionContext, make_url
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from insights.access.names import Signed, subject_of
from insights.errors import LedgerError, MissingExtraError
from insights.keys import KeyRing
from insights.lake.place import PATIENCE
from insights.ledger.identity import BATCH, Identities
from insights.ledger.migrate import upgrade
from insights.ledger.schema import EVENT, EVENT_TEXT
from insights.settings import Settings

ONE_AT_A_TIME = 7246913  # advisory lock of Postgres
DECIDED_BY = "_decided_by"  # beside the payload on disk: what the sign-in calls the actor


class LedgerDownError(LedgerError, SQLAlchemyError):
    """The Postgres of the ledger does not answer, or cut the connection: what was not confirmed was not written."""


@dataclass(frozen=True)
class Event:
    """One thing decided, promised or sent. `at`: the business instant in UTC; `actor` is Signed where its bearer was."""

    event_id: int
    kind: str
    subject: str
    at: datetime
    actor: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str = ""


def ledger_url(settings: Settings) -> str:
    """SQLAlchemy URL of the ledger: the setting, else SQLite below the data folder."""
    return settings.ledger_url or f"sqlite:///{settings.data_dir / 'ledger.sqlite'}"


def open_ledger(settings: Settings) -> Ledger:
    """Open the ledger, bringing it to the newest migration. A context manager."""
    if settings.restoring.exists():
        raise LedgerError(f"A restore into {settings.data_dir} has not ended: run `voc restore` again, it goes on.")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = ledger_engine(settings)
    try:
        upgrade(engine, settings.data_dir)
    except SQLAlchemyError as error:
        engine.dispose()
        raise LedgerError(f"The ledger at {engine.url!r} cannot be opened: {error}") from error
    return Ledger(engine, KeyRing(settings.keys_dir))


def ledger_engine(settings: Settings) -> Engine:
    """The ledger's engine, as it stands; its errors tell no word of a row.

    Raises MissingExtraError for a Postgres whose driver is not installed.
    """
    url = make_url(ledger_url(settings))
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "connect", _sqlite_pragmas)
        return engine
    try:
        patience = {name: value for name, value in PATIENCE.items() if name not in url.query}
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=patience)
    except ModuleNotFoundError as error:
        raise MissingExtraError("A ledger on Postgres needs its extra: pip install -e '.[postgres]'.") from error
    event.listen(engine, "handle_error", _down)
    return engine


class Ledger(Identities):
    """The ledger of one installation, safe to share between threads."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self.engine = engine
        self.keys = keys
        self._seen = set()
        self._seen_names = set()
        self._seen_pairs = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self.engine.dispose()

    def append(
        self, kind: str, subject: str, payload: Mapping[str, Any], *, actor: str, at: datetime, key: str
    ) -> bool:
        """Record an event; False when its idempotency key is already there (then nothing changes)."""
        try:
            with self.engine.begin() as connection:
                in_turn(connection)
                connection.execute(insert(EVENT).values(**event_row(kind, subject, payload, actor, at, key)))
        except IntegrityError as error:
            if self._knows(key):
                return False
            raise LedgerError(f"The ledger refused event {kind} of {subject}: {error.orig}") from error
        return True

    def append_many(self, events: Iterable[Mapping[str, Any]]) -> int:
        """Record events given as dicts of `append`'s arguments, in one transaction; known keys are skipped."""
        rows = [
            event_row(e["kind"], e["subject"], e["payload"], e["actor"], e["at"], e.get("key") or e["idempotency_key"])
            for e in events
        ]
        with self.engine.begin() as connection:
            in_turn(connection)
            known = known_keys(connection, [row["idempotency_key"] for row in rows])
            fresh = {row["idempotency_key"]: row for row in rows if row["idempotency_key"] not in known}
            if fresh:
                connection.execute(insert(EVENT), list(fresh.values()))
        return len(fresh)

    def _knows(self, key: str) -> bool:
        with self.engine.connect() as connection:
            return bool(known_keys(connection, [key]))

    def events(self, kinds: Sequence[str] = (), subject: str | None = None, after: int = 0) -> list[Event]:
        """Events in order. `kinds` are prefixes such as "case."; empty means all."""
        query = select(EVENT).where(EVENT.c.event_id > after, _of_kinds(kinds)).order_by(EVENT.c.event_id)
        if subject is not None:
            query = query.where(EVENT.c.subject == subject)
        with self.engine.connect() as connection:
            return [_event(row._mapping) for row in connection.execute(query)]

    def version(self, kinds: Sequence[str] = ()) -> int:
        """Highest event id, of kinds that begin so: changes whenever anything of the sort was decided."""
        with self.engine.connect() as connection:
            return newest(connection, kinds)

    def put_text(self, key: str, customer_id: str, text: str) -> None:
        """Keep a note, encrypted with the customer's key; the same key again replaces it."""
        sealed = self.keys.seal_for(customer_id, text)
        with self.engine.begin() as connection:
            connection.execute(delete(EVENT_TEXT).where(EVENT_TEXT.c.text_key == key))
            connection.execute(insert(EVENT_TEXT).values(text_key=key, customer_id=customer_id, sealed=sealed))

    def text(self, key: str) -> str | None:
        """A note, or None when there is none or its customer has been erased."""
        query = select(EVENT_TEXT.c.customer_id, EVENT_TEXT.c.sealed).where(EVENT_TEXT.c.text_key == key)
        with self.engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return self.keys.unseal_for(row.customer_id, row.sealed) if row else None


def event_row(
    kind: str, subject: str, payload: Mapping[str, Any], actor: str, at: datetime, key: str
) -> dict[str, Any]:
    if at.tzinfo is None:
        raise LedgerError(f"Event {kind} of {subject} has an instant without time zone.")
    signed = {DECIDED_BY: subject_of(actor)} if subject_of(actor) else {}
    return {
        "kind": kind,
        "subject": subject,
        "payload": json.dumps({**payload, **signed}, ensure_ascii=False, sort_keys=True, default=str),
        "actor": str(actor),
        "at": at.astimezone(UTC),
        "recorded_at": datetime.now(UTC),
        "idempotency_key": key,
    }


def _event(row: Mapping[Any, Any]) -> Event:
    at = row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC)
    payload = json.loads(row["payload"])
    subject = payload.pop(DECIDED_BY, "")
    return Event(
        row["event_id"],
        row["kind"],
        row["subject"],
        at,
        Signed(row["actor"], subject) if subject else row["actor"],
        payload,
        row["idempotency_key"],
    )


def known_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), BATCH):
        query = select(EVENT.c.idempotency_key).where(EVENT.c.idempotency_key.in_(keys[start : start + BATCH]))
        found |= {str(key) for key in connection.execute(query).scalars()}
    return found


def in_turn(connection: Connection) -> None:
    """Events are committed in the order of their ids, so that who reads on after the last one misses none.

    SQLite has one writer; Postgres numbers rows before they are committed, so its writers of events take turns.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})


def _down(context: ExceptionContext) -> None:
    """A Postgres that is away is told as a sentence, whatever was asked of it."""
    if isinstance(context.sqlalchemy_exception, OperationalError) and not context.is_pre_ping:
        said = (str(context.original_exception).strip().splitlines() or ["connection lost"])[0]
        raise LedgerDownError(
            f"The ledger's Postgres does not answer ({said}). Run again when it does: nothing is lost."
        )


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=30000", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def newest(connection: Connection, kinds: Sequence[str] = ()) -> int:
    """Highest id of the events whose kind begins with one of `kinds` (none: of all); 0 without any."""
    found = select(EVENT.c.event_id).where(_of_kinds(kinds)).order_by(EVENT.c.event_id.desc()).limit(1)
    return int(connection.execute(found).scalar() or 0)


def _of_kinds(kinds: Sequence[str]) -> ColumnElement[bool]:
    """Events whose kind begins with one of these; all of them when there is none."""
    return or_(*(EVENT.c.kind.startswith(kind, autoescape=True) for kind in kinds)) if kinds else true()
