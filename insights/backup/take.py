"""Take a backup while others write: what a power cut at one instant would have left of both stores.

For a moment nobody may commit to the lake; in it the ledger and then the catalog are copied. What the ledger says is done
is therefore in the lake, and what the lake has beyond is known by its keys: the next run ends the work, as after a crash.
The lake's files never change: they are copied afterwards. One that a cleaning or an erasure took away meanwhile makes the
backup begin again, from a state that needs it no more.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection, make_url

from insights.backup import manifest as manifests
from insights.backup.keyed import fingerprint, mirror, n_erasures
from insights.backup.manifest import Manifest
from insights.backup.named import FORGET_DELETIONS, is_sealed, named_files
from insights.backup.pool import Pool, Stored
from insights.backup.postgres import catalog_database, ledger_database
from insights.backup.tables import lake_counts, ledger_counts, ledger_revision
from insights.errors import BackupError, LakeError
from insights.keys import KeyRing
from insights.lake import Lake
from insights.lake.files import file_system
from insights.lake.locks import write_lock
from insights.lake.place import asked, catalog_connection, catalog_file, there, told
from insights.ledger.ledger import ledger_url
from insights.settings import Settings

LOCK_SECONDS = 600.0
TRIES = 5
LEDGER, CATALOG = "ledger.sqlite", "lake/catalog.sqlite"
LEDGER_DUMP, CATALOG_DUMP = "ledger.dump", "lake/catalog.dump"
FILES, MODELS, RECEIPTS, REFERENCE = "lake/files/", "models/", "out/erasures/", "reference/"
WORK = ".work"


@dataclass(frozen=True)
class Taken:
    """A backup that stands: what was copied for it, and how long the lake could not be committed to."""

    manifest: Manifest
    path: Path
    n_new: int
    new_bytes: int
    freed_bytes: int
    held_seconds: float
    seconds: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Still:
    """Both stores at one instant, in the work folder: counts by table, and the files the catalog names."""

    taken_at: datetime
    revision: str
    snapshot_id: int
    sealed: bool
    lake: dict[str, int]
    ledger: dict[str, int]
    named: dict[str, int]
    held_seconds: float


class _GoneError(Exception):
    """A file the catalog names was taken away before it was copied."""


def back_up(settings: Settings, folder: Path, *, keep: int = 0, keys_to: Path | None = None) -> Taken:
    """Add a backup to a folder. `keep`: how many stay (0: all); `keys_to`: where a copy of the keys goes.

    Raises BackupError, or LakeError when another process keeps the lake's lock. A backup that was killed leaves files
    that no manifest names; the next one uses or removes them.
    """
    folder = folder.expanduser().resolve()
    _check_place(settings, folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(folder / ".lock", timeout=0):
            return _taken(settings, folder, keep, keys_to)
    except Timeout as error:
        raise BackupError(f"Another backup is being written to {folder}: wait for it to end.") from error
    except OSError as error:
        raise BackupError(
            f"The backup could not be written to {folder} ({error}). Earlier ones stay as they are; make room or mend "
            "it and run again: what was copied is not copied twice."
        ) from error


def _check_place(settings: Settings, folder: Path) -> None:
    for ours in (settings.data_dir, settings.keys_dir):
        if folder == ours or ours in folder.parents or folder in ours.parents:
            raise BackupError(f"A backup does not lie with what it is of: {folder} and {ours}. Name another disk.")
    if not there(settings):
        raise BackupError(f"There is no lake at {told(settings)}: nothing to back up.")


def _taken(settings: Settings, folder: Path, keep: int, keys_to: Path | None) -> Taken:
    started, keys = time.monotonic(), KeyRing(settings.keys_dir)
    earlier, warnings = _earlier(folder)
    pool = Pool(folder, {one.sha256 for backup in earlier for one in backup.files})
    for _ in range(TRIES):
        try:
            with _work(folder) as work:
                n_lines = n_erasures(keys)  # first: an erasure after this is one the restore repeats
                still = _still(settings, work)
                files = [*_of_work(pool, work), *_of_lake(settings, pool, still.named, earlier)]
            break
        except _GoneError:
            continue
    else:
        raise BackupError(f"The lake was cleaned {TRIES} times while it was copied: run the backup again.")
    files += _of_folders(settings, pool)
    made = Manifest(
        _name(still.taken_at), still.taken_at.isoformat(), version("voc-insights"), duckdb.__version__,
        bool(settings.catalog_url or ledger_database(settings)), still.sealed, still.revision, still.snapshot_id,
        fingerprint(keys), n_lines, still.lake, still.ledger, tuple(files),
    )  # fmt: skip
    path = made.write(folder)
    if keys_to is not None:
        mirror(keys, keys_to, folder, settings.data_dir)
    freed = 0 if warnings else _kept(folder, pool, [*earlier, made], keep)
    seconds = time.monotonic() - started
    return Taken(made, path, pool.n_new, pool.new_bytes, freed, still.held_seconds, seconds, tuple(warnings))


def _name(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}Z"


def _earlier(folder: Path) -> tuple[list[Manifest], list[str]]:
    """Backups of the folder, oldest first, and a sentence for each that cannot be read: then nothing is deleted."""
    found, warnings = [], []
    for path in manifests.all_in(folder):
        try:
            found.append(manifests.read(path))
        except BackupError as error:
            warnings.append(f"{error} Nothing was deleted from {folder}.")
    return found, warnings


@contextmanager
def _work(folder: Path) -> Iterator[Path]:
    """An empty folder for copies of the databases, gone at the end, or at the next backup after a kill."""
    work = folder / WORK
    shutil.rmtree(work, ignore_errors=True)
    (work / "lake").mkdir(parents=True, mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _still(settings: Settings, work: Path) -> Still:
    """Copy ledger and catalog at one instant of the lake."""
    with write_lock(settings, LOCK_SECONDS) as held:
        began, at = time.monotonic(), datetime.now(UTC)
        with _ledger_copied(settings, work) as connection:
            rows, found = ledger_counts(connection), ledger_revision(connection)
        catalog = _catalog_copied(settings, work)
        if settings.catalog_url:
            counts, snapshot_id = _counted(settings)
        held.still()
        seconds = time.monotonic() - began
    if not settings.catalog_url:
        with _lake_of(settings, work) as viewed:
            counts, snapshot_id = _counted(viewed)
    return Still(at, found, snapshot_id, catalog[0], counts, rows, catalog[1], seconds)


@contextmanager
def _ledger_copied(settings: Settings, work: Path) -> Iterator[Connection]:
    """Copy the ledger; the connection sees what was copied."""
    database = ledger_database(settings)
    if database is not None:
        with database.dumped(work / LEDGER_DUMP) as connection:
            yield connection
        return
    copy_sqlite(Path(make_url(ledger_url(settings)).database or ""), work / LEDGER)
    engine = create_engine(f"sqlite:///{work / LEDGER}")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _catalog_copied(settings: Settings, work: Path) -> tuple[bool, dict[str, int]]:
    """Copy the catalog; whether its files are encrypted, and their sizes by path."""
    database = catalog_database(settings)
    if database is not None:
        with database.dumped(work / CATALOG_DUMP), catalog_connection(settings) as catalog:
            return is_sealed(lambda sql: asked(catalog, sql)), named_files(lambda sql: asked(catalog, sql))
    copy_sqlite(catalog_file(settings), work / CATALOG)
    with closing(sqlite3.connect(work / CATALOG, isolation_level=None)) as copy:

        def ask(sql: str) -> Sequence[Sequence[Any]]:
            return copy.execute(sql).fetchall()

        ask(FORGET_DELETIONS)
        return is_sealed(ask), named_files(ask)


def copy_sqlite(source: Path, target: Path) -> None:
    """The state of one instant of a SQLite file that others write, as one file. Raises BackupError."""
    if not source.is_file():
        raise BackupError(f"{source} is not there: nothing to back up.")
    try:
        with closing(sqlite3.connect(source, timeout=60)) as read, closing(sqlite3.connect(target)) as written:
            target.chmod(0o600)
            read.backup(written)
            written.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"{source} could not be copied to {target}: {error}.") from error


@contextmanager
def _lake_of(settings: Settings, work: Path) -> Iterator[Settings]:
    """Settings by which the copied catalog is read, with the lake's files where they are."""
    files = work / "lake" / "files"
    if not settings.files_url:
        files.symlink_to(settings.lake_dir / "files")
    try:
        yield settings.model_copy(update={"data_dir": work})
    finally:
        files.unlink(missing_ok=True)


