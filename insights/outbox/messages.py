"""`tell`: notices to a team or a person, each once, outside their quiet hours. Danger comes at once.

A notice is queued in the ledger with the instant before which it stays silent; the outbox of its endpoint delivers it
like any message, with the same schedule, breaker and dead letters. It falls away when its case ends before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from insights.calendar import Calendar
from insights.cases.model import URGENCY
from insights.cases.notices import OPENED_URGENT, Notice
from insights.outbox import fold
from insights.outbox.carrier import Parcel
from insights.outbox.chat import chat_for
from insights.outbox.endpoint import Endpoint
from insights.outbox.endpoints import Directory, Recipient
from insights.outbox.record import ACTOR, LedgerLike
from insights.outbox.thin import as_bytes
from insights.outbox.words import FACTS

MOST_KEY = 120


@dataclass
class Told:
    """What `tell` did. `n_known`: queued before. `nobody`: teams that nothing can be told to."""

    n_queued: int = 0
    n_known: int = 0
    nobody: set[str] = field(default_factory=set)
    files: list[Path] = field(default_factory=list)

    def note(self) -> dict[str, Any]:
        """For the run's note; empty when nothing was told."""
        found = {"notices_queued": self.n_queued, "notices_written": len(self.files)}
        nobody = {"nobody_to_tell": ", ".join(sorted(self.nobody))} if self.nobody else {}
        return {name: n for name, n in found.items() if n} | nobody


def tell(
    ledger: LedgerLike,
    notices: Iterable[Notice],
    directory: Directory,
    calendars: Mapping[str, Calendar],
    now: datetime,
    *,
    dry_run: bool,
    out_dir: Path,
) -> Told:
    """Queue notices for those who are to be told; the next delivery sends them. `now`: the clock of deliveries.

    Dry: write what would be said to files, record nothing.
    """
    told, rows = Told(), []
    for notice in notices:
        recipient, over = _recipient(notice, directory)
        if recipient is None:
            told.nobody.add(notice.team)
            continue
        start = now if _is_danger(notice) else quiet_until(recipient, calendars.get(notice.team), now)
        for endpoint in over:
            row = _row(notice, endpoint, recipient, now, start)
            rows.append(row)
            if dry_run:
                told.files.append(_write(endpoint, row, now, out_dir))
    if not dry_run and rows:
        told.n_queued = ledger.append_many(rows)
        told.n_known = len(rows) - told.n_queued
    return told


def quiet_until(recipient: Recipient, calendar: Calendar | None, now: datetime) -> datetime:
    """When a recipient may be told: now, or the end of the quiet hours in which `now` lies."""
    if recipient.quiet is None:
        return calendar.next_open(now) if calendar is not None else now
    zone, at = ZoneInfo(recipient.timezone), now
    for _ in range(2 * len(recipient.quiet)):
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        end = next((end for start, end in recipient.quiet if start <= minute < end), None)
        if end is None:
            return at
        midnight = datetime.combine(local.date() + timedelta(days=end // 1440), time(), zone)
        at = (midnight + timedelta(minutes=end % 1440)).astimezone(now.tzinfo)
    return at


def _recipient(notice: Notice, directory: Directory) -> tuple[Recipient | None, list[Endpoint]]:
    """Who is told and over which endpoints: the person, else the team; nobody where no endpoint of either is on."""
    for one in (directory.people.get(notice.person or ""), directory.teams.get(notice.team)):
        over = [directory.endpoints[name] for name in one.to if name in directory.endpoints] if one else []
        if over:
            return one, over
    return None, []


def _is_danger(notice: Notice) -> bool:
    return notice.subject_code == OPENED_URGENT or notice.facts.get("reason") == URGENCY


def _row(notice: Notice, endpoint: Endpoint, recipient: Recipient, now: datetime, start: datetime) -> dict[str, Any]:
    """The event that queues a notice. Only the facts that may be told enter it."""
    name = endpoint.endpoint_id
    key = notice.key if len(notice.key) <= MOST_KEY else hashlib.sha256(notice.key.encode()).hexdigest()
    payload = {
        "endpoint": name,
        "subject_code": notice.subject_code,
        "case_id": notice.case_id,
        "team": notice.team,
        "recipient": recipient.recipient_id,
        "language": recipient.language,
        "true_since": notice.at.isoformat(),
        "not_before": start.isoformat(),
        "facts": {fact: notice.facts[fact] for fact in FACTS if notice.facts.get(fact) is not None},
    }
    subject = f"ntc_{hashlib.sha256(f'{name}:{notice.key}'.encode()).hexdigest()[:24]}"
    told = {"kind": fold.QUEUED, "subject": subject, "payload": payload, "actor": ACTOR, "at": now}
    return {**told, "key": f"message:{name}:{key}"}


def _write(endpoint: Endpoint, row: Mapping[str, Any], now: datetime, out_dir: Path) -> Path:
    carrier = chat_for(endpoint)
    parcel = Parcel(row["subject"], row["payload"]["subject_code"], as_bytes(row["payload"]))
    folder = out_dir / carrier.folder / endpoint.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{row['subject']}{carrier.suffix}"
    path.write_bytes(carrier.written(parcel, now) + b"\n")
    carrier.close()
    return path
