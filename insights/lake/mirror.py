"""`feedback_slim` and `mention_slim` (slim.py) kept in the memory of one process, up to the snapshot its readers read.

What a commit changed is brought over by itself (DuckLake's change feed); where much changed, or nobody knows what did, all
is read anew, beside the readers, who see the lake's own tables until then. Nothing of it is ever written to disk.
"""

from __future__ import annotations

import logging
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import duckdb

from insights.irritants.now import FEEDBACK_SLIM
from insights.lake import slim
from insights.lake.connect import ALIAS

if TYPE_CHECKING:
    from insights.lake.changes import Stamps

LOG = logging.getLogger(__name__)
SOURCES = ("feedback", "mention", "mention_irritant")
AT_ONCE = 50_000  # rows that one reading brings over while its reader waits; more are read beside the readers
DISK_OF_NONE = f"ATTACH ':memory:' AS {slim.MIRROR} (COMPRESS)"
FEED = "ducklake_table_changes('{lake}', 'main', '{table}', $after + 1, $until)"
# feedback that changed, by table, with the instants between which it lies: the lake's files are ordered by them
CHANGED = {
    name: f"SELECT feedback_id, occurred_at FROM {FEED.format(lake=ALIAS, table=name)}"
    for name in ("feedback", "mention")
} | {
    "mention_irritant": "SELECT feedback_id, occurred_at FROM mention WHERE mention_id IN "
    f"(SELECT mention_id FROM {FEED.format(lake=ALIAS, table='mention_irritant')})"
}
RANGE = "SELECT count(DISTINCT feedback_id), min(occurred_at), max(occurred_at) FROM changed"
PART = (
    "(SELECT * FROM {table} WHERE occurred_at BETWEEN $first AND $last "
    "AND feedback_id IN (SELECT feedback_id FROM changed))"
)
PARTS = {
    "feedback": PART.format(table="feedback"),
    "mention": PART.format(table="mention"),
    "assigned": "mention_irritant",
    "slim": f"{slim.MIRROR}.main.{FEEDBACK_SLIM}",
}


class Mirror:
    """The slim relations of one connection's lake, in memory. Safe to share between threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, most_rows: int) -> None:
        """`most_rows`: a lake with more feedback is not mirrored."""
        self._connection = connection
        self.most_rows = most_rows
        self._at = -1  # the snapshot it stands at; -1: not made
        self._building: Thread | None = None
        self._lock = Lock()
        connection.execute(DISK_OF_NONE)

    def serves(self, stamps: Stamps) -> bool:
        """Whether readers of this state of the lake may read the mirror; brings a small change over first."""
        wanted = stamps.of_tables(SOURCES)
        if self._at >= wanted:
            return True
        with self._lock:
            if self._at >= wanted:
                return True
            if self._building is not None and self._building.is_alive():
                return False
            try:
                return self._follow(stamps, wanted)
            except duckdb.Error as error:  # a snapshot that expired meanwhile, a lake that does not answer
                LOG.warning("the mirror of the lake is made anew: %s", error)
                self._at = -1
                return False

    def wait(self) -> None:
        """Until what is being read anew stands."""
        if (building := self._building) is not None:
            building.join()

    def _follow(self, stamps: Stamps, wanted: int) -> bool:
        cursor = self._cursor()
        try:
            known = self._at >= 0 and stamps.everything <= self._at
            between = self._changed(cursor, stamps) if known else {}
            n_changed = between.pop("n", 0) if known else self._size(cursor)
            if n_changed > self.most_rows:
                return False
            if n_changed <= AT_ONCE:
                self._bring(cursor, stamps.snapshot, between if known else None)
                return self._at >= wanted
        finally:
            cursor.close()
        self._building = Thread(target=self._anew, args=(stamps.snapshot,), name="lake-mirror", daemon=True)
        self._building.start()
        return False

    def _anew(self, snapshot: int) -> None:
        cursor = self._cursor()
        try:
            self._bring(cursor, snapshot)
        except duckdb.Error as error:
            LOG.warning("the mirror of the lake could not be made: %s", error)
        finally:
            cursor.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        cursor.execute(f"USE {ALIAS}")
        return cursor

    def _size(self, cursor: duckdb.DuckDBPyConnection) -> int:
        return int((cursor.execute("SELECT count(*) FROM feedback").fetchone() or (0,))[0])

    def _changed(self, cursor: duckdb.DuckDBPyConnection, stamps: Stamps) -> dict[str, Any]:
        """Put the feedback that changed since into `changed`: how many (n), and their first and last instant."""
        queries = [query for name, query in CHANGED.items() if stamps.of_tables([name]) > self._at]
        made = f"CREATE OR REPLACE TEMP TABLE changed AS {' UNION '.join(queries)}"
        cursor.execute(made, {"after": self._at, "until": stamps.snapshot})
        n, first, last = cursor.execute(RANGE).fetchone() or (0, None, None)
        return {"n": int(n), "first": first, "last": last}

    def _bring(self, cursor: duckdb.DuckDBPyConnection, snapshot: int, between: dict[str, Any] | None = None) -> None:
        """One transaction: readers see the state before, or the state after. `between`: of what is in `changed`; None: all
        is read anew. A lake that moved on while it was read is at least at `snapshot`; the next brings the rest over."""
        cursor.execute("BEGIN")
        try:
            for name, rows in slim.ROWS.items():
                kept = f'{slim.MIRROR}.main."{name}"'
                if between is None:
                    whole = rows.format(**{**slim.WHOLE, "slim": PARTS["slim"]})
                    cursor.execute(f"CREATE OR REPLACE TABLE {kept} AS {whole}")
                elif between["first"] is not None:
                    gone = "feedback_key IN (SELECT hash(feedback_id) FROM changed)"
                    cursor.execute(f"DELETE FROM {kept} WHERE {gone}")
                    cursor.execute(f"INSERT INTO {kept} BY NAME {rows.format(**PARTS)}", between)
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        if between is None:
            cursor.execute(f"CHECKPOINT {slim.MIRROR}")
        self._at = snapshot
