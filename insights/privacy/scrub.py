"""What a plain DELETE leaves behind, taken away: inlined rows, deleted rows in Parquet, old snapshots, least and
greatest texts in the catalog's statistics, free pages and logs of SQLite, dead rows of Postgres.

Statistics are worked out again and never blanked: DuckLake takes the next insert's least and greatest text for the
whole table where it finds none, and then answers wrongly.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from insights.errors import LakeBusyError, LakeError, LedgerError
from insights.lake.connect import ALIAS
from insights.lake.locks import write_lock
from insights.lake.place import asked, catalog_connection, catalog_file, catalog_tables
from insights.lake.upkeep import upkeep
from insights.ledger import Ledger
from insights.settings import Settings

LOCK_SECONDS = 300
BUSY_SECONDS = 30.0
CLEANING = (
    f"CALL ducklake_flush_inlined_data('{ALIAS}')",
    f"CALL ducklake_rewrite_data_files('{ALIAS}', delete_threshold => 0)",
    f"CALL ducklake_expire_snapshots('{ALIAS}', older_than => now())",
    f"CALL ducklake_cleanup_old_files('{ALIAS}', cleanup_all => true)",
    f"CALL ducklake_delete_orphaned_files('{ALIAS}', cleanup_all => true)",
)
LIVE = """
    SELECT {least}(s.{column} {{order}}) FROM ducklake_file_column_stats s
    JOIN ducklake_data_file f USING (data_file_id)
    WHERE f.end_snapshot IS NULL AND s.table_id = t.table_id AND s.column_id = t.column_id
"""
RENEWED = f"""
UPDATE ducklake_table_column_stats AS t
SET min_value = ({LIVE.format(least="min", column="min_value")}),
    max_value = ({LIVE.format(least="max", column="max_value")})
WHERE (t.table_id, t.column_id) IN (
    SELECT table_id, column_id FROM ducklake_column WHERE column_type = 'varchar' AND end_snapshot IS NULL)
AND NOT EXISTS (
    SELECT 1 FROM ducklake_file_column_stats s JOIN ducklake_data_file f USING (data_file_id)
    WHERE f.end_snapshot IS NULL AND s.table_id = t.table_id AND s.column_id = t.column_id
    AND s.min_value IS NULL AND s.value_count > s.null_count)
"""


def scrub_lake(settings: Settings) -> None:
    """Rewrite, expire and clean the whole lake, one writer at a time. Raises LakeError when it stays busy."""
    try:
        upkeep(settings, CLEANING, LOCK_SECONDS)
        with write_lock(settings, LOCK_SECONDS):
            if settings.catalog_url:
                _scrub_postgres(settings)
                return
            _patiently(catalog_file(settings), _renew_statistics, "lake's catalog")
            _patiently(catalog_file(settings), _compact, "lake's catalog")
    except LakeBusyError as error:
        raise LakeError(
            f"Another process has been writing the lake for over {LOCK_SECONDS} s: the erasure is not finished. "
            "Wait for it, or stop it, and run `voc erase` again: it goes on where it stopped."
        ) from error


def _scrub_postgres(settings: Settings) -> None:
    """The same on a Postgres catalog: DuckLake orders texts by their bytes, so does this. Raises LakeError."""
    with catalog_connection(settings) as connection:
        asked(connection, "SELECT set_config('lock_timeout', %s, false)", f"{BUSY_SECONDS:.0f}s")
        asked(connection, RENEWED.format(order='COLLATE "C"'))
        for name in catalog_tables(connection):
            asked(connection, f'VACUUM (FULL) "{name}"')


def scrub_ledger(ledger: Ledger) -> None:
    """Give no room to what was deleted from the ledger. Raises LedgerError when it stays busy."""
    database = ledger.engine.url.database
    if ledger.engine.dialect.name == "sqlite" and database:
        _patiently(Path(database), _compact, "ledger")
        return
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM FULL"))


def _renew_statistics(connection: sqlite3.Connection) -> bool:
    with connection:
        connection.execute(RENEWED.format(order=""))
    return True


def _compact(connection: sqlite3.Connection) -> bool:
    """Rewrite the file without free pages and empty its log; False when a reader still holds the log."""
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _patiently(path: Path, work: Callable[[sqlite3.Connection], bool], name: str) -> None:
    """Do `work` on a SQLite file that others may be reading, again until it succeeds."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            if work(connection):
                return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) and "busy" not in str(error):
                raise LedgerError(
                    f"The {name} at {path} could not be cleaned ({error}); run `voc erase` again."
                ) from error
        finally:
            connection.close()
        if time.monotonic() > until:
            raise LedgerError(
                f"The {name} at {path} is being read by another process: what was deleted may still stand in its log. "
                "Close the dashboard or whatever reads it, and run `voc erase` again: it goes on where it stopped."
            )
        time.sleep(0.2)
