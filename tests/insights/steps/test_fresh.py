"""What long-lived processes read from files is as old as the files."""

from __future__ import annotations

import os
from pathlib import Path

from insights.steps.fresh import Fresh


def test_a_file_is_read_once_and_again_when_it_changes_or_appears(tmp_path: Path) -> None:
    path, reads = tmp_path / "rules", []

    def load() -> str:
        reads.append(1)
        return path.read_text() if path.exists() else "none"

    fresh = Fresh([path], load)
    assert [fresh.get(), fresh.get(), len(reads)] == ["none", "none", 1]
    path.write_text("first")
    assert [fresh.get(), fresh.get(), len(reads)] == ["first", "first", 2]
    path.write_text("second")
    os.utime(path, ns=(1, 1))
    assert [fresh.get(), len(reads)] == ["second", 3]


def test_what_has_no_file_is_read_again_by_time(tmp_path: Path) -> None:
    reads: list[int] = []
    fresh = Fresh([], lambda: reads.append(1), seconds=-1)
    fresh.get()
    fresh.get()
    assert len(reads) == 2
