"""Impact against effort: where an effort comes from, and what is a quick win."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from insights.events import LedgerEvent
from insights.ledger.ledger import Event
from insights.priorities.assumptions import CHANGED, UNDONE, Assumptions, load_assumptions
from insights.priorities.matrix import DECLARED, SAID, SUPPOSED, declared_efforts, matrix

NOW = datetime(2026, 10, 29, tzinfo=UTC)


def supposed(folder: Path, *events: LedgerEvent) -> Assumptions:
    return load_assumptions(folder, events)


def said(number: int, irritant: str, weeks: float) -> LedgerEvent:
    return Event(number, CHANGED, irritant, NOW, "Nadia", {"name": "effort", "value": weeks})


def ranked(**euros: float | None) -> pd.DataFrame:
    rows = [
        {"irritant_id": one, "value_at_risk_eur": value, "value_at_risk_low_eur": 0.0, "value_at_risk_high_eur": 9e3,
         "rank": place, "rank_low": 1, "rank_high": 4}
        for place, (one, value) in enumerate(euros.items(), 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_what_a_person_said_comes_before_what_an_action_declared(tmp_path: Path) -> None:
    found = matrix(ranked(A=900.0, B=500.0, C=100.0), supposed(tmp_path, said(1, "A", 2.0)), {"A": 100.0, "B": 15.0})
    assert found[["weeks", "source"]].values.tolist() == [[2.0, SAID], [3.0, DECLARED], [4.0, SUPPOSED]]


def test_a_quick_win_is_known_to_be_short_large_enough_and_nobody_works_on_it(tmp_path: Path) -> None:
    known = supposed(tmp_path, said(1, "A", 2.0), said(2, "B", 4.0), said(3, "C", 4.5), said(4, "D", 1.0))
    ranking = ranked(A=900.0, B=800.0, C=700.0, D=10.0, E=9.0)
    assert matrix(ranking, known, {}).set_index("irritant_id")["quick"].to_dict() == {
        "A": True, "B": True, "C": False, "D": False, "E": False,
    }  # fmt: skip
    assert matrix(ranking, known, {}, begun={"A"})["quick"].tolist() == [False, True, False, False, False]
    assert not matrix(ranking, supposed(tmp_path), {})["quick"].any(), "what nobody said is no quick win"


def test_an_effort_that_was_taken_back_is_supposed_again(tmp_path: Path) -> None:
    undone = Event(2, UNDONE, "A", NOW, "Nadia", {"event": 1})
    found = matrix(ranked(A=900.0, B=None), supposed(tmp_path, said(1, "A", 2.0), undone), {})
    assert found[["irritant_id", "weeks", "source"]].values.tolist() == [["A", 4.0, SUPPOSED]], "no euros, no place"


def test_the_work_of_all_open_actions_on_an_irritant_adds_up() -> None:
    assert declared_efforts([("A", 5.0), ("A", 2.5), ("B", None), ("C", 0.0)]) == {"A": 7.5}
