"""Shapley shares by hand and by law; the fit of proportional odds against statsmodels' own numerical gradient."""

from __future__ import annotations

import sys
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tools.numdiff import approx_fprime

from insights.drivers.odds import ProportionalOdds, odds
from insights.drivers.shapley import (
    drawn_orders,
    residual_moments,
    shapley,
    shapley_exact,
    shapley_sampled,
)
from insights.errors import ModelError
from insights.intervals import Array


def problem(seed: int, k: int, n: int = 200, controls: int = 2) -> tuple[Array, Array, float]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, k + controls)) @ rng.normal(size=(k + controls, k + controls))
    y = x[:, :k] @ rng.normal(size=k) + x[:, k:] @ rng.normal(size=controls) + rng.normal(size=n)
    table = np.column_stack([y, x])
    return residual_moments(np.cov(table.T, bias=True), k)


def by_hand(moment: Array, direction: Array) -> Array:
    """Mean gain over all orders, each R2 solved anew."""

    def explained(chosen: list[int]) -> float:
        if not chosen:
            return 0.0
        inner = moment[np.ix_(chosen, chosen)]
        return float(direction[chosen] @ np.linalg.solve(inner, direction[chosen]))

    orders = list(permutations(range(len(direction))))
    found = np.zeros(len(direction))
    for order in orders:
        for place, j in enumerate(order):
            found[j] += explained(list(order[: place + 1])) - explained(list(order[:place]))
    return found / len(orders)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 5))
def test_exact_is_the_mean_over_all_orders_and_sums_to_what_irritants_explain(seed: int, k: int) -> None:
    moment, direction, control = problem(seed, k)
    found = shapley_exact(moment, direction)
    assert found == pytest.approx(by_hand(moment, direction), abs=1e-9)
    full = float(direction @ np.linalg.solve(moment, direction))
    assert found.sum() == pytest.approx(full, abs=1e-9)
    assert 0 <= control + full <= 1 + 1e-9


def test_sampled_orders_come_near_within_their_stated_error() -> None:
    moment, direction, _ = problem(3, 8)
    exact = shapley_exact(moment, direction)
    drawn = shapley_sampled(moment, direction, drawn_orders(8, 400, 1))
    assert drawn.share.sum() == pytest.approx(exact.sum(), abs=1e-9)
    assert (np.abs(drawn.share - exact) <= 4 * drawn.error + 1e-12).all()
    assert (drawn.error > 0).all()


def test_above_fifteen_irritants_orders_are_drawn_and_the_error_is_told() -> None:
    moment, direction, _ = problem(4, 16, n=400)
    found = shapley(moment, direction, seed=2)
    assert (found.error > 0).all()
    assert found.share.sum() == pytest.approx(float(direction @ np.linalg.solve(moment, direction)), abs=1e-9)
    few, _, _ = problem(4, 3)
    assert (shapley(few, np.array([0.1, 0.2, 0.3]), seed=2).error == 0).all()


def test_what_the_controls_explain_is_given_to_no_irritant() -> None:
    rng = np.random.default_rng(1)
    control = rng.normal(size=500)
    irritant = control + 1e-9 * rng.normal(size=500)
    table = np.column_stack([2 * control, irritant, control])
    moment, direction, explained = residual_moments(np.cov(table.T, bias=True), 1)
    assert explained == pytest.approx(1.0)
    assert shapley_exact(moment, direction) == pytest.approx([0.0], abs=1e-8)


def answers(n: int = 400) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(7)
    flags = (rng.random((n, 2)) < 0.3).astype(float)
    control = rng.normal(size=(n, 1))
    latent = -1.5 * flags[:, 0] + 0.5 * control[:, 0] + rng.logistic(size=n)
    return np.clip(np.round(latent * 1.5 + 6), 0, 10), flags, control


def test_the_gradient_is_that_of_the_likelihood() -> None:
    score, flags, control = answers(120)
    x = np.column_stack([flags, control])
    model = ProportionalOdds((score > 4).astype(int) + (score > 7), x, np.array([0.5, 1.0, 2.0]))
    at = model.start_params + 0.1
    assert model.score(at) == pytest.approx(approx_fprime(at, model.loglike, centered=True), rel=1e-4, abs=1e-4)


def test_the_planted_odds_come_back_with_their_interval() -> None:
    score, flags, control = answers(2000)
    found = odds(score, flags, control, np.arange(2000))
    assert found.log_odds == pytest.approx([-1.5, 0.0], abs=0.25)
    assert (found.log_low < [-1.5, 0.0]).all() and (found.log_high > [-1.5, 0.0]).all()
    assert found.points[0] < -1.5
    assert np.sign(found.points) == pytest.approx(np.sign(found.log_odds))


def test_the_same_customer_many_times_widens_the_interval() -> None:
    score, flags, control = answers(300)
    once = odds(score, flags, control, np.arange(300))
    four = odds(
        *(np.tile(one, (4,) + (1,) * (one.ndim - 1)) for one in (score, flags, control)), np.tile(np.arange(300), 4)
    )
    width = [float((one.log_high - one.log_low)[0]) for one in (once, four)]
    assert width[1] == pytest.approx(width[0], rel=0.1)


def test_an_irritant_that_only_the_lowest_name_keeps_a_finite_effect() -> None:
    score = np.repeat([0.0, 5.0, 9.0], 40)
    flags = (score == 0).astype(float)[:, None]
    found = odds(score, flags, np.zeros((120, 0)), np.arange(120))
    assert -12 < found.log_odds[0] < -3
    assert found.points[0] == pytest.approx(-7, abs=1)


def test_one_single_score_is_refused() -> None:
    with pytest.raises(ModelError, match="one score"):
        odds(np.full(50, 5.0), np.ones((50, 1)), np.zeros((50, 0)), np.arange(50))


def test_answers_that_each_name_exactly_one_irritant_are_fitted() -> None:
    rng = np.random.default_rng(2)
    which = rng.integers(0, 3, 300)
    score = np.clip(np.round(7 - 2.0 * (which == 0) + rng.normal(0, 1.5, 300)), 0, 10)
    found = odds(score, np.eye(3)[which], np.zeros((300, 0)), np.arange(300))
    assert found.log_odds[0] < found.log_odds[1] - 1
    assert np.isfinite(found.log_low).all()


def test_orders_taken_in_blocks_give_the_same_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    moment, direction, _ = problem(4, 6)
    orders = drawn_orders(6, 50, seed=1)
    whole = shapley_sampled(moment, direction, orders)
    monkeypatch.setattr(sys.modules[shapley_sampled.__module__], "CELLS", 7 * 36)
    blocks = shapley_sampled(moment, direction, orders)
    assert blocks.share.tobytes() == whole.share.tobytes() and blocks.error.tobytes() == whole.error.tobytes()
