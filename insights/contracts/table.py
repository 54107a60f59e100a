"""What a table is: grain, key, columns with type, unit and meaning, and the statement that creates it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

FACT = "fact"
DERIVED = "derived"


@dataclass(frozen=True)
class Column:
    """One column. `type` is a DuckLake type; a key column is never NULL."""

    name: str
    type: str
    doc: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """One table of the lake. `partition` is an optional DuckLake partition expression."""

    name: str
    kind: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def ddl(self) -> str:
        """CREATE TABLE statement. DuckLake has no PRIMARY KEY: uniqueness is proven by `lake.check_keys`."""
        body = ", ".join(f'"{c.name}" {c.type}{"" if c.nullable else " NOT NULL"}' for c in self.columns)
        return f'CREATE TABLE IF NOT EXISTS "{self.name}" ({body})'


def table(name: str, kind: str, grain: str, key: str, columns: str, partition: str | None = None) -> Table:
    """Build a Table from a compact listing: one `name TYPE : doc` a line; key columns are NOT NULL."""
    keys = tuple(part.strip() for part in key.split(","))

    def parse() -> Iterator[Column]:
        for line in columns.strip().splitlines():
            head, _, doc = line.strip().partition(" : ")
            column, type_ = head.split(maxsplit=1)
            yield Column(column, type_.strip(), doc.strip(), nullable=column not in keys)

    return Table(name, kind, grain, keys, tuple(parse()), partition)
