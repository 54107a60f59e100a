"""A survey tool of our own for the tests of the intake: what it posts, and how it signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from insights.errors import RowError, SetAside, SignatureError
from insights.sources.base import ROW_PREFIX, Hook, Item, RawRecord, RecordSource, instant
from insights.sources.options import Options

NAME = "small_tool"
SECRET, OLD_SECRET = "new-secret", "old-secret"
SAID_AT = "2026-10-31T09:00:00Z"


def signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    if not any(hmac.compare_digest(signature(body, secret), headers.get("x-signature", "")) for secret in secrets):
        raise SignatureError("wrong signature")


def event_key(_headers: Mapping[str, str], body: bytes) -> str:
    return str(json.loads(body)["event"])


def records(payload: Any) -> Iterable[Mapping[str, Any]]:
    if payload.get("bomb"):
        raise RuntimeError(f"bomb: {payload}")
    found: list[Mapping[str, Any]] = payload["answers"]
    return found


def parse(record: RawRecord, _options: Options) -> Item:
    data = record.data
    if data.get("own"):
        raise SetAside("own_post: written by the brand")
    if data.get("deleted"):
        return Item(str(data["id"]), deleted=True)
    if "said" not in data:
        raise RowError("missing_said: the field is empty or absent")
    at = instant(data.get("at", SAID_AT), "at")
    nps = (
        ({"question_id": "q", "metric": "nps", "scale": "0-10", "value": float(data["nps"])},) if "nps" in data else ()
    )
    return Item(
        str(data["id"]) if "id" in data else f"{ROW_PREFIX}{data['said']}",
        {
            "kind": "survey",
            "occurred_at": at,
            "available_at": at,
            "verbatim": data["said"],
            "customer_id": data.get("customer"),
            "recontact": data.get("recontact"),
            "revised_at": instant(data["revised"], "revised") if "revised" in data else None,
        },
        answers=nps,
    )


def read(path: Path) -> Iterator[RawRecord]:
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        yield RawRecord(path.name, line, json.loads(text))


TOOL = RecordSource(NAME, ("small_tool*.jsonl",), read, parse, hook=Hook(verify, event_key, records))
SOURCES = {NAME: TOOL}


def body(event: str, *answers: Mapping[str, Any], **more: Any) -> bytes:
    """What the tool posts for one event."""
    return json.dumps({"event": event, "answers": list(answers), **more}).encode()


def now() -> datetime:
    return datetime.now(UTC)


class Client:
    """Posts to the door, signed unless told otherwise."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)

    def post(self, content: bytes, source: str = NAME, **headers: str) -> httpx.Response:
        return self.http.post(
            f"/hooks/{source}", content=content, headers={"x-signature": signature(content), **headers}
        )
