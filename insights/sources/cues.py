"""Cues of a subtitle file: what WebVTT and SRT share. Times, speakers written in the text, and cues joined into turns."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from insights.errors import SourceError
from insights.sources.base import Item
from insights.sources.calls import Conversation, Utterance, call_item, join_two, joined, usable
from insights.sources.files import LARGEST_TEXT, refuse_larger
from insights.sources.options import Options
from insights.sources.speakers import is_label

CARRIED_S = 2.0  # where labels stand in the text, a cue without one this soon after goes on with the same speaker
TIME = r"(?:(\d{1,4}):)?([0-5]\d):([0-5]\d)[.,](\d{1,3})"
TIMING = re.compile(rf"^\s*{TIME}\s*-->\s*{TIME}(?:\s.*)?$")
_PREFIX = re.compile(r"^[-–—]?\s*\[?([^\s:<>\[\]][^:<>\[\]\n]{0,59}?)\]?\s*:\s+(\S.*)$", re.DOTALL)
_MARKUP = re.compile(r"</?[^<>\n]*>|\{\\[^{}\n]*\}")
_ENDED = re.compile(r"[.?!…]['\"»”)]*$")


@dataclass(frozen=True)
class Cue:
    """One cue: seconds, text without markup, and the voice where the format names it."""

    start_s: float
    end_s: float
    text: str
    voice: str | None = None


def read_text(path: Path) -> str:
    """The text of a file, line ends as \\n. Raises SourceError naming the remedy where it is absent, empty, not UTF."""
    if not path.is_file():
        raise SourceError(f"{path}: no such file.")
    refuse_larger(path, LARGEST_TEXT, "Export it in parts.")
    raw = path.read_bytes()
    if not raw.strip():
        raise SourceError(f"{path.name}: the file is empty. Export it again, or leave it out.")
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SourceError(f"{path.name}, line {line}: not {encoding}. Save it as UTF-8.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def timing(line: str) -> tuple[float, float] | None:
    """Start and end in seconds of a timing line; None where it is none."""
    found = TIMING.match(line)
    if found is None:
        return None
    parts = found.groups()
    start, end = _seconds(parts[:4]), _seconds(parts[4:])
    return start, max(start, end)


def plain(text: str) -> str:
    """A cue's text on one line, without markup."""
    return " ".join(html.unescape(_MARKUP.sub("", text)).split())


def turns_of(cues: Sequence[Cue]) -> list[dict[str, Any]]:
    """The cues as utterances, one a turn, as JSON.

    Cues of one speaker are joined; cues without speaker are joined while a sentence is not ended and no pause falls.
    """
    said = [Utterance(cue.text, cue.voice, cue.start_s, cue.end_s) for cue in cues if cue.text]
    if not any(one.label for one in said):
        said = _labelled(said)
    kept = _sentences(said) if not any(one.label for one in said) else joined(said)
    return [{key: value for key, value in asdict(one).items() if value not in (None, "")} for one in kept]


def parse_cues(data: Mapping[str, Any], options: Options) -> Item:
    """The item of a subtitle file. Raises RowError and SetAside as every conversation does."""
    meta = usable(data)
    said = [Utterance(**turn) for turn in data["turns"]]
    return call_item(Conversation(said, meta.get("started_at")), meta, options)


def _seconds(parts: Iterable[str | None]) -> float:
    hours, minutes, seconds, rest = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + int((rest or "0").ljust(3, "0")) / 1000


def _labelled(said: Sequence[Utterance]) -> list[Utterance]:
    """Utterances with `Name: words` parted, where a prefix is a role or half of the cues have one."""
    found = [_PREFIX.match(one.text) for one in said]
    everywhere = 2 * sum(bool(match) for match in found) >= len(said) and len(said) > 1
    out: list[Utterance] = []
    for one, match in zip(said, found, strict=True):
        if match and (everywhere or is_label(match[1])):
            out.append(Utterance(match[2], match[1].strip(), one.start_s, one.end_s))
        else:
            out.append(_carried(one, out))
    return out


def _carried(one: Utterance, before: Sequence[Utterance]) -> Utterance:
    """A cue without label soon after a labelled one: that speaker goes on."""
    last = before[-1] if before else None
    if last is None or last.label is None or (one.start_s or 0) - (last.end_s or 0) > CARRIED_S:
        return one
    return Utterance(one.text, last.label, one.start_s, one.end_s)


def _sentences(said: Sequence[Utterance]) -> list[Utterance]:
    out: list[Utterance] = []
    for one in said:
        near = out and (one.start_s or 0) - (out[-1].end_s or 0) <= CARRIED_S
        if near and not _ENDED.search(out[-1].text):
            out[-1] = join_two(out[-1], one)
        else:
            out.append(one)
    return out
