"""Events with the texts they move: recorded together, once, and only on the registry that was seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from insights.errors import RegistryMovedError
from insights.ledger import Ledger
from insights.ledger.placements import append_all, append_placed, placements

AT = datetime(2026, 10, 5, tzinfo=UTC)


def event(key: str, kind: str = "irritant.corrected") -> dict[str, Any]:
    return {"kind": kind, "subject": "IR-0001", "payload": {"to": "IR-0002"}, "actor": "test", "at": AT, "key": key}


def test_an_event_and_its_texts_are_recorded_together_and_once(ledger: Ledger) -> None:
    moves = [("t1", "IR-0001", "IR-0002"), ("t1", "IR-0001", "IR-0002"), ("t2", "IR-0001", "IR-0002")]
    assert append_placed(ledger, event("a"), moves)
    assert not append_placed(ledger, event("a"), moves)
    assert [(one.text_sha, one.from_id, one.to_id) for one in placements(ledger)] == moves[1:]
    assert placements(ledger, []) == []


def test_what_was_decided_on_another_registry_is_not_recorded(ledger: Ledger) -> None:
    append_placed(ledger, event("a"), [])
    seen = ledger.version()
    ledger.append("case.opened", "case-1", {}, actor="test", at=AT, key="case")  # no matter of the registry
    assert append_placed(ledger, event("b"), [], expected=seen)
    with pytest.raises(RegistryMovedError, match="changed meanwhile"):
        append_all(ledger, [(event("c"), [("t1", "IR-0001", "IR-0002")]), (event("d"), [])], expected=seen)
    assert placements(ledger) == [] and len(ledger.events(("irritant.",))) == 2
    assert append_all(ledger, [(event("b"), [])], expected=seen) == 0, "a known key is no conflict"


def test_of_many_at_once_one_wins_and_the_others_are_told(ledger: Ledger) -> None:
    def decide(number: int) -> bool:
        try:
            return append_placed(ledger, event(f"k{number}"), [], expected=0)
        except RegistryMovedError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(decide, range(24))) == 1
