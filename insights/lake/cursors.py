"""Cursors of one connection, kept between reads: naming the lake and a reader's views anew costs more than small reads.

A cursor serves one read at a time. One whose read failed is not kept: its views may be of another schema.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import duckdb

from insights.irritants.now import Sight
from insights.lake import slim
from insights.lake.connect import ALIAS

IDLE = 16


class Cursors:
    """The idle cursors of one connection, at most IDLE of them, the last used in front."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._idle: deque[tuple[Sight | None, str, duckdb.DuckDBPyConnection]] = deque()
        self._lock = Lock()
        self._closed = False

    @contextmanager
    def lent(
        self, sight: Sight | None, slim_from: str = "", *, fresh: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor with the lake in use and the tables and views of `sight`, for one read. Raises duckdb.Error.

        `slim_from`: where the slim relations are read from (slim.py); empty: the read names none.
        """
        cursor = (None if fresh else self._take(sight, slim_from)) or self._made(sight, slim_from)
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise
        self._keep(sight, slim_from, cursor)

    def has(self, sight: Sight | None, slim_from: str = "") -> bool:
        """Whether a cursor of this sight lies idle."""
        with self._lock:
            return any(one is sight and place == slim_from for one, place, _ in self._idle)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, deque()
        for *_, cursor in idle:
            cursor.close()

    def _take(self, sight: Sight | None, slim_from: str) -> duckdb.DuckDBPyConnection | None:
        with self._lock:
            found = next((one for one in self._idle if one[0] is sight and one[1] == slim_from), None)
            if found:
                self._idle = deque(one for one in self._idle if one is not found)  # sights have no equality
        return found[2] if found else None

    def _keep(self, sight: Sight | None, slim_from: str, cursor: duckdb.DuckDBPyConnection) -> None:
        with self._lock:
            dropped = [cursor] if self._closed else []
            if not self._closed:
                self._idle.appendleft((sight, slim_from, cursor))
                dropped = [self._idle.pop()[2]] if len(self._idle) > IDLE else []
        for one in dropped:
            one.close()

    def _made(self, sight: Sight | None, slim_from: str) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"USE {ALIAS}")
            for view in slim.views(slim_from) if slim_from else ():
                cursor.execute(view)
            if sight is not None:
                put_before(cursor, sight)
                if slim_from and sight.slim:
                    cursor.execute(sight.slim)
        except duckdb.Error:
            cursor.close()
            raise
        return cursor


def put_before(cursor: duckdb.DuckDBPyConnection, sight: Sight) -> None:
    """Make the tables and views of `sight` in the cursor's own session."""
    for name, frame in sight.tables.items():
        columns = ", ".join(f'unnest(${column}::VARCHAR[]) AS "{column}"' for column in frame.columns)
        params = {str(column): frame[column].tolist() for column in frame.columns}
        cursor.execute(f'CREATE TEMP TABLE "{name}" AS SELECT {columns}', params)
    for view in sight.views:
        cursor.execute(view)
