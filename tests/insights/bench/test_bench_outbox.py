"""The storm, small: a receiver in a process of its own, two SIGKILLs, nothing lost or doubled; and its judge can fail."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from insights.bench.outbox import judge, rows, storm
from insights.bench.outbox_sender import START, arrivals, endpoint_of, settings_of
from insights.ledger import open_ledger
from insights.outbox.control import folded


@pytest.mark.faults
def test_nothing_is_lost_or_processed_twice(tmp_path: Path) -> None:
    found = storm(tmp_path, n_cases=200, n_kills=2, patience_seconds=3000)
    assert (found.n_cases, found.n_kills) == (200, 2)
    assert found.n_wrong == found.unexplained == 0, found
    assert found.counts["failed"] > 30 and found.counts["while down"] > 0, found  # it was hard enough
    assert found.counts["repeats dropped"] > 0, found
    assert 0 < found.kept_by_ledger < 200, found  # some were due while it was down
    assert {entry.part for entry in rows(found)} == {"outbox"}


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Four cases, of which the ledger calls all delivered at the start."""
    (tmp_path / "port").write_text("1")
    with open_ledger(settings_of(tmp_path)) as ledger:
        ledger.append_many(arrivals(4, 1))
        for one in folded(ledger, endpoint_of(tmp_path)).deliveries.values():
            for kind in ("attempted", "delivered"):
                payload = {"endpoint": "receiver", "n": 1, "status": 200}
                at = one.created_at + timedelta(seconds=1)
                ledger.append(f"delivery.{kind}", one.message_id, payload, actor="x", at=at, key=one.message_id + kind)
    return tmp_path


def write(folder: Path, *lines: dict[str, object]) -> None:
    for name in ("effects.jsonl", "acknowledged.jsonl"):
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_the_judge_sees_what_is_lost_doubled_and_called_delivered_too_early(told: Path) -> None:
    opened = arrivals(4, 1)
    lines = [{"id": e["key"], "case_id": e["subject"], "type": "t", "at": e["at"].timestamp()} for e in opened]
    write(told, *lines)
    assert judge(told, 4, 1).n_wrong == 0
    write(told, *lines[1:])
    assert judge(told, 4, 1).lost == 1
    write(told, *lines, lines[0])
    assert judge(told, 4, 1).twice == 1
    write(told, *lines[1:], {**lines[0], "at": (START + timedelta(days=9)).timestamp()})
    found = judge(told, 4, 1)
    assert (found.too_early, found.unlike) == (1, 1)
    assert judge(told, 5, 1).undelivered >= 1
