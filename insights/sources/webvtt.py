"""WebVTT transcripts, with voice tags or as Zoom and Teams write them (`Name: words`)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from insights.errors import SourceError
from insights.sources.base import Item, RawRecord, RecordSource
from insights.sources.calls import SET_ASIDE
from insights.sources.cues import Cue, parse_cues, plain, read_text, timing, turns_of
from insights.sources.options import Options
from insights.sources.sidecars import META, beside, dated_metadata

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?(?:[ \t]+([^>\n]*))?>")
_NOT_CUES = ("NOTE", "STYLE", "REGION", "WEBVTT")


def read(path: Path) -> Iterator[RawRecord]:
    """One record a file. Raises SourceError with the line where it is broken or cut off."""
    turns = turns_of(cues(read_text(path), path.name))
    if not turns:
        raise SourceError(f"{path.name}: no cue with words. It was cut off, or nobody spoke: export it again.")
    yield RawRecord(path.name, 1, {"turns": turns, META: dated_metadata(path)})


def cues(text: str, name: str) -> list[Cue]:
    """The cues of a WebVTT text, notes and styles left out. Raises SourceError with the line."""
    lines = text.split("\n")
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        raise SourceError(f"{name}, line 1: it does not begin with WEBVTT. Export it as WebVTT, or name it .srt.")
    found: list[Cue] = []
    for start, block in _blocks(lines):
        found += _of_block(start, block, name)
    if lines[-1].strip() and timing(lines[-1]):
        raise SourceError(f"{name}, line {len(lines)}: the file is cut off after a time. Export it again.")
    return found


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Blocks parted by blank lines, with the number of their first line; the header block is left out."""
    start, block = 1, lines[:1]
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            start = start if block else number
            block.append(line)
        elif block:
            yield start, block
            block = []
    if block:
        yield start, block


def _of_block(start: int, block: list[str], name: str) -> Iterator[Cue]:
    times = next(((number, found) for number, line in enumerate(block[:2]) if (found := timing(line))), None)
    if times is None:
        if block[0].split(maxsplit=1)[0] in _NOT_CUES:
            return
        raise SourceError(f"{name}, line {start}: neither a cue with its times nor a note. Export it again.")
    number, (start_s, end_s) = times
    for voice, words in _voices("\n".join(block[number + 1 :])):
        yield Cue(start_s, end_s, plain(words), voice)


def _voices(payload: str) -> Iterator[tuple[str | None, str]]:
    """Voice and words, in order; words before the first voice tag have none."""
    parts = _VOICE.split(payload)
    if parts[0].strip():
        yield None, parts[0]
    for voice, words in zip(parts[1::2], parts[2::2], strict=True):
        yield (" ".join(html.unescape(voice or "").split()) or None), words


def parse(record: RawRecord, options: Options) -> Item:
    """One transcript. Raises RowError where it cannot be used and SetAside outside the sample."""
    return parse_cues(record.data, options)


SOURCE = RecordSource("webvtt", ("*.vtt",), read, parse, title="WebVTT", set_aside=SET_ASIDE, beside=beside)
