"""What people decided, newest first: events by actor, kind and time, without reading the whole ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
from sqlalchemy import or_, select

from insights.access.names import MACHINES
from insights.ledger.inbox import utc
from insights.ledger.ledger import Ledger
from insights.ledger.schema import EVENT

COLUMNS = ("event_id", "at", "recorded_at", "actor", "kind", "subject")


def decisions(
    ledger: Ledger,
    *,
    since: datetime,
    until: datetime,
    actor: str | None = None,
    subject: str | None = None,
    kinds: Sequence[str] = (),
    limit: int = 500,
) -> pd.DataFrame:
    """COLUMNS of the events recorded with `since` <= recorded_at < `until` (wall clock, UTC) by people, not by machines."""
    query = select(*(EVENT.c[name] for name in COLUMNS)).where(
        EVENT.c.recorded_at >= since, EVENT.c.recorded_at < until
    )
    query = query.where(EVENT.c.actor == actor) if actor is not None else query.where(EVENT.c.actor.not_in(MACHINES))
    if subject is not None:
        query = query.where(EVENT.c.subject == subject)
    if kinds:
        query = query.where(or_(*(EVENT.c.kind.startswith(kind, autoescape=True) for kind in kinds)))
    with ledger.engine.connect() as connection:
        rows = connection.execute(query.order_by(EVENT.c.event_id.desc()).limit(limit)).all()
    found = pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS))
    return found.assign(
        **{name: pd.to_datetime([utc(one) for one in found[name]], utc=True) for name in ("at", "recorded_at")}
    )
