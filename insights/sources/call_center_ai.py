"""Calls held by a voice bot, as call-center-ai exports them: messages of `human` and `assistant`, and the claim.

Of the claim only the policyholder's name is read, to mask it; reminders and syntheses are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.errors import RowError
from insights.sources.base import Item, RawRecord, RecordSource, text_or_none
from insights.sources.calls import SET_ASIDE, Conversation, Utterance, call_item, usable
from insights.sources.files import read_json
from insights.sources.options import Options
from insights.sources.sidecars import beside, is_sidecar, metadata, moment, sidecar_record, with_metadata
from insights.sources.speakers import BOT, CUSTOMER, UNKNOWN

ZONE = "UTC"  # the tool writes UTC without saying so
_ROLES = {"human": CUSTOMER, "assistant": BOT}
_SPOKEN = {None, "", "talk", "sms"}


def read(path: Path) -> Iterator[RawRecord]:
    """One record per call. Raises SourceError for another shape."""
    if is_sidecar(path):
        yield sidecar_record(path)
        return
    yield from with_metadata(list(read_json(path, _documents)), metadata(path))


def _documents(document: Any) -> list[Any]:
    found = document if isinstance(document, list) else [document]
    if not all("messages" in one for one in found):
        raise KeyError("messages")
    return found


def parse(record: RawRecord, options: Options) -> Item:
    """One call. Raises RowError where it cannot be used and SetAside outside the sample."""
    meta, data = usable(record.data), record.data
    messages = data.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, Mapping) for message in messages):
        raise RowError("bad_messages: a list of objects is expected")
    origin = moment(data.get("created_at") or meta.get("started_at") or meta.get("named_at"), ZONE, "created_at")
    said = [_message(message, origin) for message in messages if message.get("action") in _SPOKEN]
    claim = data.get("claim")
    name = text_or_none(claim.get("policyholder_name")) if isinstance(claim, Mapping) else None
    number = text_or_none(data.get("phone_number"))
    call_id = str(data.get("id") or data.get("call_id") or "")
    spoken = Conversation(said, origin, call_id, names=(name,) if name else (), phones=(number,) if number else ())
    return call_item(spoken, meta, options)


def _message(message: Mapping[str, Any], origin: datetime) -> Utterance:
    at = message.get("created_at")
    start = (moment(at, ZONE, "message") - origin).total_seconds() if at else None
    return Utterance(
        str(message.get("content") or ""), start_s=start, role=_ROLES.get(str(message.get("persona")), UNKNOWN)
    )


SOURCE = RecordSource(
    "call_center_ai",
    ("call_center_ai/*.json",),
    read,
    parse,
    title="Call Center AI",
    set_aside=SET_ASIDE,
    beside=beside,
)
