"""Faults of the machine become sentences, and what is no such fault keeps its trace."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import create_engine, text

from insights.errors import LakeError, VocError
from insights.settings import Settings
from insights.steps.drafts import drafts, sweep_drafts
from insights.troubles import Short, check_room, sentence


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "no room left at /data/x"),
        (OSError(errno.EROFS, "Read-only file system", "/data/x"), "may not write at /data/x"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "may not write at /data/x"),
        (sqlite3.OperationalError("database or disk is full"), "no room left"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "may not write"),
        (sqlite3.OperationalError("database is locked"), "Another process holds the database"),
        (duckdb.IOException('Could not write file "x": No space left on device'), "no room left"),
        (
            LakeError('The lake refused the write: Failed to execute query "COMMIT": database or disk is full'),
            "no room left",
        ),
        (LakeError("Another process has been writing."), "Another process has been writing."),
    ],
)
def test_each_fault_has_its_sentence(error: Exception, words: str) -> None:
    assert words in str(sentence(error))


def test_the_fault_behind_an_error_is_found_and_a_bug_keeps_its_trace() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise RuntimeError("a step failed") from error
    except RuntimeError as error:
        assert "no room left" in str(sentence(error))
    assert sentence(ValueError("a bug")) is None
    assert sentence(OSError(errno.ENOENT, "No such file", "x")) is None


def test_a_locked_ledger_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE t (n INTEGER)")
    holder.execute("BEGIN EXCLUSIVE")
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
    try:
        with pytest.raises(Exception, match="locked") as caught, engine.begin() as connection:
            connection.execute(text("INSERT INTO t VALUES (1)"))
        assert "Another process holds the database" in str(sentence(caught.value))
    finally:
        engine.dispose()
        holder.close()


def test_a_log_line_of_such_an_error_has_no_trace() -> None:
    def line(error: Exception) -> logging.LogRecord:
        found = logging.LogRecord("x", logging.ERROR, "x", 1, "failed: %s", ("x",), (type(error), error, None))
        assert Short().filter(found)
        return found

    assert line(LakeError("Wait, and run again.")).getMessage() == "Wait, and run again."
    assert line(LakeError("Wait, and run again.")).exc_info is None
    assert line(ValueError("a bug")).exc_info is not None


def test_where_nothing_can_be_written_nothing_is_begun(tmp_path: Path) -> None:
    check_room(tmp_path / "data")
    (tmp_path / "file").write_text("")
    with pytest.raises(VocError, match="cannot be written"):
        check_room(tmp_path / "file" / "data")
    assert list((tmp_path / "data").iterdir()) == []


def test_drafts_of_the_dead_go_after_a_day(settings: Settings) -> None:
    old, young, kept = (
        settings.keys_dir / name for name in (".inbox.key.77.0a1b2c3d", ".x.json.9.ffffffff", ".hidden")
    )
    settings.keys_dir.mkdir(parents=True)
    for path in (old, young, kept):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))
    os.utime(kept, (1, 1))
    assert drafts(settings) == [old, young]
    assert sweep_drafts(settings) == 1
    assert sorted(settings.keys_dir.iterdir()) == [kept, young]
