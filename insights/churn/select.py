"""Which model serves: the ladder by number of departures, and no promotion without a forward test that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from insights.churn.evaluate import Ranking, cluster_bootstrap, cluster_codes
from insights.intervals import Array, Interval

CARD_BELOW = 50  # distinct customers who left by choice; below, the card's expert points beat any fit
EBM_ABOVE = 500


def rung(n_events: int) -> str:
    """card below 50 departures, logistic to 500, ebm above."""
    if n_events < CARD_BELOW:
        return "card"
    return "logistic" if n_events <= EBM_ABOVE else "ebm"


def next_rung(n_events: int) -> tuple[str, int] | None:
    """The rung above and the departures it needs; None on the last one."""
    steps = {"card": ("logistic", CARD_BELOW), "logistic": ("ebm", EBM_ABOVE + 1)}
    return steps.get(rung(n_events))


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


@dataclass(frozen=True)
class Contest:
    """Two sets of probabilities on the same months: gains of the first with 95 % intervals by customer."""

    log_loss_gain: Interval
    pr_auc_gain: Interval

    @property
    def _gains(self) -> tuple[Interval, Interval]:
        return self.log_loss_gain, self.pr_auc_gain

    @property
    def shown_better(self) -> bool:
        """Shown better in one reading and not shown worse in the other."""
        return any(float(gain.low) > 0 for gain in self._gains) and not self.shown_worse

    @property
    def shown_worse(self) -> bool:
        """Shown worse in at least one reading."""
        return any(float(gain.high) < 0 for gain in self._gains)

    @property
    def not_worse(self) -> bool:
        """No worse in either, as far as can be told: what a model that costs more must be to be preferred."""
        return self.shown_better or all(float(gain.value) >= 0 for gain in self._gains)

    def as_dict(self) -> dict[str, Any]:
        return {"log_loss_gain": _plain(self.log_loss_gain), "pr_auc_gain": _plain(self.pr_auc_gain)}


def contest(tested: pd.DataFrame, challenger: str, rival: str, seed: int, draws: int = 200) -> Contest:
    """Challenger against rival over the test months, customers drawn with replacement.

    `tested`: customer_id, t0, label and the two columns of log-odds. Log loss over all rows, PR-AUC month by month,
    each by its size.
    """
    clusters = cluster_codes(tested["customer_id"].to_numpy())
    y = tested["label"].to_numpy(float)
    ours, theirs = (tested[name].to_numpy(float) for name in (challenger, rival))
    gained = (np.logaddexp(0, theirs) - y * theirs) - (np.logaddexp(0, ours) - y * ours)
    months = [np.flatnonzero(tested["t0"].to_numpy() == month) for month in np.sort(tested["t0"].unique())]
    pairs = [(Ranking(y[m], ours[m]), Ranking(y[m], theirs[m])) for m in months]

    def log_loss_gain(weight: Array) -> float:
        return float(np.average(gained, weights=weight))

    def pr_gain(weight: Array) -> float:
        each = [one.pr_auc(weight[m]) - other.pr_auc(weight[m]) for (one, other), m in zip(pairs, months, strict=True)]
        return float(np.average(each, weights=[len(m) for m in months]))

    return Contest(
        cluster_bootstrap(clusters, log_loss_gain, seed, draws), cluster_bootstrap(clusters, pr_gain, seed + 1, draws)
    )


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
