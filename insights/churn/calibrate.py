"""Recalibration, only where it is asked for: a slope outside 0.9..1.1 or an ECE above .03 on the tuning months.

METHODS 1.2: on a regular model, calibrating again costs ranking and brings nothing. A sigmoid on the log-odds keeps the
order of customers; it is learned on months later than those the coefficients saw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insights.churn.evaluate import ece, slope_and_intercept
from insights.churn.logistic import solve
from insights.errors import ModelError
from insights.intervals import Array

SLOPES = (0.9, 1.1)
MAX_ECE = 0.03
MIN_EVENTS = 100  # customers who left in the tuning months; with fewer the slope is noise (its error is above .1)


@dataclass(frozen=True)
class Sigmoid:
    """log-odds after = intercept + slope x log-odds before."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, log_odds: Array) -> Array:
        return np.asarray(self.intercept + self.slope * log_odds, dtype=float)


def needed(y: Array, p: Array) -> bool:
    """Whether slope or ECE ask for recalibration."""
    slope, _ = slope_and_intercept(y, p)
    return not SLOPES[0] <= slope <= SLOPES[1] or ece(y, p) > MAX_ECE


def learn(y: Array, log_odds: Array, n_events: int) -> Sigmoid:
    """The sigmoid of these rows, or the identity where none is needed or events are too few.

    `y`, `log_odds`: (n,) of the tuning months. `n_events`: distinct customers among the events.
    """
    p = 1 / (1 + np.exp(-log_odds))
    if n_events < MIN_EVENTS or not needed(y, p):
        return Sigmoid()
    try:
        intercept, slope = solve(log_odds[:, None], y, ridge=0.0)
    except ModelError:
        return Sigmoid()
    return Sigmoid(float(slope), float(intercept)) if slope > 0 else Sigmoid()
