"""Bring the ledger to the newest Alembic migration; two processes starting at once do it once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import Engine, text

from insights.errors import LedgerError

MIGRATING = 7246912  # advisory lock of Postgres


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def revision(engine: Engine) -> str | None:
    """The migration this ledger is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest migration of this version."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def upgrade(engine: Engine, lock_folder: Path) -> None:
    """Run what is missing. Raises LedgerError for a ledger of a later version."""
    found = revision(engine)
    if found == head():
        return
    if found is not None and found not in known():
        raise LedgerError(
            f"The ledger is at migration {found}, this version knows {head()}: a later version wrote it. Install that one, "
            "or take the ledger back with it first (`voc upgrade FOLDER --back`)."
        )
    with FileLock(lock_folder / "ledger-migrate.lock"), engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # another machine may start at the same moment
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def known() -> list[str]:
    """The migrations of this version, newest first."""
    return [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()]


def downgrade(engine: Engine, to: str, lock_folder: Path) -> None:
    """Undo the migrations after `to`; tables that an earlier version does not have go, with their rows."""
    with FileLock(lock_folder / "ledger-migrate.lock"), engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # another machine may start at the same moment
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, to)
