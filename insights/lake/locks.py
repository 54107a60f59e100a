"""One writer of the lake at a time: a file's lock beside a SQLite catalog, an advisory lock in a Postgres catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from insights.errors import LakeBusyError, LakeError
from insights.lake.place import asked, catalog_connection
from insights.settings import Settings

ADVISORY = 7246914  # beside the ledger's 7246913: both may live in one database


@dataclass(frozen=True)
class Held:
    """The lock, while it is held. `still` raises LakeError when it was lost, as with the server that kept it."""

    still: Callable[[], None] = lambda: None


@contextmanager
def write_lock(settings: Settings, seconds: float) -> Iterator[Held]:
    """Be the lake's only writer, on all machines that share its catalog.

    Raises LakeBusyError when another keeps it for longer than `seconds`, LakeError when the catalog does not answer.
    """
    if settings.catalog_url:
        with _advisory(settings, seconds) as held:
            yield held
        return
    path = lock_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise _busy(seconds, str(path)) from error
    try:
        yield Held()
    finally:
        lock.release()


def lock_file(settings: Settings) -> Path:
    """The file whose lock makes one process the writer of a lake with a SQLite catalog."""
    return settings.lake_dir / "write.lock"


@contextmanager
def _advisory(settings: Settings, seconds: float) -> Iterator[Held]:
    with catalog_connection(settings) as connection:
        wait = f"{max(1, round(seconds * 1000))}ms"
        asked(connection, "SELECT set_config('lock_timeout', %s, false)", wait)
        try:
            asked(connection, "SELECT pg_advisory_lock(%s)", ADVISORY)
        except LakeError as error:
            if getattr(error.__cause__, "sqlstate", None) == "55P03":  # lock_not_available: the time is over
                raise _busy(seconds, f"{ADVISORY} at {settings.catalog_url}") from error
            raise

        def still() -> None:
            try:
                asked(connection, "SELECT 1")
            except LakeError as error:
                raise LakeError(
                    "The connection that held the lake's lock was cut (was Postgres restarted?): nothing was written. "
                    "Run again."
                ) from error

        yield Held(still)
        with suppress(LakeError):
            asked(connection, "SELECT pg_advisory_unlock(%s)", ADVISORY)


def _busy(seconds: float, lock: str) -> LakeBusyError:
    return LakeBusyError(
        f"Another process has been writing the lake for over {seconds:.0f} s (lock {lock}). "
        "Wait for it, or stop it, and run again: nothing was written."
    )
