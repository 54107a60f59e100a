"""Give a backup back: every hash first, beside what is there, erased people erased again, then put in its place.

Nothing can be read before the end: both stores refuse to open while a restore has not ended. Each step may be done twice;
a restore that was killed goes on where it stopped when it is started again.
"""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.fs as pafs
from sqlalchemy.engine import make_url

from insights.backup import manifest as manifests
from insights.backup.keyed import check_keys
from insights.backup.manifest import Manifest
from insights.backup.named import FORGET_DELETIONS
from insights.backup.pool import Pool, Stored, sha256_of
from insights.backup.postgres import Database, catalog_database, ledger_database
from insights.backup.state import State, staging, unfinished
from insights.backup.tables import lake_counts, ledger_counts
from insights.backup.take import CATALOG_DUMP, FILES, LEDGER, LEDGER_DUMP, REFERENCE
from insights.errors import BackupError
from insights.keys import KeyRing
from insights.lake import Lake, open_lake
from insights.lake.files import file_system
from insights.lake.place import asked, catalog_connection
from insights.ledger import open_ledger
from insights.ledger.ledger import ledger_engine, ledger_url
from insights.outbox.endpoint import Endpoint
from insights.outbox.endpoints import load_directory
from insights.outbox.hold import doubt, hold
from insights.privacy.replay import replay_erasures
from insights.settings import Settings
from insights.steps.govern import run_checks

Say = Callable[[str], None]
SHOWN = 5


@dataclass(frozen=True)
class Restored:
    """What a restore did. `lake`, `ledger`: rows now; those of the manifest stood there before people were erased again.

    `problems`: checks that fail. `differing`: files of the reference folder that are not as they were; they stay.
    """

    manifest: Manifest
    lake: dict[str, int]
    ledger: dict[str, int]
    erased_again: int
    problems: tuple[str, ...]
    differing: tuple[str, ...]
    aside: str


def restore(
    settings: Settings, folder: Path, *, name: str = "", replace_old: bool = False, say: Say = lambda _: None
) -> Restored:
    """Restore the newest backup of a folder, or the one named, to the place the settings name.

    `replace_old` moves aside what stands there. Raises BackupError, with nothing changed, for a damaged file, for keys
    that are not the backup's, or for a place that is not empty.
    """
    state = unfinished(settings)
    backup, folder = manifests.chosen(folder, name or (state.backup if state else "")), folder.resolve()
    if state is not None and state.backup != backup.name:
        raise BackupError(f"The restore of {state.backup} has not ended: end it first (--name {state.backup}).")
    _same_stores(settings, backup)
    check_keys(KeyRing(settings.keys_dir), backup.keys, backup.n_erasures)
    pool = Pool(folder)
    say(f"Reading {len(backup.files)} files of {backup.name} ...")
    _sound(pool, backup)
    if state is None:
        state = _begun(settings, backup, folder, replace_old)
    try:
        return _done(settings, backup, pool, state, say)
    except OSError as error:
        raise BackupError(f"The restore could not write ({error}). Make room or mend it, and run it again.") from error


def check(folder: Path, name: str = "") -> Manifest:
    """Read a whole backup and compare every hash. Raises BackupError naming what is damaged."""
    backup = manifests.chosen(folder, name)
    _sound(Pool(folder), backup)
    return backup


def _sound(pool: Pool, backup: Manifest) -> None:
    wrong = list(pool.damaged(backup.files))
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise BackupError(
            f"Backup {backup.name} cannot be used: {'; '.join(wrong[:SHOWN])}{more}. Nothing was restored. Take an older "
            "backup (--name), or another copy of this folder."
        )


def _same_stores(settings: Settings, backup: Manifest) -> None:
    """Raises BackupError when a store of the backup is of another kind than the one the settings name."""
    paths = {one.path for one in backup.files}
    for store, ours, database in (
        ("ledger", LEDGER_DUMP, ledger_database(settings)),
        ("catalog", CATALOG_DUMP, catalog_database(settings)),
    ):
        if (ours in paths) != (database is not None):
            held, wanted = ("Postgres", "SQLite") if ours in paths else ("SQLite", "Postgres")
            raise BackupError(
                f"The backup's {store} is of a {held}, VOC_{store.upper()}_URL names {wanted}: restore it to a {held}, "
                "then move it with `voc migrate`."
            )


