"""Readers of CSV, XLSX, JSON and JSON Lines. A file that cannot be read is refused by name, with its line and the remedy."""

from __future__ import annotations

import csv
import json
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from insights.errors import SourceError
from insights.sources.base import RAGGED, RawRecord

NOT_JSON = (ValueError, RecursionError)  # json refuses syntax, numbers of thousands of digits, and depth
MIB = 1 << 20
LARGEST_DOCUMENT, LARGEST_TEXT = 1024 * MIB, 64 * MIB  # held whole while it is read; of one call, chat log or mail
LONGEST_LINE = 64 * MIB  # characters
LARGEST_WORKBOOK, LARGEST_HELD_PART, MOST_PARTS = 2048 * MIB, 256 * MIB, 10_000  # unpacked; a sheet is streamed
BROKEN_WORKBOOK = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, OSError, ValueError, TypeError,
    AttributeError, EOFError, NotImplementedError, RuntimeError, UserWarning,
)  # fmt: skip


def read_json_lines(path: Path, encoding: str = "utf-8") -> Iterator[RawRecord]:
    """One record a line; blank lines are passed over. A line that is no JSON object is a row for quarantine."""
    _refuse_empty(path)
    for number, line in _lines(path, encoding):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except NOT_JSON as error:
            data = {RAGGED: f"bad_json: {_what(error)}"}
        if not isinstance(data, dict):
            data = {RAGGED: f"bad_json: a JSON object is expected, found {type(data).__name__}"}
        yield RawRecord(path.name, number, data)


def read_json(path: Path, split: Callable[[Any], Iterable[Any]]) -> Iterator[RawRecord]:
    """One record per element that `split` finds in a JSON document, or in each line of a file of JSON lines.

    `line` counts the records. Raises SourceError for a file that is neither, or of another shape than `split` reads.
    """
    _refuse_empty(path)
    refuse_larger(path, LARGEST_DOCUMENT, "Export it in parts, or as JSON lines with a mapping (format: jsonl).")
    number = 0
    for document in _documents(path):
        try:
            found = list(split(document))
        except SourceError as error:
            raise SourceError(f"{path.name}: {error}") from error
        except (AttributeError, LookupError, TypeError, ValueError, StopIteration, RuntimeError) as error:
            raise SourceError(
                f"{path.name}: it is JSON, but not in the shape this source reads ({type(error).__name__}: "
                f"{str(error)[:80]}). Name the right source with --source, or give a mapping."
            ) from error
        for data in found:
            number += 1
            kept = (
                data
                if isinstance(data, dict)
                else {RAGGED: f"bad_shape: an object is expected, found {type(data).__name__}"}
            )
            yield RawRecord(path.name, number, kept)


def read_beside(path: Path, pattern: str) -> list[dict[str, Any]]:
    """JSON objects of the files beside `path` that fit the pattern, such as a form's definition; unreadable ones are no help."""
    found: list[dict[str, Any]] = []
    for other in sorted(path.parent.glob(pattern)):
        with suppress(SourceError):
            documents = [
                part for whole in _documents(other) for part in (whole if isinstance(whole, list) else [whole])
            ]
            found += [document for document in documents if isinstance(document, dict)]
    return found


def _documents(path: Path) -> Iterator[Any]:
    """The whole file as one JSON document, else one document a line."""
    text = "".join(line for _, line in _lines(path, "utf-8-sig", keep_ends=True))
    try:
        document = json.loads(text)
    except NOT_JSON as error:
        yield from _document_lines(path, text, error)
    else:
        yield document


def _document_lines(path: Path, text: str, whole: Exception) -> Iterator[Any]:
    where = (f"line {whole.lineno}: " if isinstance(whole, json.JSONDecodeError) else "") + _what(whole)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except NOT_JSON as error:
                raise SourceError(
                    f"{path.name}: not JSON ({where}), and as JSON lines broken at line {number}. Export it again."
                ) from error


