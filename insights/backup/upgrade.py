"""An upgrade with a way back: a backup first, then both stores brought to this version, then the checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from insights.backup import manifest as manifests
from insights.backup.tables import ledger_counts
from insights.backup.take import Taken, back_up
from insights.errors import BackupError
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.ledger.ledger import ledger_engine
from insights.ledger.migrate import downgrade, known, revision
from insights.settings import Settings
from insights.steps.govern import run_checks


@dataclass(frozen=True)
class Upgraded:
    """The backup made first, the ledger's migration before and after, and the checks that fail.

    `gone`: tables of the ledger that an earlier version does not have, with the rows they had.
    """

    backup: Taken
    before: str
    after: str
    problems: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def upgrade(settings: Settings, folder: Path, *, keep: int = 0) -> Upgraded:
    """Back up, migrate, check. Raises BackupError, LakeError or LedgerError; the backup stands then."""
    taken = back_up(settings, folder, keep=keep)
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        failed, _ = run_checks(lake)
        after = revision(ledger.engine) or ""
    return Upgraded(taken, taken.manifest.ledger_revision, after, tuple(failed))


def go_back(settings: Settings, folder: Path) -> Upgraded:
    """Take the ledger back to the migration of the newest backup of an earlier version; rows of both stores stay.

    The lake needs nothing: columns that a version does not know are left alone. A backup is made first.
    Raises BackupError when no backup of the folder is of an earlier migration.
    """
    with _engine(settings) as engine:
        before = revision(engine) or ""
        target = _earlier(folder, before)
        taken = back_up(settings, folder)
        rows = _rows(engine)
        downgrade(engine, target, settings.data_dir)
        left = _rows(engine)
    gone = tuple(f"{name} ({n} rows)" for name, n in rows.items() if name not in left)
    return Upgraded(taken, before, target, gone=gone)


def _earlier(folder: Path, now: str) -> str:
    """The migration of the newest backup that is of an earlier one."""
    newest_first = known()
    if now not in newest_first:
        raise BackupError(f"The ledger is at migration {now}, which this version does not know: nothing was changed.")
    older = newest_first[newest_first.index(now) + 1 :]
    found = [manifests.read(path).ledger_revision for path in reversed(manifests.all_in(folder))]
    target = next((one for one in found if one in older), None)
    if target is None:
        raise BackupError(
            f"No backup in {folder} is of an earlier migration than {now}: this ledger needs no way back. "
            "Nothing was changed."
        )
    return target


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    engine = ledger_engine(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def _rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return ledger_counts(connection)
