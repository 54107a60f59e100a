"""Rows by table of both stores, as they are there: an older or newer version has other tables than this one."""

from __future__ import annotations

from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, table
from sqlalchemy.engine import Connection

from insights.lake import Lake
from insights.lake.connect import ALIAS
from insights.ledger.schema import METADATA


def lake_counts(lake: Lake) -> dict[str, int]:
    """Rows of every table of the lake."""
    names = lake.read_arrow("SELECT table_name FROM duckdb_tables() WHERE database_name = $alias", alias=ALIAS)
    each = [f"SELECT '{name}' AS name, count(*) AS n FROM \"{name}\"" for name in names.column(0).to_pylist()]
    found = lake.read_arrow(" UNION ALL ".join(each)).to_pylist() if each else []
    return {str(row["name"]): int(row["n"]) for row in sorted(found, key=lambda row: str(row["name"]))}


def ledger_counts(connection: Connection) -> dict[str, int]:
    """Rows of every table of the ledger that this version knows."""
    names = sorted(set(inspect(connection).get_table_names()) & set(METADATA.tables))
    counted = {one: connection.execute(select(func.count()).select_from(table(one))).scalar() for one in names}
    return {name: int(n or 0) for name, n in counted.items()}


def ledger_revision(connection: Connection) -> str:
    """The migration the ledger is at; empty for none."""
    return MigrationContext.configure(connection).get_current_revision() or ""
