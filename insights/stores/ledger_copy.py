"""Copy the ledger's tables into another ledger, one transaction a table; ids stay, and none is ever given again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Engine, Table, delete, func, insert, select, text
from sqlalchemy.engine import Connection

from insights.ledger.inbox import utc
from insights.ledger.schema import METADATA
from insights.stores.lake_copy import Content

BATCH = 5_000
MODULUS = 1 << 256


def ledger_contents(engine: Engine) -> dict[str, Content]:
    """What each table of the ledger holds, whatever database keeps it."""
    with engine.connect() as connection:
        return {table.name: _content(connection, table) for table in METADATA.sorted_tables}


def copy_ledger(
    source: Engine, target: Engine, wanted: dict[str, Content], there: dict[str, Content], say: Callable[[str], None]
) -> None:
    """Make every table of the target hold what the source's holds, and go on with its numbers."""
    for table in METADATA.sorted_tables:
        content = wanted[table.name]
        with source.connect() as reading, target.begin() as writing:
            if there[table.name] != content:
                writing.execute(delete(table))
                for rows in _batches(reading, table):
                    writing.execute(insert(table), rows)
            if (serial := table.autoincrement_column) is not None:
                _go_on_from(writing, table, serial, _last_given(reading, table, serial))
        said = "there already" if there[table.name] == content else "copied"
        say(
            f"  ledger {table.name}: {content.n_rows} rows {said}"
            if content.n_rows
            else f"  ledger {table.name}: empty"
        )


def _content(connection: Connection, table: Table) -> Content:
    n_rows = summed = 0
    for rows in _batches(connection, table):
        n_rows += len(rows)
        for row in rows:
            told = json.dumps([_plain(row[column.name]) for column in table.columns], ensure_ascii=False)
            summed += int.from_bytes(hashlib.sha256(told.encode()).digest())
    return Content(n_rows, f"{summed % MODULUS:064x}")


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    found = connection.execution_options(yield_per=BATCH).execute(select(table))
    for part in found.mappings().partitions(BATCH):
        yield [{name: utc(one) if isinstance(one, datetime) else one for name, one in row.items()} for row in part]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _last_given(connection: Connection, table: Table, column: Column[Any]) -> int:
    """The highest id this table ever gave, also when its row was deleted."""
    highest = int(connection.execute(select(func.max(column))).scalar() or 0)
    if connection.dialect.name == "sqlite":
        kept = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    else:
        kept = connection.execute(
            text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, :column) AS regclass))"),
            {"name": table.name, "column": column.name},
        )
    return max(highest, int(kept.scalar() or 0))


def _go_on_from(connection: Connection, table: Table, column: Column[Any], last: int) -> None:
    if not last:
        return
    if connection.dialect.name == "sqlite":
        given = {"name": table.name, "last": last}
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given)
        return
    connection.execute(
        text("SELECT setval(CAST(pg_get_serial_sequence(:name, :column) AS regclass), :last)"),
        {"name": table.name, "column": column.name, "last": last},
    )
