"""Ridge logistic regression by Newton's method, with a covariance that knows one customer stands in many months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from insights.errors import ModelError
from insights.intervals import Array

if TYPE_CHECKING:
    from insights.churn.design import Design

MAX_STEPS = 60
TOLERANCE = 1e-8


@dataclass(frozen=True)
class LogisticFit:
    """`beta`: (p + 1,), the intercept first. `covariance`: (p + 1, p + 1), robust to clusters."""

    kind: ClassVar[str] = "logistic"
    beta: Array
    covariance: Array

    @property
    def intercept(self) -> float:
        """Log-odds of the average training row."""
        return float(self.beta[0])

    def terms(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n, p) log-odds of each column: with the intercept they sum to the log-odds."""
        return np.asarray(design.matrix(rows) * self.beta[1:], dtype=float)

    def log_odds(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n,) log-odds."""
        return log_odds(design.matrix(rows), self.beta)

    def error(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n,) standard error of the log-odds."""
        return log_odds_error(design.matrix(rows), self.covariance)

    def digest(self) -> bytes:
        """What tells this fit from another."""
        return np.round(self.beta, 10).tobytes()

    def without_bags(self) -> Self:
        """The same scores without what the interval needs."""
        return type(self)(self.beta, np.zeros((0, 0)))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"beta": self.beta.tolist(), "covariance": self.covariance.tolist()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        return cls(*(np.array(stored[name], dtype=float) for name in ("beta", "covariance")))


def solve(x: Array, y: Array, ridge: float | Array, start: Array | None = None) -> Array:
    """Coefficients (p + 1,), intercept first and unpenalised, that minimise log loss sum + ridge/2 * |beta|^2.

    `x`: (n, p) centred columns. `y`: (n,) of 0 and 1. `ridge`: one for all columns, or (p,). Newton with step halving.
    Raises ModelError where the outcome never varies or the search does not end.
    """
    rate = float(y.mean()) if len(y) else 0.0
    if not 0 < rate < 1:
        raise ModelError(f"The outcome never varies in these {len(y)} rows: a logistic model cannot be fitted.")
    penalty = _penalty(x.shape[1], ridge)
    beta = np.concatenate([[np.log(rate / (1 - rate))], np.zeros(x.shape[1])]) if start is None else start.copy()
    loss = _loss(x, y, beta, penalty)
    for _ in range(MAX_STEPS):
        p = _probability(x, beta)
        gradient = _score(x, y - p) - penalty * beta
        step = cho_solve(cho_factor(_information(x, p * (1 - p), penalty)), gradient)
        length = 1.0
        while (new := _loss(x, y, beta + length * step, penalty)) > loss + 1e-12 * abs(loss) and length > 1e-6:
            length /= 2
        beta = beta + length * step
        if float(gradient @ step) < TOLERANCE:
            return np.asarray(beta, dtype=float)
        loss = new
    raise ModelError(
        f"The logistic fit did not settle in {MAX_STEPS} steps: look for a column that splits the outcome."
    )


def fit_logistic(
    x: Array, y: Array, clusters: NDArray[np.int64], ridge: float | Array, prior_variance: float | Array | None = None
) -> LogisticFit:
    """Coefficients with a covariance that covers sampling, robust to clusters, and what the ridge pulled away.

    Sampling: the sandwich of Liang and Zeger (1986) on the penalised score, summed by cluster. Alone it calls a rare
    column with no event certain; the second part is the expected squared shrinkage of a coefficient drawn with
    `prior_variance` (one or (p,); default: the mean square of those found), which for a column without data is that variance.
    `clusters`: (n,) codes 0..m-1 of the customer (business accounts: the account).
    """
    beta = solve(x, y, ridge)
    p = _probability(x, beta)
    penalty = _penalty(x.shape[1], ridge)
    residual = y - p
    n_clusters = int(clusters.max()) + 1
    sums = np.column_stack(
        [np.bincount(clusters, residual, n_clusters)]
        + [np.bincount(clusters, residual * x[:, j], n_clusters) for j in range(x.shape[1])]
    )
    bread = cho_factor(_information(x, p * (1 - p), penalty))
    half = cho_solve(bread, sums.T)
    sampling = half @ half.T * n_clusters / max(n_clusters - 1, 1)
    variance = float(np.mean(beta[1:] ** 2)) if prior_variance is None else prior_variance
    spread = np.concatenate([[0.0], np.sqrt(np.broadcast_to(variance, x.shape[1]))])
    pulled = cho_solve(bread, np.diag(penalty)) * spread
    return LogisticFit(beta, sampling + pulled @ pulled.T)


def log_odds(x: Array, beta: Array) -> Array:
    """(n,) linear predictor."""
    return np.asarray(beta[0] + x @ beta[1:], dtype=float)


def log_odds_error(x: Array, covariance: Array) -> Array:
    """(n,) standard error of the linear predictor (delta method; exact, as it is linear)."""
    spread = covariance[0, 0] + 2 * x @ covariance[0, 1:] + np.einsum("ij,ij->i", x @ covariance[1:, 1:], x)
    return np.asarray(np.sqrt(np.maximum(spread, 0.0)), dtype=float)


def _penalty(p: int, ridge: float | Array) -> Array:
    """(p + 1,) of ridges, none on the intercept."""
    return np.concatenate([[0.0], np.broadcast_to(ridge, p)])


def _probability(x: Array, beta: Array) -> Array:
    return np.asarray(expit(log_odds(x, beta)), dtype=float)


def _loss(x: Array, y: Array, beta: Array, penalty: Array) -> float:
    eta = log_odds(x, beta)
    return float(np.sum(np.logaddexp(0.0, eta) - y * eta) + 0.5 * np.sum(penalty * beta**2))


def _score(x: Array, residual: Array) -> Array:
    return np.concatenate([[residual.sum()], x.T @ residual])


def _information(x: Array, weight: Array, penalty: Array) -> Array:
    weighted = x * weight[:, None]
    cross = weighted.sum(axis=0)
    top = np.concatenate([[weight.sum()], cross])
    body = np.column_stack([cross, x.T @ weighted])
    return np.vstack([top, body]) + np.diag(penalty + 1e-9)
