"""Proportional odds of a higher score: statsmodels' OrderedModel with its exact gradient and errors by customer."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tools.numdiff import approx_fprime

from insights.errors import ModelError
from insights.intervals import Array

WIDE = 2.0  # prior sd of the common log-odds of naming any irritant, and of every control
APART = 1.0  # prior sd of an irritant's own distance from it: one that only detractors name keeps a finite effect
FEWEST = 5  # answers of one level of the scale; rarer levels join the one below
LEVEL = 0.90


class ProportionalOdds(OrderedModel):  # type: ignore[misc]
    """P(score <= level j) = expit(threshold_j - x b), with a normal prior of the sd given (p,) on b.

    statsmodels differentiates the likelihood numerically; the gradient here is exact (and 30 times faster), checked
    against the numerical one by a test.
    """

    def __init__(self, endog: NDArray[np.int64], exog: Array, prior_sd: Array) -> None:
        super().__init__(endog, exog, distr="logit")
        self._ridge = 1.0 / prior_sd**2

    def cdf(self, x: Array) -> Array:
        return np.asarray(expit(x), dtype=float)

    def pdf(self, x: Array) -> Array:
        return np.asarray(expit(x) * expit(-x), dtype=float)

    def loglike(self, params: Array) -> float:
        return float(self.loglikeobs(params).sum() - 0.5 * np.sum(params[: self.k_vars] ** 2 * self._ridge))

    def score_obs(self, params: Array, **_: object) -> Array:
        """(n, p) gradient of each answer's log-likelihood, without the prior."""
        low, high = self._bounds(params)
        prob = np.maximum(self.prob(low, high), 1e-20)
        up, down = self.pdf(high) / prob, self.pdf(low) / prob
        rows, n_thresholds = np.arange(len(prob)), self.k_levels - 1
        by_threshold = np.zeros((len(prob), n_thresholds + 2))
        by_threshold[rows, self.endog + 1] = up
        by_threshold[rows, self.endog] = -down
        # threshold_j = a_0 + exp(a_1) + ... + exp(a_j)
        after = np.cumsum(by_threshold[:, -2:0:-1], axis=1)[:, ::-1]
        step = np.concatenate([[1.0], np.exp(params[self.k_vars + 1 :])])
        return np.column_stack([-(up - down)[:, None] * self.exog, after * step])

    def score(self, params: Array, **_: object) -> Array:
        found = self.score_obs(params).sum(axis=0)
        found[: self.k_vars] -= params[: self.k_vars] * self._ridge
        return np.asarray(found, dtype=float)

    def hessian(self, params: Array, **_: object) -> Array:
        found = approx_fprime(params, self.score, centered=True)
        return np.asarray((found + found.T) / 2, dtype=float)


@dataclass(frozen=True)
class Odds:
    """Per irritant (K,): log-odds of a higher score when it is named, its 90 % interval, and the same in points."""

    log_odds: Array
    log_low: Array
    log_high: Array
    points: Array
    points_low: Array
    points_high: Array


def odds(score: Array, flags: Array, controls: Array, cluster: NDArray[np.int64]) -> Odds:
    """Fit the model on n answers. `flags` (n, K), `controls` (n, c), `cluster` (n,) codes of customers.

    Interval: sandwich of Liang and Zeger (1986), summed by customer. Points: mean over the answers that name the
    irritant of E(score | named) - E(score | not named), on the scale of `score`; bounds at the bounds of the log-odds.
    Raises ModelError where the fit does not settle.
    """
    levels, k = _levels(score), flags.shape[1]
    x = np.column_stack([flags.sum(axis=1), flags, controls])
    x = x - x.mean(axis=0)  # centred: flags that add up to one are no constant
    model = ProportionalOdds(levels.code, x, np.repeat([WIDE, APART, WIDE], [1, k, controls.shape[1]]))
    beta = _fitted(model)
    covariance = _covariance(model, beta, cluster)
    own = np.arange(1, k + 1)
    effect = beta[0] + beta[own]
    variance = covariance[0, 0] + 2 * covariance[0, own] + np.diag(covariance)[own]
    half = norm.ppf(0.5 + LEVEL / 2) * np.sqrt(np.maximum(variance, 0.0))
    thresholds = model.transform_threshold_params(beta)[1:-1]
    eta = x @ beta[: x.shape[1]]
    given = [_points(levels.mean, thresholds, eta, flags, effect, at) for at in (effect, effect - half, effect + half)]
    return Odds(effect, effect - half, effect + half, *given)


@dataclass(frozen=True)
class _Levels:
    code: NDArray[np.int64]
    mean: Array


def _levels(score: Array) -> _Levels:
    """Scores as codes 0, 1, ... of levels with at least FEWEST answers, and the mean score of each level."""
    values, counts = np.unique(score, return_counts=True)
    group, filled = np.zeros(len(values), dtype=np.int64), 0
    for place in range(len(values)):
        group[place] = group[place - 1] if place and filled < FEWEST else (group[place - 1] + 1 if place else 0)
        filled = counts[place] if place == 0 or group[place] != group[place - 1] else filled + counts[place]
    if filled < FEWEST and group[-1] > 0:
        group[group == group[-1]] -= 1
    code = group[np.searchsorted(values, score)]
    if group[-1] == 0:
        raise ModelError("All these answers give one score: nothing goes with it.")
    return _Levels(code, np.bincount(code, score) / np.bincount(code))


def _fitted(model: ProportionalOdds) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(method="bfgs", maxiter=500, disp=0, skip_hessian=True)
    beta = np.asarray(found.params, dtype=float)
    steepest = float(np.abs(model.score(beta)).max()) if np.isfinite(beta).all() else np.inf
    if steepest > 1e-2 * max(1.0, np.sqrt(model.nobs)):
        raise ModelError(f"The proportional odds fit of {model.nobs:.0f} answers did not settle.")
    return beta


def _covariance(model: ProportionalOdds, beta: Array, cluster: NDArray[np.int64]) -> Array:
    """Inverse information x scores summed by customer x inverse information."""
    n_clusters = int(cluster.max()) + 1
    each = model.score_obs(beta)
    sums = np.column_stack([np.bincount(cluster, each[:, j], n_clusters) for j in range(each.shape[1])])
    bread = np.linalg.pinv(-model.hessian(beta), hermitian=True)
    half = bread @ sums.T
    return np.asarray(half @ half.T * n_clusters / max(n_clusters - 1, 1), dtype=float)


def _points(mean: Array, thresholds: Array, eta: Array, flags: Array, beta: Array, at: Array) -> Array:
    """(K,) mean difference of the expected score over the answers that name each irritant, at log-odds `at`."""
    found = np.full(len(at), np.nan)
    gaps = np.diff(mean)
    for k in range(len(at)):
        without = eta[flags[:, k] > 0] - beta[k]
        # E(score) = highest level - sum of gaps x P(score <= level)
        below = expit(thresholds - without[:, None]) - expit(thresholds - (without + at[k])[:, None])
        found[k] = float((below @ gaps).mean())
    return found
