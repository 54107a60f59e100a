"""Actions as a board: in which column each stands, and which are left by the filters of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from insights.actions.model import DONE, DROPPED, PLANNED, RUNNING, Action
from insights.proof.verdict import NOT_SHOWN, PROVEN, WORSE

JUDGED = "judged"  # done, and the proof has spoken
COLUMNS = (PLANNED, RUNNING, DONE, JUDGED)
ASIDE = DROPPED  # not a step of the work: shown below the board
SPOKEN = (PROVEN, NOT_SHOWN, WORSE)
NEXT = {PLANNED: RUNNING, RUNNING: DONE}
TEAM_DIMENSIONS = ("team", "agent_team")


@dataclass(frozen=True)
class Wanted:
    """What is kept; "" keeps all."""

    owner: str = ""
    irritant: str = ""
    team: str = ""


def column(action: Action, verdict: str | None) -> str:
    """The column of an action. A verdict moves a card only when its work is over: until then it stands on the card."""
    return JUDGED if action.state == DONE and verdict in SPOKEN else action.state


def teams_of(action: Action) -> frozenset[str]:
    """Teams it is made for or compared on, as declared."""
    told = {name for dimension in TEAM_DIMENSIONS for name in action.scope.get(dimension, ())}
    if action.comparison.dimension in TEAM_DIMENSIONS:
        told |= set(action.comparison.treated)
    return frozenset(told)


def kept(actions: Iterable[Action], wanted: Wanted) -> list[Action]:
    """Actions that pass the filters, in their order."""
    return [
        one
        for one in actions
        if wanted.owner in ("", one.owner or "")
        and wanted.irritant in ("", one.irritant_id)
        and (not wanted.team or wanted.team in teams_of(one))
    ]


def placed(actions: Iterable[Action], verdicts: Mapping[str, str]) -> dict[str, list[Action]]:
    """Actions by column, in their order; every column is there, the dropped ones last."""
    found: dict[str, list[Action]] = {name: [] for name in (*COLUMNS, ASIDE)}
    for one in actions:
        found[column(one, verdicts.get(one.action_id))].append(one)
    return found
