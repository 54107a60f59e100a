"""Interrupted series: did the weekly count fall at the effect's day, beyond season, control and chance?

A negative-binomial regression with exposure offset, two harmonics of the year, known events, the rate of all other
irritants, and one step (METHODS 2). Weeks that made the decision and weeks before the effect are left out. The same
regression at placebo dates of the same series and of other irritants gives the distribution the real step must beat,
and the systematic error by which autocorrelation and untold causes widen its interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from insights.intervals import Array
from insights.proof import design
from insights.proof.glm import Fits, fit_many
from insights.proof.placebo import MOST_PLACEBOS, Placebos, few, placebos
from insights.proof.series import Bools, Phases, Weekly

LEVEL = 0.95


@dataclass(frozen=True)
class Effect:
    """The step of one series. Ratios are rates after over rates expected without the action.

    `expected` (t,): weekly counts without the action. `halves`: log ratios of the first and second half of the weeks
    after. `widened`: factor by which placebos widened the interval. `beaten`: share of placebos with a smaller fall.
    """

    ratio: float
    low: float
    high: float
    p: float
    z: float
    expected: Array
    halves: tuple[float, float]
    placebos: Placebos
    widened: float
    beaten: float
    beaten_up: float
    n_counts: int


def effect(
    key: str, found: Phases, series: Mapping[str, Weekly], level: float = LEVEL, most: int = MOST_PLACEBOS
) -> Effect | None:
    """The effect on series[key]; the other series of the mapping are its placebo irritants, `most` placebos at most.

    None where the counts or the weeks are too few, or where the step cannot be told from season and known events.
    """
    own = series[key]
    if (plain := alone(own, found)) is None:
        return None
    log_ratio, counting, real = plain.log_ratio, plain.error, design.step(len(own), found.step_at)
    seen = placebos(key, found, series, most)
    error = float(np.hypot(counting, seen.systematic))
    half = float(norm.ppf(0.5 + level / 2)) * error
    z = log_ratio / error
    return Effect(
        ratio=float(np.exp(log_ratio)),
        low=float(np.exp(log_ratio - half)),
        high=float(np.exp(log_ratio + half)),
        p=float(2 * norm.sf(abs(z))),
        z=z,
        expected=plain.mean / np.exp(log_ratio * real),
        halves=_halves(own, plain.columns, found),
        placebos=seen,
        widened=error / counting,
        beaten=_share(seen.z > z),
        beaten_up=_share(seen.z < z),
        n_counts=int(own.count[found.used].sum()),
    )


@dataclass(frozen=True)
class Alone:
    """The step without placebos: its log ratio and the error that counting alone gives. `mean` (t,), `columns` (t, p)."""

    log_ratio: float
    error: float
    mean: Array
    columns: Array


def alone(own: Weekly, found: Phases) -> Alone | None:
    """The step of one series by itself; None where counts or weeks are too few, or season and events explain it."""
    if not found.enough or few(own, found.before, found.used):
        return None
    columns = design.Columns.of(own).base(found.used)
    real = design.step(len(own), found.step_at)
    if design.explained(real, columns, found.used) > design.MIXED:
        return None
    fit = _one(own, np.column_stack([columns, real]), found.used)
    return Alone(float(fit.coef[0, -1]), float(np.sqrt(fit.variance[0, -1, -1])), fit.mean[0], columns)


def _share(flags: Bools) -> float:
    """Share of true ones, counting the real date itself among the placebos not beaten."""
    return float(flags.sum() / (len(flags) + 1))


def _one(series: Weekly, columns: Array, used: Bools) -> Fits:
    return fit_many(series.count[None], columns[None], design.offset(series)[None], used[None].astype(float))


def _halves(series: Weekly, columns: Array, found: Phases) -> tuple[float, float]:
    """Log ratios of the first and of the second half of the weeks after."""
    places = np.flatnonzero(found.after)
    middle = places[len(places) // 2]
    index = np.arange(len(series))
    split = np.column_stack([(index >= found.step_at) & (index < middle), index >= middle]).astype(float)
    fit = _one(series, np.column_stack([columns, split]), found.used)
    return float(fit.coef[0, -2]), float(fit.coef[0, -1])
