"""Chats as JSON: conversations with a list of turns, each `[speaker, text]` or an object with a speaker and a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from insights.errors import RowError
from insights.sources.base import Item, RawRecord, RecordSource
from insights.sources.calls import SET_ASIDE, Conversation, Utterance, call_item, usable
from insights.sources.files import read_json
from insights.sources.options import Options
from insights.sources.sidecars import beside, is_sidecar, metadata, moment, sidecar_record, with_metadata

_IDS = ("conversation_id", "convo_id", "chat_id", "session_id", "id")
_DATES = ("started_at", "created_at", "start_time", "timestamp", "date")
_TURNS = ("turns", "messages", "original", "conversation", "transcript", "utterances")
_SPEAKERS = ("speaker", "role", "author", "from", "sender", "participant")
_TEXTS = ("text", "message", "content", "body", "utterance")


def read(path: Path) -> Iterator[RawRecord]:
    """One record per conversation. Raises SourceError for another shape."""
    if is_sidecar(path):
        yield sidecar_record(path)
        return
    yield from with_metadata(list(read_json(path, _documents)), metadata(path))


def _documents(document: Any) -> list[Any]:
    found = document if isinstance(document, list) else document.get("conversations", [document])
    if not any(set(_TURNS) & set(one) for one in found):
        raise KeyError(f"none of {', '.join(_TURNS)}")
    return list(found)


def parse(record: RawRecord, options: Options) -> Item:
    """One conversation. Raises RowError where it has no date, no id or no words."""
    meta, data = usable(record.data), record.data
    turns = next((data[name] for name in _TURNS if isinstance(data.get(name), list)), None)
    if turns is None:
        raise RowError("missing_turns: the conversation has no list of turns")
    call_id = _first(data, _IDS)
    if call_id is None:
        raise RowError(f"missing_id: none of {', '.join(_IDS)}")
    named = meta.get("started_at") or meta.get("named_at") or options.constants.get("started_on")
    started = _first(data, _DATES) or named
    if not started:
        raise RowError(
            "missing_started_at: no date; put it in the file's name (2026-10-03), in index.csv, or in sources.yaml "
            "under constants: started_on"
        )
    started_at = moment(started, options.timezone)
    spoken = Conversation(
        [_utterance(turn) for turn in turns], started_at, str(call_id), kind="chat", channel="chat", sampled=False
    )
    return call_item(
        spoken, {key: value for key, value in meta.items() if key not in ("call_id", "started_at")}, options
    )


def _first(data: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((data[name] for name in names if data.get(name) not in (None, "")), None)


def _utterance(turn: Any) -> Utterance:
    if isinstance(turn, Mapping):
        speaker, text = _first(turn, _SPEAKERS), _first(turn, _TEXTS)
    elif isinstance(turn, list) and len(turn) == 2:
        speaker, text = turn
    else:
        raise RowError("bad_turn: [speaker, text] or an object with a speaker and a text is expected")
    if isinstance(speaker, Mapping):
        speaker = _first(speaker, ("role", "type", "name"))
    return Utterance(str(text or ""), None if speaker is None else str(speaker))


SOURCE = RecordSource(
    "chat_json", ("chat_json/*.json",), read, parse, title="Chats as JSON", set_aside=SET_ASIDE, beside=beside
)
