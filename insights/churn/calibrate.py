"""Recalibration, only where the last matured months ask for it: a slope outside 0.9..1.1, or an ECE above .03.

METHODS 1.2: on a regular model, calibrating again costs ranking and brings nothing. A slope asks only when its interval
by customer leaves 1 out: with 300 departures its error is about .1, and following it would follow noise. The sigmoid
keeps the order of customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from insights.churn.evaluate import ece
from insights.churn.logistic import fit_logistic, solve
from insights.errors import ModelError
from insights.intervals import Array

SLOPES = (0.9, 1.1)
MAX_ECE = 0.03
MIN_EVENTS = 100  # customers who left in these months; with fewer nothing is asked
LEVEL = 0.95
FOLDS = 5


@dataclass(frozen=True)
class Sigmoid:
    """log-odds after = intercept + slope x log-odds before."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, log_odds: Array) -> Array:
        return np.asarray(self.intercept + self.slope * log_odds, dtype=float)


@dataclass(frozen=True)
class Calibration:
    """Slope with its 95 % interval by customer, ECE, and the sigmoid that they ask for (the identity: none)."""

    slope: float
    slope_low: float
    slope_high: float
    ece: float
    sigmoid: Sigmoid
    after: dict[str, float] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the model card. `after`: slope and ECE with sigmoids learned on other customers."""
        return {
            "slope": self.slope,
            "slope_low": self.slope_low,
            "slope_high": self.slope_high,
            "ece": self.ece,
            "asked": self.after is not None,
            "sigmoid": {"slope": self.sigmoid.slope, "intercept": self.sigmoid.intercept},
            "after": self.after,
        }


def judge(y: Array, log_odds: Array, customers: NDArray[np.int64]) -> Calibration:
    """How well calibrated these months are, and the sigmoid where they ask for one.

    `y`, `log_odds`: (n,) of months the model never saw. `customers`: (n,) codes 0..m-1.
    """
    slope, low, high = slope_interval(y, log_odds, customers)
    error = ece(y, expit(log_odds))
    n_events = len(np.unique(customers[y == 1]))
    off = not SLOPES[0] <= slope <= SLOPES[1] and not low <= 1 <= high
    if n_events < MIN_EVENTS or not np.isfinite(slope) or not (off or error > MAX_ECE):
        return Calibration(slope, low, high, error, Sigmoid())
    sigmoid = _learn(y, log_odds)
    if sigmoid is None:
        return Calibration(slope, low, high, error, Sigmoid())
    return Calibration(slope, low, high, error, sigmoid, _crossed(y, log_odds, customers))


def slope_interval(y: Array, log_odds: Array, customers: NDArray[np.int64]) -> tuple[float, float, float]:
    """Calibration slope and its 95 % interval, robust to a customer's months going together; NaN without both outcomes."""
    if not 0 < y.mean() < 1 or np.ptp(log_odds) < 1e-9:
        return float("nan"), float("nan"), float("nan")
    try:
        found = fit_logistic(log_odds[:, None], y, customers, ridge=0.0)
    except (ModelError, np.linalg.LinAlgError):
        return float("nan"), float("nan"), float("nan")
    slope = float(found.beta[1])
    half = float(norm.ppf(0.5 + LEVEL / 2) * np.sqrt(found.covariance[1, 1]))
    return slope, slope - half, slope + half


def _learn(y: Array, log_odds: Array) -> Sigmoid | None:
    """The sigmoid of these rows; None where none can be found or it would turn the order around."""
    try:
        intercept, slope = solve(log_odds[:, None], y, ridge=0.0)
    except (ModelError, np.linalg.LinAlgError):
        return None
    return Sigmoid(float(slope), float(intercept)) if slope > 0 else None


def _crossed(y: Array, log_odds: Array, customers: NDArray[np.int64]) -> dict[str, float]:
    """Slope, its interval and ECE when each fifth of the customers takes the sigmoid of the four others."""
    after = log_odds.copy()
    fold = np.random.default_rng(0).permutation(int(customers.max()) + 1)[customers] % FOLDS
    for one in range(FOLDS):
        learned = _learn(y[fold != one], log_odds[fold != one]) or Sigmoid()
        after[fold == one] = learned.apply(log_odds[fold == one])
    slope, low, high = slope_interval(y, after, customers)
    return {"slope": slope, "slope_low": low, "slope_high": high, "ece": ece(y, expit(after))}
