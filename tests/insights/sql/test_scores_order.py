"""The tables of the scores are the same for any order in which their rows came."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from undecided import put_before

from insights.contracts import BY_NAME

ROOT = Path(__file__).parents[3]


def answered(name: str, order: str) -> list[tuple[object, ...]]:
    """Rows of the golden case of a table, its input read in one order or the other."""
    folder = ROOT / "tests" / "golden" / name
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        for table in BY_NAME.values():
            connection.execute(table.ddl())
            path = folder / f"{table.name}.csv"
            if path.exists():
                columns = path.read_text(encoding="utf-8").splitlines()[0]
                rows = f"read_csv('{path}', header = true, all_varchar = true, nullstr = '')"
                numbered = f"SELECT {columns} FROM (SELECT *, row_number() OVER () AS place FROM {rows})"
                connection.execute(f"INSERT INTO {table.name} ({columns}) {numbered} ORDER BY place {order}")
        put_before(connection)
        return connection.execute((ROOT / "insights" / "sql" / f"{name}.sql").read_text(encoding="utf-8")).fetchall()


@pytest.mark.parametrize("name", ["metric_daily", "response_cell", "response_weight"])
def test_order_of_rows_does_not_matter(name: str) -> None:
    forward = answered(name, "ASC")
    assert forward
    assert answered(name, "DESC") == forward
