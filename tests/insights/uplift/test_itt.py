"""The estimate of a call's effect: by hand, unbiased where naive comparisons are not, and wide enough with accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.uplift.itt import covariates, intention_to_treat


def company(seed, n=4000, cut=0.2, share=0.1, base=0.15):
    """Customers with a score, drawn for a call with probability 1 - share; the call multiplies departures by 1 - cut."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(np.log(base / (1 - base)), 0.8, n)
    p = 1 / (1 + np.exp(-logit))
    called = rng.random(n) >= share
    left = rng.random(n) < p * np.where(called, 1 - cut, 1)
    segment = pd.Series(np.where(rng.random(n) < 0.2, "small_business", "household"))
    return called, left.astype(float), covariates(pd.Series(p), segment), p


def test_without_covariates_it_is_the_plain_difference_with_the_interval_of_agresti_and_caffo():
    called = np.repeat([True, False], [900, 100])
    left = np.concatenate([np.repeat([1.0, 0.0], [90, 810]), np.repeat([1.0, 0.0], [20, 80])])
    found = intention_to_treat(called, left)
    assert (found.n_called, found.n_held) == (900, 100)
    assert (found.mean_called, found.mean_held) == pytest.approx((0.1, 0.2))
    assert found.points == pytest.approx(-0.1)
    p, q = 91 / 902, 21 / 102  # one more who left and one more who stayed in each arm
    error = np.sqrt(p * (1 - p) / 902 + q * (1 - q) / 102)
    middle, half = (found.low + found.high) / 2, (found.high - found.low) / 2
    assert middle == pytest.approx(p - q)
    assert half == pytest.approx(1.984 * error, rel=5e-3)  # t with 99 degrees of freedom
    assert found.relative == pytest.approx(-0.5)
    assert found.relative_low < -0.5 < found.relative_high < 0


def test_few_departures_make_no_interval_too_narrow():
    """Three departures expected among 300 held out: the plain interval would hold the truth 90 times in 100."""
    hits = 0
    rng = np.random.default_rng(8)
    called = np.repeat([True, False], [2700, 300])
    for _ in range(400):
        found = intention_to_treat(called, (rng.random(3000) < 0.01).astype(float))
        hits += found.low <= 0 <= found.high
    assert hits >= 371  # 380 expected, error 4.4


def test_covariates_leave_the_effect_and_narrow_the_interval():
    called, left, x, _ = company(1)
    plain, adjusted = intention_to_treat(called, left), intention_to_treat(called, left, x)
    assert adjusted.high - adjusted.low < plain.high - plain.low
    assert adjusted.points == pytest.approx(plain.points, abs=0.02)


def test_the_order_of_customers_does_not_matter():
    called, left, x, _ = company(2)
    order = np.random.default_rng(0).permutation(len(left))
    one, two = intention_to_treat(called, left, x), intention_to_treat(called[order], left[order], x[order])
    assert (one.points, one.low) == pytest.approx((two.points, two.low))


def test_intervals_hold_the_truth_as_often_as_they_say():
    """300 experiments: 95 % of 300 is 285, with an error of 3.8."""
    hits = 0
    for seed in range(300):
        called, left, x, p = company(seed, n=1500, share=0.3)
        found = intention_to_treat(called, left, x)
        hits += found.low <= -0.2 * p.mean() <= found.high
    assert 272 <= hits <= 298


def test_customers_of_one_account_are_not_counted_as_so_many_proofs():
    rng = np.random.default_rng(3)
    account = np.repeat(np.arange(400), 5)
    called = (rng.random(400) < 0.5)[account]
    left = (rng.random(400) < 0.3)[account].astype(float)  # a whole account leaves together
    alone = intention_to_treat(called, left)
    together = intention_to_treat(called, left, cluster=account)
    assert together.points == pytest.approx(alone.points)
    assert (together.high - together.low) / (alone.high - alone.low) == pytest.approx(np.sqrt(5), rel=0.1)


def test_accounts_of_one_customer_are_customers():
    called, left, x, _ = company(4)
    assert intention_to_treat(called, left, x, cluster=np.arange(len(left))) == intention_to_treat(called, left, x)


@pytest.mark.parametrize(("n_called", "n_held", "events"), [(1000, 19, 50), (19, 1000, 50), (1000, 1000, 4)])
def test_too_few_give_no_estimate(n_called, n_held, events):
    called = np.repeat([True, False], [n_called, n_held])
    left = np.zeros(n_called + n_held)
    left[:: len(left) // events][:events]
    left[np.linspace(0, len(left) - 1, events).astype(int)] = 1
    assert intention_to_treat(called, left) is None


def test_a_covariate_that_one_arm_lacks_is_left_out():
    called, left, x, _ = company(5, n=600)
    rare = (np.arange(600) == np.flatnonzero(called)[0]).astype(float)
    found = intention_to_treat(called, left, np.column_stack([x, rare, x[:, 0] * 2]))
    assert found == intention_to_treat(called, left, x)


def test_a_missing_score_is_a_level_of_its_own():
    x = covariates(pd.Series([0.1, None, 0.3]), pd.Series(["household"] * 3))
    assert x[:, 1].tolist() == [0, 1, 0]
    assert np.isfinite(x).all()


def test_a_score_has_a_difference_and_no_ratio():
    rng = np.random.default_rng(6)
    called = rng.random(2000) < 0.5
    found = intention_to_treat(called, rng.normal(0, 2, 2000) + 0.5 * called)
    assert found.low < 0.5 < found.high
    assert np.isnan(found.relative)
