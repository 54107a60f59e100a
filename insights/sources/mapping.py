"""Any file, by a mapping in YAML: columns to fields, date formats, decimal commas, encodings, scale of the score.

docs/examples/ holds mappings that work. Where the format is `json` a column is a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from insights.errors import RowError
from insights.sources.base import KEY_PREFIX, Item, RawRecord, RecordSource, text_or_none
from insights.sources.files import read_csv, read_json, read_json_lines, read_xlsx
from insights.sources.mapping_file import INSTANTS, SCALE, FileMapping, load_mapping
from insights.sources.paths import at
from insights.sources.reading import flags, in_our_years, row_id, text_of, yes_no, zone
from insights.sources.scales import within

__all__ = ["FileMapping", "load_mapping", "mapped_source", "records_of"]

NOTHING = frozenset({"nan", "none", "null"})


def mapped_source(mapping: FileMapping) -> RecordSource:
    """A source that reads files as the mapping says."""
    return RecordSource(
        name=mapping.source,
        patterns=(mapping.files,),
        read=lambda path: _read(mapping, path),
        parse=lambda record, _options: _parse(mapping, record),
        brands=lambda path: _brands(mapping, path),
        reference={"mapping": mapping.model_dump_json()},
        title=mapping.title,
    )


def _brands(mapping: FileMapping, path: Path) -> set[str]:
    """Values of the columns mapped to brand and product."""
    columns = [column for name in ("brand", "product") if (column := mapping.column(name))]
    if not columns:
        return set()
    found = (text_or_none(at(record.data, column)) for record in _read(mapping, path) for column in columns)
    return {name for name in found if name}


def _read(mapping: FileMapping, path: Path) -> Iterator[RawRecord]:
    skipped = {"skip_rows": mapping.skip_rows, "skip_after_header": mapping.skip_after_header}
    if mapping.format == "xlsx":
        return read_xlsx(path, mapping.columns(), sheet=mapping.sheet, **skipped)
    if mapping.format == "csv":
        return read_csv(path, mapping.columns(), delimiter=mapping.delimiter, encoding=mapping.encoding, **skipped)
    if mapping.format == "json":
        return read_json(path, lambda document: records_of(mapping, document))
    return read_json_lines(path, mapping.encoding)


def records_of(mapping: FileMapping, document: Any) -> list[Any]:
    """The records of a JSON document: the list at `records`, else the document, alone or as a list."""
    found = at(document, mapping.records) if mapping.records else document
    if found is None:
        raise KeyError(mapping.records)
    return found if isinstance(found, list) else [found]


def _parse(mapping: FileMapping, record: RawRecord) -> Item:
    data = record.data
    source_id = _source_id(mapping, data)
    if mapping.deleted and str(_cell(mapping, data, mapping.deleted.column)) == mapping.deleted.value:
        return Item(source_id=source_id, deleted=True)
    feedback: dict[str, Any] = mapping.constants | _fields(mapping, data) | {"kind": mapping.kind}
    feedback |= _instants(mapping, data)
    answers = tuple(_answers(mapping, data))
    if not feedback.get("verbatim") and not answers:
        raise RowError("empty_row: neither a verbatim nor a score")
    return Item(
        source_id=source_id,
        feedback=feedback,
        answers=answers,
        author=_cell(mapping, data, mapping.author),
        emails=tuple(filter(None, [_cell(mapping, data, mapping.email)])),
        phones=tuple(filter(None, [_cell(mapping, data, mapping.phone)])),
        names=tuple(filter(None, [_cell(mapping, data, column) for column in mapping.names])),
    )


def _cell(mapping: FileMapping, data: Mapping[str, Any], column: str) -> str | None:
    """The text of one column; None without a column, a value, or for what pandas wrote for nothing."""
    if not column:
        return None
    return text_of(at(data, column) if mapping.format == "json" else data.get(column))


def _fields(mapping: FileMapping, data: Mapping[str, Any]) -> dict[str, Any]:
    """Feedback columns but the instants and the id, with words replaced as `values` says."""
    found: dict[str, Any] = {}
    for target, columns in mapping.fields.items():
        if target in INSTANTS or target == "source_id":
            continue
        lines = [_cell(mapping, data, column) for column in ([columns] if isinstance(columns, str) else columns)]
        given = "\n".join(line for line in lines if line) or None
        found[target] = mapping.values.get(target, {}).get(given, given) if given is not None else None
    if text_or_none(found.get("complete")):
        found["complete"] = yes_no(found["complete"])
    mapped = flags(found)
    return found | {name: value for name, value in mapped.items() if name in found}


def _instants(mapping: FileMapping, data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for target in INSTANTS:
        if target in mapping.fields:
            column = mapping.column(target)
            value = at(data, column) if mapping.format == "json" else data.get(column)
            if target == "occurred_at" or text_or_none(value):
                found[target] = _instant(value, target, mapping)
    if "available_at" not in found:
        found["available_at"] = found["occurred_at"] + timedelta(days=mapping.available_delay_days)
        found["available_basis"] = "declared"
    if "revised_at" in found:  # nobody held this version before it was written
        found["available_at"] = max(found["available_at"], found["revised_at"])
    return found


def _answers(mapping: FileMapping, data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for answer in mapping.answers:
        given = _cell(mapping, data, answer.column)
        if given is None or given.lower() in NOTHING:
            continue
        name = answer.question_id or answer.column
        if answer.values and given not in answer.values:
            raise RowError(f"bad_{name}: none of {', '.join(answer.values)}")
        ends = SCALE.fullmatch(answer.scale)
        assert ends is not None  # checked when the mapping was loaded
        value = within(answer.values.get(given, given), float(ends[1]), float(ends[2]), answer.column)
        yield {"question_id": name, "metric": answer.metric, "scale": answer.scale, "value": value}


def _source_id(mapping: FileMapping, data: Mapping[str, Any]) -> str:
    """The id of the record; without one the declared key columns stand for it, else the whole row.

    The border turns what stands for it into a keyed hash, so that nothing of the row is stored.
    """
    given = _cell(mapping, data, mapping.column("source_id"))
    if given:
        return given
    if not mapping.key:
        return row_id(data)
    return KEY_PREFIX + "|".join(f"{column}={_cell(mapping, data, column) or ''}" for column in mapping.key)


def _instant(value: Any, target: str, mapping: FileMapping) -> datetime:
    """A UTC instant; a date without hour is noon in the mapping's zone, so that no zone moves its day."""
    if value is None or not str(value).strip():
        raise RowError(f"missing_{target}: no date")
    found = in_our_years(
        value if isinstance(value, datetime) else _from_text(str(value).strip(), target, mapping), target
    )
    if found.tzinfo is None:
        if (found.hour, found.minute, found.second) == (0, 0, 0):
            found = found.replace(hour=12)
        found = found.replace(tzinfo=zone(mapping.timezone))
    return found.astimezone(UTC)


def _from_text(value: str, target: str, mapping: FileMapping) -> datetime:
    for pattern in mapping.date_formats:
        try:
            return datetime.strptime(value, pattern)  # noqa: DTZ007 - the zone is the mapping's, added by the caller
        except ValueError:
            continue
    if re.fullmatch(r"\d{9,11}", value) and mapping.format in {"json", "jsonl"}:
        return datetime.fromtimestamp(int(value), UTC)
    try:
        if "T" in value:
            return datetime.fromisoformat(value)
        return datetime.combine(date.fromisoformat(value), datetime.min.time())
    except ValueError:
        raise RowError(f"bad_{target}: fits none of {', '.join(mapping.date_formats)}") from None
