"""Texts an event of the registry moved: the event and its texts are recorded in one transaction.

A split and a correction name texts by their hash, never by their words. The erasure of a person takes out the hashes
of what only they said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from insights.errors import LedgerError, RegistryMovedError
from insights.ledger.identity import BATCH
from insights.ledger.ledger import Ledger, event_row, in_turn, known_keys
from insights.ledger.schema import EVENT, PLACEMENT

REGISTRY = "irritant."  # prefix of the events that make the registry


@dataclass(frozen=True)
class Placed:
    """One text, by its hash, put from one irritant to another by one event."""

    event_id: int
    text_sha: str
    from_id: str
    to_id: str


def append_placed(
    ledger: Ledger,
    event: Mapping[str, Any],
    moves: Sequence[tuple[str, str, str]],
    expected: int | None = None,
    prefix: str = REGISTRY,
) -> bool:
    """Record one event with its moves, as `append_all`; False when its key is already there."""
    return append_all(ledger, [(event, moves)], expected, prefix) == 1


def append_all(
    ledger: Ledger,
    events: Sequence[tuple[Mapping[str, Any], Sequence[tuple[str, str, str]]]],
    expected: int | None = None,
    prefix: str = REGISTRY,
    *,
    whole: bool = False,
) -> int:
    """Record events, each with its moves (text_sha, from_id, to_id), in one transaction; returns how many were new.

    `whole`: all of them or none; 0 where one of the keys is known.

    Events are the arguments of `Ledger.append`; one whose key is known is passed over. `expected`: id of the last event
    with this prefix that the caller has seen (0 for none). Raises RegistryMovedError, and records nothing, when there is
    a later one.
    """
    try:
        return _append(ledger, events, expected, prefix, whole)
    except SQLAlchemyError as error:
        raise LedgerError(f"The ledger could not record this, nothing was recorded: {error}") from error


def _append(
    ledger: Ledger,
    events: Sequence[tuple[Mapping[str, Any], Sequence[tuple[str, str, str]]]],
    expected: int | None,
    prefix: str,
    whole: bool,
) -> int:
    with ledger.engine.begin() as connection:
        _one_at_a_time(connection)
        known = known_keys(connection, [str(event["key"]) for event, _ in events])
        fresh = [(event, moves) for event, moves in events if event["key"] not in known]
        if whole and len(fresh) < len(events):
            return 0
        if (fresh or not events) and expected is not None and (last := _last(connection, prefix)) > expected:
            what = "registry" if prefix == REGISTRY else f"book of {prefix.removesuffix('.')}s"
            raise RegistryMovedError(f"The {what} changed meanwhile (event {last}): nothing was recorded. Look again.")
        for event, moves in fresh:
            _insert(connection, event, moves)
    return len(fresh)


def _one_at_a_time(connection: Connection) -> None:
    """Nobody else records while this transaction looks and writes."""
    in_turn(connection)
    if connection.dialect.name == "sqlite":
        connection.execute(update(EVENT).where(EVENT.c.event_id == -1).values(actor=""))  # takes SQLite's write lock


def _last(connection: Connection, prefix: str) -> int:
    query = select(func.max(EVENT.c.event_id)).where(EVENT.c.kind.startswith(prefix, autoescape=True))
    return int(connection.execute(query).scalar() or 0)


def _insert(connection: Connection, event: Mapping[str, Any], moves: Sequence[tuple[str, str, str]]) -> None:
    row = event_row(event["kind"], event["subject"], event["payload"], event["actor"], event["at"], event["key"])
    event_id = int(connection.execute(insert(EVENT).values(**row).returning(EVENT.c.event_id)).scalar_one())
    if moves:
        names = ("text_sha", "from_id", "to_id")
        rows = [{"event_id": event_id, **dict(zip(names, move, strict=True))} for move in dict.fromkeys(moves)]
        connection.execute(insert(PLACEMENT), rows)


def placements(ledger: Ledger, event_ids: Iterable[int] | None = None) -> list[Placed]:
    """All placements, or those of some events, in the order of their events."""
    query = select(PLACEMENT).order_by(PLACEMENT.c.event_id, PLACEMENT.c.text_sha, PLACEMENT.c.from_id)
    wanted = None if event_ids is None else set(event_ids)
    if wanted is not None and len(wanted) <= BATCH:
        query = query.where(PLACEMENT.c.event_id.in_(wanted))
    with ledger.engine.connect() as connection:
        found = [Placed(*row) for row in connection.execute(query)]
    return found if wanted is None else [one for one in found if one.event_id in wanted]
