"""Read and write the lake. Reads take their own cursor; writes are one transaction at a time behind a lock (locks.py).

DuckLake has no keys: every write here is idempotent by the contract's key, and `check_keys` proves it after a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any, Self

import duckdb
import pandas as pd
import pyarrow as pa

from insights.contracts import BY_NAME, TABLES, Table
from insights.errors import ContractError, LakeError
from insights.irritants.now import Sight
from insights.lake import slim
from insights.lake.changes import Changes, Stamps
from insights.lake.connect import ALIAS, connect, sign
from insights.lake.cursors import Cursors
from insights.lake.locks import Held, write_lock
from insights.lake.mirror import Mirror
from insights.lake.upkeep import upkeep
from insights.settings import Settings

INCOMING = "voc_incoming"
SIGN_SECONDS = 300.0  # keys a role lends live for an hour or more; DuckDB 1.5 does not see Amazon's « expired » (400)
UPKEEP = (
    f"CALL ducklake_flush_inlined_data('{ALIAS}')",
    f"CALL ducklake_merge_adjacent_files('{ALIAS}')",
    f"CALL ducklake_expire_snapshots('{ALIAS}', older_than => now() - INTERVAL {{days}} DAY)",
    f"CALL ducklake_cleanup_old_files('{ALIAS}', older_than => now() - INTERVAL 1 DAY)",
    # what a killed writer had written and no catalog names: nobody reads it, an erasure would find it
    f"CALL ducklake_delete_orphaned_files('{ALIAS}', older_than => now() - INTERVAL 1 DAY)",
)


@dataclass(frozen=True)
class KeyProblem:
    """A key that stands more than once."""

    table: str
    key: str
    n_rows: int


def open_lake(settings: Settings, *, read_only: bool = False, lock_seconds: float = 300) -> Lake:
    """Open the lake; a writer creates it and brings its tables to the contracts. A context manager."""
    lake = Lake(settings, read_only=read_only, lock_seconds=lock_seconds)
    if not read_only:
        lake.migrate()
    return lake


class Lake:
    """One connection to the lake, safe to share between threads for reading."""

    def __init__(self, settings: Settings, *, read_only: bool, lock_seconds: float = 300) -> None:
        self.settings = settings
        self.read_only = read_only
        self._connection = connect(settings, read_only=read_only)
        self._cursors = Cursors(self._connection)
        self._changes = Changes()
        self.mirror: Mirror | None = None
        self._lost = False  # the connection was closed and its store did not answer: opened at the next use
        self._signed, self._signing = monotonic(), Lock()
        self.lock_seconds = lock_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        if self.mirror is not None:
            self.mirror.wait()
        self._cursors.close()
        self._connection.close()

    def read(self, sql: str, **params: Any) -> pd.DataFrame:
        """All rows of a query. `$name` parameters; instants come back timezone-aware in UTC."""
        return self.read_arrow(sql, **params).to_pandas(timestamp_as_object=False)

    def read_arrow(self, sql: str, **params: Any) -> pa.Table:
        """All rows of a query as an Arrow table, read to the end before this returns."""
        return self._answer(sql, params)

    def seen_through(self, sight: Sight) -> Reader:
        """A reader of this lake that has the tables and views of `sight` beside those of the lake."""
        return Reader(self, sight)

    def _answer(self, sql: str, params: Mapping[str, Any], sight: Sight | None = None) -> pa.Table:
        if self._lost:
            self._reopen()
        self._sign_again()
        slim_from = self._slim_from() if slim.named(sql) else ""
        try:
            if not self._cursors.has(sight, slim_from):
                return self._read(sql, params, sight, slim_from)
            try:
                return self._read(sql, params, sight, slim_from)
            except (duckdb.BinderException, duckdb.CatalogException):  # views made before the schema changed
                return self._read(sql, params, sight, slim_from, fresh=True)
        except duckdb.Error as error:
            raise LakeError(f"The lake could not answer: {error}") from error

    def _read(
        self, sql: str, params: Mapping[str, Any], sight: Sight | None, slim_from: str, *, fresh: bool = False
    ) -> pa.Table:
        with self._cursors.lent(sight, slim_from, fresh=fresh) as cursor:
            return _utc(cursor.execute(sql, dict(params) or None).to_arrow_table())

    def keep_slim(self, most_rows: int) -> None:
        """Keep the slim relations in memory from now on, for a process of many readers; `most_rows` as in Mirror."""
        self.mirror = Mirror(self._connection, most_rows)

    def _slim_from(self) -> str:
        return slim.MIRROR if self.mirror is not None and self.mirror.serves(self.stamps()) else slim.LAKE

    def stamps(self) -> Stamps:
        """The newest snapshot, and the last one that changed each table."""
        return self._changes.read_on(self)

    def scalar(self, sql: str, **params: Any) -> Any:
        """First value of the first row."""
        return self.read_arrow(sql, **params).column(0)[0].as_py()

    def snapshot_id(self) -> int:
        """Id of the last committed snapshot."""
        return int(self.scalar(f"SELECT id FROM ducklake_current_snapshot('{ALIAS}')"))

    def counts(self) -> dict[str, int]:
        """Rows of every table."""
        return {table.name: int(self.scalar(f'SELECT count(*) FROM "{table.name}"')) for table in TABLES}

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """One transaction: all of it is committed, or none. Compute outside, commit inside.

        Raises LakeBusyError when another process holds the lock too long, LakeError when the commit fails; the
        connection is then opened anew, as DuckLake leaves a failed one unusable.
        """
        if self.read_only:
            raise LakeError("This lake was opened to read only.")
        with write_lock(self.settings, self.lock_seconds) as held:
            if self._lost:
                self._reopen()
            self._sign_again()
            yield from self._transaction(held)

    def _transaction(self, held: Held) -> Iterator[Writer]:
        try:
            self._connection.begin()
            yield Writer(self._connection)
            held.still()
            self._commit()
        except BaseException as error:
            with suppress(
                duckdb.Error
            ):  # DuckDB ends the process where closing has to do it on a connection that was cut
                self._connection.rollback()
            with suppress(LakeError):  # its store does not answer: tried again at the next use
                self._reopen()
            if isinstance(error, duckdb.Error):
                raise LakeError(f"The lake refused the write, nothing was written: {error}") from error
            raise

    def _commit(self) -> None:
        """Commit; a Postgres that is lost in this very moment may have done it or not, and says neither."""
        try:
            self._connection.commit()
        except duckdb.Error as error:
            if not self.settings.catalog_url:
                raise
            raise LakeError(
                f"The lake's catalog did not confirm the write ({error}). Run again: what stands is not written twice."
            ) from error

    def _reopen(self) -> None:
        self._lost = True
        self.close()
        self._connection = connect(self.settings, read_only=self.read_only)
        self._cursors = Cursors(self._connection)
        if self.mirror is not None:
            self.keep_slim(self.mirror.most_rows)
        self._lost = False

    def _sign_again(self) -> None:
        """Fetch the bucket's keys anew where they are lent (VOC_S3_CREDENTIALS=chain), before they expire."""
        if self.settings.s3_credentials != "chain" or not self.settings.files_url:
            return
        with self._signing:
            if monotonic() - self._signed >= SIGN_SECONDS:
                with self._connection.cursor() as cursor:
                    sign(cursor, self.settings, ALIAS)
                self._signed = monotonic()

    def migrate(self) -> None:
        """Create missing tables and columns, so that the lake keeps the contracts of this version."""
        wanted = {(table.name, column.name) for table in TABLES for column in table.columns}
        if wanted <= self._columns():
            return
        with self.write() as writer:
            for table in TABLES:
                writer.bring_to_contract(table, {name for owner, name in self._columns() if owner == table.name})

    def _columns(self) -> set[tuple[str, str]]:
        asked = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = $alias"
        try:
            rows = self._connection.execute(asked, {"alias": ALIAS}).fetchall()
        except duckdb.Error as error:
            raise LakeError(f"The lake's tables could not be read: {error}") from error
        return {(str(table), str(column)) for table, column in rows}

    def check_keys(self) -> list[KeyProblem]:
        """Every key that stands more than once, over all tables. Empty is what a run must show."""
        problems = []
        for table in TABLES:
            key = ", ".join(f'"{column}"' for column in table.key)
            found = self.read(f'SELECT {key}, count(*) AS n_rows FROM "{table.name}" GROUP BY ALL HAVING n_rows > 1')
            for row in found.to_dict("records"):
                value = ", ".join(str(row[column]) for column in table.key)
                problems.append(KeyProblem(table.name, value, int(row["n_rows"])))
        return problems

    def maintain(self, keep_days: int) -> None:
        """Merge small files, expire snapshots older than `keep_days`, delete files no snapshot needs.

        Raises LakeBusyError when another process keeps the lock, LakeError when a statement is refused.
        """
        upkeep(self.settings, [one.format(days=int(keep_days)) for one in UPKEEP], self.lock_seconds)


