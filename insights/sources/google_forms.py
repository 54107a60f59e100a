"""Google Forms: the CSV of the responses, from Forms itself or from its sheet, with French or English headers.

The columns are the questions' wordings. Nothing says their type: declare the scores in sources.yaml by exact wording, or
write the scale in the question (`de 0 à 10`). `fields: {verbatim: ...}` tells the customer's words from choices. Whether a
date is day first or month first is read off the whole file, and off its language where no date tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.errors import SourceError
from insights.sources.base import RAGGED, Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.files import read_csv
from insights.sources.options import Options
from insights.sources.reading import as_map, row_id, when
from insights.sources.response import NOTHING_SAID, Asked, Response, to_item

TIMES = {"horodateur": True, "horodatage": True, "timestamp": False}  # header: whether its language puts the day first
EMAILS = frozenset({"adresse e-mail", "adresse email", "nom d'utilisateur", "email address", "username", "email"})
SCORE = frozenset({"score", "note totale"})  # of a quiz: no opinion
SLASHED = re.compile(r"\s*(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
OFFSET = re.compile(r"\s*(?:UTC|GMT)([+-]\d{1,2})?(?::?(\d{2}))?\s*$")
DAY_FIRST = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y")
MONTH_FIRST = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")
YEAR_FIRST = ("%Y/%m/%d %I:%M:%S %p", "%Y/%m/%d %H:%M:%S")


def read(path: Path) -> Iterator[RawRecord]:
    """One record a response: its row, its time column, and whether the file writes the day first."""
    records = list(read_csv(path, []))
    first = next((record.data for record in records if RAGGED not in record.data), {})
    column = next((name for name in first if name.strip().lower() in TIMES), None)
    if column is None:
        raise SourceError(
            f"{path.name}, line 1: no column Horodateur or Timestamp, or no whole row; this is no Google Forms export. "
            "Use a mapping."
        )
    day_first = _day_first([str(record.data.get(column, "")) for record in records], column)
    for record in records:
        if RAGGED in record.data:
            yield record
        else:
            data = {"row": record.data, "time": record.data[column], "day_first": day_first}
            yield RawRecord(record.file, record.line, data)


def _day_first(times: Sequence[str], column: str) -> bool:
    """What the dates of the file prove: a first part past 12 is a day, a second part past 12 a month before it."""
    parts = [(int(found[1]), int(found[2])) for time in times if (found := SLASHED.match(time))]
    if any(first > 12 for first, _ in parts):
        return True
    if any(second > 12 for _, second in parts):
        return False
    return TIMES[column.strip().lower()]


def parse(record: RawRecord, options: Options) -> Item:
    """One response. Raises RowError where it cannot be used."""
    data = record.data
    row = as_map(required(data, "row"))
    submitted = _instant(data.get("time"), data.get("day_first") is not False, options.timezone)
    asked = [(name, value) for name, value in row.items() if name.strip().lower() not in {*TIMES, *EMAILS, *SCORE, ""}]
    return to_item(
        Response(
            source_id=row_id(row),
            occurred_at=submitted,
            available_at=submitted,
            complete=True,
            answers=tuple(Asked(name, value, text=name) for name, value in asked),
            emails=tuple(value for name, value in row.items() if name.strip().lower() in EMAILS),
        ),
        options,
    )


def _instant(value: Any, day_first: bool, timezone: str) -> datetime:
    text = text_or_none(value) or ""
    offset = OFFSET.search(text)
    local = text[: offset.start()] if offset else text
    formats = (*(DAY_FIRST if day_first else MONTH_FIRST), *YEAR_FIRST)
    if offset is None:
        return when(local, "timestamp", timezone, formats)
    hours, minutes = offset[1] or "+0", offset[2] or "00"
    signed = f"{hours[0]}{abs(int(hours)):02d}{minutes}"
    return when(f"{local} {signed}", "timestamp", timezone, [f"{pattern} %z" for pattern in formats])


SOURCE = RecordSource(
    "google_forms", ("google_forms/*.csv",), read, parse, title="Google Forms", set_aside=dict(NOTHING_SAID)
)
