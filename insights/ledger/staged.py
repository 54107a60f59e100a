"""Redacted rows that wait for the lake's next commit, written in one transaction with the cases they opened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from insights.cases.model import EventDraft
from insights.ledger.inbox import DONE, RECEIVED, REJECTED, STAGED_STATE, Waiting
from insights.ledger.ledger import Ledger, event_row, in_turn, known_keys, newest
from insights.ledger.schema import EVENT, INBOX, STAGED
from insights.settings import Settings

CASES_REST_ON = ("case.", "privacy.")  # kinds of events a decision on cases reads
Frames = dict[str, Any]  # rows by table of the lake, and `deleted`: see insights.steps.staging


@dataclass(frozen=True)
class Outcome:
    """What became of one event: its rows, and its state. `expires_on` is for states that end here."""

    event: Waiting
    frames: Frames
    state: str = STAGED_STATE
    detail: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True)
class Staged:
    """Rows of one event, waiting."""

    staged_id: int
    inbox_id: int
    frames: Frames


@dataclass(frozen=True)
class Written:
    """False `ok`: nothing was written, because a case changed since the decision, or `gone` events no longer wait.

    `n_events` counts the new case events.
    """

    ok: bool
    n_events: int = 0
    gone: frozenset[int] = frozenset()


def stage(
    ledger: Ledger, outcomes: Sequence[Outcome], drafts: Sequence[EventDraft] = (), decided_at: int | None = None
) -> Written:
    """Write rows, states and case events together, or nothing.

    `decided_at` is the ledger version, of the kinds CASES_REST_ON, the cases were decided on: when it has moved, they must
    be decided again. Deliveries write all the time and move it not.
    `gone` are events whose body is no longer the one that was read: an erasure came first, or another worker.
    """
    with ledger.engine.begin() as connection:
        in_turn(connection)
        gone = _take_over(connection, outcomes)
        if gone or (decided_at is not None and newest(connection, CASES_REST_ON) != decided_at):
            connection.rollback()
            return Written(False, gone=gone)
        rows = [_staged_row(one) for one in outcomes if one.frames]
        if rows:
            connection.execute(insert(STAGED), rows)
        return Written(True, _add_events(connection, drafts))


def _take_over(connection: Connection, outcomes: Sequence[Outcome]) -> frozenset[int]:
    """Set the states, which takes the write lock, and say which events no longer wait as they were read."""
    gone = set()
    for one in outcomes:
        values = {"state": one.state, "detail": one.detail, "expires_on": one.expires_on, "retry_at": None}
        this = (INBOX.c.inbox_id == one.event.inbox_id) & (INBOX.c.sealed == one.event.sealed)
        waits = this & (INBOX.c.state == RECEIVED)
        if not connection.execute(update(INBOX).where(waits).values(**values)).rowcount:
            gone.add(one.event.inbox_id)
    return frozenset(gone)


def _staged_row(one: Outcome) -> dict[str, Any]:
    frames = json.dumps(one.frames, ensure_ascii=True, separators=(",", ":"))
    return {"inbox_id": one.event.inbox_id, "staged_at": datetime.now(UTC), "frames": frames}


def _add_events(connection: Connection, drafts: Sequence[EventDraft]) -> int:
    rows = {
        draft.key: event_row(draft.kind, draft.subject, draft.payload, draft.actor, draft.at, draft.key)
        for draft in drafts
    }
    known = known_keys(connection, list(rows))
    fresh = [row for key, row in rows.items() if key not in known]
    if fresh:
        connection.execute(insert(EVENT), fresh)
    return len(fresh)


def waiting(ledger: Ledger, limit: int) -> list[Staged]:
    """The oldest staged rows, in order."""
    query = select(STAGED.c.staged_id, STAGED.c.inbox_id, STAGED.c.frames).order_by(STAGED.c.staged_id).limit(limit)
    with ledger.engine.connect() as connection:
        return [Staged(row.staged_id, row.inbox_id, json.loads(row.frames)) for row in connection.execute(query)]


def refuse(ledger: Ledger, row: Staged, settings: Settings, detail: str) -> None:
    """The lake cannot take these rows: only a quarantine row with the sealed body stays staged, the event is rejected."""
    query = select(INBOX.c.source, INBOX.c.event_key, INBOX.c.sealed).where(INBOX.c.inbox_id == row.inbox_id)
    expires_on = settings.business_day() + timedelta(days=settings.quarantine_days)
    with ledger.engine.begin() as connection:
        change = update(INBOX).where(INBOX.c.inbox_id == row.inbox_id)
        connection.execute(change.values(state=REJECTED, detail=detail, expires_on=expires_on))
        found = connection.execute(query).one_or_none()
        if found is None:  # an erasure took the event away meanwhile: its rows go too
            connection.execute(delete(STAGED).where(STAGED.c.staged_id == row.staged_id))
            return
        frames = {"quarantine": [quarantine_row(found.source, found.event_key, found.sealed, detail, settings)]}
        kept = update(STAGED).values(frames=json.dumps(frames)) if set(row.frames) != set(frames) else delete(STAGED)
        connection.execute(kept.where(STAGED.c.staged_id == row.staged_id))


def quarantine_row(source: str, event_key: str, sealed: str, detail: str, settings: Settings) -> dict[str, Any]:
    """A whole event as one row of `quarantine`; its sealed body is the raw row, so that it can be posted again."""
    return {
        "source": source,
        "source_id": f"hook-{event_key[:16]}",
        "reason": "event_refused",
        "detail": f"the event could not be made into rows ({detail})",
        "file": f"hook-{event_key[:16]}",
        "line": 1,
        "raw_encrypted": sealed,
        "seen_at": settings.business_now().isoformat(),
        "expires_on": (settings.business_day() + timedelta(days=settings.quarantine_days)).isoformat(),
    }


def finish(ledger: Ledger, rows: Sequence[Staged], expires_on: date) -> None:
    """The lake has these rows: they leave, and their events are done. Doing it twice changes nothing."""
    done = update(INBOX).where(INBOX.c.state == STAGED_STATE).values(state=DONE, expires_on=expires_on)
    with ledger.engine.begin() as connection:
        connection.execute(done.where(INBOX.c.inbox_id.in_([one.inbox_id for one in rows])))
        connection.execute(delete(STAGED).where(STAGED.c.staged_id.in_([one.staged_id for one in rows])))
