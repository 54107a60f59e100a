"""Look for terms in everything that is stored: Parquet columns and statistics, catalog and ledger (on SQLite
its pages too), sealed parts, files.

A search of raw bytes proves nothing in compressed Parquet: every column is decoded. What is sealed is opened.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import MetaData, Table, inspect, select

from insights.errors import LedgerError
from insights.keys import KeyRing
from insights.lake.files import lake_files, table_of
from insights.lake.place import catalog_connection, catalog_file, catalog_tables
from insights.ledger import Ledger
from insights.privacy.decode import as_text, decoded, flat, holds_text, leaves, statistics
from insights.privacy.terms import Term
from insights.settings import Settings

SEALED = "gAAAAA"  # how a Fernet token begins
PATTERN_TERMS = 100  # terms in one RE2 pattern
TOGETHER = 1 << 25  # bytes of text searched at once
PICTURES = frozenset({".png", ".jpg", ".jpeg"})
SKIPPED = frozenset({"erasures"})  # receipts hold hashes and counts only
_CHUNK = 1 << 24


@dataclass
class Found:
    """What a search saw: where each term stood, and how much was read."""

    places: dict[str, list[str]] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)

    def note(self, term: Term, place: str) -> None:
        known = self.places.setdefault(term.text, [])
        if place not in known:
            known.append(place)

    def by_place(self) -> dict[str, int]:
        """Terms found by place, the terms themselves left out."""
        return dict(sorted(Counter(place for places in self.places.values() for place in places).items()))


class Search:
    """One pass over all stores for some terms."""

    def __init__(self, terms: Sequence[Term], keys: KeyRing, customer_id: str) -> None:
        self.terms, self.keys, self.customer_id = list(terms), keys, customer_id
        loose = [term.loose for term in self.terms]
        self.patterns = ["|".join(loose[at : at + PATTERN_TERMS]) for at in range(0, len(loose), PATTERN_TERMS)]
        self.found = Found()
        self._waiting: dict[str, list[Any]] = {}  # arrays by place: patterns cost more than values
        self._bytes: Counter[str] = Counter()

    def everything(self, settings: Settings, ledger: Ledger) -> Found:
        """Search lake, ledger, models and written files."""
        self.lake(settings)
        self.ledger(ledger)
        for folder in (settings.models_dir, settings.out_dir):
            self.folder(folder)
        self._flush_all()
        return self.found

    def lake(self, settings: Settings) -> None:
        """Every Parquet file of the lake, of any snapshot, and the catalog with what is inlined in it."""
        system, files = lake_files(settings)
        for one in files:
            if one.extension == "parquet":
                with system.open_input_file(one.path) as stream:
                    self.parquet(stream, one.size, f"lake.{table_of(settings, one.path)}")
        if settings.catalog_url:
            self.catalog(settings)
        elif catalog_file(settings).exists():
            self.sqlite(catalog_file(settings), "catalog")

    def catalog(self, settings: Settings) -> None:
        """Every row of every table of a catalog on Postgres."""
        with catalog_connection(settings) as connection:
            for name in catalog_tables(connection):
                with connection.cursor() as cursor:
                    cursor.execute(f'SELECT * FROM "{name}"')  # a name that the catalog itself gave
                    while rows := cursor.fetchmany(5_000):
                        cells = [as_text(cell) for row in rows for cell in row if isinstance(cell, str | bytes)]
                        cells += [str(cell) for row in rows for cell in row if isinstance(cell, list)]
                        self.texts(cells, f"catalog.{_plain(name)}")

    def ledger(self, ledger: Ledger) -> None:
        """Every row of every table; on SQLite the pages of the files as well, which hold what was deleted."""
        database = ledger.engine.url.database
        if ledger.engine.dialect.name == "sqlite" and database:
            return self.sqlite(Path(database), "ledger")
        for name in inspect(ledger.engine).get_table_names():
            table = Table(name, MetaData(), autoload_with=ledger.engine)
            with ledger.engine.connect() as connection:
                for row in connection.execute(select(table)):
                    self.texts((str(cell) for cell in row if cell is not None), f"ledger.{name}")
        return None

    def folder(self, folder: Path) -> None:
        """Every file below a folder, decoded by its kind."""
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            if path.is_file() and not SKIPPED & set(path.relative_to(folder).parts):
                self.file(path, folder.name)

    def file(self, path: Path, place: str) -> bool:
        """Search one file; True when a term stands in it."""
        before = sum(map(len, self.found.places.values()))
        self.found.read["files"] += 1
        self.found.read["bytes"] += path.stat().st_size
        if path.suffix == ".parquet":
            self.parquet(path, path.stat().st_size, f"lake.{path.name}")
        elif path.suffix not in PICTURES:
            self.raw(path, f"{place}/{path.name}")
            self.texts([str(path.name), *decoded(path)], f"{place}/{path.name}")
        self._flush_all()
        return sum(map(len, self.found.places.values())) > before

    def parquet(self, source: Any, size: int, place: str) -> None:
        """All texts of a file of `size` bytes, and the least and greatest of each column in its footer."""
        with pq.ParquetFile(source) as file:
            meta = file.metadata
            self.found.read["parquet_files"] += 1
            self.found.read["bytes"] += size
            self.texts(list(statistics(meta)), f"{place} (statistics)")
            wanted = [
                name
                for name, type_ in zip(file.schema_arrow.names, file.schema_arrow.types, strict=True)
                if holds_text(type_)
            ]
            for batch in file.iter_batches(columns=wanted) if wanted else ():
                for column in batch.columns:
                    self.array(flat(column), place)

    def sqlite(self, path: Path, place: str) -> None:
        """Every row of every table, then the bytes of the file and of its log."""
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in tables:
                for rows in _chunks(connection.execute(f'SELECT * FROM "{name}"')):
                    cells = [as_text(cell) for row in rows for cell in row if isinstance(cell, str | bytes)]
                    self.texts(cells, f"{place}.{_plain(name)}")
        finally:
            connection.close()
        for suffix in ("", "-wal"):
            if (file := Path(f"{path}{suffix}")).exists():
                self.raw(file, f"{place} pages{suffix}")

    def raw(self, path: Path, place: str) -> None:
        """The bytes of a file, in pieces that overlap."""
        overlap = max((len(term.text.encode()) for term in self.terms), default=0) + 2
        tail = b""
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                self.found.read["raw_bytes"] += len(chunk)
                piece = tail + chunk
                for term in self.terms:
                    if term.raw and term.text.encode() in piece and term.raw.search(piece):
                        self.found.note(term, place)
                tail = piece[-overlap:]

    def texts(self, texts: Iterable[str], place: str) -> None:
        """Texts as they are, and what is inside them when they are JSON or sealed."""
        self.array(pa.array(list(texts), pa.large_string()), place)

    def array(self, values: Any, place: str) -> None:
        """One Arrow array of texts: searched when enough of its place have come together."""
        values = pc.drop_null(values)
        self.found.read["values"] += len(values)
        self._waiting.setdefault(place, []).append(values)
        self._bytes[place] += values.nbytes
        if self._bytes[place] >= TOGETHER:
            self._flush(place)

    def _flush_all(self) -> None:
        for place in list(self._waiting):
            self._flush(place)

    def _flush(self, place: str) -> None:
        """Search what waits for a place, each distinct text once."""
        values = pc.unique(pa.concat_arrays(self._waiting.pop(place)))
        del self._bytes[place]
        for pattern in self.patterns:
            for text in values.filter(pc.match_substring_regex(values, pattern)).to_pylist():
                self._judge(text, place)
        odd = pc.or_(pc.starts_with(values, SEALED), pc.match_substring(values, "\\"))
        for text in values.filter(odd).to_pylist():
            self._inside(text, place)

    def _judge(self, text: str, place: str) -> None:
        for term in self.terms:
            if term.exact.search(text):
                self.found.note(term, place)

    def _inside(self, text: str, place: str) -> None:
        if text.startswith(SEALED):
            opened = self.opened(text)
            self.found.read["sealed_opened" if opened else "sealed_unreadable"] += 1
            for part in [opened, *leaves(opened)] if opened else ():
                self._judge(part, f"{place} (sealed)")
        else:
            for part in leaves(text):
                self._judge(part, place)

    def opened(self, sealed: str) -> str:
        """What was sealed with the inbox key or this customer's; empty when neither opens it."""
        for unseal in (self.keys.unseal, lambda text: self.keys.unseal_for(self.customer_id, text) or ""):
            try:
                return unseal(sealed)
            except LedgerError:
                continue
        return ""


def _plain(name: str) -> str:
    return "inlined" if name.startswith("ducklake_inlined_data") else name


def _chunks(cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
    while rows := cursor.fetchmany(5_000):
        yield rows
