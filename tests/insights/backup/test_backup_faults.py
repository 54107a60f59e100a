"""A backup made while a process writes, and backups and restores killed with SIGKILL at each of their steps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from backup_lives import BACKUP_POINTS, RESTORE_POINTS, ended
from backup_tools import contents, elsewhere, without_restore

from insights.backup.restore import restore
from insights.backup.take import back_up
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings

pytestmark = pytest.mark.faults
HERE = Path(__file__).parent


def lives(what: str, settings: Settings, *more: Path) -> subprocess.Popen[str]:
    places = (settings.data_dir, settings.keys_dir, settings.extension_dir, settings.reference_dir, *more)
    path = os.pathsep.join([str(HERE.parents[1]), str(HERE.parents[2])])
    return subprocess.Popen(
        [sys.executable, str(HERE / "backup_lives.py"), what, *map(str, places)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_backups_made_while_a_process_writes_are_whole(settings: Settings, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    with lives("write", settings) as writer:
        assert writer.stdin and writer.stdout
        marks = []
        for _ in range(3):
            n = [int(writer.stdout.readline()) for _ in range(12)][-1]  # it goes on between backups
            marks.append((n, back_up(settings, backups).manifest))
        writer.stdin.close()
        posted = [*map(int, writer.stdout)][-1]
    assert writer.returncode == 0
    for number, (n, made) in enumerate(marks):
        there = elsewhere(settings, tmp_path / str(number))
        done = restore(there, backups, name=made.name)
        assert (done.lake, done.problems) == (made.lake, ())
        with open_lake(there) as lake, open_ledger(there) as ledger:
            answered, in_lake = ended(lake, ledger)
            assert lake.check_keys() == []
        assert answered == in_lake  # none lost, none twice
        assert n <= len(in_lake) <= posted
    assert [made.lake["feedback"] for _, made in marks] == sorted(made.lake["feedback"] for _, made in marks)


def test_a_kill_at_any_step_is_made_good_by_the_next_run(home, tmp_path: Path) -> None:
    with lives("kills", home.settings, tmp_path / "backups", tmp_path / "new") as process:
        said, _ = process.communicate()
    lines = {line["point"]: line for line in map(json.loads, said.splitlines())}
    assert process.returncode == 0
    died = [json.loads(line) for line in said.splitlines() if "died_of" in line]
    assert len(died) == len(BACKUP_POINTS) + len(RESTORE_POINTS)
    assert {line["died_of"] for line in died} == {signal.SIGKILL}, died
    assert lines["backup"]["n_objects"] <= lines["backup"]["n_files"]
    assert lines["restore"] == {"point": "restore", "problems": [], "same": True}
    there = home.settings.model_copy(update={"data_dir": tmp_path / "new"})
    assert without_restore(contents(there)) == without_restore(contents(home.settings))
    assert not there.restoring.parent.exists()
    with open_ledger(there) as ledger:
        assert len(ledger.events(("restore.done",))) == 1
