"""A table as the bytes of a CSV, XLSX or Parquet file, with what its figures mean. No Streamlit and no database here."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from dashboard.format import missing
from insights.spreadsheets import FORMULA, neutral

SEPARATORS = {"fr": (";", ","), "en": (",", ".")}  # between cells, before decimals
WIDEST, NARROWEST = 60, 10  # characters of a column
LOOKED_AT = 200  # rows that decide how wide a column is
LONGEST_CELL = 32_767  # Excel's
NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])  # characters no spreadsheet may hold
DAY, INSTANT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
METADATA = b"voc_insights"


@dataclass(frozen=True)
class Note:
    """What goes with a table: its title, facts (label -> text: date, snapshot, filters) and definitions (term -> sentence)."""

    title: str
    language: str
    timezone: str
    sheet: str  # name of the sheet that holds all this
    facts: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)


def csv_bytes(frame: pd.DataFrame, note: Note) -> bytes:
    """UTF-8 with a byte order mark, the separators of the language, days and instants as ISO 8601 in the note's zone."""
    between, decimal = SEPARATORS[note.language]
    made = StringIO()
    sheet = csv.writer(made, delimiter=between)
    sheet.writerow(neutral(str(name)) for name in frame.columns)
    sheet.writerows(
        [_csv_cell(value, note, decimal) for value in row] for row in frame.itertuples(index=False, name=None)
    )
    return made.getvalue().encode("utf-8-sig")


def _csv_cell(value: Any, note: Note, decimal: str) -> Any:
    value = settled(value, note.timezone)
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, float):
        return str(value).replace(".", decimal)
    return value.isoformat(sep=" ", timespec="minutes") if isinstance(value, datetime) else value


def settled(value: Any, timezone: str) -> Any:
    """One cell as a spreadsheet holds it: None, bool, int, float, day, instant in the zone (naive), or text."""
    if isinstance(value, np.ndarray | list | tuple | set):
        return ", ".join(str(one) for one in value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    if missing(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) if value.tzinfo else value
        return value.date() if value.time() == datetime.min.time() else pd.Timestamp(value).to_pydatetime(warn=False)
    return value if isinstance(value, bool | int | float | date) else str(value)


def xlsx_bytes(frame: pd.DataFrame, note: Note) -> bytes:
    """A workbook of two sheets: the table with real numbers and days, and what it means. No text is ever a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(note.title))
    sheet.freeze_panes = "A2"
    rows = [[settled(value, note.timezone) for value in row] for row in frame.itertuples(index=False, name=None)]
    _widths(sheet, [[str(name) for name in frame.columns], *rows[:LOOKED_AT]])
    sheet.append([_cell(sheet, str(name), bold=True) for name in frame.columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    if len(frame.columns):
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(frame.columns))}{len(rows) + 1}"
    _meaning(book.create_sheet(_sheet_name(note.sheet)), note)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _meaning(sheet: WriteOnlyWorksheet, note: Note) -> None:
    _widths(sheet, [["x" * 32, "x" * WIDEST]])
    sheet.append([_cell(sheet, note.title, bold=True)])
    for told in (note.facts, note.definitions):
        sheet.append([])
        for term, text in told.items():
            sheet.append([_cell(sheet, term, bold=True), _cell(sheet, text, wrap=True)])


def _cell(sheet: WriteOnlyWorksheet, value: Any, *, bold: bool = False, wrap: bool = False) -> WriteOnlyCell:
    if isinstance(value, float) and not np.isfinite(value):
        value = str(value)
    text = isinstance(value, str)
    cell = WriteOnlyCell(sheet, value=value.translate(NOT_IN_XML)[:LONGEST_CELL] if text else value)
    if text:
        cell.data_type = "s"  # openpyxl takes a leading = for a formula
        cell.quotePrefix = value.startswith(FORMULA)
    elif isinstance(value, datetime):
        cell.number_format = INSTANT
    elif isinstance(value, date):
        cell.number_format = DAY
    if bold:
        cell.font = Font(bold=True)
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _widths(sheet: WriteOnlyWorksheet, rows: Iterable[list[Any]]) -> None:
    for place, column in enumerate(zip(*rows, strict=False), start=1):
        longest = max(len("" if value is None else str(value)) for value in column)
        sheet.column_dimensions[get_column_letter(place)].width = min(WIDEST, max(NARROWEST, longest + 2))


def _sheet_name(title: str) -> str:
    return "".join(" " if char in "[]:*?/\\" else char for char in title).strip(" '")[:31] or "-"


def parquet_bytes(frame: pd.DataFrame, note: Note) -> bytes:
    """The typed columns as they are; the note as JSON under the key `voc_insights` of the file's metadata."""
    plain = pd.DataFrame({str(name): _one_type(frame[name], note) for name in frame.columns})
    table = pa.Table.from_pandas(plain, preserve_index=False)
    told = {"title": note.title, **note.facts, "definitions": dict(note.definitions)}
    table = table.replace_schema_metadata(
        {**(table.schema.metadata or {}), METADATA: json.dumps(told, ensure_ascii=False)}
    )
    made = BytesIO()
    pq.write_table(table, made)
    return made.getvalue()


def _one_type(column: pd.Series, note: Note) -> pd.Series:
    """The column, as text where its values are of several kinds."""
    if column.dtype != object:
        return column
    kinds = {type(value) for value in column if not isinstance(value, list | np.ndarray) and not missing(value)}
    if len(kinds) <= 1:
        return column
    return column.map(lambda value: None if (said := settled(value, note.timezone)) is None else str(said))


MAKERS = {"csv": csv_bytes, "xlsx": xlsx_bytes, "parquet": parquet_bytes}
MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