def _begun(settings: Settings, backup: Manifest, folder: Path, replace_old: bool) -> State:
    """Write down that a restore is under way; from now on the stores do not open."""
    there = list(_occupied(settings))
    if there and not replace_old:
        raise BackupError(
            f"This place is not empty: {', '.join(there)}. Stop what runs there, then name another place "
            "(VOC_DATA_DIR, VOC_LEDGER_URL, VOC_CATALOG_URL), or say --replace, which moves it aside."
        )
    shutil.rmtree(settings.restoring.parent, ignore_errors=True)
    now = datetime.now(UTC)
    aside = f"replaced-{now:%Y%m%dT%H%M%SZ}" if there else ""
    return State(str(folder), backup.name, now.isoformat(), aside=aside).at(settings, "tables")


def _occupied(settings: Settings) -> Iterator[str]:
    """What stands in the place of the stores."""
    for path in (settings.data_dir / "lake", _ledger_file(settings), settings.models_dir):
        if path is not None and (any(path.iterdir()) if path.is_dir() else path.exists()):
            yield str(path)
    for database in _databases(settings):
        if tables := database.tables():
            yield f"{len(tables)} tables at {database.url.render_as_string()}"


def _databases(settings: Settings) -> list[Database]:
    return [one for one in (catalog_database(settings), ledger_database(settings)) if one is not None]


def _ledger_file(settings: Settings) -> Path | None:
    """The ledger's SQLite file; None for a Postgres."""
    return None if ledger_database(settings) else Path(make_url(ledger_url(settings)).database or "").resolve()


def _done(settings: Settings, backup: Manifest, pool: Pool, state: State, say: Say) -> Restored:
    staged = settings.model_copy(update={"data_dir": staging(settings)})
    if _ledger_file(settings):
        staged = staged.model_copy(update={"ledger_url": ""})
    if state.before("tables"):
        for database in _databases(settings) if state.aside else ():
            database.move_aside(state.aside)
        state = state.at(settings, "copy")
    if state.before("copy"):
        say("Copying ...")
        _copy(staged, backup, pool)
        _compare(staged, backup)
        state = state.at(settings, "settle")
    if state.before("settle"):
        say("Bringing to this version, erasing again whom the log names, checking ...")
        state = _settle(settings, staged, backup, state)
    if state.before("clear"):
        _clear(settings, state)
        state = state.at(settings, "place")
    _place(settings, staged.data_dir)
    state.end(settings)
    return _told(settings, backup, pool, state)


def _copy(staged: Settings, backup: Manifest, pool: Pool) -> None:
    system, root = file_system(staged)
    for one in backup.files:
        if one.path.startswith(FILES) and staged.files_url:
            _upload(system, f"{root}/{one.path.removeprefix(FILES)}", pool, one)
        elif not one.path.startswith(REFERENCE) and one.path not in (LEDGER_DUMP, CATALOG_DUMP):
            pool.give(one, staged.data_dir / one.path)
    for path, database in ((CATALOG_DUMP, catalog_database(staged)), (LEDGER_DUMP, ledger_database(staged))):
        for one in backup.files:
            if database is not None and one.path == path:
                database.load(pool.path_of(one.sha256))
    if staged.catalog_url:
        with catalog_connection(staged) as connection:
            asked(connection, FORGET_DELETIONS)


def _upload(system: pafs.FileSystem, path: str, pool: Pool, one: Stored) -> None:
    """Put a file behind S3, where it appears whole or not at all; one that is there stays."""
    seen = system.get_file_info(path)
    if seen.type == pafs.FileType.File and seen.size == one.size:
        return
    with pool.path_of(one.sha256).open("rb") as source, system.open_output_stream(path) as target:
        shutil.copyfileobj(source, target)


