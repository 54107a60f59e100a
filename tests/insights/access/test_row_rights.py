"""A limited reader sees exactly the rows of their rights, in every table of the contracts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.access import RowRights, limited
from insights.access.cuts import COMPANY, CUT, HIDDEN, NONE, cut_of
from insights.contracts import BY_NAME, TABLES, Table
from insights.irritants.now import Sight
from insights.lake.connect import ALIAS
from insights.lake.cursors import put_before

PRODUCTS, REGIONS, TEAMS = ("Gaz", "Vert", None), ("Nord", "Sud", None), ("T1", "T2", None)
GRID = tuple(product(PRODUCTS, REGIONS, TEAMS))  # row n of every table is about place n
DAY, AT = date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)
TELLING = {"product", "region", "agent_team", "team", "feedback_id", "mention_id", "customer_id", "text_sha"}
TEXTS = {"text", "verbatim", "raw_encrypted", "text_shas", "vector"}


def cell(table: Table, column: str, type_: str, n: int) -> object:
    """What row n of a table holds in a column."""
    goods, region, team = GRID[n]
    dimension = NONE if table.name == "metric_daily" else None
    told = {"product": goods or dimension, "region": region or dimension, "agent_team": team or dimension}
    told |= {"team": team, "unit": "team", "unit_id": team or NONE, "text_shas": [f"text_sha-{n}"]}
    if column in told:
        return told[column]
    plain = {
        "VARCHAR": f"{column}-{n}", "VARCHAR[]": [], "FLOAT[]": [0.5], "BIGINT": n, "INTEGER": n, "DOUBLE": float(n),
        "BOOLEAN": False, "DATE": DAY + timedelta(days=n), "TIMESTAMPTZ": AT + timedelta(days=n),
    }  # fmt: skip
    return plain[type_]


def rows_of(table: Table) -> pd.DataFrame:
    names = [column.name for column in table.columns]
    return pd.DataFrame(
        [[cell(table, c.name, c.type, n) for c in table.columns] for n in range(len(GRID))], columns=names
    )


class Small:
    """The tables that are cut, with one row a place of the grid, in memory and under the lake's name."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"ATTACH ':memory:' AS {ALIAS}; USE {ALIAS}")
        for name in CUT:
            self.connection.execute(BY_NAME[name].ddl())
            self.insert(name, rows_of(BY_NAME[name]))

    def insert(self, name: str, frame: pd.DataFrame) -> None:
        self.connection.register("incoming", frame)
        self.connection.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM incoming')

    def read(self, sql: str, sight: Sight | None) -> list[tuple[object, ...]]:
        assert sight is not None
        with self.connection.cursor() as cursor:
            cursor.execute(f"USE {ALIAS}")
            put_before(cursor, sight)
            return cursor.execute(sql).fetchall()


@pytest.fixture(scope="module")
def lake() -> Iterator[Small]:
    small = Small()
    yield small
    small.connection.close()


def wanted(table: Table, rights: RowRights) -> set[int]:
    """The places that these rights cover, by what the table's columns say of a row."""
    columns = {column.name for column in table.columns}

    def fits(n: int) -> bool:
        goods, region, team = GRID[n]
        customer = (not rights.products or goods in rights.products) and (
            not rights.regions or region in rights.regions
        )
        handled = not rights.teams or team is None or team in rights.teams
        if columns & {"feedback_id", "mention_id", "text_sha", "text_shas"} and table.name != "invitation":
            return customer and handled
        by_team = handled if columns & {"agent_team", "team", "unit_id"} else True
        return by_team and (customer if columns & {"customer_id", "product"} else True)

    return set() if table.name == "quarantine" else {n for n in range(len(GRID)) if fits(n)}


def seen(lake: Small, table: Table, rights: RowRights) -> set[int]:
    """The places of the rows a reader gets, found again by what differs from row to row."""
    key = next(one for one in ("measure", "day", "signal_id", *table.key) if one in table.key)
    sql = f'SELECT CAST({key} AS VARCHAR) FROM "{table.name}"'
    place = {str(one): n for n, one in enumerate(rows_of(table)[key])}
    return {place[str(row[0])] for row in lake.read(sql, limited(rights, None, sql))}


