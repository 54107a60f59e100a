"""Copy the lake's tables into another lake, one transaction a table; what is there already is left.

A table is known by its rows and by the sum of their hashes, in which their order and their files play no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import duckdb

from insights.contracts import BY_NAME, TABLES, Table
from insights.errors import LakeError
from insights.lake.connect import attach, unattached
from insights.settings import Settings

FROM, TO = "lake", "target"


@dataclass(frozen=True)
class Content:
    """What a table holds: rows, and a number that tells other rows."""

    n_rows: int
    hashed: str


@contextmanager
def both(source: Settings, target: Settings, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection with both lakes, the source to read only. DuckDB's errors come out as LakeError."""
    with closing(unattached(source, target)) as connection:
        attach(connection, source, FROM, read_only=True)
        attach(connection, target, TO, read_only=read_only)
        try:
            yield connection
        except duckdb.Error as error:
            raise LakeError(f"The lake could not be copied, the source is as it was: {error}. Run again.") from error


def contents(connection: duckdb.DuckDBPyConnection, lake: str) -> dict[str, Content]:
    """What each table of a lake holds, in the columns that the source has."""
    columns = source_columns(connection)
    return {table.name: _content(connection, lake, table, columns[table.name]) for table in TABLES}


def source_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Columns by table of the contracts, as far as the source has them; none for a table it lacks.

    Raises LakeError when the source has tables or columns that this version does not know: they would be lost.
    """
    found = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = $lake", {"lake": FROM}
    ).fetchall()
    unknown = [
        f"{table}.{column}"
        for table, column in found
        if table not in BY_NAME or column not in BY_NAME[table].column_names
    ]
    if unknown:
        raise LakeError(
            f"The lake has columns that this version does not know ({', '.join(sorted(unknown)[:5])}): "
            "migrate with the version that wrote it. Nothing was copied."
        )
    return {table.name: [c for c in table.column_names if (table.name, c) in set(found)] for table in TABLES}


def copy_tables(
    connection: duckdb.DuckDBPyConnection,
    wanted: dict[str, Content],
    there: dict[str, Content],
    say: Callable[[str], None],
) -> None:
    """Make every table of the target hold what the source's holds."""
    columns = source_columns(connection)
    for name, content in wanted.items():
        if there[name] == content:
            say(f"  {name}: {content.n_rows} rows, there already" if content.n_rows else f"  {name}: empty")
            continue
        given = ", ".join(f'"{column}"' for column in columns[name])
        connection.begin()
        connection.execute(f'DELETE FROM {TO}."{name}"')
        connection.execute(f'INSERT INTO {TO}."{name}" BY NAME SELECT {given} FROM {FROM}."{name}"')
        connection.commit()
        say(f"  {name}: {content.n_rows} rows copied")


def _content(connection: duckdb.DuckDBPyConnection, lake: str, table: Table, columns: list[str]) -> Content:
    if not columns:  # the source lacks the table: nothing of it can be in the target
        n = connection.execute(f'SELECT count(*) FROM {TO}."{table.name}"').fetchone() if lake == TO else None
        return Content(int(n[0]) if n else 0, "0")
    given = ", ".join(f'"{column}"' for column in columns)
    summed = f"coalesce(sum(hash({given})::HUGEINT), 0)::VARCHAR"
    row = connection.execute(f'SELECT count(*), {summed} FROM {lake}."{table.name}"').fetchone()
    assert row is not None
    return Content(int(row[0]), str(row[1]))
