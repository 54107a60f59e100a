"""Sources that are tables already (CRM pictures, departures, contacts, invitations): a declared mapping, column-wise.

Cells that do not fit the contract's type put their row in quarantine; the others are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insights.contracts import BY_NAME
from insights.errors import SourceError
from insights.sources.base import feedback_id
from insights.sources.files import MIB, refuse_larger

TRUE = {"true", "1", "yes", "oui", "y", "t"}
LARGEST_TABLE, MOST_CELLS = 4096 * MIB, 1_000_000_000  # of a file, which is held whole
FALSE = {"false", "0", "no", "non", "n", "f"}
UNKNOWN = "\x00unknown word"
_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")
_ZONED = r"\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)\s*$"


@dataclass(frozen=True)
class TableSource:
    """A table file or query. `columns` maps contract columns to its columns; `identities` are hashed, never stored.

    A `feedback_id` column holds the response's id in `feedback_source`, and becomes the lake's id. `values` turns the
    words of a column into ours; a word it does not know is refused, unless it knows `*`. `constants` fill columns the
    source does not have. `as_of`: `business_day` or `file` (the date in the file's name) where no column says it.
    Without a column for it, `available_at` is `available_from` plus `available_delay_days`. Instants without a zone are
    in `timezone`.
    """

    name: str
    patterns: tuple[str, ...]
    table: str
    columns: Mapping[str, str]
    delimiter: str = ";"
    identities: Mapping[str, str] = field(default_factory=dict)
    feedback_source: str = ""
    encoding: str = "utf-8-sig"
    decimal: str = "."
    date_formats: tuple[str, ...] = ()
    timezone: str = "UTC"
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    as_of: str = ""
    available_from: str = ""
    available_delay_days: float = 0.0
    reference: Mapping[str, str] = field(
        default_factory=dict
    )  # the mapping it was made of: a corrected one reads again


@dataclass(frozen=True)
class TableBatch:
    """Rows that fit, rows that do not (with `reason` and `detail`), and (kind, value, customer_id) to hash."""

    rows: pd.DataFrame
    rejected: pd.DataFrame
    identities: list[tuple[str, str, str]]


def read_table(source: TableSource, path: Path, today: date | None = None) -> TableBatch:
    """Read and convert one file. Raises SourceError with the file's name when it has another shape."""
    day = today or datetime.now(UTC).date()
    if source.as_of == "file":
        day = day_in(path)
    return convert(source, _read(source, path), f"{path.name}, line 1", day)


def convert(source: TableSource, raw: pd.DataFrame, where: str, day: date) -> TableBatch:
    """Raw rows in the contract's columns and types. `day` is the picture's. Raises SourceError for a missing column."""
    wanted = [*source.columns.values(), *source.identities.values()]
    missing = [column for column in source.columns.values() if column not in raw.columns]
    if missing:
        raise SourceError(f"{where}: column(s) {', '.join(missing)} not found; it has {', '.join(map(str, raw))}.")
    raw = raw[[column for column in dict.fromkeys(wanted) if column in raw.columns]]
    contract = BY_NAME[source.table]
    types = {column.name: column.type for column in contract.columns}
    converted: dict[str, Any] = {}
    reasons = pd.Series("", index=raw.index, dtype=object)
    for target, origin in source.columns.items():
        values, bad = cells(_translated(raw[origin], source.values.get(target)), types[target], source)
        if target in contract.key:
            bad |= values.isna()
        what = "is none of the words in `values`" if target in source.values else f"does not fit {types[target]}"
        reasons[bad & (reasons == "")] = f"bad_{target}: {what}"
        if target == "feedback_id" and source.feedback_source:
            values = values.map(lambda found: feedback_id(source.feedback_source, found), na_action="ignore")
        converted[target] = values
    rows = _completed(source, pd.DataFrame(converted, index=raw.index), day)
    twice = rows.duplicated(list(contract.key), keep="first") & (reasons == "")
    reasons[twice] = f"duplicate_key: {', '.join(contract.key)} stands twice in the file"
    good = reasons == ""
    return TableBatch(rows[good], _rejected(raw, reasons, good), _identities(source, raw[good], rows[good]))


def _completed(source: TableSource, rows: pd.DataFrame, day: date) -> pd.DataFrame:
    """The rows with constants, the day of the picture and the instant it was held, where no column says them."""
    for target, value in source.constants.items():
        rows[target] = value
    if source.as_of:
        rows["as_of"] = day
    if source.available_from and "available_at" not in rows:
        start = pd.to_datetime(rows[source.available_from], utc=True)
        rows["available_at"] = start + pd.Timedelta(days=source.available_delay_days)
    return rows


def _translated(values: pd.Series, words: Mapping[str, str] | None) -> pd.Series:
    """The column in our words. A word without translation stays recognisable as one that does not fit."""
    if not words:
        return values
    known = {word.strip().casefold(): ours for word, ours in words.items()}
    given = values.astype("str").str.strip().str.casefold()
    return given.map(lambda word: known.get(word, known.get("*", UNKNOWN))).where(values.notna(), None)


def day_in(path: Path) -> date:
    """The day a picture's file name says. Raises SourceError where it says none."""
    found = _DAY.search(path.stem)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise SourceError(f"{path.name}: no day (2026-10-31 or 20261031) in its name, and the mapping takes it from there.")


def _read(source: TableSource, path: Path) -> pd.DataFrame:
    if not path.is_file() or path.stat().st_size == 0:
        raise SourceError(f"{path.name}: the file is absent or empty. Export it again, or leave it out.")
    refuse_larger(path, LARGEST_TABLE, "Export it in parts.")
    try:
        if path.suffix == ".parquet":
            if (cells := _declared_cells(path)) > MOST_CELLS:
                raise SourceError(f"{path.name}: {cells} cells; at most {MOST_CELLS} are read. Export it in parts.")
            packed = pq.read_table(path)
            packed.validate(full=True)  # texts that are not UTF-8 would fail later, without the file's name
            frame = packed.to_pandas()
            return frame.reset_index(drop=isinstance(frame.index, pd.RangeIndex))
        frame = pd.read_csv(
            path, sep=source.delimiter, dtype=str, keep_default_na=False, na_values=[""], encoding=source.encoding,
            compression=None,
        )  # fmt: skip
    except (UnicodeDecodeError, LookupError) as error:
        what = f"byte {error.start}" if isinstance(error, UnicodeDecodeError) else "unknown"
        raise SourceError(
            f"{path.name}: not {source.encoding} ({what}). Save it as UTF-8 or declare `encoding`."
        ) from error
    except (pd.errors.ParserError, pa.ArrowException, OSError, ValueError) as error:
        raise SourceError(f"{path.name}: cannot be read as a table ({str(error).strip().splitlines()[0]}).") from error
    if not isinstance(frame.index, pd.RangeIndex):  # pandas then reads each cell under the name of its neighbour
        raise SourceError(f"{path.name}: its rows have more cells than its first line has names. Name each column.")
    return frame


def _declared_cells(path: Path) -> int:
    """Rows times columns as a Parquet file says: a few kB may hold billions of equal cells."""
    told = pq.read_metadata(path)
    return int(told.num_rows * told.num_columns)


def cells(values: pd.Series, type_: str, source: TableSource) -> tuple[pd.Series, pd.Series]:
    """Values in the contract's type, and which non-empty cells do not fit."""
    given = values.notna()
    if type_ == "TIMESTAMPTZ":
        out = _instants(values, source)
    elif type_ == "DATE":
        out = _days(values, source)
    elif type_ in {"DOUBLE", "INTEGER"}:
        comma = source.decimal != "." and pd.api.types.is_string_dtype(values)
        out = pd.to_numeric(values.str.replace(source.decimal, ".") if comma else values, errors="coerce")
        if type_ == "INTEGER":
            out = out.where(out.isna() | (out % 1 == 0))
    elif type_ == "BOOLEAN":
        if values.dtype == bool:
            return values, ~given
        lowered = values.astype("str").str.strip().str.lower()
        out = lowered.map({**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)})
    else:
        out = values.astype("str").where(given & (values.astype(object) != UNKNOWN), None)
    return out, given & out.isna()


