"""A worker killed with SIGKILL between any two statements: the next one ends its work, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parents[1]


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory, extension_dir: Path) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("crashes")
    places = [folder / "data", folder / "keys", extension_dir, TESTS.parent / "data" / "reference"]
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [sys.executable, str(HERE / "crashes.py"), *map(str, places)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.faults
def test_every_crash_loses_nothing_and_doubles_nothing(lives: list[dict[str, Any]]) -> None:
    assert len(lives) == 4
    for number, life in enumerate(lives, start=1):
        where = life["point"]
        assert life["died_of"] == signal.SIGKILL, where
        assert life["counts"]["feedback"] == life["counts"]["answer"] == 3 * number, where
        assert life["counts"]["mention"] >= 3 * number, where
        assert (life["waiting"], life["staged"], life["problems"]) == (0, 0, 0), where
        assert life["cases"] == 2 * number, where  # two customers, one of them with two angry answers
        assert len(life["signals"]) == len(set(life["signals"])) == 3 * number, where