def some(values: tuple[str | None, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    known = [value for value in values if value]
    return st.lists(st.sampled_from([*known, "unheard of"]), unique=True).map(tuple)


RIGHTS = st.builds(RowRights, some(PRODUCTS), some(REGIONS), some(TEAMS)).filter(lambda one: one.limited)


@given(rights=RIGHTS, name=st.sampled_from(sorted(CUT)))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_reader_sees_exactly_the_rows_of_their_rights(lake: Small, rights: RowRights, name: str):
    assert seen(lake, BY_NAME[name], rights) == wanted(BY_NAME[name], rights)


@pytest.mark.parametrize("name", sorted(CUT))
def test_each_table_is_cut(lake: Small, name: str):
    rights = RowRights(("Gaz", "Vert"), ("Nord",), ("T1",))
    assert seen(lake, BY_NAME[name], rights) == wanted(BY_NAME[name], rights)


def test_every_table_of_the_contracts_has_its_place():
    names = {table.name for table in TABLES}
    assert set(CUT) | COMPANY == names, "say in insights/access/cuts.py how the new table is cut"
    assert not set(CUT) & COMPANY
    telling = {table.name for table in TABLES if {column.name for column in table.columns} & (TELLING | TEXTS)}
    assert telling <= set(CUT), "a table about the whole company names somebody or quotes a text"


def test_a_table_nobody_has_thought_of_is_hidden():
    assert cut_of("a_table_of_next_year") == HIDDEN


def test_only_the_views_a_query_needs_are_made():
    def made(sql: str) -> set[str]:
        sight = limited(RowRights(products=("Gaz",)), None, sql)
        assert sight is not None
        return {re.findall(r'VIEW "?(\w+)"?', view)[0] for view in sight.views}

    assert made("SELECT 1 FROM driver") == set()
    assert made("SELECT * FROM Turn t") == {"turn", "feedback"}
    assert made("SELECT * FROM mention_irritant") == {"mention_irritant", "mention", "feedback"}
    assert made('SELECT * FROM "churn_score"') == {"churn_score", "allowed_customer"}


def test_the_view_of_irritants_reads_the_cut_tables(lake: Small):
    view = "CREATE TEMP VIEW irritant_now AS SELECT mention_id, irritant_id FROM mention_irritant"
    sight = limited(RowRights(teams=("T1",)), Sight({}, (view,), 3), "SELECT * FROM irritant_now")
    assert sight is not None
    assert sight.version == 3
    [(n,)] = lake.read("SELECT count(*) FROM irritant_now", sight)
    assert n == sum(team != "T2" for *_rest, team in GRID)


def test_a_customer_who_moved_belongs_to_their_last_picture(lake: Small):
    moved = rows_of(BY_NAME["customer_snapshot"]).head(1)  # Gaz, then Vert
    lake.insert("customer_snapshot", moved.assign(as_of=DAY + timedelta(days=400), product="Vert"))
    sql = "SELECT count(*) FROM customer_snapshot WHERE customer_id = 'customer_id-0'"
    counts = [lake.read(sql, limited(RowRights(products=(one,)), None, sql))[0][0] for one in ("Gaz", "Vert")]
    lake.connection.execute("DELETE FROM customer_snapshot WHERE as_of > DATE '2027-01-01'")
    assert counts == [0, 2]


def test_of_what_was_published_the_figures_are_everybodys_and_texts_nobodys(lake: Small):
    own = rows_of(BY_NAME["published"]).head(3)
    lake.insert("published", own.assign(publication_id="p", kind=["score", "figure", "text"], mention_id=None))
    sql = "SELECT kind FROM published WHERE publication_id = 'p' ORDER BY kind"
    found = lake.read(sql, limited(RowRights(teams=("T1",)), None, sql))
    lake.connection.execute("DELETE FROM published WHERE publication_id = 'p'")
    assert found == [("figure",), ("score",)]


def test_the_same_question_gets_the_same_sight_and_another_reader_another():
    one, other = RowRights(teams=("T1",)), RowRights(teams=("T2",))
    before = Sight({}, (), 1)
    assert limited(one, before, "SELECT 1 FROM turn") is limited(RowRights(teams=("T1",)), before, "SELECT 2 FROM turn")
    assert limited(one, before, "SELECT 1 FROM turn") is not limited(other, before, "SELECT 1 FROM turn")
    assert limited(one, Sight({}, (), 1), "SELECT 1 FROM turn") is not limited(one, before, "SELECT 1 FROM turn")


def test_rights_that_differ_never_share_a_key():
    assert RowRights(products=("a,b",)).key != RowRights(products=("a", "b")).key
    assert RowRights(products=("a",)).key != RowRights(regions=("a",)).key
    assert RowRights(products=("b", "a")).key == RowRights(products=("a", "b")).key
    assert RowRights().key == ""
    assert limited(RowRights(), None, "SELECT * FROM feedback") is None


def test_no_page_names_the_lake_itself_in_its_sql():
    """`lake.main.feedback` would go past the views."""
    root = Path(__file__).parents[3] / "dashboard"
    past = [
        path.name for path in root.rglob("*.py") if re.search(r"\blake\.main\b|\bFROM lake\.", path.read_text("utf-8"))
    ]
    assert not past
