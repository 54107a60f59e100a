"""Tables of a Postgres, out and in again, by PostgreSQL's own pg_dump and pg_restore: one consistent state each."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import OperationalError

from insights.errors import BackupError
from insights.lake.place import PATIENCE
from insights.ledger.schema import METADATA
from insights.settings import Settings

CATALOG = ("ducklake_*",)
LEDGER = (*sorted(METADATA.tables), "alembic_version")
PROGRAMS = Path("/usr/lib/postgresql")  # Debian keeps those of each version apart


@dataclass(frozen=True)
class Database:
    """The tables of one store in a Postgres. `patterns`: their names, `*` for any letters."""

    url: URL
    patterns: tuple[str, ...]

    @contextmanager
    def dumped(self, target: Path) -> Iterator[Connection]:
        """Write the tables into one file; the connection sees the very state that was written. Raises BackupError."""
        with self._connected(isolation_level="REPEATABLE READ") as connection:
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar()
            wanted = [f"--snapshot={snapshot}", *(f"--table={pattern}" for pattern in self.patterns)]
            plain = ("--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
            _run("pg_dump", self.url, *plain, *wanted)
            target.chmod(0o600)
            yield connection

    def load(self, source: Path) -> None:
        """Put the tables back, all or none, in place of those of these names. Raises BackupError."""
        options = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        _run("pg_restore", self.url, *options, str(source))

    def tables(self) -> list[str]:
        """Those that are there."""
        with self._connected() as connection:
            named = connection.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
            ).scalars()
            return [str(one) for one in named if any(Path(one).match(pattern) for pattern in self.patterns)]

    def move_aside(self, schema: str) -> int:
        """Put the tables that are there into a schema of their own; returns how many."""
        names = self.tables()
        with self._connected() as connection:
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
            for name in names:
                connection.execute(text(f'ALTER TABLE "{name}" SET SCHEMA "{schema}"'))
        return len(names)

    @contextmanager
    def _connected(self, **options: Any) -> Iterator[Connection]:
        """One transaction, committed at the end of the block. Raises BackupError when the server does not answer."""
        engine = create_engine(self.url, connect_args={"connect_timeout": PATIENCE["connect_timeout"]}, **options)
        try:
            with engine.begin() as connection:
                yield connection
        except OperationalError as error:
            said = str(error.orig).strip().partition("\n")[0]
            raise BackupError(
                f"The Postgres at {self.url!r} does not answer ({said}). Run again when it does."
            ) from error
        finally:
            engine.dispose()


def catalog_database(settings: Settings) -> Database | None:
    """Where the lake's catalog stands; None for a SQLite file."""
    return Database(_url(settings.catalog_url), CATALOG) if settings.catalog_url else None


def ledger_database(settings: Settings) -> Database | None:
    """Where the ledger stands; None for a SQLite file."""
    url = make_url(settings.ledger_url) if settings.ledger_url else None
    return Database(_url(settings.ledger_url), LEDGER) if url is not None and url.drivername[:8] == "postgres" else None


def _url(given: str) -> URL:
    return make_url(given).set(drivername="postgresql+psycopg")


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; a password goes through the environment, where nobody else sees it."""
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    command = [_program(program), f"--dbname={plain}", *arguments]
    done = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise BackupError(f"{program} at {plain} ended with {done.returncode}: {said}")


def _program(name: str) -> str:
    """The newest one installed: it must be as new as the server."""
    found: Sequence[Path] = sorted(PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(name)
    if not path:
        raise BackupError(f"{name} is not installed: install PostgreSQL's client programs (postgresql-client).")
    return path
