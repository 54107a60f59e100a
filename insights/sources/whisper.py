"""Whisper transcripts as JSON: openai-whisper, whisper-timestamped, faster-whisper, WhisperX and whisper.cpp.

They know no roles. A diarised `speaker` gets its role from `fields` in the options; without one the speaker is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from insights.errors import RowError
from insights.sources.base import Item, RawRecord, RecordSource
from insights.sources.calls import SET_ASIDE, Conversation, Utterance, call_item, joined, number, usable
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
    if not isinstance(document["segments" if "segments" in document else "transcription"], list):
        raise TypeError("segments is no list")
    return [document]


def parse(record: RawRecord, options: Options) -> Item:
    """One transcript. Raises RowError where it cannot be used and SetAside outside the sample."""
    meta = usable(record.data)
    segments = record.data.get("segments") or record.data.get("transcription")
    if not isinstance(segments, list) or not all(isinstance(segment, Mapping) for segment in segments):
        raise RowError("bad_segments: a list of objects is expected")
    said = joined(_utterance(segment) for segment in segments)
    return call_item(Conversation(said, meta.get("started_at")), meta, options)


def _utterance(segment: Mapping[str, Any]) -> Utterance:
    offsets = segment.get("offsets")  # whisper.cpp, in milliseconds
    times = (
        (_thousandth(offsets.get("from")), _thousandth(offsets.get("to")))
        if isinstance(offsets, Mapping)
        else (number(segment.get("start")), number(segment.get("end")))
    )
    speaker = segment.get("speaker")
    label = str(speaker) if speaker is not None else None
    return Utterance(str(segment.get("text") or "").strip(), label, *times, _confidence(segment))


def _confidence(segment: Mapping[str, Any]) -> float | None:
    """The tool's own, else the mean of its words, else the probability that `avg_logprob` stands for."""
    own = number(segment.get("confidence"))
    if own is not None:
        return own
    words = [word for word in segment.get("words") or [] if isinstance(word, Mapping)]
    given = (number(word.get("confidence", word.get("probability", word.get("score")))) for word in words)
    known = [value for value in given if value is not None]
    if known:
        return sum(known) / len(known)
    logarithm = number(segment.get("avg_logprob"))
    return None if logarithm is None else math.exp(min(logarithm, 0.0))


def _thousandth(value: Any) -> float | None:
    found = number(value)
    return None if found is None else found / 1000


SOURCE = RecordSource("whisper", ("whisper/*.json",), read, parse, title="Whisper", set_aside=SET_ASIDE, beside=beside)
