"""`ring`: an incident told to who is on call, at any hour, once each over every endpoint named for it.

The queued event holds ids, codes, counts and times. Names, new words and quotes lie encrypted beside it, each quote
under the key of who said it: the sender reads them when it sends, and an erased one is left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.alarms.words import RANG, TEST
from insights.outbox import endpoint as kinds
from insights.outbox import fold
from insights.outbox.carrier import Parcel
from insights.outbox.endpoint import Endpoint
from insights.outbox.endpoints import Directory
from insights.outbox.http import Answer
from insights.outbox.kinds import carrier_for
from insights.outbox.messages import Told
from insights.outbox.record import ACTOR, LedgerLike
from insights.outbox.thin import as_bytes, incident

THIN = ("incident_id", "series", "started_at", "raised_at", "n_authors", "expected")


def on_call_endpoints(directory: Directory) -> list[Endpoint]:
    """The enabled endpoints of who is on call, in the order of endpoints.yaml."""
    wanted = directory.on_call.to if directory.on_call else ()
    return [directory.endpoints[name] for name in wanted if name in directory.endpoints]


def ring(
    ledger: LedgerLike, directory: Directory, facts: Mapping[str, Any], texts: Mapping[str, Any], now: datetime
) -> Told:
    """Queue one incident for who is on call; the next delivery sends it. `now`: the clock of deliveries.

    `facts`: what may stand in the ledger; `texts`: keys of the encrypted texts (`frame`, `quotes`).
    """
    told = Told()
    rows = [_row(one, directory, facts, texts, now) for one in on_call_endpoints(directory)]
    if not rows:
        told.nobody.add("on_call")
        return told
    told.n_queued = ledger.append_many(rows)
    told.n_known = len(rows) - told.n_queued
    return told


def written(
    directory: Directory, facts: Mapping[str, Any], said: Mapping[str, Any], now: datetime, out_dir: Path
) -> list[Path]:
    """Dry: what would be sent to each endpoint, as files. Nothing is recorded."""
    paths = []
    for endpoint in on_call_endpoints(directory):
        row = _row(endpoint, directory, facts, {}, now)
        thin = bool(row["payload"].get("thin"))
        body = incident(row["payload"], now) if thin else as_bytes({**row["payload"], "said": dict(said)})
        carrier = carrier_for(endpoint)
        folder = out_dir / carrier.folder / endpoint.name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{row['subject']}{carrier.suffix}"
        path.write_bytes(carrier.written(Parcel(row["subject"], RANG, body), now) + b"\n")
        carrier.close()
        paths.append(path)
    return paths


def probe(endpoint: Endpoint, language: str, at: datetime) -> Answer:
    """Whether an endpoint takes an alarm: a test that says it is one."""
    carrier = carrier_for(endpoint)
    body = as_bytes({"subject_code": TEST, "case_id": "-", "language": language, "facts": {}})
    if endpoint.kind == kinds.WEBHOOK:
        body = incident({"subject_code": TEST, "facts": {}}, at)
    try:
        return carrier.carry([Parcel(f"inc_test_{int(at.timestamp())}", TEST, body)], at)[0]
    finally:
        carrier.close()


def with_texts(body: bytes, ledger: Any) -> bytes:
    """A queued body with its encrypted texts read; those that are gone are left out, other bodies stay as they are."""
    told = json.loads(body)
    keys = told.get("texts")
    if not keys:
        return body
    frame = ledger.text(keys["frame"]) if keys.get("frame") else None
    quotes = [text for key in keys.get("quotes", ()) if (text := ledger.text(key)) is not None]
    told["said"] = {"frame": json.loads(frame) if frame else {}, "quotes": quotes}
    return as_bytes(told)


def _row(
    endpoint: Endpoint, directory: Directory, facts: Mapping[str, Any], texts: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    name, incident_id = endpoint.endpoint_id, str(facts["incident_id"])
    is_thin = endpoint.kind == kinds.WEBHOOK
    payload: dict[str, Any] = {
        "endpoint": name,
        "subject_code": RANG,
        "case_id": incident_id,
        "recipient": directory.on_call.recipient_id if directory.on_call else "",
        "language": directory.on_call.language if directory.on_call else "fr",
        "not_before": now.isoformat(),
        "facts": {key: facts[key] for key in THIN if key in facts} if is_thin else dict(facts),
    }
    payload |= {"thin": True} if is_thin else {"texts": dict(texts)} if texts else {}
    subject = f"inc_{hashlib.sha256(f'{name}:{incident_id}'.encode()).hexdigest()[:24]}"
    told = {"kind": fold.QUEUED, "subject": subject, "payload": payload, "actor": ACTOR, "at": now}
    return {**told, "key": f"message:{name}:incident:{incident_id}:opened"}


__all__ = ["on_call_endpoints", "probe", "ring", "with_texts", "written"]
