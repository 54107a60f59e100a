"""Who opened whose page, when, in which role; what left as a file, and what was erased. Never a word of a customer.

Instants are those of the wall clock: an audit says when it really happened, also where the business day is pinned.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from insights.access import Viewer
from insights.errors import LedgerError
from insights.ledger.inbox import utc
from insights.ledger.ledger import Ledger
from insights.ledger.schema import READING

EXPORT, ERASURE = "export", "erasure"
WHATS = ("customer", "timeline", "case", "transcript", "verbatim", EXPORT, ERASURE)
EACH = (EXPORT, ERASURE)  # every one counts, however close
ONCE_IN = timedelta(minutes=10)
COLUMNS = ("reading_id", "at", "subject", "name", "role", "page", "what", "customer_id", "detail")


def note(
    ledger: Ledger,
    viewer: Viewer,
    page: str,
    what: str,
    *,
    customer_id: str | None = None,
    detail: str = "",
    at: datetime | None = None,
) -> bool:
    """Keep that somebody read this; False when the same reading was kept in the ten minutes before.

    `what` is one of WHATS, `detail` a code or a count. Raises LedgerError: what cannot be kept must not be shown.
    """
    if what not in WHATS:
        raise LedgerError(f"A reading of {what!r} is not known: use one of {', '.join(WHATS)}.")
    now = at or datetime.now(UTC)
    row: dict[str, Any] = {
        "subject": viewer.subject[:128],
        "name": viewer.name[:128],
        "role": viewer.role,
        "page": page,
        "what": what,
        "customer_id": customer_id,
    }
    try:
        with ledger.engine.begin() as connection:
            if what not in EACH and connection.execute(_same(row, now)).first():
                return False
            connection.execute(insert(READING).values(at=now.astimezone(UTC), detail=detail[:200], **row))
    except SQLAlchemyError as error:
        raise LedgerError(f"What is read here cannot be noted, so it is not shown: {error}") from error
    return True


def _same(row: dict[str, Any], now: datetime) -> Select[tuple[int]]:
    told = ("subject", "name", "role", "page", "what", "customer_id")
    same = [READING.c[name].is_not_distinct_from(row[name]) for name in told]
    return select(READING.c.reading_id).where(*same, READING.c.at > now - ONCE_IN, READING.c.at <= now).limit(1)


def readings(
    ledger: Ledger,
    *,
    since: datetime,
    until: datetime,
    customer_id: str | None = None,
    subject: str | None = None,
    whats: Sequence[str] = (),
    limit: int = 500,
) -> pd.DataFrame:
    """Who read what with `since` <= at < `until`, newest first: COLUMNS, `at` in UTC."""
    query = select(*(READING.c[name] for name in COLUMNS)).where(READING.c.at >= since, READING.c.at < until)
    if customer_id is not None:
        query = query.where(READING.c.customer_id == customer_id)
    if subject is not None:
        query = query.where(READING.c.subject == subject)
    if whats:
        query = query.where(READING.c.what.in_(list(whats)))
    with ledger.engine.connect() as connection:
        rows = connection.execute(query.order_by(READING.c.at.desc(), READING.c.reading_id.desc()).limit(limit)).all()
    found = pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS))
    return found.assign(at=pd.to_datetime([utc(one) for one in found["at"]], utc=True))


def exports(
    ledger: Ledger, *, since: datetime, until: datetime, subject: str | None = None, limit: int = 500
) -> pd.DataFrame:
    """What left as a file, as `readings`."""
    return readings(ledger, since=since, until=until, subject=subject, whats=(EXPORT,), limit=limit)


def counts(ledger: Ledger, *, since: datetime, until: datetime) -> pd.DataFrame:
    """what, n, n_readers with `since` <= at < `until`; the most frequent first."""
    n, readers = func.count().label("n"), func.count(READING.c.subject.distinct()).label("n_readers")
    query = select(READING.c.what, n, readers).where(READING.c.at >= since, READING.c.at < until)
    with ledger.engine.connect() as connection:
        rows = connection.execute(query.group_by(READING.c.what).order_by(n.desc(), READING.c.what)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=["what", "n", "n_readers"])


def purge_readings(ledger: Ledger, before: datetime) -> int:
    """Delete what is older than `before`; returns how many."""
    with ledger.engine.begin() as connection:
        return int(connection.execute(delete(READING).where(READING.c.at < before)).rowcount)
