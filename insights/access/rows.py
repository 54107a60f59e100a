"""Row rights: a reader of some products, regions or teams sees the rows of these alone, whatever a page asks.

The limits are put before the lake's tables as views of the same name (cuts.py says how each is cut), and only before
the tables a query names, through others too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import pandas as pd

from insights.access.cuts import HEARD, NONE, Cut, cut_of
from insights.contracts import TABLES
from insights.irritants.now import FEEDBACK_SLIM, MENTION_SLIM, SLIM_VIEW, Sight

STRICT = {"products": "product", "regions": "region"}  # a row that does not say is hidden
LAKE = "lake"
CUSTOMERS = "allowed_customer"
WORD = re.compile(r"[a-z_][a-z0-9_]*")
UNDER = re.compile(r"temp\.main\.(\w+)")  # the view that a view rests on


@dataclass(frozen=True)
class RowRights:
    """What a reader's rights cover; an empty tuple covers everything of that kind."""

    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()

    @property
    def limited(self) -> bool:
        return bool(self.products or self.regions or self.teams)

    @property
    def of_customers(self) -> bool:
        """Whether customers are cut: they have a product and a region, and no team."""
        return bool(self.products or self.regions)

    @cached_property
    def key(self) -> str:
        """What tells these rights from others in caches; empty for everything."""
        parts = (self.products, self.regions, self.teams)
        return repr(tuple(tuple(sorted(part)) for part in parts)) if self.limited else ""

    def covers_team(self, team: str) -> bool:
        return not self.teams or team in self.teams


EVERYTHING = RowRights()


def limited(rights: RowRights, sight: Sight | None, sql: str) -> Sight | None:
    """`sight` behind the views of the tables that `sql` names; the sight itself where the rights cover everything."""
    if not rights.limited:
        return sight
    before = (*sight.views, sight.slim if SLIM_VIEW in sql else "") if sight else ()
    return _before(rights, frozenset(_reached(rights, (sql, *before))), _Same(sight))


class _Same:
    """A sight that equals itself alone."""

    def __init__(self, sight: Sight | None) -> None:
        self.sight = sight

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.sight is self.sight

    def __hash__(self) -> int:
        return id(self.sight)


@lru_cache(maxsize=32)
def _before(rights: RowRights, names: frozenset[str], then: _Same) -> Sight:
    """The same object for the same question: the lake keeps the cursors of a sight it has seen."""
    every, sight = _views(bool(rights.products), bool(rights.regions), bool(rights.teams)), then.sight
    views = tuple(made for name, made in every.items() if name in names)
    tables = {**_allowed(rights), **(sight.tables if sight else {})}
    then_views, version, slim_view = (sight.views, sight.version, sight.slim) if sight else ((), 0, "")
    return Sight(tables, (*views, *then_views), version, slim_view)


def _allowed(rights: RowRights) -> dict[str, pd.DataFrame]:
    kinds: Mapping[str, tuple[str, ...]] = {
        "products": rights.products,
        "regions": rights.regions,
        "teams": rights.teams,
    }
    return {
        f"allowed_{kind}": pd.DataFrame({"value": list(values)}, dtype="str")
        for kind, values in kinds.items()
        if values
    }


def _reached(rights: RowRights, texts: Iterable[str]) -> set[str]:
    """Names of the views that these texts name, and that those views rest on."""
    every = _views(bool(rights.products), bool(rights.regions), bool(rights.teams))
    found = {name for text in texts for name in WORD.findall(text.casefold())} & every.keys()
    waiting = list(found)
    while waiting:
        under = set(UNDER.findall(every[waiting.pop()])) - found
        found |= under
        waiting += under
    return found


@lru_cache(maxsize=8)
def _views(products: bool, regions: bool, teams: bool) -> dict[str, str]:
    """Every view of readers limited in these kinds, in an order in which each needs only earlier ones."""
    given = {"products": products, "regions": regions}
    strict = {column: kind for kind, column in STRICT.items() if given[kind]}
    made = {CUSTOMERS: _customers(strict)} if strict else {}
    first = ("feedback", "mention")
    names = [table.name for table in TABLES]
    for name in (*first, *(name for name in names if name not in first)):
        kept = _kept(cut_of(name), strict, teams)
        if kept:
            rows = f'SELECT * FROM {LAKE}.main."{name}" WHERE {" AND ".join(kept)}'
            made[name] = f'CREATE TEMP VIEW "{name}" AS {rows}'
    for name in (FEEDBACK_SLIM, MENTION_SLIM):
        rows = f"SELECT * FROM {name}_whole WHERE {' AND '.join(_kept(HEARD, strict, teams))}"
        made[name] = f"CREATE OR REPLACE TEMP VIEW {name} AS {rows}"
    return made


def _customers(strict: Mapping[str, str]) -> str:
    """Customers whose last picture lies in the rights."""
    last = [f"arg_max_null({column}, as_of) IN (SELECT value FROM allowed_{kind})" for column, kind in strict.items()]
    rows = f"SELECT customer_id FROM {LAKE}.main.customer_snapshot GROUP BY customer_id HAVING {' AND '.join(last)}"
    return f"CREATE TEMP VIEW {CUSTOMERS} AS {rows}"


def _kept(cut: Cut | None, strict: Mapping[str, str], teams: bool) -> list[str]:
    """The conditions on one table; none for a table about the whole company."""
    if cut is None:
        return []
    kept = [f"{column} IN (SELECT value FROM allowed_{kind})" for column, kind in strict.items() if cut.own]
    if teams and cut.team:
        team = cut.team
        kept.append(f"({team} IS NULL OR {team} = '{NONE}' OR {team} IN (SELECT value FROM allowed_teams))")
    if cut.by_customer and strict:
        kept.append(f"customer_id IN (SELECT customer_id FROM temp.main.{CUSTOMERS})")
    return [*kept, *([cut.belongs] if cut.belongs else [])]
