"""CRM, churn, invitations and contacts by a mapping in YAML: files of any delimiter, Parquet, or a query of any database.

`data/reference/tables/<name>.yaml` holds one mapping each; docs/sources.md explains the keys. A query reads, never
writes: only one SELECT is taken, in a transaction that is read-only where the database knows such a thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from insights.contracts import BY_NAME
from insights.errors import SourceError
from insights.sources.base import RecordSource
from insights.sources.mapping import load_mapping, mapped_source
from insights.sources.mapping_file import read_mapping
from insights.sources.tables import TableBatch, TableSource, convert
from insights.yaml_files import read_yaml

CHUNK = 20_000
FIRST = "1970-01-01T00:00:00+00:00"
HAPPENED = {
    "contact": "occurred_at",
    "invitation": "sent_at",
    "churn_event": "learned_on",
    "customer_snapshot": "as_of",
}
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}


class TableMapping(BaseModel):
    """A mapping of one table. Unknown keys are refused, so that a typing error is not a silent loss."""

    model_config = ConfigDict(extra="forbid")
    table: Literal["customer_snapshot", "churn_event", "invitation", "contact"]
    source: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    columns: dict[str, str]
    files: str = ""
    query: str = ""
    url_setting: str = ""
    every_hours: float = Field(24, ge=0)
    cursor: str = ""
    cursor_start: str | int | float = FIRST
    identities: dict[Literal["email", "phone", "account", "name", "first_name", "last_name"], str] = {}
    constants: dict[str, Any] = {}
    values: dict[str, dict[str, str]] = {}
    as_of: Literal["", "business_day", "file"] = ""
    available_delay_days: float = Field(0, ge=0)
    feedback_source: str = ""
    delimiter: str = ";"
    encoding: str = "utf-8-sig"
    decimal: str = "."
    date_formats: list[str] = []
    timezone: str = "Europe/Paris"

    @model_validator(mode="after")
    def _check(self) -> TableMapping:
        contract = BY_NAME[self.table]
        unknown = sorted((set(self.columns) | set(self.constants) | set(self.values)) - set(contract.column_names))
        if unknown:
            raise ValueError(f"{self.table} has no column {', '.join(unknown)}; use {', '.join(contract.column_names)}")
        filled = set(self.columns) | set(self.constants) | ({"as_of"} if self.as_of else set())
        missing = [column for column in contract.key if column not in filled]
        if missing:
            raise ValueError(f"columns must map {', '.join(missing)}: the key of {self.table}")
        if self.identities and "customer_id" not in self.columns:
            raise ValueError("identities need customer_id among the columns")
        if bool(self.files) == bool(self.query):
            raise ValueError("give either files or query")
        if self.query and self.as_of == "file":
            raise ValueError("as_of: file needs files; a query has business_day or a column")
        if self.query:
            _refuse_other_than_select(self.query)
        return self


def _refuse_other_than_select(query: str) -> None:
    plain = _COMMENT.sub(" ", query).strip().rstrip(";").strip()
    if not re.match(r"(select|with)\b", plain, re.IGNORECASE) or ";" in plain:
        raise ValueError("query must be one SELECT (or WITH ... SELECT)")


def is_table_mapping(path: Path) -> bool:
    """Whether a mapping file is of a table, not of feedback."""
    try:
        return "table" in (read_yaml(path) or {})
    except (OSError, TypeError, yaml.YAMLError):
        return False  # the other reader says what is wrong with it


def load_table_mapping(path: Path) -> TableMapping:
    """Read a mapping of a table. Raises SourceError saying which key is wrong."""
    return read_mapping(path, TableMapping)


def table_source(mapping: TableMapping) -> TableSource:
    """The source that reads tables as the mapping says."""
    return TableSource(
        name=mapping.source,
        patterns=(mapping.files,) if mapping.files else (),
        table=mapping.table,
        columns=mapping.columns,
        delimiter=mapping.delimiter,
        identities={str(kind): column for kind, column in mapping.identities.items()},
        feedback_source=mapping.feedback_source,
        encoding=mapping.encoding,
        decimal=mapping.decimal,
        date_formats=tuple(mapping.date_formats),
        timezone=mapping.timezone,
        values=mapping.values,
        constants=mapping.constants,
        as_of=mapping.as_of,
        available_from="" if "available_at" in mapping.columns else HAPPENED[mapping.table],
        available_delay_days=mapping.available_delay_days,
        reference={"mapping": mapping.model_dump_json()},
    )


def source_of(path: Path) -> RecordSource | TableSource:
    """The source a mapping file describes, of feedback or of a table."""
    if is_table_mapping(path):
        return table_source(load_table_mapping(path))
    return mapped_source(load_mapping(path))


def read_query(
    mapping: TableMapping, url: str, day: date, since: str | None = None, chunk: int = CHUNK
) -> Iterator[tuple[TableBatch, str | None]]:
    """Chunks of the query's rows, converted, each with the highest value of the cursor column so far.

    `:since` in the query is that value as of the last time; rows that were refused do not move it.
    Raises SourceError where the database cannot be read.
    """
    source, highest = table_source(mapping), since
    engine = _engine(mapping.source, url)
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            if engine.dialect.name in READ_ONLY:
                connection.execute(text(READ_ONLY[engine.dialect.name]))
            start = mapping.cursor_start if since is None else _number(since)
            for raw in _chunks(connection, mapping, start, chunk):
                batch = convert(source, raw, f"query of {mapping.source}", day)
                if mapping.cursor:
                    highest = _highest(raw.loc[batch.rows.index, mapping.cursor], highest)
                yield batch, highest
            transaction.rollback()
    except SQLAlchemyError as error:
        raise SourceError(
            f"The query of {mapping.source} failed: {str(getattr(error, 'orig', error)).splitlines()[0]}. What came "
            "before is kept; correct the query in its mapping or the address in VOC_PULL_TOKENS and run it again."
        ) from error
    finally:
        engine.dispose()


def _engine(name: str, url: str) -> Engine:
    try:
        return create_engine(url, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SourceError(
            f"The database of {name} cannot be opened: its SQLAlchemy address in VOC_PULL_TOKENS is not one, or its "
            f"driver is not installed ({type(error).__name__})."
        ) from error


def _chunks(
    connection: Connection, mapping: TableMapping, since: str | int | float, size: int
) -> Iterator[pd.DataFrame]:
    query = text(mapping.query)
    given = {"since": since} if "since" in query._bindparams else {}
    result = connection.execution_options(stream_results=True).execute(query, given)
    columns, number = list(result.keys()), 0
    if mapping.cursor and mapping.cursor not in columns:
        raise SourceError(f"query of {mapping.source}: there is no column {mapping.cursor}, its cursor.")
    for rows in result.partitions(size):
        yield pd.DataFrame([tuple(row) for row in rows], columns=columns, index=range(number, number + len(rows)))
        number += len(rows)


def _highest(good: pd.Series, before: str | None) -> str | None:
    """The highest cursor of rows that were kept, as text; numbers are compared as numbers."""
    found = [value.isoformat() if isinstance(value, date) else str(value) for value in good.dropna()]
    return max([*found, *([before] if before else [])], key=_place, default=None)


def _place(position: str) -> tuple[float, str]:
    number = _number(position)
    return (float(number), "") if not isinstance(number, str) else (0.0, number)


def _number(position: str) -> int | float | str:
    """The position as it goes into the query: a number as a number."""
    try:
        return int(position)
    except ValueError:
        pass
    try:
        return float(position)
    except ValueError:
        return position
