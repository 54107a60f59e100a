"""The mailing benchmark, small: a real SMTP server and sender, one kill at each point; and its judge can fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from insights.bench.mailing import Found, fire, judge, rows
from insights.outbox.smtp import POINTS


@pytest.mark.faults
def test_each_gets_one_and_the_judge_sees_what_is_lost_or_doubled(tmp_path: Path) -> None:
    found = fire(tmp_path, n=60, kills_each=1, patience_seconds=3000)
    assert (found.n, found.n_kills, found.n_wrong) == (60, len(POINTS), 0), found
    assert found.second == 2, found  # killed when the relay held the whole mail: at content and at taken
    assert found.in_doubt == 4, found  # and at intended and recipient, where nothing had left
    assert (found.bounced, found.put_off) == (1, 1), found
    assert {entry.part for entry in rows(found)} == {"mailing"}
    log = tmp_path / "received.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines()
    last = json.loads(lines[-1])
    for changed, name in (
        ([one for one in lines if json.loads(one)["to"] != last["to"]], "lost"),
        ([*lines, lines[-1]], "twice"),
        ([*lines[:-1], json.dumps({**last, "id": "<other@x>"})], "unlike"),
    ):
        log.write_text("\n".join(changed) + "\n", encoding="utf-8")
        again = Found(n=60)
        judge(tmp_path, again)
        assert (getattr(again, name), again.n_wrong) == (1, 1), (name, again)
