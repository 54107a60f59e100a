"""How far a source that is asked for its news has come: one position for each source and feed, the last one wins."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from insights.errors import LedgerError
from insights.ledger.ledger import Ledger
from insights.ledger.schema import CURSOR


def feed_id(address: str) -> str:
    """Stands for an address or a query, which may hold what should not be stored."""
    return hashlib.sha256(address.encode()).hexdigest()


def position_of(ledger: Ledger, source: str, feed: str) -> str | None:
    """Where to go on; None for a feed never read."""
    query = select(CURSOR.c.position).where(CURSOR.c.source == source, CURSOR.c.feed == feed)
    with ledger.engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()


def saved_at(ledger: Ledger, source: str, feed: str) -> datetime | None:
    """When the position was last saved (UTC, by the wall clock); None for a feed never read."""
    query = select(CURSOR.c.saved_at).where(CURSOR.c.source == source, CURSOR.c.feed == feed)
    with ledger.engine.connect() as connection:
        found = connection.execute(query).scalar_one_or_none()
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def save_position(ledger: Ledger, source: str, feed: str, position: str) -> None:
    """Keep where to go on. To be called after what came before it is committed, never earlier."""
    row = {"source": source, "feed": feed, "position": position, "saved_at": datetime.now(UTC)}
    try:
        with ledger.engine.begin() as connection:
            connection.execute(delete(CURSOR).where(CURSOR.c.source == source, CURSOR.c.feed == feed))
            connection.execute(insert(CURSOR).values(**row))
    except SQLAlchemyError as error:
        raise LedgerError(
            f"The cursor of {source} could not be saved: {error}. The last page will come again, and be known."
        ) from error
