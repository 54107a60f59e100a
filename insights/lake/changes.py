"""Which snapshot last changed each table: what a cache of reads is keyed by.

DuckLake records beside each snapshot what it did, as `inserted_into_table:12,deleted_from_table:9`. Merging files and
writing inlined rows out changes no row. Read on from where the last reading ended: one small query of the catalog.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Protocol

import pyarrow as pa

from insights.contracts import BY_NAME
from insights.irritants.now import MENTION_SLIM, SLIM_VIEW, VIEW
from insights.lake import slim

CATALOG = "__ducklake_metadata_lake"
NEWS = (
    f"SELECT snapshot_id, changes_made FROM {CATALOG}.ducklake_snapshot_changes WHERE snapshot_id > $after ORDER BY 1"
)
NAMES = f"SELECT table_id, table_name, end_snapshot IS NULL AS there FROM {CATALOG}.ducklake_table"
SAME_ROWS = {"merge_adjacent", "inline_flush", "rewrite_delete"}
OF_ONE_TABLE = {"inserted_into_table", "deleted_from_table", "inlined_insert", "inlined_delete", "altered_table"}
BEHIND = {
    VIEW: ("mention_irritant", "mention"),
    SLIM_VIEW: slim.BEHIND[MENTION_SLIM],
    **slim.BEHIND,
}
WORD = re.compile(r"\w+")


class Catalog(Protocol):
    """The lake, as far as it is read here."""

    def read_arrow(self, sql: str, **params: int) -> pa.Table: ...


class Changes:
    """The last change of every table of one lake, read on at each call. Safe to share between threads."""

    def __init__(self) -> None:
        self._known = -1
        self._everything = -1  # last change that may concern any table
        self._last: dict[str, int] = defaultdict(lambda: -1)
        self._there: frozenset[str] = frozenset()
        self._lock = Lock()

    def read_on(self, catalog: Catalog) -> Stamps:
        """The state of the lake's tables at its newest snapshot. Raises LakeError when the lake does not answer."""
        after = self._known
        news = catalog.read_arrow(NEWS, after=after).to_pylist()
        with self._lock:
            if news:
                newest = int(news[-1]["snapshot_id"])
                if after >= 0 and newest - after > len(
                    news
                ):  # some expired unread (an erasure): who knows what they did
                    self._everything = max(self._everything, newest)
                tables = catalog.read_arrow(NAMES).to_pylist()
                names = {int(row["table_id"]): str(row["table_name"]) for row in tables}
                self._there = frozenset(str(row["table_name"]) for row in tables if row["there"])
                for row in news:
                    self._note(int(row["snapshot_id"]), str(row["changes_made"] or ""), names)
            return Stamps(self._known, self._everything, dict(self._last), self._there)

    def _note(self, snapshot: int, made: str, names: Mapping[int, str]) -> None:
        self._known = max(self._known, snapshot)
        for change in filter(None, made.split(",")):
            kind, _, target = change.partition(":")
            if kind in SAME_ROWS:
                continue
            if kind in OF_ONE_TABLE and target.isdigit() and int(target) in names:
                name = names[int(target)]
                self._last[name] = max(self._last[name], snapshot)
            else:
                self._everything = max(self._everything, snapshot)


@dataclass(frozen=True)
class Stamps:
    """The newest snapshot, the tables it holds and, for any query, the last snapshot that changed what it reads."""

    snapshot: int
    everything: int
    last: Mapping[str, int]
    tables: frozenset[str]

    def of(self, *queries: str) -> int:
        """Last snapshot that changed a table named in the queries; the newest where none is named."""
        tables = frozenset[str]().union(*(tables_of(one) for one in queries))
        return self.of_tables(tables) if tables else self.snapshot

    def of_tables(self, tables: Iterable[str]) -> int:
        """Last snapshot that changed one of these tables."""
        return max((self.everything, *(self.last.get(one, -1) for one in tables)))


@lru_cache(maxsize=1000)
def tables_of(query: str) -> frozenset[str]:
    """The lake's tables whose name stands in a query, with those behind its views."""
    words = set(WORD.findall(query))
    behind = {one for view, tables in BEHIND.items() if view in words for one in tables}
    return frozenset((words & BY_NAME.keys()) | behind)
