"""SubRip (SRT) transcripts, with `SPEAKER 1:` prefixes or without speakers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from insights.errors import SourceError
from insights.sources.base import Item, RawRecord, RecordSource
from insights.sources.calls import SET_ASIDE
from insights.sources.cues import Cue, parse_cues, plain, read_text, timing, turns_of
from insights.sources.options import Options
from insights.sources.sidecars import META, beside, dated_metadata

_CUT = re.compile(r"\s*\d{1,4}(?::\d|\s*$)")  # begins as a time


def read(path: Path) -> Iterator[RawRecord]:
    """One record a file. Raises SourceError with the line where it is broken or cut off."""
    turns = turns_of(cues(read_text(path), path.name))
    if not turns:
        raise SourceError(f"{path.name}: no cue with words. It was cut off, or nobody spoke: export it again.")
    yield RawRecord(path.name, 1, {"turns": turns, META: dated_metadata(path)})


def cues(text: str, name: str) -> list[Cue]:
    """The cues of an SRT text. Raises SourceError with the line."""
    lines = text.split("\n")
    times = [(number, found) for number, line in enumerate(lines) if (found := timing(line))]
    if not times:
        raise SourceError(f"{name}, line 1: no line such as 00:00:01,000 --> 00:00:02,500. It is not SRT, or cut off.")
    if len([line for line in lines[: times[0][0]] if line.strip()]) > 1:
        raise SourceError(f"{name}, line 1: more than a number stands before the first time. It is not SRT.")
    ends = [*(number for number, _ in times[1:]), len(lines)]
    spans = zip(times, ends, strict=True)
    return [Cue(*span, plain(" ".join(_words(lines, number + 1, end, name)))) for (number, span), end in spans]


def _words(lines: list[str], start: int, end: int, name: str) -> list[str]:
    """Lines of a cue without the number of the next one. Raises SourceError for a time that is cut or malformed."""
    for number in range(start, end):
        after_number = number > start and lines[number - 1].strip().isdigit()
        if "-->" in lines[number] or (after_number and _CUT.match(lines[number])):
            raise SourceError(f"{name}, line {number + 1}: a time is cut off or malformed. Export it again.")
    last = next((number for number in range(end - 1, start - 1, -1) if lines[number].strip()), None)
    if last is None or not lines[last].strip().isdigit() or (last > start and lines[last - 1].strip()):
        return lines[start:end]
    if end == len(lines) and last > start:
        raise SourceError(f"{name}, line {last + 1}: the file is cut off after the number of a cue. Export it again.")
    return lines[start:end] if end == len(lines) else lines[start:last]


def parse(record: RawRecord, options: Options) -> Item:
    """One transcript. Raises RowError where it cannot be used and SetAside outside the sample."""
    return parse_cues(record.data, options)


SOURCE = RecordSource("srt", ("*.srt",), read, parse, title="SRT", set_aside=SET_ASIDE, beside=beside)
