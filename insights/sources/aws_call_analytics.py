"""Amazon transcripts: Transcribe Call Analytics, Contact Lens, and the audio of Bedrock Data Automation.

The sentiment, the loudness and the interruptions that these tools give are not read, of advisers or of customers.
"""

from __future__ import annotations

import re
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
    """One record a file. Raises SourceError for another shape, and where nothing gives the date."""
    if is_sidecar(path):
        yield sidecar_record(path)
        return
    for record in read_json(path, _documents):
        yield RawRecord(record.file, record.line, {**record.data, META: dated_metadata(path)})


def _documents(document: Any) -> list[dict[str, Any]]:
    if not {"Transcript", "audio_segments", "inference_result"} & set(document):
        raise KeyError("Transcript")
    return [document]


def parse(record: RawRecord, options: Options) -> Item:
    """One transcript. Raises RowError where it cannot be used and SetAside outside the sample."""
    meta, data = usable(record.data), record.data
    if data.get("JobStatus") not in (None, "COMPLETED"):
        raise RowError(f"not_completed: the job's status is {str(data['JobStatus'])[:20]}")
    turns = data.get("Transcript", data.get("audio_segments"))
    if not isinstance(turns, list) or not all(isinstance(turn, Mapping) for turn in turns):
        raise RowError("no_transcript: neither Transcript nor audio_segments; give the standard output, not a summary")
    said = [_spoken(turn, _roles(data)) if "Transcript" in data else _segment(turn) for turn in turns]
    job = str(_of(data, "CustomerMetadata", "ContactId") or data.get("JobName") or "")
    kind, channel = ("chat", "chat") if data.get("Channel") == "CHAT" else ("call", "phone")
    spoken = Conversation(said, meta.get("started_at"), job, kind, channel, sampled=kind == "call")
    return call_item(spoken, meta, options)


def _roles(data: Mapping[str, Any]) -> dict[str, str]:
    """Contact Lens names participants once, by id."""
    known = [one for one in data.get("Participants") or [] if isinstance(one, Mapping)]
    return {str(one.get("ParticipantId")): str(one.get("ParticipantRole") or "") for one in known}


def _spoken(turn: Mapping[str, Any], roles: Mapping[str, str]) -> Utterance:
    label = turn.get("ParticipantRole") or roles.get(str(turn.get("ParticipantId")))
    words = [
        item for item in turn.get("Items") or [] if isinstance(item, Mapping) and item.get("Type") != "punctuation"
    ]
    given = [value for item in words if (value := number(item.get("Confidence"))) is not None]
    return Utterance(
        text=str(turn.get("Content") or ""),
        label=str(label) if label else None,
        start_s=_seconds(turn.get("BeginOffsetMillis")),
        end_s=_seconds(turn.get("EndOffsetMillis")),
        confidence=sum(given) / len(given) if given else None,
    )


def _segment(segment: Mapping[str, Any]) -> Utterance:
    label = _of(segment, "speaker", "speaker_label")
    channel = re.search(r"\d+", str(_of(segment, "channel", "channel_label") or ""))
    return Utterance(
        text=str(segment.get("text") or "") if segment.get("type", "TRANSCRIPT") == "TRANSCRIPT" else "",
        label=str(label) if label else None,
        start_s=_seconds(segment.get("start_timestamp_millis")),
        end_s=_seconds(segment.get("end_timestamp_millis")),
        channel=channel[0] if channel else None,
    )


def _of(data: Mapping[str, Any], outer: str, inner: str) -> Any:
    found = data.get(outer)
    return found.get(inner) if isinstance(found, Mapping) else None


def _seconds(millis: Any) -> float | None:
    found = number(millis)
    return None if found is None else found / 1000


SOURCE = RecordSource(
    "aws_call_analytics",
    ("aws_call_analytics/*.json",),
    read,
    parse,
    title="Amazon Transcribe Call Analytics",
    set_aside=SET_ASIDE,
    beside=beside,
)
