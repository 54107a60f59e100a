"""Many small negative-binomial regressions at once: log link, offset, weights that leave weeks out.

Iteratively reweighted least squares (McCullagh and Nelder 1989, 2.5) on stacked arrays; the dispersion by the method of
moments, so that Pearson's statistic is its degrees of freedom. tests/insights/proof/test_glm.py holds it to
statsmodels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insights.intervals import Array

STEPS = 25
TOLERANCE = 1e-6
ROUNDS = 3  # of coefficients and dispersion
HALVINGS = 26
MOST_DISPERSED = 20.0
RIDGE = 1e-8
ETA_BOUNDS = (-12.0, 12.0)


@dataclass(frozen=True)
class Fits:
    """k fits. `coef` (k, p), `variance` (k, p, p) of the coefficients, `mean` (k, t), `dispersion` (k,)."""

    coef: Array
    variance: Array
    mean: Array
    dispersion: Array


def fit_many(counts: Array, design: Array, offset: Array, weights: Array, dispersion: Array | None = None) -> Fits:
    """Regressions of counts (k, t) on designs (k, t, p) with offsets (k, t); weights (k, t) are 1, or 0: left out.

    With `dispersion` (k,) given it is kept: the variance of a count is mean + dispersion x mean squared.
    """
    given = dispersion is not None
    alpha = np.zeros(len(counts)) if dispersion is None else np.asarray(dispersion, dtype=float)
    coef = _start(counts, design, offset, weights)
    for _ in range(1 if given else ROUNDS):
        coef = _coefficients(counts, design, offset, weights, alpha, coef)
        if not given:
            alpha = _dispersion(counts, _mean(design, offset, coef), weights, design.shape[2])
    coef = _coefficients(counts, design, offset, weights, alpha, coef)
    mean = _mean(design, offset, coef)
    information = _information(design, weights * mean / (1 + alpha[:, None] * mean))
    return Fits(coef, np.asarray(np.linalg.inv(information), dtype=float), mean, alpha)


def _mean(design: Array, offset: Array, coef: Array) -> Array:
    eta = np.einsum("ktp,kp->kt", design, coef)
    return np.asarray(np.exp(np.clip(eta, *ETA_BOUNDS) + offset))


def _information(design: Array, weights: Array) -> Array:
    """(k, p, p) with a ridge far below any information there is, so that an empty column stays solvable."""
    found = np.matmul((design * weights[:, :, None]).transpose(0, 2, 1), design)
    size = np.trace(found, axis1=1, axis2=2)[:, None, None] + 1.0
    return np.asarray(found + RIDGE * size * np.eye(design.shape[2]))


def _start(counts: Array, design: Array, offset: Array, weights: Array) -> Array:
    """Least squares on the log rates, each count raised by a half."""
    target = np.log(counts + 0.5) - offset
    right = np.einsum("ktp,kt->kp", design, weights * target)
    return np.asarray(np.linalg.solve(_information(design, weights), right[:, :, None])[:, :, 0])


def _coefficients(counts: Array, design: Array, offset: Array, weights: Array, alpha: Array, coef: Array) -> Array:
    for _ in range(STEPS):
        mean = _mean(design, offset, coef)
        curve = weights / (1 + alpha[:, None] * mean)
        score = np.einsum("ktp,kt->kp", design, curve * (counts - mean))
        step = np.linalg.solve(_information(design, curve * mean), score[:, :, None])[:, :, 0]
        coef = coef + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < TOLERANCE:
            break
    return coef


def _dispersion(counts: Array, mean: Array, weights: Array, n_columns: int) -> Array:
    """(k,) where Pearson's statistic falls to its degrees of freedom; 0 where it starts below them."""
    free = np.maximum(weights.sum(axis=1) - n_columns, 1.0)
    squares = weights * (counts - mean) ** 2

    def statistic(alpha: Array) -> Array:
        return np.asarray((squares / (mean + alpha[:, None] * mean**2)).sum(axis=1))

    low, high = np.zeros(len(counts)), np.full(len(counts), MOST_DISPERSED)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = statistic(middle) > free
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(statistic(np.zeros(len(counts))) > free, (low + high) / 2, 0.0)
