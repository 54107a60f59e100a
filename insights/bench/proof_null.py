"""Made-up weekly series for the proof's own test: negative-binomial, seasonal, autocorrelated, with bursts and drift.

Rates and seasons are those fitted to a company's real series; autocorrelation, bursts and drift are drawn from ranges
that hold what was fitted. Nothing is done to them unless a fix is planted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from insights.intervals import Array
from insights.proof import design
from insights.proof.glm import fit_many
from insights.proof.series import DECISION_WEEKS, FEWEST_AFTER, FEWEST_BEFORE, Days, Phases, Weekly, at

FIRST_WEEK = np.datetime64("2023-01-02")
LATENT_SD, LATENT_PHI = (0.0, 0.30), (0.0, 0.85)
DISPERSION = (0.0, 0.15)
DRIFT_SHARE, DRIFT_YEAR = 0.2, 0.3  # share of series that drift; log rate a year
BURST_SHARE = 0.008  # weeks in which a burst begins
RAMP_WEEKS = 4


@dataclass(frozen=True)
class Shape:
    """Mean weekly count and season of one real series; `season` (4,) coefficients of `design.season`."""

    mean: float
    season: Array


def shapes(series: Mapping[str, Weekly]) -> list[Shape]:
    """Shapes of series as they are, each fitted with season only."""
    found = []
    for one in series.values():
        columns = np.column_stack([np.ones(len(one)), design.season(one.week)])
        zero = np.zeros((1, len(one)))
        fit = fit_many(one.count[None], columns[None], zero, np.ones((1, len(one))))
        found.append(Shape(float(one.count.mean()), np.clip(fit.coef[0, 1:], -0.8, 0.8)))
    return found


def company(rng: np.random.Generator, known: Sequence[Shape], n_irritants: int, n_weeks: int) -> dict[str, Weekly]:
    """Irritants of one made-up company over the same weeks: counts, an exposure that breathes, the rest as control."""
    week = FIRST_WEEK + 7 * np.arange(n_weeks)
    shared = np.exp(0.1 * _latent(rng, n_weeks, 0.5))  # what moves all of them
    picked = [known[place] for place in rng.integers(0, len(known), n_irritants)]
    rates = np.stack([_rate(rng, one, week) * shared for one in picked])
    counts = np.stack([_counts(rng, rate) for rate in rates])
    exposure = rng.poisson(400 * shared).astype(float)
    total = counts.sum(axis=0)
    return {f"K{k:02d}": Weekly(week, counts[k], exposure, total - counts[k]) for k in range(n_irritants)}


def _latent(rng: np.random.Generator, n: int, phi: float) -> Array:
    """An AR(1) of unit variance."""
    noise = rng.normal(size=n)
    out = np.empty(n)
    out[0] = noise[0]
    for t in range(1, n):
        out[t] = phi * out[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    return out


def _rate(rng: np.random.Generator, one: Shape, week: Days) -> Array:
    n = len(week)
    turned = design.season(week) @ one.season
    wander = rng.uniform(*LATENT_SD) * _latent(rng, n, rng.uniform(*LATENT_PHI))
    drift = rng.uniform(-DRIFT_YEAR, DRIFT_YEAR) * (rng.random() < DRIFT_SHARE) * np.arange(n) / 52
    burst = np.zeros(n)
    for start in np.flatnonzero(rng.random(n) < BURST_SHARE):
        burst[start : start + rng.integers(1, 4)] = np.log(rng.uniform(1.5, 5))
    return np.asarray(one.mean * np.exp(turned - turned.mean() + wander + drift + burst))


def _counts(rng: np.random.Generator, rate: Array) -> Array:
    alpha = rng.uniform(*DISPERSION)
    return rng.poisson(rng.gamma(1 / alpha, alpha * rate) if alpha > 1e-3 else rate).astype(float)


def drawn_date(rng: np.random.Generator, n_weeks: int) -> Phases:
    """A fix decided at a random week."""
    first, last = FEWEST_BEFORE + DECISION_WEEKS, n_weeks - FEWEST_AFTER - RAMP_WEEKS
    decided = int(rng.integers(first, last))
    return at(n_weeks, decided, decided, decided + int(rng.integers(1, RAMP_WEEKS + 1)))


def peak_date(count: Array) -> Phases:
    """A fix decided at the end of the worst six weeks, as people do: the trap of regression to the mean."""
    first, last = FEWEST_BEFORE + DECISION_WEEKS, len(count) - FEWEST_AFTER - RAMP_WEEKS
    level = [count[place - DECISION_WEEKS : place].mean() for place in range(first, last)]
    decided = first + int(np.argmax(level))
    return at(len(count), decided, decided, decided + 2)


def planted(rng: np.random.Generator, one: Weekly, found: Phases, ratio: float) -> Weekly:
    """The series with a fix that works: each count from the effect on is kept with probability `ratio`."""
    after = np.arange(len(one)) >= found.step_at
    kept = np.where(after, rng.binomial(one.count.astype(int), ratio), one.count).astype(float)
    return Weekly(one.week, kept, one.exposure, one.other, one.known)
