"""Weekly series made by hand for the tests of the proof."""

from __future__ import annotations

import numpy as np

from insights.intervals import Array
from insights.proof.series import Weekly

FIRST = np.datetime64("2024-01-01")


def weekly(counts: Array, exposure: Array | None = None, other: Array | None = None, **told: object) -> Weekly:
    """A series from Monday 1 January 2024 on."""
    n = len(counts)
    week = FIRST + 7 * np.arange(n)
    zero = np.zeros(n)
    return Weekly(week, np.asarray(counts, float), np.full(n, 200.0) if exposure is None else exposure,
                  zero if other is None else other, **told)  # fmt: skip


def company(seed: int, n_irritants: int = 12, n_weeks: int = 104, mean: float = 20.0) -> dict[str, Weekly]:
    """Irritants with a season and over-dispersion, to which nothing was done."""
    rng = np.random.default_rng(seed)
    index = np.arange(n_weeks)
    exposure = rng.poisson(300, n_weeks).astype(float)
    counts = {
        f"K{k:02d}": rng.negative_binomial(
            20, 1 / (1 + mean * np.exp(0.3 * np.sin(2 * np.pi * (index + 7 * k) / 52.18)) * exposure / 300 / 20)
        ).astype(float)
        for k in range(n_irritants)
    }
    total = sum(counts.values())
    return {key: weekly(one, exposure, total - one) for key, one in counts.items()}


def thinned(one: Weekly, first: int, ratio: float, seed: int = 0) -> Weekly:
    """Each count from the week `first` on kept with probability `ratio`."""
    rng = np.random.default_rng(seed)
    kept = np.where(np.arange(len(one)) >= first, rng.binomial(one.count.astype(int), ratio), one.count)
    return Weekly(one.week, kept.astype(float), one.exposure, one.other, one.known)
