"""Any file, by a mapping in YAML: columns to fields, date formats, decimal commas, encodings, scale of the score.

docs/sources.md explains the keys; docs/examples/ holds mappings that work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from insights.contracts import FEEDBACK
from insights.errors import RowError, SourceError
from insights.sources.base import KEY_PREFIX, ROW_PREFIX, Item, RawRecord, RecordSource, score, text_or_none
from insights.sources.files import RAGGED, read_csv, read_json_lines, read_xlsx

TARGETS = set(FEEDBACK.column_names) - {
    "feedback_id", "source", "ingested_at", "available_basis", "author_key", "language", "retention_until",
}  # fmt: skip
INSTANTS = ("occurred_at", "available_at")
SCALE = re.compile(r"-?\d+(\.\d+)?-\d+(\.\d+)?")


class AnswerMapping(BaseModel):
    """One scored question."""

    model_config = ConfigDict(extra="forbid")
    column: str
    metric: Literal["nps", "csat", "ces", "other"]
    scale: str
    question_id: str = ""

    @model_validator(mode="after")
    def _check(self) -> AnswerMapping:
        if not SCALE.fullmatch(self.scale):
            raise ValueError(f"scale {self.scale!r} must be minimum-maximum, for example 1-5")
        return self


class FileMapping(BaseModel):
    """A mapping file. Unknown keys are refused, so that a typing error is not a silent loss."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    source: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    format: Literal["csv", "xlsx", "jsonl"]
    kind: Literal["survey", "post", "review", "call", "chat", "mail", "ticket", "employee"]
    fields: dict[str, str]
    constants: dict[str, Any] = {}
    answers: list[AnswerMapping] = []
    key: list[str] = []
    author: str = ""
    email: str = ""
    files: str = "*"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sheet: str | int = 0
    date_formats: list[str] = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"]
    timezone: str = "Europe/Paris"
    available_delay_days: float = 0

    @model_validator(mode="after")
    def _check(self) -> FileMapping:
        unknown = sorted((set(self.fields) | set(self.constants)) - TARGETS)
        if unknown:
            raise ValueError(f"unknown field(s) {', '.join(unknown)}; use {', '.join(sorted(TARGETS))}")
        if "occurred_at" not in self.fields:
            raise ValueError("fields must map occurred_at: without a date nothing can be followed over time")
        if "verbatim" not in self.fields and not self.answers:
            raise ValueError("fields must map verbatim, or answers must map a score")
        return self

    def columns(self) -> list[str]:
        """Every column the file must have."""
        named = [*self.fields.values(), *(a.column for a in self.answers), *self.key, self.author, self.email]
        return list(dict.fromkeys(name for name in named if name))


def load_mapping(path: Path) -> FileMapping:
    """Read a mapping file. Raises SourceError saying which key is wrong."""
    try:
        return FileMapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SourceError(f"The mapping {path} cannot be read ({error.strerror}).") from error
    except yaml.YAMLError as error:
        raise SourceError(f"The mapping {path.name} is not valid YAML: {str(error).splitlines()[0]}.") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'mapping'}: {e['msg']}" for e in error.errors())
        raise SourceError(f"The mapping {path.name} cannot be used: {problems}.") from error


def mapped_source(mapping: FileMapping) -> RecordSource:
    """A source that reads files as the mapping says."""
    return RecordSource(
        name=mapping.source,
        patterns=(mapping.files,),
        read=lambda path: _read(mapping, path),
        parse=lambda record, _options: _parse(mapping, record),
        brands=lambda path: _brands(mapping, path),
        reference={"mapping": mapping.model_dump_json()},
    )


def _brands(mapping: FileMapping, path: Path) -> set[str]:
    """Values of the columns mapped to brand and product."""
    columns = [mapping.fields[name] for name in ("brand", "product") if name in mapping.fields]
    if not columns:
        return set()
    found = (text_or_none(record.data.get(column)) for record in _read(mapping, path) for column in columns)
    return {name for name in found if name}


def _read(mapping: FileMapping, path: Path) -> Iterator[RawRecord]:
    if mapping.format == "xlsx":
        return read_xlsx(path, mapping.columns(), sheet=mapping.sheet)
    if mapping.format == "csv":
        return read_csv(path, mapping.columns(), delimiter=mapping.delimiter, encoding=mapping.encoding)
    return read_json_lines(path, mapping.encoding)


def _parse(mapping: FileMapping, record: RawRecord) -> Item:
    data = record.data
    if RAGGED in data:
        raise RowError(str(data[RAGGED]))
    feedback: dict[str, Any] = dict(mapping.constants)
    feedback |= {target: text_or_none(data.get(column)) for target, column in mapping.fields.items()}
    feedback["kind"] = mapping.kind
    for target in INSTANTS:
        if target in mapping.fields:
            feedback[target] = _instant(data.get(mapping.fields[target]), target, mapping)
    if feedback.get("available_at") is None:
        feedback["available_at"] = feedback["occurred_at"] + timedelta(days=mapping.available_delay_days)
        feedback["available_basis"] = "declared"
    answers = tuple(_answers(mapping, data))
    if not feedback.get("verbatim") and not answers:
        raise RowError("empty_row: neither a verbatim nor a score")
    source_id = feedback.pop("source_id", None)
    return Item(
        source_id=str(source_id) if source_id else _canonical(mapping, record),
        feedback=feedback,
        answers=answers,
        author=text_or_none(data.get(mapping.author)) if mapping.author else None,
        emails=tuple(filter(None, [text_or_none(data.get(mapping.email))])) if mapping.email else (),
    )


def _answers(mapping: FileMapping, data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for answer in mapping.answers:
        given = text_or_none(data.get(answer.column))
        if given is not None and given.lower() not in {"nan", "none", "null"}:
            value = score(given, answer.scale, answer.column)
            question = answer.question_id or answer.column
            yield {"question_id": question, "metric": answer.metric, "scale": answer.scale, "value": value}


def _canonical(mapping: FileMapping, record: RawRecord) -> str:
    """What stands for an id: the declared key columns, else the whole row (its copies in a file are then counted).

    The border turns it into a keyed hash, so that nothing of the row is stored.
    """
    columns = mapping.key or sorted(map(str, record.data))
    parts = [f"{column}={text_or_none(record.data.get(column)) or ''}" for column in columns]
    return (KEY_PREFIX if mapping.key else ROW_PREFIX) + "|".join(parts)


def _instant(value: Any, target: str, mapping: FileMapping) -> datetime:
    """A UTC instant; a date without hour is noon in the mapping's zone, so that no zone moves its day."""
    if value is None or not str(value).strip():
        raise RowError(f"missing_{target}: no date")
    found = value if isinstance(value, datetime) else _from_text(str(value).strip(), target, mapping)
    if found.tzinfo is None:
        if (found.hour, found.minute, found.second) == (0, 0, 0):
            found = found.replace(hour=12)
        found = found.replace(tzinfo=ZoneInfo(mapping.timezone))
    return found.astimezone(UTC)


def _from_text(value: str, target: str, mapping: FileMapping) -> datetime:
    for pattern in mapping.date_formats:
        try:
            return datetime.strptime(value, pattern)  # noqa: DTZ007 - the zone is the mapping's, added by the caller
        except ValueError:
            continue
    try:
        return datetime.combine(date.fromisoformat(value), datetime.min.time())
    except ValueError:
        raise RowError(f"bad_{target}: fits none of {', '.join(mapping.date_formats)}") from None