def _compare(staged: Settings, backup: Manifest) -> None:
    """Raises BackupError when a table has not the rows of the manifest."""
    with Lake(staged, read_only=True) as lake:
        found = {f"lake.{name}": n for name, n in lake_counts(lake).items()}
    found |= {f"ledger.{name}": n for name, n in _ledger_rows(staged).items()}
    wanted = {f"lake.{name}": n for name, n in backup.lake.items()}
    wanted |= {f"ledger.{name}": n for name, n in backup.ledger.items()}
    wrong = [f"{name}: {found.get(name)} of {n}" for name, n in wanted.items() if found.get(name) != n]
    if wrong:
        raise BackupError(f"The rows are not those of the manifest ({'; '.join(wrong[:SHOWN])}): take another backup.")


def _ledger_rows(settings: Settings) -> dict[str, int]:
    engine = ledger_engine(settings)
    try:
        with engine.connect() as connection:
            return ledger_counts(connection)
    finally:
        engine.dispose()


def _settle(settings: Settings, staged: Settings, backup: Manifest, state: State) -> State:
    """Bring both stores to this version, erase again, hold what would leave, check."""
    at = datetime.fromisoformat(state.started_at)
    with open_lake(staged) as lake, open_ledger(staged) as ledger:
        again = replay_erasures(lake, ledger)
        doubt(ledger, endpoints(settings), backup.name, at)
        hold(ledger, backup.name, backup.taken_at, actor=getpass.getuser(), at=at)
        failed, _ = run_checks(lake)
    failed += [f"an erasure is not complete ({receipt.path})" for receipt in again if not receipt.complete]
    return state.at(
        settings, "clear", erased_again=state.erased_again + len(again), problems=tuple(failed)
    )  # fmt: skip


def endpoints(settings: Settings) -> list[Endpoint]:
    """The endpoints that are declared; the one a dry run invents has never been sent anything."""
    known = load_directory(settings, dry_run=True).endpoints.values()
    return [one for one in known if one.name or settings.webhook_url]


def _clear(settings: Settings, state: State) -> None:
    """Move aside what stands where the new goes; an index of what was there is worth nothing any more."""
    shutil.rmtree(settings.search_dir, ignore_errors=True)
    for old in _places(settings).values():
        if old.exists() and state.aside:
            aside = settings.data_dir / state.aside
            aside.mkdir(exist_ok=True, mode=0o700)
            shutil.move(old, aside / old.name)


def _place(settings: Settings, staged: Path) -> None:
    """Put the new in place; what a kill left unmoved is moved now."""
    for name, old in _places(settings).items():
        if (new := staged / name).exists():
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(new, old)
    for receipt in sorted((staged / "out" / "erasures").glob("*.json")):
        target = settings.out_dir / "erasures" / receipt.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(receipt, target)


def _places(settings: Settings) -> dict[str, Path]:
    """Where each file or folder of the staged data folder goes."""
    ledger = _ledger_file(settings)
    ends = () if ledger is None else ("-wal", "-shm", "")
    files = {LEDGER + end: ledger.with_name(ledger.name + end) for end in ends if ledger is not None}
    return {"lake": settings.lake_dir, "models": settings.models_dir, **files}


def _told(settings: Settings, backup: Manifest, pool: Pool, state: State) -> Restored:
    with Lake(settings, read_only=True) as lake:
        lake_rows = lake_counts(lake)
    return Restored(
        backup, lake_rows, _ledger_rows(settings), state.erased_again, state.problems,
        tuple(_differing(settings, backup, pool)), state.aside,
    )  # fmt: skip


def _differing(settings: Settings, backup: Manifest, pool: Pool) -> Iterator[str]:
    """Reference files that are missing here or have other content, with where the backup's copy lies."""
    for one in backup.files:
        if one.path.startswith(REFERENCE):
            path = settings.reference_dir / one.path.removeprefix(REFERENCE)
            if not path.is_file() or sha256_of(path) != one.sha256:
                yield f"{path} (the backup's: {pool.path_of(one.sha256)})"


__all__ = ["Restored", "check", "endpoints", "restore"]
