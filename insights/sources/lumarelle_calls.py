"""Call and chat transcripts of the demo company, by turns. Only the customer's turns are the customer's voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from insights.errors import RowError
from insights.sources.base import Item, RawRecord, RecordSource, instant, required, text_or_none
from insights.sources.files import read_json_lines
from insights.sources.options import Options

COPIED = ("channel", "touchpoint", "journey_stage", "product", "segment", "region", "agent_team", "customer_id")
SPEAKERS = {"customer", "adviser", "bot"}


def parse(record: RawRecord, _options: Options) -> Item:
    """One transcript. Raises RowError where it cannot be used."""
    data = record.data
    turns = tuple(_turn(number, turn) for number, turn in enumerate(required(data, "turns"), start=1))
    if not turns:
        raise RowError("empty_row: a transcript without turns")
    said = [turn["text"] for turn in turns if turn["speaker"] == "customer" and turn["text"]]
    return Item(
        source_id=str(required(data, "call_id")),
        feedback={
            **{name: text_or_none(data.get(name)) for name in COPIED},
            "kind": str(required(data, "kind")),
            "occurred_at": instant(required(data, "started_at"), "started_at"),
            "available_at": instant(required(data, "received_at"), "received_at"),
            "verbatim": "\n".join(said) or None,
            "consent": text_or_none(data.get("recording_consent")) or "not_asked",
            "recontact": "not_asked",
        },
        turns=turns,
    )


def _turn(number: int, turn: Mapping[str, Any]) -> dict[str, Any]:
    speaker = str(turn.get("speaker") or "unknown")
    return {
        "turn_no": number,
        "speaker": speaker if speaker in SPEAKERS else "unknown",
        "start_s": turn.get("start_s"),
        "end_s": turn.get("end_s"),
        "text": str(turn.get("text") or ""),
        "asr_confidence": turn.get("asr_confidence"),
    }


SOURCE = RecordSource("lumarelle_calls", ("calls/transcripts*.jsonl",), read_json_lines, parse)