def _what(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    return "nested too deep" if isinstance(error, RecursionError) else "a number too long to read"


def read_csv(
    path: Path,
    required: Sequence[str],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
    skip_rows: int = 0,
    skip_after_header: int = 0,
) -> Iterator[RawRecord]:
    """One record a row, by header. A row of another width is for quarantine; an unclosed quote refuses the file.

    `skip_rows` rows stand above the header, `skip_after_header` between it and the first record.
    """
    _refuse_empty(path)
    reader = csv.reader((line for _, line in _lines(path, encoding, keep_ends=True)), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(islice(reader, skip_rows, None), [])]
        _refuse_shape(path, header, required)
        for row in islice(reader, skip_after_header, None):
            if row and any(cell.strip() for cell in row):
                yield RawRecord(path.name, reader.line_num, _named(header, row))
    except csv.Error as error:
        raise SourceError(
            f"{path.name}, line {reader.line_num}: broken CSV ({error}). Look for a quote that is not closed, or "
            "declare the right delimiter in the mapping."
        ) from error


def read_xlsx(
    path: Path, required: Sequence[str], *, sheet: str | int = 0, skip_rows: int = 0, skip_after_header: int = 0
) -> Iterator[RawRecord]:
    """One record a row of one sheet, by header; `skip_rows` and `skip_after_header` as in read_csv."""
    _refuse_empty(path)
    try:
        _refuse_bomb(path)
        with path.open("rb") as file:  # openpyxl itself leaves a broken file open
            yield from _workbook_rows(file, path, required, sheet, skip_rows, skip_after_header)
    except BROKEN_WORKBOOK as error:
        raise SourceError(
            f"{path.name}: not an Excel workbook (.xlsx), or a broken one. Save it as .xlsx or declare its format."
        ) from error


def _workbook_rows(
    file: BinaryIO, path: Path, required: Sequence[str], sheet: str | int, skip_rows: int, skip_after_header: int
) -> Iterator[RawRecord]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts that no row comes from: styles, validations
        warnings.filterwarnings(
            "error", "File contains an invalid specification"
        )  # a sheet would be left out in silence
        book = load_workbook(file, read_only=True, data_only=True)
    try:
        page = _sheet(book, sheet, path)
        page.reset_dimensions()  # some writers declare a wrong size, and rows would be lost
        rows = page.iter_rows(values_only=True)
        header = [str(cell).strip() if cell is not None else "" for cell in next(islice(rows, skip_rows, None), ())]
        _refuse_shape(path, header, required)
        first = skip_rows + skip_after_header + 2
        for number, row in enumerate(islice(rows, skip_after_header, None), start=first):
            if any(cell is not None and str(cell).strip() for cell in row):
                # a workbook does not store the empty cells at the end of a row
                yield RawRecord(path.name, number, _named(header, (*row, *[None] * (len(header) - len(row)))))
    finally:
        book.close()


def _refuse_bomb(path: Path) -> None:
    """A few kB may unpack to terabytes: what the archive declares is judged before anything is unpacked."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    held = [part.file_size for part in parts if not part.filename.startswith("xl/worksheets/")]
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > LARGEST_WORKBOOK or max(held, default=0) > LARGEST_HELD_PART:
        raise SourceError(
            f"{path.name}: a workbook of {len(parts)} parts that unpacks to {unpacked // MIB} MB; at most "
            f"{LARGEST_WORKBOOK // MIB} MB are read. Save it as CSV, or in parts."
        )


def _sheet(book: Any, sheet: str | int, path: Path) -> Any:
    names = book.sheetnames
    if isinstance(sheet, int) and sheet < len(names):
        return book[names[sheet]]
    if sheet in names:
        return book[sheet]
    raise SourceError(f"{path.name}: there is no sheet {sheet!r}; it has {', '.join(names)}.")


def _named(header: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    extra = [cell for cell in row[len(header) :] if cell is not None and str(cell).strip()]
    if extra or len(row) < len(header):
        return {RAGGED: f"wrong_width: {len(row)} fields where the header has {len(header)}"}
    return dict(zip(header, row, strict=False))


def _lines(path: Path, encoding: str, *, keep_ends: bool = False) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with path.open(encoding=encoding, newline="" if keep_ends else None) as stream:
            for number, line in enumerate(iter(partial(stream.readline, LONGEST_LINE), ""), start=1):
                if len(line) == LONGEST_LINE:
                    raise SourceError(
                        f"{path.name}, line {number}: longer than {LONGEST_LINE // MIB} million characters. Export it again."
                    )
                yield number, line
    except UnicodeError as error:
        byte = f" (byte 0x{error.object[error.start]:02x})" if isinstance(error, UnicodeDecodeError) else ""
        raise SourceError(
            f"{path.name}, near line {number + 1}: not {encoding}{byte}. Declare "
            "the right one in the mapping, for example `encoding: cp1252`."
        ) from error
    except LookupError as error:
        raise SourceError(f"{path.name}: unknown encoding {encoding!r} in the mapping.") from error
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be read ({error.strerror}).") from error


def refuse_larger(path: Path, most_bytes: int, remedy: str) -> None:
    """Raises SourceError for a file over the bound, before a byte of it is read."""
    if (size := path.stat().st_size) > most_bytes:
        raise SourceError(f"{path.name}: {size // MIB} MB; at most {most_bytes // MIB} MB are read at once. {remedy}")


def _refuse_empty(path: Path) -> None:
    if not path.is_file():
        raise SourceError(f"{path}: no such file.")
    if path.stat().st_size == 0:
        raise SourceError(f"{path.name}: the file is empty. Export it again, or leave it out.")


def _refuse_shape(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise SourceError(
            f"{path.name}, line 1: column(s) {', '.join(missing)} not found; the file has "
            f"{', '.join(header[:20]) or 'none'}. It has another shape than the mapping: "
            "correct `fields` (or `delimiter`) in the mapping."
        )
