"""Intervals that hold at small n: adjusted Wald for NPS, Wilson for shares, t for means, Gamma-Poisson for rates.

All functions take numbers or arrays of one shape, broadcast, and return arrays. Where nothing was counted (n = 0) the
bounds are NaN: no interval is better than an invented one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv
from scipy.stats import f as f_distribution
from scipy.stats import norm
from scipy.stats import t as t_distribution

Array = NDArray[np.float64]
NPS_ADDED = 3.0  # answers added in all: 3/4 to each end, 3/2 to the middle
FEWEST_UNITS = 2
SHAPE_BOUNDS = (1.0, 200.0)  # a prior worth less than one event says nothing, one worth more hears nothing


@dataclass(frozen=True)
class Interval:
    """Point and bounds, arrays of one shape."""

    value: Array
    low: Array
    high: Array


def nps_interval(n_positive: ArrayLike, n_negative: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """NPS in points (-100..100) with its adjusted Wald interval.

    Three answers are added, 3/4 to each end and 3/2 to the middle (Rocks 2016, arXiv 1601.07235; METHODS 2: coverage
    .939 to .961 at nominal .95 in 16 cases, Wald down to .791). The value is the raw NPS; the bounds are stretched to
    hold it where one single answer would leave it outside. `n` may be an effective n, with counts scaled alike.
    """
    up, down, total = (np.asarray(x, dtype=float) for x in (n_positive, n_negative, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (up - down) / total
    promoters = (up + NPS_ADDED / 4) / (total + NPS_ADDED)
    detractors = (down + NPS_ADDED / 4) / (total + NPS_ADDED)
    centre = promoters - detractors
    half = norm.ppf(0.5 + level / 2) * np.sqrt((promoters + detractors - centre**2) / (total + NPS_ADDED))
    empty = total <= 0
    low = np.where(empty, np.nan, np.fmax(np.fmin(centre - half, value), -1.0))
    high = np.where(empty, np.nan, np.fmin(np.fmax(centre + half, value), 1.0))
    return Interval(100 * np.where(empty, np.nan, value), 100 * low, 100 * high)


def wilson(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """Share (0..1) with Wilson's score interval (Wilson 1927): 8 of 10 gives .49 to .94, 0 of 10 gives 0 to .28."""
    hits, total = (np.asarray(x, dtype=float) for x in (successes, n))
    z2 = norm.ppf(0.5 + level / 2) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = hits / total
        centre = (hits + z2 / 2) / (total + z2)
        half = np.sqrt(z2 * (hits * (total - hits) / total + z2 / 4)) / (total + z2)
    empty = total <= 0
    low = np.where(empty, np.nan, np.clip(np.fmin(centre - half, share), 0, 1))
    high = np.where(empty, np.nan, np.clip(np.fmax(centre + half, share), 0, 1))
    return Interval(np.where(empty, np.nan, share), low, high)


