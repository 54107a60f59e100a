"""What an edit of the registry would change, before anybody makes it: a registry and a sight that nothing has recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from insights.events import LedgerEvent
from insights.irritants import edit
from insights.irritants import registry as kinds
from insights.irritants.edit import Draft
from insights.irritants.now import Placement, Sight, sight
from insights.irritants.registry import Registry

COUNTED = ("n_month", "n_year", "people_month", "people_year")  # of an irritant: 28 and 364 days


@dataclass(frozen=True)
class Drafted:
    """The registry and the readers' sight as they would be. `made_of`: the irritants whose texts each touched one holds."""

    known: Registry
    sight: Sight
    made_of: Mapping[str, tuple[str, ...]]
    gone: frozenset[str]


@dataclass(frozen=True)
class _Moved:
    event_id: int
    text_sha: str
    from_id: str
    to_id: str


def drafted(events: Sequence[LedgerEvent], placed: Iterable[Placement], draft: Draft) -> Drafted:
    """The registry after `draft`, which stays a draft. `placed`: placements of the live events.

    Raises LedgerError when the draft cannot stand after these events.
    """
    known = edit.check(events, draft)
    moves = [_Moved(known.version, *move) for move in draft.moves]
    made_of, gone = _touched(draft)
    return Drafted(known, sight(known, [*placed, *moves]), made_of, gone)


def _touched(draft: Draft) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """Each irritant whose texts change with those they come from, and the irritants that leave the lists."""
    own = draft.subject
    if draft.kind == kinds.MERGED:
        return {str(draft.payload["into"]): (own, str(draft.payload["into"]))}, frozenset({own})
    if draft.kind == kinds.SPLIT:
        parts = [str(part["irritant_id"]) for part in draft.payload["into"]]
        return {one: (own,) for one in (own, *parts)}, frozenset()
    if draft.kind == kinds.BORN and draft.moves:
        left = sorted({before for _, before, _ in draft.moves})
        return {own: tuple(left)} | {one: (one,) for one in left}, frozenset()
    return {own: (own,)}, frozenset({own}) if draft.kind == kinds.HIDDEN else frozenset()


@dataclass(frozen=True)
class Change:
    """One irritant before and after: counts by name of `COUNTED`, and its rank, None where it has none.

    `rank_after` is an estimate: the margin at stake goes with the customers; the next run ranks anew.
    """

    irritant_id: str
    before: Mapping[str, int]
    after: Mapping[str, int]
    rank_before: int | None
    rank_after: int | None


def changes(plan: Drafted, before: pd.DataFrame, after: pd.DataFrame, ranking: pd.DataFrame) -> list[Change]:
    """What the plan changes, the irritants that leave first.

    `before`, `after`: COUNTED by irritant_id. `ranking`: irritant_id, rank and worth (EUR, or mentions without euros),
    of the irritants that lists show today.
    """
    order = [*sorted(plan.gone), *(one for one in plan.made_of if one not in plan.gone)]
    ranks = _ranks(plan, before, after, ranking)
    now = dict(zip(ranking["irritant_id"], ranking["rank"].astype(int), strict=True))
    return [Change(one, _counts(before, one), _counts(after, one), now.get(one), ranks.get(one)) for one in order]


def _counts(frame: pd.DataFrame, irritant_id: str) -> dict[str, int]:
    return {name: int(frame[name].get(irritant_id, 0)) for name in COUNTED}


def _ranks(plan: Drafted, before: pd.DataFrame, after: pd.DataFrame, ranking: pd.DataFrame) -> dict[str, int]:
    """Rank of each touched irritant among those that stay."""
    worth = {str(one): float(value) for one, value in zip(ranking["irritant_id"], ranking["worth"], strict=True)}
    theirs = {one: _worth(one, sources, worth, before, after) for one, sources in plan.made_of.items()}
    staying = {one: value for one, value in {**worth, **theirs}.items() if one not in plan.gone}
    ranked = {one for one, sources in plan.made_of.items() if any(each in worth for each in sources)}
    return {
        one: 1 + sum(value > staying[one] for other, value in staying.items() if other != one)
        for one in ranked
        if one in staying
    }


def _worth(
    irritant_id: str,
    sources: Sequence[str],
    worth: Mapping[str, float],
    before: pd.DataFrame,
    after: pd.DataFrame,
) -> float:
    """What the sources were worth, cut to the share of their customers who stay with it."""
    total = sum(worth.get(one, 0.0) for one in sources)
    people = sum(_counts(before, one)["people_year"] for one in sources)
    return total * min(1.0, _counts(after, irritant_id)["people_year"] / people) if people else total
