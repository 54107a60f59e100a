"""Figures agree with scikit-learn where it has them, and hold their meaning where it has not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from insights.churn import evaluate
from insights.churn.evaluate import Ranking, cluster_bootstrap, ece, figures, precision_at, slope_and_intercept


def sample(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = np.round(expit(rng.normal(-1.5, 1.2, n)), 2)  # rounded: ties
    return (rng.random(n) < p).astype(float), p


@pytest.mark.parametrize("seed", range(3))
def test_ranking_agrees_with_scikit_learn_also_with_ties_and_weights(seed: int) -> None:
    y, p = sample(600, seed)
    weight = np.random.default_rng(seed).poisson(1.0, 600).astype(float)
    ranking = Ranking(y, p)
    assert ranking.roc_auc() == pytest.approx(roc_auc_score(y, p))
    assert ranking.pr_auc() == pytest.approx(average_precision_score(y, p))
    assert ranking.roc_auc(weight) == pytest.approx(roc_auc_score(y, p, sample_weight=weight))
    assert ranking.pr_auc(weight) == pytest.approx(average_precision_score(y, p, sample_weight=weight))
    assert evaluate.brier(y, p) == pytest.approx(brier_score_loss(y, p))
    assert evaluate.log_loss(y, p) == pytest.approx(log_loss(y, np.clip(p, 1e-6, 1 - 1e-6)))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60), st.randoms())
def test_order_of_rows_does_not_matter(rows: list[tuple[bool, int]], random: object) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (np.array([(float(a), float(b)) for a, b in part]) for part in (rows, mixed))
    for figure in ("roc_auc", "pr_auc"):
        a, b = (getattr(Ranking(part[:, 0], part[:, 1]), figure)() for part in (one, other))
        assert a == pytest.approx(b, nan_ok=True)
    assert precision_at(one[:, 0], one[:, 1], 2) == pytest.approx(precision_at(other[:, 0], other[:, 1], 2))


def test_a_tie_at_the_cut_counts_by_its_mean() -> None:
    y, score = np.array([1.0, 1, 0, 0, 0]), np.array([9.0, 5, 5, 5, 1])
    assert precision_at(y, score, 2) == pytest.approx((1 + 1 / 3) / 2)


def test_calibration_of_true_probabilities_is_right() -> None:
    rng = np.random.default_rng(5)
    p = expit(rng.normal(-2, 1, 60_000))
    y = (rng.random(60_000) < p).astype(float)
    slope, intercept = slope_and_intercept(y, p)
    assert slope == pytest.approx(1.0, abs=0.05)
    assert intercept == pytest.approx(0.0, abs=0.05)
    assert ece(y, p) < 0.01
    stretched, shifted = slope_and_intercept(y, expit(2 * np.log(p / (1 - p)) + 0.7))
    assert stretched == pytest.approx(0.5, abs=0.03)
    assert shifted != pytest.approx(0.0, abs=0.1)


def test_ece_sees_a_rare_outcome_overstated() -> None:
    y = np.zeros(1000)
    y[:20] = 1
    assert ece(y, np.full(1000, 0.02)) == pytest.approx(0.0)
    assert ece(y, np.full(1000, 0.12)) == pytest.approx(0.1)


def test_figures_have_all_names_and_lift_of_a_perfect_score() -> None:
    y = np.repeat([1.0, 0.0], [100, 900])
    found = figures(y, np.where(y == 1, 0.9, 0.05), capacity=50)
    assert found["roc_auc"] == found["pr_auc"] == found["precision_at_capacity"] == 1.0
    assert found["lift_top_decile"] == pytest.approx(10.0)
    assert set(found) >= {"brier", "log_loss", "ece", "calibration_slope", "calibration_intercept"}


def test_cluster_bootstrap_draws_customers_not_rows() -> None:
    rng = np.random.default_rng(6)
    per_customer = rng.normal(size=100)
    values = np.repeat(per_customer, 20)
    clusters = np.repeat(np.arange(100), 20)

    def mean(weight: np.ndarray) -> float:
        return float(np.average(values, weights=weight))

    found = cluster_bootstrap(clusters, mean, seed=1, draws=400)
    by_row = cluster_bootstrap(np.arange(2000), mean, seed=1, draws=400)
    width = 2 * 1.96 * per_customer.std() / 10
    assert float(found.high - found.low) == pytest.approx(width, rel=0.2)
    assert float(by_row.high - by_row.low) < width / 3
    assert float(found.value) == pytest.approx(values.mean())
