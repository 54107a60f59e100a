"""`tell_mentioned`: a colleague who was called in a comment is told who called them and where to read it, each once.

The words of the comment never leave: the message holds who, what it is about, and the link.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.comments.people import Person
from insights.outbox import fold
from insights.outbox.carrier import Parcel
from insights.outbox.chat import chat_for
from insights.outbox.endpoint import Endpoint
from insights.outbox.endpoints import Directory
from insights.outbox.messages import Told, quiet_until
from insights.outbox.record import ACTOR, LedgerLike
from insights.outbox.thin import as_bytes
from insights.outbox.words import CALLED


@dataclass(frozen=True)
class Call:
    """One colleague called once. `label`: what it is about, by language."""

    comment_id: str
    who: Person
    by: str
    about: str
    about_id: str
    label: Mapping[str, str]
    at: datetime


def tell_mentioned(
    ledger: LedgerLike, calls: Iterable[Call], directory: Directory, now: datetime, *, dry_run: bool, out_dir: Path
) -> Told:
    """Queue the calls for the endpoints of who is called; the next delivery sends them. Dry: written to files only.

    Who has no endpoint reads it in the application; `nobody` names them.
    """
    told, rows = Told(), []
    for call in calls:
        over = [directory.endpoints[name] for name in call.who.to if name in directory.endpoints]
        if not over:
            told.nobody.add(call.who.name)
        for endpoint in over:
            row = _row(call, endpoint, directory, now)
            rows.append(row)
            if dry_run:
                told.files.append(_write(endpoint, row, now, out_dir))
    if rows and not dry_run:
        told.n_queued = ledger.append_many(rows)
        told.n_known = len(rows) - told.n_queued
    return told


def _row(call: Call, endpoint: Endpoint, directory: Directory, now: datetime) -> dict[str, Any]:
    listed = directory.people.get(call.who.name)
    start = quiet_until(listed, None, now) if listed is not None else now
    payload = {
        "endpoint": endpoint.endpoint_id,
        "subject_code": CALLED,
        "case_id": call.comment_id,
        "recipient": call.who.name,
        "language": call.who.language,
        "true_since": call.at.isoformat(),
        "not_before": start.isoformat(),
        "facts": {
            "by": call.by,
            "about": call.about,
            "about_id": call.about_id,
            "label": call.label.get(call.who.language, call.about_id),
        },
    }
    what = f"{endpoint.endpoint_id}:{call.comment_id}:{call.who.name}"
    digest = hashlib.sha256(what.encode()).hexdigest()
    told = {"kind": fold.QUEUED, "subject": f"cmt_{digest[:24]}", "payload": payload, "actor": ACTOR, "at": now}
    return {**told, "key": f"message:{endpoint.endpoint_id}:called:{digest}"}


def _write(endpoint: Endpoint, row: Mapping[str, Any], now: datetime, out_dir: Path) -> Path:
    carrier = chat_for(endpoint)
    parcel = Parcel(row["subject"], CALLED, as_bytes(row["payload"]))
    folder = out_dir / carrier.folder / endpoint.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{row['subject']}{carrier.suffix}"
    path.write_bytes(carrier.written(parcel, now) + b"\n")
    carrier.close()
    return path