def mean_interval(total: ArrayLike, squares: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of n values that are never negative, from their sum and sum of squares, with Student's interval.

    Under two values the bounds are NaN.
    """
    x, x2, count = (np.asarray(one, dtype=float) for one in (total, squares, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(count > 0, x / count, np.nan)
        spread = np.sqrt(np.fmax(x2 - count * value**2, 0) / (count - 1) / count)
        half = np.where(count >= FEWEST_UNITS, t_distribution.ppf(0.5 + level / 2, count - 1) * spread, np.nan)
    return Interval(value, np.where(np.isnan(half), np.nan, np.fmax(value - half, 0)), value + half)


def effective_n(total_weight: ArrayLike, weight_squares: ArrayLike) -> Array:
    """Number of equally weighted answers that would be as sure: square of the sum over sum of squares (Kish 1965)."""
    total, squares = np.asarray(total_weight, dtype=float), np.asarray(weight_squares, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(squares > 0, total**2 / squares, np.nan))


@dataclass(frozen=True)
class GammaPrior:
    """Prior of a Poisson rate: mean `shape / rate`, worth `shape` events."""

    shape: float
    rate: float


def gamma_prior(counts: ArrayLike, exposure: ArrayLike) -> GammaPrior:
    """Prior of many Poisson rates, by moments: the variance between rates beyond what counting alone gives.

    `counts`, `exposure`: (k,) events and exposure of k units. The mean is the pooled rate; the shape is bounded to
    1..200 events. With fewer than two units the prior is worth one event.
    """
    x, e = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    x, e = x[e > 0], e[e > 0]
    mean = x.sum() / e.sum() if e.sum() > 0 and x.sum() > 0 else 1e-9
    if len(x) < FEWEST_UNITS:
        return GammaPrior(1.0, 1.0 / mean)
    # E sum e (r - m)^2 = k m + sum(e) v for rates of mean m and variance v between units (Poisson part: m per unit)
    between = (np.sum(e * (x / e - mean) ** 2) - (len(x) - 1) * mean) / (e.sum() - np.sum(e**2) / e.sum())
    shape = float(np.clip(mean**2 / between, *SHAPE_BOUNDS)) if between > 0 else SHAPE_BOUNDS[1]
    return GammaPrior(shape, shape / mean)


def shrunk_rate(
    counts: ArrayLike, exposure: ArrayLike, prior: GammaPrior | None = None, level: float = 0.90
) -> Interval:
    """Poisson rates shrunk to their common mean (Gamma posterior); the value is the posterior mean.

    `counts`, `exposure`: (k,). Without `prior` it is learned from the same k units.
    """
    x, e = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    prior = prior or gamma_prior(x, e)
    shape, rate = x + prior.shape, e + prior.rate
    low, high = (gammaincinv(shape, tail) / rate for tail in (0.5 - level / 2, 0.5 + level / 2))
    return Interval(shape / rate, low, high)


def rate_ratio(
    now: ArrayLike,
    now_exposure: ArrayLike,
    before: ArrayLike,
    before_exposure: ArrayLike,
    level: float = 0.90,
    shape: float | None = None,
) -> Interval:
    """Rate now over rate before, per exposure, shrunk to 1: small counts stay near 1 with a wide interval.

    Each period's rate has a Gamma prior with the unit's own pooled rate as mean, worth `shape` events; the ratio of
    the two posteriors is then a scaled F, exactly. The value is its median. Without `shape` it is learned from the
    log ratios of the units given (by moments). All inputs (k,).
    """
    x1, e1, x0, e0 = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, dtype=float)) for x in (now, now_exposure, before, before_exposure))
    )
    worth = ratio_shape(x1, e1, x0, e0) if shape is None else shape
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x1 + x0) / (e1 + e0)
        extra = worth / pooled  # the prior's exposure
        a1, a0 = x1 + worth, x0 + worth
        scale = (a1 / (e1 + extra)) / (a0 / (e0 + extra))
    known = (e1 > 0) & (e0 > 0) & (x1 + x0 > 0)
    value, low, high = (
        np.where(known, scale * f_distribution.ppf(q, 2 * a1, 2 * a0), np.nan)
        for q in (0.5, 0.5 - level / 2, 0.5 + level / 2)
    )
    return Interval(value, low, high)


def ratio_shape(now: Array, now_exposure: Array, before: Array, before_exposure: Array) -> float:
    """How many events the prior of `rate_ratio` is worth: 2 / mean square of the true log ratios of the units.

    The mean square is taken about 0, not about the units' mean: when all of them triple, none is pulled back to 1.
    """
    known = (now_exposure > 0) & (before_exposure > 0) & (now + before > 0)
    if known.sum() < FEWEST_UNITS:
        return 5.0  # nothing to learn from: five events, the half-way of a unit with five
    x1, x0 = now[known] + 0.5, before[known] + 0.5
    log_ratio = np.log(x1 / now_exposure[known]) - np.log(x0 / before_exposure[known])
    weight = 1 / (1 / x1 + 1 / x0)  # inverse of the counting noise
    between = (np.sum(weight * log_ratio**2) - len(x1)) / weight.sum()
    return float(np.clip(2 / between, *SHAPE_BOUNDS)) if between > 0 else SHAPE_BOUNDS[1]
