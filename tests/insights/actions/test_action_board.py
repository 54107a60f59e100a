"""In which column an action stands, and what the filters leave."""

from __future__ import annotations

from datetime import date

import pytest

from insights.actions import DONE, DROPPED, PLANNED, RUNNING, Action, Comparison
from insights.actions.board import JUDGED, Wanted, column, kept, placed, teams_of


def action(number: int, state: str = PLANNED, **told: object) -> Action:
    return Action(f"ACT-{number:04d}", f"Travail {number}", f"IR-{number:04d}", state=state, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "verdict", "place"),
    [
        (PLANNED, None, PLANNED),
        (RUNNING, "proven", RUNNING),  # the work goes on, whatever is shown already
        (DONE, None, DONE),
        (DONE, "too_early", DONE),
        (DONE, "proven", JUDGED),
        (DONE, "not_shown", JUDGED),
        (DONE, "worse", JUDGED),
        (DROPPED, "proven", DROPPED),
    ],
)
def test_a_verdict_moves_a_card_only_when_its_work_is_over(state: str, verdict: str | None, place: str) -> None:
    assert column(action(1, state), verdict) == place


def test_every_column_is_there_and_keeps_the_order() -> None:
    found = placed([action(2), action(1), action(3, DONE)], {"ACT-0003": "worse"})
    assert {name: [one.action_id for one in rows] for name, rows in found.items()} == {
        PLANNED: ["ACT-0002", "ACT-0001"], RUNNING: [], DONE: [], JUDGED: ["ACT-0003"], DROPPED: [],
    }  # fmt: skip


def test_filters_are_joined_by_and() -> None:
    drawn = Comparison("random", "team", ("Tours 1", "Tours 2"), ("Amiens 1", "Amiens 2"))
    one = action(1, owner="PO Prix", comparison=drawn, planned_on=date(2026, 1, 1))
    two = action(2, owner="PO Prix", scope={"team": ("Amiens 1",)})
    both = [one, two, action(3)]
    assert teams_of(one) == {"Tours 1", "Tours 2"}, "the teams left without it are not its teams"
    assert kept(both, Wanted()) == both
    assert kept(both, Wanted(owner="PO Prix")) == [one, two]
    assert kept(both, Wanted(owner="PO Prix", team="Amiens 1")) == [two]
    assert kept(both, Wanted(irritant="IR-0003")) == [both[2]]
    assert kept(both, Wanted(owner="PO Prix", irritant="IR-0003")) == []
