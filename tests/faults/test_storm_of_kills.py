"""The chain killed two hundred times: what stands is what an undisturbed run leaves."""

from __future__ import annotations

import pytest

from insights.bench.faults import Found, differing, judge, rows, storm

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """One storm for all tests of this file; its seed is in the figures."""
    pytest.importorskip("aiosmtpd", reason="aiosmtpd is not installed (extra `dev`): no mail server to send to")
    pytest.importorskip("standardwebhooks", reason="standardwebhooks is not installed (extra `dev`): no receiver")
    return storm(tmp_path_factory.mktemp("storm"), say=print)


def test_two_hundred_kills_lose_nothing_and_double_nothing(found: Found) -> None:
    told(found)
    assert found.n_kills >= 200
    assert found.differences == []
    assert found.wrong == []
    assert (found.lost, found.twice) == (0, 0)
    assert found.n_messages > 0 and found.n_rows > 1000 and found.n_events > 50  # there was something to lose
    assert len(found.moments) > 10, found.moments


def test_every_life_ends_well_or_by_the_kill(found: Found) -> None:
    assert found.gave_up == []


def told(found: Found) -> None:
    """The figures of the run, where pytest shows them (-rP)."""
    for entry in rows(found):
        print(f"{entry.name}: {entry.value:g} ({entry.size})")  # noqa: T201
    print(f"kills by moment: {dict(found.moments)}; not compared: {found.not_compared}")  # noqa: T201


def test_the_judge_sees_what_is_lost_and_what_is_left() -> None:
    wanted = {"feedback: rows": 3, "event case.opened: keys": ["a", "b"], "run.files": 2}
    found = Found(not_compared=["run.files"])
    same = {"same": wanted, "wrong": [], "left": [0, 0]}
    judge("round", same, same, found)
    assert found.n_wrong == 0
    other = {"feedback: rows": 2, "event case.opened: keys": ["b", "b"], "run.files": 3}
    judge("round", same, {"same": other, "wrong": ["key twice: feedback x"], "left": [1, 2]}, found)
    assert differing(wanted, other) == ["event case.opened: keys", "feedback: rows", "run.files"]
    assert len(found.differences) == 2 and found.wrong == ["round: key twice: feedback x"]
    assert "1 missing ['a'], 1 more ['b']" in found.differences[0]
    assert (found.n_files_left, found.n_drafts_left) == (1, 2)
