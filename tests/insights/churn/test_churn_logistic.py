"""The ridge logistic: the right coefficients, intervals that cover under repeated months, sentences on failure."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from insights.churn.logistic import fit_logistic, log_odds, log_odds_error, solve
from insights.errors import ModelError


def test_coefficients_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(800, 6))
    y = (rng.random(800) < expit(-1 + x @ np.array([1, -0.5, 0, 0.3, 0, 0]))).astype(float)
    beta = solve(x, y, ridge=4.0)
    rival = LogisticRegression(C=1 / 4.0, tol=1e-10, max_iter=5000).fit(x, y)
    assert beta[0] == pytest.approx(rival.intercept_[0], abs=1e-4)
    assert beta[1:] == pytest.approx(rival.coef_[0], abs=1e-4)


def test_start_does_not_change_the_answer() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 3))
    y = (rng.random(300) < expit(x[:, 0])).astype(float)
    assert solve(x, y, 1.0, start=np.array([3.0, -3.0, 2.0, 5.0])) == pytest.approx(solve(x, y, 1.0), abs=1e-6)


def test_interval_covers_when_customers_repeat() -> None:
    """Twelve equal months a customer: errors that ignore it would cover half of the time."""
    rng = np.random.default_rng(3)
    hits, naive = [], []
    truth = np.array([-1.0, 0.8])
    for _ in range(150):
        x1 = np.repeat(rng.normal(size=(200, 1)), 12, axis=0)
        y1 = np.repeat((rng.random(200) < expit(truth[0] + truth[1] * x1[::12, 0])).astype(float), 12)
        clusters = np.repeat(np.arange(200), 12)
        fitted = fit_logistic(x1, y1, clusters, ridge=1e-6)
        rows = fit_logistic(x1, y1, np.arange(len(y1)), ridge=1e-6)
        point = np.array([[1.0]])
        for fit, kept in ((fitted, hits), (rows, naive)):
            eta, error = log_odds(point, fit.beta)[0], log_odds_error(point, fit.covariance)[0]
            kept.append(abs(eta - truth.sum()) < 1.645 * error)
    assert 0.83 <= np.mean(hits) <= 0.96
    assert np.mean(naive) < 0.6


def test_a_rare_column_without_event_is_not_certain() -> None:
    rng = np.random.default_rng(4)
    x = np.column_stack([rng.normal(size=4000), np.zeros(4000)])
    x[:12, 1] = 1.0
    y = (rng.random(4000) < 0.05).astype(float)
    y[:12] = 0.0
    fitted = fit_logistic(x, y, np.arange(4000), ridge=30.0, prior_variance=0.09)
    assert np.sqrt(fitted.covariance[2, 2]) == pytest.approx(0.3, abs=0.02)


def test_an_outcome_that_never_varies_is_refused() -> None:
    with pytest.raises(ModelError, match="never varies in these 5 rows"):
        solve(np.zeros((5, 1)), np.zeros(5), 1.0)
