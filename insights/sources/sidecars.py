"""What a transcript does not say of itself: who called, when, on which line of business, with which consent.

`<file>.meta.json` beside the transcript wins over the row of `index.csv`, then `calls.csv`, of its folder whose column
`file` holds its name. docs/sources.md lists the keys; others are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from insights.errors import RowError, SourceError
from insights.sources.base import RAGGED, RawRecord
from insights.sources.files import read_csv

META = "voc_meta"  # key under which a record carries it
SIDECAR = "voc_sidecar"  # marks the record of a sidecar that a pattern caught
SEVERAL = "several"  # among the metadata: the file holds several conversations
SUFFIX = ".meta.json"
INDEXES = ("index.csv", "calls.csv")
_DATE = re.compile(
    r"(?P<zone>GMT|UTC)?(?<!\d)(?P<day>20\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01]))"
    r"(?:[-_T .]+(?P<time>[0-2]\d[-_.:h]?[0-5]\d(?:[-_.:m]?[0-5]\d)?)(?P<utc>Z)?)?(?!\d)"
)


def is_sidecar(path: Path) -> bool:
    """Whether a file only describes others."""
    return path.name.endswith(SUFFIX) or path.name in INDEXES


def sidecar_record(path: Path) -> RawRecord:
    """The record that a sidecar becomes where a pattern caught it: it is set aside."""
    return RawRecord(path.name, 1, {SIDECAR: True})


def metadata(path: Path) -> dict[str, Any]:
    """What the sidecars say of a transcript, with `file`, and under `named_at` the date in the file's name.

    Raises SourceError where a sidecar is broken. The date on which the file was copied is never used.
    """
    own = path.with_name(path.name + SUFFIX)
    meta = _from_json(own) if own.is_file() else _from_index(path)
    meta = {key: value for key, value in meta.items() if value not in (None, "")}
    return {**meta, "file": path.name, **({"named_at": dated} if (dated := date_in(path.name)) else {})}


def dated_metadata(path: Path) -> dict[str, Any]:
    """The same for a format that carries no date. Raises SourceError naming the remedy where nothing gives one."""
    meta = metadata(path)
    if not meta.keys() & {"started_at", "named_at"}:
        raise SourceError(
            f"{path.name}: nothing says when the conversation took place. Put {path.name}{SUFFIX} beside it with "
            f'{{"started_at": "2026-10-03T14:05:00+02:00"}}, or a row with file and started_at in {INDEXES[0]}, or the '
            "date in its name (2026-10-03_1405)."
        )
    return meta


def with_metadata(records: list[RawRecord], meta: Mapping[str, Any]) -> Iterator[RawRecord]:
    """The records of one file with what its sidecars say; where there are several, nothing of one customer holds."""
    shared = {**meta, SEVERAL: True} if len(records) > 1 else meta
    for record in records:
        yield RawRecord(record.file, record.line, {**record.data, META: shared})


def date_in(name: str) -> str | None:
    """The ISO date, with the hour where there is one, in a file name; None without."""
    found = _DATE.search(name)
    if found is None:
        return None
    day = re.sub(r"\D", "", found["day"])
    text = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if not found["time"]:
        return text
    time = re.sub(r"\D", "", found["time"]).ljust(6, "0")
    return f"{text}T{time[:2]}:{time[2:4]}:{time[4:]}" + ("+00:00" if found["zone"] or found["utc"] else "")


def moment(value: Any, zone: str, column: str = "started_at") -> datetime:
    """A UTC instant; one without zone is local to `zone`, a day without hour its noon. Raises RowError."""
    text = str(value).strip()
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(text)
    except ValueError as error:
        raise RowError(f"bad_{column}: not an ISO 8601 instant") from error
    if not isinstance(value, datetime) and len(text) == 10:
        found += timedelta(hours=12)
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise RowError(f"bad_{column}: out of the calendar") from error


def _from_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        raise SourceError(f"{path.name}: not JSON ({error}). Correct it, or take it away.") from error
    if not isinstance(found, dict):
        raise SourceError(f"{path.name}: a JSON object is expected, found {type(found).__name__}.")
    return found


def _from_index(path: Path) -> dict[str, Any]:
    for name in INDEXES:
        index = path.with_name(name)
        if index.is_file():
            state = index.stat()
            row = _rows(index, state.st_mtime_ns, state.st_size).get(path.name)
            if row is not None:
                return dict(row)
    return {}


@lru_cache(maxsize=8)
def _rows(index: Path, _changed: int, _size: int) -> dict[str, dict[str, Any]]:
    """Rows of an index by file name, read once as long as it does not change."""
    with index.open(encoding="utf-8-sig", errors="replace") as stream:
        delimiter = ";" if ";" in stream.readline() else ","
    rows: dict[str, dict[str, Any]] = {}
    for record in read_csv(index, ["file"], delimiter=delimiter):
        if RAGGED in record.data:
            raise SourceError(f"{index.name}, line {record.line}: {record.data[RAGGED]}. Correct the row.")
        rows[str(record.data["file"]).strip()] = dict(record.data)
    return rows


def beside(path: Path) -> str:
    """What the sidecars say of a file, as text: when it changes, the file is read again. A sidecar has none."""
    return "" if is_sidecar(path) else json.dumps(metadata(path), sort_keys=True, default=str)
