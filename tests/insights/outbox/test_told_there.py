"""What a receiver is told of a case it may have: its end, its leaving, and never an older word after a newer one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from receivers import NOW, Receiver, receiver

from insights.cases import events_for, fold_cases
from insights.ledger import Ledger
from insights.outbox import Deliverer, Endpoint
from insights.outbox.fold import Route

MINUTE = timedelta(minutes=1)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def send(ledger: Ledger, there: Receiver, folder: Path, at: datetime, **more: Any) -> list[tuple[str, str]]:
    """(type, team) of what arrives in this run."""
    before = len(there.got)
    endpoint = Endpoint(there.url, (b"k" * 24,), allow_private=True, name="tool", **more)
    Deliverer(ledger, endpoint).deliver_due(at, dry_run=False, out_dir=folder)
    bodies = [json.loads(body) for _headers, body in there.got[before:]]
    return [(body["type"], body["data"]["owner_team"]) for body in bodies]


def act(ledger: Ledger, action: str, **details: Any) -> None:
    case = fold_cases(ledger.events(("case.",)))["k1"]
    for draft in events_for(case, action, actor="ada", at=NOW, **details):
        assert ledger.append(**draft.row())


def test_an_end_is_told_where_the_delivery_is_in_doubt(ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path):
    open_case()
    there.script = [(500, {})]  # it may have kept the case all the same
    assert send(ledger, there, tmp_path, NOW) == [("case.opened", "callbacks")]
    act(ledger, "take")
    act(ledger, "conclude", outcome="solved")
    told = send(ledger, there, tmp_path, NOW + 10 * MINUTE)
    assert told == [("case.resolved", "callbacks")]


def test_a_case_that_was_never_sent_has_no_end_to_tell(ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path):
    open_case()
    act(ledger, "take")
    act(ledger, "conclude", outcome="solved")
    assert send(ledger, there, tmp_path, NOW) == []


def test_an_older_word_is_not_sent_after_a_newer_one(ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path):
    open_case()
    there.script = [(500, {})]
    send(ledger, there, tmp_path, NOW)
    raised = {"signal": "urgency:f2", "reason": "urgency", "owner_team": "solidarity", "promise": "urgent"}
    raised["due_at"] = (NOW + 60 * MINUTE).isoformat()
    ledger.append("case.signal_added", "k1", raised, actor="rules", at=NOW, key="case:k1:signal:urgency:f2")
    assert send(ledger, there, tmp_path, NOW + timedelta(seconds=1)) == [("case.signal_added", "solidarity")]
    assert send(ledger, there, tmp_path, NOW + 60 * MINUTE) == []


def test_a_team_that_loses_a_case_is_told_once(ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path):
    ours = {"route": Route(teams=frozenset({"callbacks"}))}
    open_case()
    assert send(ledger, there, tmp_path, NOW, **ours) == [("case.opened", "callbacks")]
    act(ledger, "transfer", team="social")
    assert send(ledger, there, tmp_path, NOW + MINUTE, **ours) == [("case.transferred", "social")]
    assert send(ledger, there, tmp_path, NOW + 2 * MINUTE, **ours) == []


def test_a_team_that_never_had_it_is_not_told_that_it_left(
    ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    open_case()
    act(ledger, "transfer", team="social")
    assert send(ledger, there, tmp_path, NOW, route=Route(teams=frozenset({"callbacks"}))) == []


def test_a_held_case_leaves_in_time_for_its_promise_whoever_forgot_to_release_it(
    ledger: Ledger, open_case: Any, there: Receiver, tmp_path: Path
):
    open_case()
    held = {"incident": "i1"}
    ledger.append("case.held", "k1", held, actor="watch", at=NOW, key="case:k1:held:i1")
    assert send(ledger, there, tmp_path, NOW + MINUTE) == []
    assert send(ledger, there, tmp_path, NOW + timedelta(hours=43)) == []
    assert send(ledger, there, tmp_path, NOW + timedelta(hours=44)) == [("case.opened", "callbacks")]
