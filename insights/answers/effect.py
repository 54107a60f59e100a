"""What answers change: the order in which irritants are sent, who gets them, what is to be checked. Euros never change.

Every effect fades: an answer counts half after eight weeks, and no more once under one twentieth is left.
- wrong: the irritant counts half as much in the order, for everybody; the wrongs of several people multiply. It asks
  for a check of its texts.
- known: it counts half as much in the digests of who said so, and there only.
- not mine: it is not sent to who said so any more, and another owner is proposed.
- accept: it changes no order; it opens an action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from insights.answers.model import KNOWN, NOT_MINE, WRONG, Answer

HALF_LIFE = timedelta(weeks=8)
SET_BACK = 0.5  # a fresh answer takes half of the weight
LEAST = 0.05  # of the effect: below, it is over


@dataclass(frozen=True)
class Effects:
    """Effects that last at one instant. Ids of irritants are those of the registry now.

    `wrong`: factor under 1 by irritant. `known`: by (recipient, irritant). `declined`: newest answer by (recipient,
    irritant). `checks`: answers that ask for a look at an irritant's texts, newest first.
    """

    wrong: Mapping[str, float]
    known: Mapping[tuple[str, str], float]
    declined: Mapping[tuple[str, str], Answer]
    checks: tuple[Answer, ...]

    def factor(self, irritant_id: str, recipient_id: str = "") -> float:
        """Weight (0 to 1) of an irritant in the order, for everybody or in one recipient's digest."""
        return self.wrong.get(irritant_id, 1.0) * self.known.get((recipient_id, irritant_id), 1.0)


def effects(standing: Sequence[Answer], current: Mapping[str, str], now: datetime) -> Effects:
    """What the answers do at `now`. `current`: the irritant each id stands for today (merges followed).

    Of one person on one irritant only the newest answer counts.
    """
    newest: dict[tuple[str, str], Answer] = {}
    for one in standing:
        if one.at <= now:
            newest[one.recipient_id, current.get(one.irritant_id, one.irritant_id)] = one
    wrong: dict[str, float] = {}
    known: dict[tuple[str, str], float] = {}
    declined, checks = {}, []
    for (recipient, irritant), one in newest.items():
        if (left := remaining(one, now)) < LEAST:
            continue
        if one.answer == WRONG:
            wrong[irritant] = wrong.get(irritant, 1.0) * (1 - SET_BACK * left)
            checks.append(one)
        elif one.answer == KNOWN:
            known[recipient, irritant] = 1 - SET_BACK * left
        elif one.answer == NOT_MINE:
            declined[recipient, irritant] = one
    return Effects(wrong, known, declined, tuple(sorted(checks, key=lambda one: -one.event_id)))


def remaining(one: Answer, now: datetime) -> float:
    """Share (0 to 1) of an answer's effect that is left: half after each half-life."""
    return float(0.5 ** (max(now - one.at, timedelta()) / HALF_LIFE))


def for_recipient(priorities: pd.DataFrame, found: Effects, recipient_id: str) -> pd.DataFrame:
    """Rows of `priority` in the order of one recipient's digest: without what they declined, what was set back later.

    Only the order changes, and rows may leave: every figure, the rank too, stays what was computed.
    """
    ids = [str(one) for one in priorities["irritant_id"]]
    kept = [(recipient_id, one) not in found.declined for one in ids]
    factors = pd.Series([found.factor(one, recipient_id) for one in ids], index=priorities.index)
    return reorder(priorities[kept], factors[kept])


def reorder(priorities: pd.DataFrame, factors: pd.Series) -> pd.DataFrame:
    """Rows by falling weight times factor, weak signals last; the weight is euros at risk, or mentions without euros.

    Where no factor is under 1 the order stays that of `rank`.
    """
    ranked = priorities.sort_values("rank", kind="stable")
    if (factors >= 1).all():
        return ranked
    weight = pd.to_numeric(ranked["value_at_risk_eur"]).fillna(0.0)
    if not (ranked["basis"] == "eur").any():
        weight = pd.to_numeric(ranked["n_mentions"]).astype(float)
    weight = _falling(weight) * factors.reindex(ranked.index)
    keys = pd.DataFrame({"weak": ranked["weak_signal"].astype(bool), "weight": -weight, "rank": ranked["rank"]})
    return ranked.loc[keys.sort_values(["weak", "weight", "rank"], kind="stable").index]


def _falling(weight: pd.Series) -> pd.Series:
    """The weights, lowered where needed so that they fall with the rank: equal euros keep the order of their ranks."""
    return weight.cummin()
