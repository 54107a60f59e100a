"""Does a ranking by uplift find those whom a call keeps? The Qini curve of a randomised experiment, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
DRAWS = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Qini:
    """Area between the curve and calling at random, in departures avoided per 100 customers; above 0 the ranking helps.

    `curve` (n + 1,): departures avoided per customer when the best k are called, k from 0. Interval: bootstrap.
    """

    value: float
    low: float
    high: float
    curve: Array

    @property
    def usable(self) -> bool:
        """Whether the ranking was shown to be better than none."""
        return self.low > 0


def qini(
    ranked_by: ArrayLike,
    called: ArrayLike,
    left: ArrayLike,
    baseline: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> Qini:
    """Qini of a ranking (n,), the largest first, that never saw these customers' outcomes.

    Avoided departures among the best k = held-out departures there / all held out - called ones there / all called
    (Radcliffe 2007, with each arm's own total, which needs no division by small counts). `baseline` (n,): risk known
    before the call, taken off the outcome: same expectation, less noise. The interval resamples customers, or the
    clusters they belong to, with one weight for all (Bayesian bootstrap, Rubin 1981), the ranking fixed.
    """
    order = np.argsort(-np.asarray(ranked_by, dtype=float), kind="stable")
    treated = np.asarray(called, dtype=bool)[order]
    y = np.asarray(left, dtype=float) - (0.0 if baseline is None else np.asarray(baseline, dtype=float))
    names = np.arange(len(order)) if cluster is None else pd.factorize(np.asarray(cluster))[0]
    groups = names[order]
    curve = _curve(y[order], treated, np.ones(len(order)))
    rng = np.random.default_rng(seed)
    areas = [
        _area(_curve(y[order], treated, rng.exponential(size=groups.max() + 1)[groups])) for _ in range(draws)
    ]  # fmt: skip
    low, high = np.quantile(areas, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Qini(_area(curve), float(low), float(high), curve)


def _curve(y: Array, treated: NDArray[np.bool_], weight: Array) -> Array:
    held, called = weight * ~treated, weight * treated
    # a constant added to y moves neither arm's mean difference: centre it, so that a ranking is not paid for arm shares
    y = y - (weight * y).sum() / weight.sum()
    gain = y * held / held.sum() - y * called / called.sum()
    return np.concatenate([[0.0], np.cumsum(gain)])


def _area(curve: Array) -> float:
    """Mean height of the curve over the line of a random order, in departures per 100 customers."""
    line = np.linspace(0.0, curve[-1], len(curve))
    return float(100 * (curve - line).mean())