@dataclass(frozen=True)
class Reader:
    """Reads of one lake seen through small tables and views of the reader's own, gone with each query."""

    lake: Lake
    sight: Sight

    def read(self, sql: str, **params: Any) -> pd.DataFrame:
        """All rows of a query, as `Lake.read`."""
        return self.read_arrow(sql, **params).to_pandas(timestamp_as_object=False)

    def read_arrow(self, sql: str, **params: Any) -> pa.Table:
        """All rows of a query, as `Lake.read_arrow`."""
        return self.lake._answer(sql, params, self.sight)

    def scalar(self, sql: str, **params: Any) -> Any:
        """First value of the first row."""
        return self.lake._answer(sql, params, self.sight).column(0)[0].as_py()


class Writer:
    """Writes of one open transaction. Frames are checked against the table's contract first."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def bring_to_contract(self, table: Table, existing: set[str]) -> None:
        """Create the table, or add the columns it lacks."""
        self._connection.execute(table.ddl())
        if not existing and table.partition:
            self._connection.execute(f'ALTER TABLE "{table.name}" SET PARTITIONED BY ({table.partition})')
        for column in table.columns:
            if existing and column.name not in existing:
                self._connection.execute(f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {column.type}')

    def insert_new(self, table_name: str, frame: pd.DataFrame) -> int:
        """Insert the rows whose key is not there yet; returns how many. Writing twice changes no count."""
        if frame.empty:
            return 0
        table = BY_NAME[table_name]
        with self._incoming(table, frame):
            same = " AND ".join(f't."{column}" = i."{column}"' for column in table.key)
            inserted = self._connection.execute(
                f'INSERT INTO "{table_name}" BY NAME SELECT {_casts(table)} FROM {INCOMING} i '
                f'WHERE NOT EXISTS (SELECT 1 FROM "{table_name}" t WHERE {same})'
            ).fetchone()
        return int(inserted[0]) if inserted else 0

    def upsert(self, table_name: str, frame: pd.DataFrame) -> int:
        """Replace the rows of the same keys and add the others; returns the rows written."""
        if frame.empty:
            return 0
        table = BY_NAME[table_name]
        with self._incoming(table, frame):
            same = " AND ".join(f'"{table_name}"."{column}" = i."{column}"' for column in table.key)
            self._connection.execute(
                f'DELETE FROM "{table_name}" WHERE EXISTS (SELECT 1 FROM {INCOMING} i WHERE {same})'
            )
            self._connection.execute(f'INSERT INTO "{table_name}" BY NAME SELECT {_casts(table)} FROM {INCOMING} i')
        return len(frame)

    def replace(
        self, table_name: str, frame: pd.DataFrame, where: str = "true", params: Mapping[str, Any] | None = None
    ) -> int:
        """Put `frame` in place of the rows that match `where` (with `$name` parameters); returns the rows written."""
        table = BY_NAME[table_name]
        self._connection.execute(f'DELETE FROM "{table_name}" WHERE {where}', dict(params or {}) or None)
        if frame.empty:
            return 0
        with self._incoming(table, frame):
            self._connection.execute(f'INSERT INTO "{table_name}" BY NAME SELECT {_casts(table)} FROM {INCOMING} i')
        return len(frame)

    def replace_arrow(
        self, table_name: str, rows: pa.Table, where: str = "true", params: Mapping[str, Any] | None = None
    ) -> int:
        """Put `rows`, which have the contract's columns, in place of those that match `where`; for tables too long for pandas.

        Raises ContractError for a missing or unknown column, a NULL key, or a key twice.
        """
        table = BY_NAME[table_name]
        if set(rows.column_names) != set(table.column_names):
            raise ContractError(
                f"Table {table_name}: the columns are not those of its contract (see insights/contracts)."
            )
        self._connection.register(INCOMING, rows)
        try:
            key = ", ".join(f'"{column}"' for column in table.key)
            empty = " OR ".join(f'"{column}" IS NULL' for column in table.key)
            wrong = f"SELECT {key} FROM {INCOMING} GROUP BY ALL HAVING count(*) > 1 OR bool_or({empty}) LIMIT 1"
            if found := self._connection.execute(wrong).fetchone():
                raise ContractError(f"Table {table_name}: a key is NULL or stands twice, for example {found}.")
            self._connection.execute(f'DELETE FROM "{table_name}" WHERE {where}', dict(params or {}) or None)
            self._connection.execute(f'INSERT INTO "{table_name}" BY NAME SELECT {_casts(table)} FROM {INCOMING} i')
        finally:
            self._connection.unregister(INCOMING)
        return int(rows.num_rows)

    def execute(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """Any other statement of this transaction."""
        return self._connection.execute(sql, params or None).fetchall()

    @contextmanager
    def _incoming(self, table: Table, frame: pd.DataFrame) -> Iterator[None]:
        frame = self._without_newer(table, frame)
        self._connection.register(INCOMING, pa.Table.from_pandas(conform(table, frame), preserve_index=False))
        try:
            yield
        finally:
            self._connection.unregister(INCOMING)

    def _without_newer(self, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
        """Without the columns that a later version has added to the lake: read with `*`, they would come back here."""
        unknown = [column for column in frame.columns if column not in table.column_names]
        if not unknown:
            return frame
        there = self._connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE database_name = $alias AND table_name = $name",
            {"alias": ALIAS, "name": table.name},
        ).fetchall()
        return frame.drop(columns=[column for column in unknown if (column,) in there])


def conform(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the contract's columns in order, missing nullable ones NULL.

    Raises ContractError for an unknown or missing key column, a NULL key, or a key twice in the frame.
    """
    unknown = [column for column in frame.columns if column not in table.column_names]
    if unknown:
        raise ContractError(
            f"Table {table.name} has no column {', '.join(map(repr, unknown))} (see insights/contracts)."
        )
    missing = [column for column in table.key if column not in frame.columns]
    if missing:
        raise ContractError(f"Table {table.name} needs its key column(s) {', '.join(missing)}.")
    keys: Sequence[str] = list(table.key)
    if frame[keys].isna().to_numpy().any():
        raise ContractError(f"Table {table.name}: a key ({', '.join(keys)}) is NULL.")
    twice = frame[frame.duplicated(keys, keep=False)]
    if not twice.empty:
        example = ", ".join(str(twice.iloc[0][column]) for column in keys)
        raise ContractError(f"Table {table.name}: {len(twice)} rows share a key, for example ({example}).")
    return frame.reindex(columns=list(table.column_names))


def _casts(table: Table) -> str:
    return ", ".join(f'CAST(i."{c.name}" AS {c.type}) AS "{c.name}"' for c in table.columns)


def _utc(table: pa.Table) -> pa.Table:
    """The table with its instants labelled UTC: DuckDB's own 'Etc/UTC' makes pandas look for another zone object."""
    for position, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            column = table.column(position).cast(pa.timestamp(field.type.unit, "UTC"))
            table = table.set_column(position, field.name, column)
    return table
