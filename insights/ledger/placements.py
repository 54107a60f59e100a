"""Texts an event of the registry moved: the event and its texts are recorded in one transaction.

A split and a correction name texts by their hash, never by their words. The erasure of a person takes out the hashes
of what only they said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from insights.ledger.ledger import Ledger, event_row, known_keys
from insights.ledger.schema import EVENT, PLACEMENT


@dataclass(frozen=True)
class Placed:
    """One text, by its hash, put from one irritant to another by one event."""

    event_id: int
    text_sha: str
    from_id: str
    to_id: str


def append_placed(ledger: Ledger, event: Mapping[str, Any], moves: Sequence[tuple[str, str, str]]) -> bool:
    """Record an event with its moves (text_sha, from_id, to_id); False when its key is already there.

    `event`: the arguments of `Ledger.append`.
    """
    with ledger.engine.begin() as connection:
        if known_keys(connection, [event["key"]]):
            return False
        row = event_row(event["kind"], event["subject"], event["payload"], event["actor"], event["at"], event["key"])
        event_id = int(connection.execute(insert(EVENT).values(**row).returning(EVENT.c.event_id)).scalar_one())
        if moves:
            rows = [
                {"event_id": event_id, "text_sha": text, "from_id": before, "to_id": after}
                for text, before, after in dict.fromkeys(moves)
            ]
            connection.execute(insert(PLACEMENT), rows)
    return True


def placements(ledger: Ledger, event_ids: Iterable[int] | None = None) -> list[Placed]:
    """All placements, or those of some events, in the order of their events."""
    query = select(PLACEMENT).order_by(PLACEMENT.c.event_id, PLACEMENT.c.text_sha, PLACEMENT.c.from_id)
    if event_ids is not None:
        query = query.where(PLACEMENT.c.event_id.in_(list(event_ids)))
    with ledger.engine.connect() as connection:
        return [Placed(*row) for row in connection.execute(query)]