def _counted(settings: Settings) -> tuple[dict[str, int], int]:
    """Rows by table, and the snapshot. Raises _GoneError when a file that is read was taken away."""
    try:
        with Lake(settings, read_only=True) as lake:
            return lake_counts(lake), lake.snapshot_id()
    except LakeError as error:
        if isinstance(error.__cause__, duckdb.IOException | duckdb.HTTPException):
            raise _GoneError from error
        raise


def _of_work(pool: Pool, work: Path) -> list[Stored]:
    found = [path for path in sorted(work.rglob("*")) if path.is_file()]
    return [_put(pool, path, path.relative_to(work).as_posix()) for path in found]


def _put(pool: Pool, source: Path, path: str) -> Stored:
    with source.open("rb") as stream:
        return pool.put(stream, path)


def _of_lake(settings: Settings, pool: Pool, named: dict[str, int], earlier: Sequence[Manifest]) -> Iterator[Stored]:
    """The lake's files: those of an earlier backup by name and size, the others copied. Raises _GoneError."""
    system, root = file_system(settings)
    known = {(one.path, one.size): one for backup in earlier for one in backup.files}
    for name, size in named.items():
        there_already = known.get((FILES + name, size))
        if there_already is not None and pool.has(there_already):
            yield there_already
            continue
        try:
            with system.open_input_stream(f"{root}/{name}") as stream:
                stored = pool.put(stream, FILES + name)
        except FileNotFoundError as error:
            raise _GoneError from error
        if stored.size != size:
            raise BackupError(f"{root}/{name} has {stored.size} bytes, the catalog says {size}: it is damaged.")
        yield stored


