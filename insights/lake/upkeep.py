"""Statements that rewrite the lake's files, run in a process of its own with one thread.

DuckLake's compaction was seen to abort the whole process natively (twice in some hundred runs, at the end of a long
chain; ducklake issues 87, 464 and 542 tell of the like). Apart, an abort costs one more try: its statements are
transactions of the catalog, and a file that no catalog names is cleaned up later.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
from pydantic import SecretStr

from insights.errors import LakeBusyError, LakeError
from insights.lake.connect import connect
from insights.lake.locks import write_lock
from insights.settings import Settings, load_settings

TRIES = 2
REFUSED, BUSY = 1, 75  # exit codes
NEEDED = (
    *("data_dir", "keys_dir", "extension_dir", "catalog_url", "files_url"),
    *(name for name in Settings.model_fields if name.startswith("s3_")),
)
ROOT = Path(__file__).parents[2]


def upkeep(settings: Settings, statements: Sequence[str], lock_seconds: float) -> None:
    """Run the statements in order, to the end, under the lake's write lock, which the caller does not hold.

    Raises LakeBusyError when another process keeps the lock, LakeError when a statement is refused or when the
    process ends without a word twice.
    """
    needed = {name: _plain(getattr(settings, name)) for name in NEEDED}
    told = json.dumps({"settings": needed, "statements": list(statements), "lock_seconds": lock_seconds})
    for _ in range(TRIES):
        code, said = _attempt(told)
        if code == 0:
            return
        if code == BUSY:
            raise LakeBusyError(said)
        if code == REFUSED:
            raise LakeError(f"The lake could not be compacted: {said}")
    raise LakeError(
        f"The lake could not be compacted: its process ended with code {code}, {TRIES} times ({said[-300:]}). "
        "Nothing is lost: run the step again."
    )


def _attempt(told: str) -> tuple[int, str]:
    """Exit code of one try, negative for a signal, and what it said."""
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from insights.lake.upkeep import main; sys.exit(main())"],
        input=told,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    return done.returncode, done.stderr.strip()


def _plain(value: object) -> object:
    """A setting as JSON has it; a secret goes through the process's standard input only."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


def main() -> int:
    """What the process does: statements from stdin; an exit code, and a sentence on stderr when one is refused."""
    told = json.load(sys.stdin)
    settings = load_settings(**told["settings"])
    try:
        with write_lock(settings, told["lock_seconds"]):
            _run(settings, told["statements"])
    except LakeBusyError as error:
        sys.stderr.write(str(error))
        return BUSY
    except (duckdb.Error, LakeError) as error:
        sys.stderr.write(str(error))
        return REFUSED
    return 0


def _run(settings: Settings, statements: Sequence[str]) -> None:
    connection = connect(settings, read_only=False)
    try:
        connection.execute("SET threads = 1")
        for statement in statements:
            connection.execute(statement).fetchall()
    finally:
        connection.close()
