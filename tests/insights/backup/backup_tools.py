"""What both stores hold, as hashes by table, and settings of another place."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import MetaData, create_engine, inspect, select

from insights.lake import Lake
from insights.lake.connect import ALIAS
from insights.ledger.ledger import ledger_url
from insights.ledger.schema import METADATA
from insights.settings import Settings


def contents(settings: Settings) -> dict[str, str]:
    """A hash of all rows of every table of both stores, whatever their order."""
    with Lake(settings, read_only=True) as lake:
        return lake_contents(lake) | ledger_contents(settings)


def lake_contents(lake: Lake) -> dict[str, str]:
    names = lake.read("SELECT table_name FROM duckdb_tables() WHERE database_name = $alias", alias=ALIAS)["table_name"]
    rows = {f"lake.{name}": lake.read_arrow(f'SELECT * FROM "{name}"') for name in names}
    return {name: _hash(sorted(map(repr, table.to_pylist()))) for name, table in rows.items()}


def ledger_contents(settings: Settings) -> dict[str, str]:
    engine = create_engine(ledger_url(settings))
    try:
        seen = MetaData()
        wanted = set(inspect(engine).get_table_names()) & set(METADATA.tables)
        seen.reflect(engine, only=sorted(wanted))
        with engine.connect() as connection:
            rows = {name: connection.execute(select(table)).all() for name, table in seen.tables.items()}
    finally:
        engine.dispose()
    return {f"ledger.{name}": _hash(sorted(repr(tuple(row)) for row in found)) for name, found in rows.items()}


def elsewhere(settings: Settings, folder: Path, **more: object) -> Settings:
    """The same installation in another data folder, with the same keys."""
    return settings.model_copy(update={"data_dir": folder / "data", "drop_dir": folder / "drop", **more})


def without_restore(found: dict[str, str]) -> dict[str, str]:
    """Without the events: a restore adds one that says it was done."""
    return {name: one for name, one in found.items() if name != "ledger.event"}


def _hash(lines: list[str]) -> str:
    return f"{len(lines)}:{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()}"


__all__ = ["contents", "elsewhere", "lake_contents", "ledger_contents", "without_restore"]
