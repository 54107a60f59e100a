"""Every SQL file of insights/sql has a golden case: input rows, the rows that must come out, worked out by hand."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from undecided import put_before

from insights.contracts import BY_NAME
from insights.irritants.now import VIEW

ROOT = Path(__file__).parents[3]
SQL = ROOT / "insights" / "sql"
GOLDEN = ROOT / "tests" / "golden"
TABLES = sorted(SQL.glob("*.sql"))
CHECKS = sorted((SQL / "checks").glob("*.sql"))
FINDING = ["table_name", "row_key", "found"]


def value(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def filled(folder: Path) -> duckdb.DuckDBPyConnection:
    """A plain DuckDB with every contract's table and the case's rows."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    for table in BY_NAME.values():
        connection.execute(table.ddl())
        rows = folder / f"{table.name}.csv"
        if rows.exists():
            columns = rows.read_text(encoding="utf-8").splitlines()[0]
            connection.execute(f"COPY {table.name} ({columns}) FROM '{rows}' (HEADER, NULLSTR '')")
    put_before(connection)
    return connection


def run(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    stored = folder / "params.json"
    params = {key: value(one) for key, one in json.loads(stored.read_text()).items()} if stored.exists() else None
    return connection.execute(path.read_text(encoding="utf-8"), params)


def close(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [tuple(round(cell, 4) if isinstance(cell, float) else cell for cell in row) for row in rows]


def header(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^-- (\w+): (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_table_gives_the_golden_rows(path: Path) -> None:
    folder, table = GOLDEN / path.stem, BY_NAME[path.stem]
    with filled(folder) as connection:
        found = run(connection, path, folder)
        assert [column[0] for column in found.description] == list(table.column_names)
        rows = found.fetchall()
        connection.execute(table.ddl().replace(f'"{table.name}"', "expected"))
        columns = (folder / "expected.csv").read_text(encoding="utf-8").splitlines()[0]
        connection.execute(f"COPY expected ({columns}) FROM '{folder / 'expected.csv'}' (HEADER, NULLSTR '')")
        expected = connection.execute("SELECT * FROM expected").fetchall()
    place = [table.column_names.index(column) for column in table.key]

    def key(row: tuple[Any, ...]) -> tuple[str, ...]:
        return tuple(str(row[i]) for i in place)

    assert close(sorted(rows, key=key)) == close(sorted(expected, key=key))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_table_has_the_types_of_its_contract(path: Path) -> None:
    folder, table = GOLDEN / path.stem, BY_NAME[path.stem]
    with filled(folder) as connection:
        found = run(connection, path, folder)
        assert [str(column[1]) for column in found.description] == [
            column.type.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE") for column in table.columns
        ]


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_check_finds_what_it_looks_for_and_nothing_else(path: Path) -> None:
    folder = GOLDEN / "checks" / path.stem
    with filled(folder) as connection:
        found = run(connection, path, folder)
        assert [column[0] for column in found.description] == FINDING
        rows = found.fetchall()
        expected = connection.execute(
            f"SELECT * FROM read_csv('{folder / 'expected.csv'}', header = true, all_varchar = true)"
        ).fetchall()
    assert expected, "a check without a planted finding proves nothing"
    assert rows == expected


@pytest.mark.parametrize("path", [*TABLES, *CHECKS], ids=lambda path: path.stem)
def test_file_says_what_it_is_and_takes_parameters_only(path: Path) -> None:
    text, said = path.read_text(encoding="utf-8"), header(path)
    body = re.sub(r"--.*", "", text)
    wanted = {"says", "reads"} if path.parent.name == "checks" else {"grain", "key", "reads"}
    assert wanted <= said.keys()
    assert not re.search(r"\bnow\(\)|current_date|current_timestamp|today\(\)|[{}]", body, re.IGNORECASE)
    assert body.count(";") == 0, "one SELECT, no statement separator"
    read = {name for name in (*BY_NAME, VIEW) if re.search(rf"\b(?:FROM|JOIN)\s+{name}\b", body)}
    assert read == {name.strip() for name in said["reads"].split(",")}
    if path.parent.name != "checks":
        assert tuple(part.strip() for part in said["key"].split(",")) == BY_NAME[path.stem].key
    else:
        assert path.stem.startswith(("fail_", "warn_"))
