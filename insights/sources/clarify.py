"""Clarify transcripts: participants, each with timed terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from insights.errors import RowError
from insights.sources.base import Item, RawRecord, RecordSource
from insights.sources.calls import SET_ASIDE, Conversation, Utterance, call_item, number, usable
from insights.sources.files import read_json
from insights.sources.options import Options
from insights.sources.sidecars import META, beside, dated_metadata, is_sidecar, sidecar_record


def read(path: Path) -> Iterator[RawRecord]:
    """One record a file. Raises SourceError for another insight than a transcript, and where nothing gives the date."""
    if is_sidecar(path):
        yield sidecar_record(path)
        return
    for record in read_json(path, _documents):
        yield RawRecord(record.file, record.line, {**record.data, META: dated_metadata(path)})


def _documents(document: Any) -> list[Any]:
    if not any("transcript" in participant for participant in document["participants"]):
        raise KeyError("transcript")
    return [document]


def parse(record: RawRecord, options: Options) -> Item:
    """One transcript. Raises RowError where it cannot be used and SetAside outside the sample."""
    meta, data = usable(record.data), record.data
    if data.get("status") not in (None, "ok"):
        raise RowError(f"not_completed: its status is {str(data['status'])[:20]}")
    said = [
        _utterance(segment, participant.get("name"))
        for participant in data["participants"]
        for segment in (participant.get("transcript") or {}).get("segments") or []
    ]
    said.sort(key=lambda one: one.start_s or 0.0)
    return call_item(Conversation(said, meta.get("started_at")), meta, options)


def _utterance(segment: Mapping[str, Any], name: Any) -> Utterance:
    text = ""
    for term in segment.get("terms") or []:
        text += ("" if term.get("type") == "mark" else " ") + str(term.get("term") or "")
    start, lasting = number(segment.get("start")), number(segment.get("dur"))
    end = None if start is None or lasting is None else round(start + lasting, 3)
    return Utterance(text.strip(), None if name is None else str(name), start, end)


SOURCE = RecordSource("clarify", ("clarify/*.json",), read, parse, title="Clarify", set_aside=SET_ASIDE, beside=beside)