def _as_text(values: pd.Series) -> pd.Series:
    """Days and instants as ISO 8601 text, so that whatever a driver gives is read in one way."""
    return values.map(lambda cell: cell.isoformat() if isinstance(cell, date) else str(cell), na_action="ignore")


def _parsed(texts: pd.Series, formats: Sequence[str], *, utc: bool) -> pd.Series:
    """The first of `formats` (else ISO 8601) that fits each text."""
    out = pd.Series(pd.NaT, index=texts.index)
    for pattern in formats or ("ISO8601",):
        found = pd.to_datetime(texts, errors="coerce", format=pattern, utc=utc)
        out = found if out.isna().all() else out.fillna(found)
    return out


def _instants(values: pd.Series, source: TableSource) -> pd.Series:
    texts = _as_text(values)
    zoned = texts.astype("str").str.contains(_ZONED) & texts.notna()
    aware = _parsed(texts.where(zoned), (), utc=True)
    local = _parsed(texts.mask(zoned), source.date_formats, utc=False)
    here = pd.to_datetime(local).dt.tz_localize(source.timezone, ambiguous=True, nonexistent="shift_forward")
    return aware.dt.tz_convert("UTC").fillna(here.dt.tz_convert("UTC"))


def _days(values: pd.Series, source: TableSource) -> pd.Series:
    texts = _as_text(values)
    plain = source.date_formats or (("%Y-%m-%d",) if values.dtype == "str" else ())
    out = pd.to_datetime(_parsed(texts, plain, utc=False)).dt.date
    return out.where(pd.notna(out), None)


def _rejected(raw: pd.DataFrame, reasons: pd.Series, good: pd.Series) -> pd.DataFrame:
    bad = raw[~good]
    parts = [str(reason).partition(": ") for reason in reasons[~good]]
    return pd.DataFrame(
        {
            "line": bad.index.to_numpy() + 2,
            "reason": [code for code, _, _ in parts],
            "detail": [detail for _, _, detail in parts],
            "raw": [row.to_json(force_ascii=False) for _, row in bad.iterrows()],
        }
    )


def _identities(source: TableSource, raw: pd.DataFrame, rows: pd.DataFrame) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for kind, column in source.identities.items():
        if column in raw.columns:
            known = raw[column].notna()
            pairs = zip(raw.loc[known, column], rows.loc[known, "customer_id"], strict=True)
            found += [(kind, str(value), str(customer)) for value, customer in pairs]
    return found
