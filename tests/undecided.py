"""A registry in which nothing was decided yet: assignments are seen as they were made."""

from __future__ import annotations

import duckdb

from insights.irritants.now import Sight, sight
from insights.irritants.registry import Registry

UNDECIDED: Sight = sight(Registry(), ())


def put_before(connection: duckdb.DuckDBPyConnection) -> None:
    """The view `irritant_now` over the tables of a plain DuckDB."""
    for name, frame in UNDECIDED.tables.items():
        connection.register(name, frame)
    for view in UNDECIDED.views:
        connection.execute(view)
