"""How good a churn model is: ranking, calibration, what the team gets at its capacity, with intervals by customer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from insights.churn.logistic import solve
from insights.errors import ModelError
from insights.intervals import Array, Interval

EPSILON = 1e-6
N_BINS = 10
Statistic = Callable[[Array], float]


class Ranking:
    """Rows ordered by a score once, so that the ranking figures of many weightings cost one pass each.

    `y`: (n,) of 0 and 1. `score`: (n,). Ties stay together: every figure is the same whatever the order of rows.
    `weight` in each method: (n,) times each row counts.
    """

    def __init__(self, y: Array, score: Array) -> None:
        self._order = np.argsort(-score, kind="stable")
        ordered = score[self._order]
        self._y = y[self._order]
        self._starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))

    def _groups(self, weight: Array | None) -> tuple[Array, Array]:
        """Mass and events of each tie group, best score first."""
        w = np.ones(len(self._y)) if weight is None else weight[self._order]
        return np.add.reduceat(w, self._starts), np.add.reduceat(w * self._y, self._starts)

    def roc_auc(self, weight: Array | None = None) -> float:
        """Area under the ROC curve, a tie counting half; NaN where only one outcome is there."""
        mass, events = self._groups(weight)
        others = mass - events
        pairs = events.sum() * others.sum()
        below = others.sum() - np.cumsum(others)
        return float(np.sum(events * (below + others / 2)) / pairs) if pairs > 0 else float("nan")

    def pr_auc(self, weight: Array | None = None) -> float:
        """Average precision; NaN without an event."""
        mass, events = self._groups(weight)
        taken = np.cumsum(mass)
        precision = np.divide(np.cumsum(events), taken, out=np.zeros(len(mass)), where=taken > 0)
        return float(np.sum(events * precision) / events.sum()) if events.sum() > 0 else float("nan")

    def events_at(self, capacity: float, weight: Array | None = None) -> float:
        """Events among the `capacity` highest scores; a tie at the cut counts by its mean."""
        mass, events = self._groups(weight)
        taken = np.clip(capacity - np.cumsum(mass) + mass, 0, mass)
        return float(np.sum(taken * np.divide(events, mass, out=np.zeros(len(mass)), where=mass > 0)))


def roc_auc(y: Array, score: Array) -> float:
    """Area under the ROC curve; NaN where only one outcome is there."""
    return Ranking(y, score).roc_auc()


def pr_auc(y: Array, score: Array) -> float:
    """Average precision; NaN without an event."""
    return Ranking(y, score).pr_auc()


def brier(y: Array, p: Array) -> float:
    """Mean squared error of the probability."""
    return float(np.mean((p - y) ** 2))


def log_loss(y: Array, p: Array) -> float:
    """Mean negative log likelihood, probabilities kept a millionth away from 0 and 1."""
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def ece(y: Array, p: Array, n_bins: int = N_BINS) -> float:
    """Expected calibration error over bins of equal count (equal width would put a rare outcome into one bin)."""
    # a tie spread over two bins takes its mean outcome in both, so that the order of rows does not matter
    _, group = np.unique(p, return_inverse=True)
    observed = (np.bincount(group, y) / np.bincount(group))[group]
    bins = np.array_split(np.argsort(p, kind="stable"), n_bins)
    return float(sum(len(b) * abs(p[b].mean() - observed[b].mean()) for b in bins if len(b)) / len(y))


def slope_and_intercept(y: Array, p: Array) -> tuple[float, float]:
    """Calibration slope (1 is right) and calibration-in-the-large (0 is right), both on the log-odds; NaN without both
    outcomes (Cox 1958; Van Calster et al. 2019)."""
    if not 0 < y.mean() < 1:
        return float("nan"), float("nan")
    eta = logit(np.clip(p, EPSILON, 1 - EPSILON))
    try:
        slope = float(solve(eta[:, None], y, ridge=0.0)[1])
    except (ModelError, np.linalg.LinAlgError):
        slope = float("nan")
    return slope, _offset(eta, y)


def _offset(eta: Array, y: Array) -> float:
    """The constant that, added to the log-odds, makes their mean probability the observed rate (Newton)."""
    shift = 0.0
    for _ in range(100):
        p = 1 / (1 + np.exp(-(eta + shift)))
        step = float(np.sum(y - p) / np.sum(p * (1 - p)))
        shift += step
        if abs(step) < 1e-10:
            break
    return shift


def precision_at(y: Array, score: Array, capacity: float) -> float:
    """Share of events among the `capacity` highest scores."""
    return Ranking(y, score).events_at(capacity) / min(capacity, len(y)) if len(y) else float("nan")


def lift_top_decile(y: Array, score: Array) -> float:
    """Events in the top tenth over the base rate."""
    return precision_at(y, score, len(y) / 10) / float(y.mean()) if y.any() else float("nan")


def figures(y: Array, p: Array, capacity: float) -> dict[str, float]:
    """All figures of one set of probabilities. `y`, `p`: (n,); `capacity`: customers the team can call."""
    slope, intercept = slope_and_intercept(y, p)
    return ranking_figures(y, p, capacity) | {
        "brier": brier(y, p),
        "log_loss": log_loss(y, p),
        "ece": ece(y, p),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
    }


def ranking_figures(y: Array, score: Array, capacity: float) -> dict[str, float]:
    """The figures that need an order only (the points card)."""
    return {
        "roc_auc": roc_auc(y, score),
        "pr_auc": pr_auc(y, score),
        "lift_top_decile": lift_top_decile(y, score),
        "precision_at_capacity": precision_at(y, score, capacity),
    }


def cluster_codes(ids: ArrayLike) -> NDArray[np.int64]:
    """(n,) codes 0..m-1 of the clusters."""
    return np.unique(np.asarray(ids, dtype=str), return_inverse=True)[1].astype(np.int64)


def cluster_bootstrap(
    clusters: NDArray[np.int64], statistic: Statistic, seed: int, draws: int = 200, level: float = 0.95
) -> Interval:
    """Percentile interval of a statistic of row weights, drawing customers (not rows) with replacement.

    `statistic` takes (n,) weights, the number of times each row was drawn, and returns a number.
    """
    rng = np.random.default_rng(seed)
    n = int(clusters.max()) + 1
    drawn = np.array(
        [statistic(np.bincount(rng.integers(0, n, n), minlength=n)[clusters].astype(float)) for _ in range(draws)]
    )
    low, high = np.nanquantile(drawn, [0.5 - level / 2, 0.5 + level / 2])
    value = statistic(np.ones(len(clusters)))
    return Interval(np.asarray(value), np.asarray(low), np.asarray(high))