def _of_folders(settings: Settings, pool: Pool) -> list[Stored]:
    folders = {
        MODELS: settings.models_dir,
        RECEIPTS: settings.out_dir / "erasures",
        REFERENCE: settings.reference_dir,
    }
    return [one for prefix, folder in folders.items() for one in _of_folder(pool, folder, prefix)]


def _of_folder(pool: Pool, folder: Path, prefix: str) -> list[Stored]:
    """Small files that change: copied again until none changed meanwhile."""
    for _ in range(TRIES):
        before = _marks(folder)
        try:
            found = [_put(pool, path, prefix + path.relative_to(folder).as_posix()) for path in before]
        except FileNotFoundError:
            continue
        if _marks(folder) == before:
            return found
    raise BackupError(f"{folder} was written all the time while it was copied: run the backup again.")


def _marks(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Inode, size and time of change of each file."""
    marks = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".lock" and not path.name.startswith("."):
            seen = path.stat()
            marks[path] = (seen.st_ino, seen.st_size, seen.st_mtime_ns)
    return marks


def _kept(folder: Path, pool: Pool, backups: Sequence[Manifest], keep: int) -> int:
    """Let the oldest backups go, and what no backup names; returns the bytes that came free."""
    stay = backups[-keep:] if keep else backups
    for one in backups:
        if one not in stay:
            (folder / f"{one.name}.json").unlink()
    return pool.sweep({one.sha256 for backup in stay for one in backup.files})


__all__ = ["Taken", "back_up", "copy_sqlite"]
