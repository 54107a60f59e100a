"""Plain chat logs: `(14:03) Marie : bonjour`, `[14:03:22] Marie: hello`, `03/10/2026, 14:03 - Marie: hello`.

Conversations of one file are parted by a line of `===`. A log whose customer lines bear a number before the stamp
(`2 (14:03)`) may have them anywhere in a line; `fields` then says who they are: `stamp_numbered` and `stamp_plain`.
The date comes from the stamps, the sidecar, the file's name, or `constants: {started_on: 2026-10-03}`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from insights.errors import RowError, SourceError
from insights.sources.base import Item, RawRecord, RecordSource
from insights.sources.calls import SET_ASIDE, Conversation, Utterance, call_item, usable
from insights.sources.cues import read_text
from insights.sources.options import Options
from insights.sources.sidecars import SEVERAL, beside, is_sidecar, metadata, sidecar_record, with_metadata
from insights.sources.speakers import ROLES, is_label

_PARTED = re.compile(r"^\s*={3,}\s*$", re.MULTILINE)
_TIME = r"(?P<h>[01]?\d|2[0-3])[:h](?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?P<half>\s?[AaPp][Mm])?"
_DAY = r"(?:(?P<y>20\d\d)-(?P<mo>\d\d)-(?P<d>\d\d)|(?P<d2>\d\d?)[/.](?P<mo2>\d\d?)[/.](?P<y2>\d{4}|\d\d))"
_LINE = re.compile(
    rf"^[ \t\u200e]*(?P<open>[(\[])?(?:{_DAY}(?:,|T|\s+à|\s)\s*)?{_TIME}(?(open)[)\]]|\s+[-–])[ \t]*", re.MULTILINE
)
_GLUED = re.compile(rf"(?:(?P<number>\d+) )?\({_TIME}\)[ \t]*")
_NUMBERED = re.compile(rf"^\d{{1,4}} \({_TIME}\)", re.MULTILINE)
_LABEL = re.compile(r"^([^:\n]{1,40}?)\s*:(?!//)\s*(?=\S|$)")
_BACK_S = 12 * 3600  # a stamp this much earlier than the one before is of the next day


@dataclass(frozen=True)
class Message:
    """One message: seconds of its day, its day where the stamp has one, whether its stamp was numbered."""

    text: str
    label: str | None = None
    second: int | None = None
    day: str | None = None
    numbered: bool = False


def read(path: Path) -> Iterator[RawRecord]:
    """One record per conversation. Raises SourceError where no line has a stamp."""
    if is_sidecar(path):
        yield sidecar_record(path)
        return
    records, line = [], 1
    for place, part in enumerate(_PARTED.split(read_text(path)), start=1):
        if messages := _messages(part):
            data = {"place": place, "messages": [_as_json(one) for one in messages]}
            records.append(RawRecord(path.name, line, data))
        line += part.count("\n")
    if not records:
        raise SourceError(
            f"{path.name}: no line begins with a stamp such as (14:03) or [14:03:22]. Export the log with its times."
        )
    yield from with_metadata(records, metadata(path))


def parse(record: RawRecord, options: Options) -> Item:
    """One conversation. Raises RowError where it has no date or no words."""
    meta, data = usable(record.data), record.data
    messages = [Message(**message) for message in data["messages"]]
    starts = _instants(messages, _first_day(messages, meta, options))
    origin = next((start for start in starts if start is not None), None)
    if origin is None:
        raise RowError("missing_started_at: no message with a stamp")
    fields = options.fields if any(one.numbered for one in messages) else {}
    said = [_utterance(one, start, origin, fields) for one, start in zip(messages, starts, strict=True)]
    timed = {key: value for key, value in meta.items() if key != "started_at"}
    if SEVERAL in meta:
        timed["file"] = f"{meta.get('file')}#{data['place']}"
    spoken = Conversation(said, origin.isoformat(), kind="chat", channel="chat", sampled=False)
    return call_item(spoken, timed, options)


def _messages(part: str) -> list[Message]:
    """The messages of one conversation; words before the first stamp, or after a blank line of a numbered log, have no
    speaker."""
    glued = bool(_NUMBERED.search(part))
    found = list((_GLUED if glued else _LINE).finditer(part))
    if not found:
        return []
    out = [Message(part[: found[0].start()])]
    last = 0
    for index, stamp in enumerate(found):
        end = found[index + 1].start() if index + 1 < len(found) else len(part)
        words, _, rest = part[stamp.end() : end].partition("\n\n") if glued else (part[stamp.end() : end], "", "")
        at_line_start = stamp.start() == 0 or part[stamp.start() - 1] == "\n"
        extra, numbered = _turn_number(stamp.groupdict().get("number") or "", last, whole=at_line_start)
        last = numbered or last
        if extra:
            out[-1] = replace(out[-1], text=out[-1].text + extra)
        out += [Message(words, None, _second(stamp), _day(stamp), bool(numbered)), *([Message(rest)] if rest else [])]
    cleaned = [replace(one, text=_cleaned(one.text)) for one in out]
    return _with_labels([one for one in cleaned if one.text])


def _turn_number(digits: str, last: int, *, whole: bool) -> tuple[str, int]:
    """Digits before a stamp as (digits of the message before, turn number): numbers rise by few, the rest is text."""
    if whole and digits:
        return "", int(digits[-4:])
    for length in range(1, min(len(digits), 4) + 1):
        if last < int(digits[-length:]) <= last + 4:
            return digits[:-length], int(digits[-length:])
    return digits, 0


def _with_labels(messages: list[Message]) -> list[Message]:
    """`Name : words` parted, where the name is a role, or short, or comes back."""
    found = [_LABEL.match(one.text) if one.second is not None else None for one in messages]
    often = Counter(match[1].strip() for match in found if match)
    out = []
    for one, match in zip(messages, found, strict=True):
        label = match[1].strip() if match else ""
        if match and (is_label(label) or len(label.split()) <= 2 or often[label] > 1):
            one = replace(one, label=label, text=one.text[match.end() :].strip())
        out.append(one)
    return [one for one in out if one.text]


def _cleaned(text: str) -> str:
    return " ".join(line for raw in text.splitlines() if (line := raw.strip(" \t\u200e")) and line != "''")


def _second(stamp: re.Match[str]) -> int:
    """Second of the day, on 24 hours or with AM and PM."""
    hour, half = int(stamp["h"]), (stamp["half"] or "").strip().lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 3600 + int(stamp["m"]) * 60 + int(stamp["s"] or 0)


def _day(stamp: re.Match[str]) -> str | None:
    """The day in a stamp as ISO: day first, and month first only beside AM and PM."""
    parts = stamp.groupdict()
    if parts.get("y"):
        return f"{parts['y']}-{parts['mo']}-{parts['d']}"
    if not parts.get("d2"):
        return None
    first, second, year = int(parts["d2"]), int(parts["mo2"]), int(parts["y2"])
    day, month = (second, first) if stamp["half"] else (first, second)
    return f"{year + 2000 if year < 100 else year:04d}-{month:02d}-{day:02d}"


def _as_json(one: Message) -> dict[str, Any]:
    return {key: value for key, value in one.__dict__.items() if value is not None and value is not False}


def _first_day(messages: list[Message], meta: Mapping[str, Any], options: Options) -> date:
    """The day of the first stamp. Raises RowError naming the remedy where nothing gives it."""
    given = (
        next((one.day for one in messages if one.day), None)
        or meta.get("started_at")
        or meta.get("named_at")
        or options.constants.get("started_on")
    )
    if not given:
        raise RowError(
            "missing_started_at: no date in the stamps; put it in the file's name (2026-10-03), in index.csv, or in "
            "sources.yaml under constants: started_on"
        )
    return _date(str(given)[:10])


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RowError("bad_started_at: no such day") from error


def _instants(messages: list[Message], day: date) -> list[datetime | None]:
    """Local instants without zone; a stamp far earlier than the one before opens the next day."""
    out: list[datetime | None] = []
    last = 0
    for one in messages:
        if one.second is None:
            out.append(None)
            continue
        if one.day:
            day = _date(one.day)
        elif last - one.second > _BACK_S:
            day += timedelta(days=1)
        last = one.second
        out.append(datetime.combine(day, datetime.min.time()) + timedelta(seconds=one.second))
    return out


def _utterance(one: Message, start: datetime | None, origin: datetime, fields: Mapping[str, str]) -> Utterance:
    """The message as an utterance; a declared meaning of numbered stamps wins over its label."""
    declared = fields.get("stamp_numbered" if one.numbered else "stamp_plain") if start else None
    seconds = max((start - origin).total_seconds(), 0.0) if start else None
    return Utterance(one.text, one.label, seconds, role=declared if declared in ROLES else "")


SOURCE = RecordSource(
    "chat_log", ("chat_log/*.txt",), read, parse, title="Chat log", set_aside=SET_ASIDE, beside=beside
)
