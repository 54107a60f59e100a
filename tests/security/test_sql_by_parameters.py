"""SQL is written by us, values go as parameters: no text from outside ever becomes part of a statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from sql_reader import findings

ROOT = Path(__file__).parents[2]
PASSED_ON = "passes on what its callers hand over; they are read by this very test"
CONTRACT = "names of tables and columns come from contracts (BY_NAME refuses any other)"
EXPRESSION = "an expression of SQLAlchemy, made by a function of the same file: values are its parameters"
LOOKED_AT = {  # a function whose SQL is not only constants -> why that is right
    "insights/access/rows.py:_views": "constants and contracts; the reader's rights are rows of a table, not text",
    "insights/access/rows.py:_customers": "the same",
    "insights/backup/postgres.py:Database.move_aside": "names from pg_tables, and a schema named after the instant",
    "insights/backup/tables.py:lake_counts": "names from DuckDB's own catalog",
    "insights/backup/take.py:_catalog_copied.ask": "constants of backup/named.py, on a copy",
    "insights/contracts/table.py:Table.ddl": CONTRACT,
    "insights/lake/connect.py:_load": "one of `extensions`",
    "insights/lake/connect.py:attach": "ATTACH takes no parameter: settings, quoted; the alias is a constant",
    "insights/lake/connect.py:sign": "CREATE SECRET takes no parameter: settings, quoted; the alias is a constant",
    "insights/lake/place.py:asked": PASSED_ON,
    "insights/lake/cursors.py:put_before": "names of the views and tables of access/rows.py; values are parameters",
    "insights/lake/cursors.py:Cursors._made": "views of lake/slim.py and access/rows.py, made of constants",
    "insights/lake/lake.py:Lake.read": PASSED_ON,
    "insights/lake/lake.py:Lake._read": PASSED_ON,
    "insights/lake/lake.py:Lake.scalar": PASSED_ON,
    "insights/lake/lake.py:Reader.read": PASSED_ON,
    "insights/lake/lake.py:Writer.bring_to_contract": CONTRACT,
    "insights/lake/lake.py:Writer.insert_new": CONTRACT,
    "insights/lake/lake.py:Writer.upsert": CONTRACT,
    "insights/lake/lake.py:Writer.replace": CONTRACT,
    "insights/lake/lake.py:Writer.replace_arrow": CONTRACT,
    "insights/lake/lake.py:Writer.execute": PASSED_ON,
    "insights/lake/upkeep.py:_run": "constants of lake.py and scrub.py, handed to a child process by standard input",
    "insights/ledger/decisions.py:decisions": EXPRESSION,
    "insights/ledger/inbox.py:put": EXPRESSION,
    "insights/ledger/readings.py:note": EXPRESSION,
    "insights/ledger/staged.py:refuse": EXPRESSION,
    "insights/outbox/crm/salesforce.py:Salesforce.changes": "field names of endpoints.yaml and Salesforce's own stamp",
    "insights/privacy/export.py:export_person": "conditions of held.of_person: constants by contract",
    "insights/privacy/held.py:counts": "conditions of held.of_person: constants by contract",
    "insights/privacy/lake_rows.py:erase_lake_rows": "conditions of held.of_person: constants by contract",
    "insights/privacy/lake_rows.py:_reworded": CONTRACT,
    "insights/privacy/lake_rows.py:_still_there": CONTRACT,
    "insights/privacy/replay.py:_returned": CONTRACT,
    "insights/privacy/replay.py:_has_rows": CONTRACT,
    "insights/privacy/search.py:Search.catalog": "names from pg_tables of our own catalog, DuckLake's own tables only",
    "insights/privacy/search.py:Search.sqlite": "names from sqlite_master of our own file, opened read-only",
    "insights/sources/tables_query.py:_chunks": "the SELECT of a mapping: the administrator's, in a read-only transaction",
    "insights/steps/actions.py:draw_units": "team or site: anything else is refused in the line before",
    "insights/steps/changed.py:fingerprint": CONTRACT,
    "insights/steps/panel.py:seen_at": "an int, and the constant SOURCES",
    "insights/steps/pinned.py:PinnedReader._sight": "an int, contracts and a datetime of ours",
    "insights/steps/pinned.py:PinnedReader._known": "an int, contracts and a datetime of ours",
    "insights/stores/lake_copy.py:copy_tables": CONTRACT,
    "insights/stores/lake_copy.py:_content": CONTRACT,
    "dashboard/data.py:_timed": PASSED_ON,
    "dashboard/page.py:Page.rows": PASSED_ON,
    "dashboard/scanned.py:_said": "verbatim_filters.where joins constants; values are parameters",
    "dashboard/searching.py:_newest": "verbatim_filters.where joins constants; values are parameters",
    "dashboard/searching.py:_scanned": "verbatim_filters.where joins constants; values are parameters",
}  # fmt: skip
PLANTED = {
    "f-string": "def f(lake, q):\n    return lake.read(f\"SELECT * FROM feedback WHERE verbatim = '{q}'\")",
    "format": 'ASKED = "SELECT {x}"\ndef f(lake, q):\n    return lake.scalar(ASKED.format(x=q))',
    "percent": "def f(c, q):\n    c.execute(\"DELETE FROM t WHERE a = '%s'\" % q)",
    "sum": 'def f(page, q):\n    asked = "SELECT 1 WHERE a = " + q\n    return page.rows(asked)',
    "later": 'def f(writer, q):\n    asked = "SELECT 1"\n    asked += q\n    writer.execute(asked)',
    "join": 'def f(c, ids):\n    c.execute("SELECT 1 WHERE a IN (" + ", ".join(ids) + ")")',
    "sqlalchemy": 'from sqlalchemy import text\ndef f(c, q):\n    c.execute(text("SELECT \'" + q + "\'"))',
    "elsewhere": 'def f(q):\n    return g(f"SELECT 1 FROM t WHERE a = {q}")',
    "argument": "def f(connection, q):\n    connection.execute(q)",
    "attribute": 'def f(c, row):\n    c.execute(f"DROP TABLE {row.verbatim}")',
}
HARMLESS = {
    "parameters": 'def f(lake, q):\n    return lake.read("SELECT 1 WHERE a = $q", q=q)',
    "constants": 'T = "feedback"\ndef f(lake):\n    return lake.read(f"SELECT * FROM {T}")',
    "loop": 'def f(lake):\n    for name in ("a", "b"):\n        lake.scalar(f"SELECT count(*) FROM {name}")',
    "expression": "def f(c, q):\n    asked = select(T.c.a).where(T.c.b == q)\n    c.execute(asked.limit(3))",
    "prose": 'def f(n):\n    return f"Select {n} of them, or update nothing"',
}


def looked_through() -> dict[str, list[str]]:
    """`file:function` -> lines in which SQL is made of something unknown; the bench reads only what it made itself."""
    found: dict[str, list[str]] = {}
    for top in ("insights", "flows", "dashboard"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("insights/bench/"):
                for one in findings(path.read_text(encoding="utf-8")):
                    found.setdefault(f"{name}:{one.function}", []).append(f"line {one.line}: {one.made_of}")
    return found


def test_sql_is_made_of_constants_and_takes_parameters() -> None:
    found = looked_through()
    assert {place: lines for place, lines in found.items() if place not in LOOKED_AT} == {}
    assert [place for place in LOOKED_AT if place not in found] == [], "no longer there: take them off the list"


@pytest.mark.parametrize("how", PLANTED)
def test_a_planted_injection_is_found(how: str) -> None:
    assert findings(PLANTED[how])


@pytest.mark.parametrize("how", HARMLESS)
def test_what_is_harmless_is_not(how: str) -> None:
    assert findings(HARMLESS[how]) == []
