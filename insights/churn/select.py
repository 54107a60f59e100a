"""Which model serves: the ladder by number of departures, and no promotion without a forward test that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insights.churn.evaluate import Ranking, cluster_bootstrap, cluster_codes
from insights.intervals import Array, Interval

CARD_BELOW = 50  # distinct customers who left by choice; below, the card's expert points beat any fit


def rung(n_events: int) -> str:
    """card below 50 departures, logistic from there. (Tables of one slice go on to EBM above 500: churn/tables.py.)"""
    return "card" if n_events < CARD_BELOW else "logistic"


@dataclass(frozen=True)
class Verdict:
    """The challenger against the card on the test months: differences with 95 % intervals by customer."""

    precision_gain: Interval
    pr_auc_gain: Interval

    @property
    def better(self) -> bool:
        """Shown better in at least one of the two readings, and not worse, as far as can be told, in the other."""
        gains = (self.precision_gain, self.pr_auc_gain)
        return any(float(gain.low) > 0 for gain in gains) and all(float(gain.value) >= 0 for gain in gains)

    def as_dict(self) -> dict[str, Any]:
        return {
            "better": self.better,
            "precision_at_capacity_gain": _plain(self.precision_gain),
            "pr_auc_gain": _plain(self.pr_auc_gain),
        }


def compare(tested: pd.DataFrame, challenger: str, rival: str, capacity: float, seed: int, draws: int = 200) -> Verdict:
    """Challenger minus rival over the test months, each month by its size, customers drawn with replacement.

    `tested`: customer_id, t0, label and the two score columns. `capacity`: calls the team can make in a month, at most
    a tenth of the month's customers (a small base would else be called whole).
    """
    clusters = cluster_codes(tested["customer_id"].to_numpy())
    months = [np.flatnonzero(tested["t0"].to_numpy() == month) for month in np.sort(tested["t0"].unique())]
    y = tested["label"].to_numpy(float)
    pairs = [[Ranking(y[m], tested[name].to_numpy(float)[m]) for name in (challenger, rival)] for m in months]
    calls = [month_capacity(capacity, len(m)) for m in months]

    def precision_gain(weight: Array) -> float:
        gained = [
            ours.events_at(k, weight[m]) - theirs.events_at(k, weight[m])
            for (ours, theirs), k, m in zip(pairs, calls, months, strict=True)
        ]
        return float(np.sum(gained) / np.sum(calls))

    def pr_gain(weight: Array) -> float:
        gained = [
            ours.pr_auc(weight[m]) - theirs.pr_auc(weight[m]) for (ours, theirs), m in zip(pairs, months, strict=True)
        ]
        return float(np.average(gained, weights=[len(m) for m in months]))

    return Verdict(
        cluster_bootstrap(clusters, precision_gain, seed, draws), cluster_bootstrap(clusters, pr_gain, seed + 1, draws)
    )


def month_capacity(capacity: float, n: int) -> float:
    """Calls of one month over `n` customers: the team's own number, at most a tenth of them."""
    return max(1.0, min(capacity, n / 10))


def _plain(interval: Interval) -> dict[str, float]:
    return {"value": float(interval.value), "low": float(interval.low), "high": float(interval.high)}
