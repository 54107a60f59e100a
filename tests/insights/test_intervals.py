"""Intervals hold their level at small n, and shrink what rests on few counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.intervals import gamma_prior, nps_interval, rate_ratio, shrunk_rate, wilson

counts = st.integers(0, 400)


@pytest.mark.parametrize("mix", [(0.45, 0.30, 0.25), (0.65, 0.25, 0.10), (0.85, 0.13, 0.02), (0.27, 0.40, 0.33)])
@pytest.mark.parametrize("n", [10, 20, 50, 100])
def test_nps_interval_covers_at_its_level(mix: tuple[float, float, float], n: int) -> None:
    drawn = np.random.default_rng(n).multinomial(n, mix, size=4000)
    truth = 100 * (mix[0] - mix[2])
    found = nps_interval(drawn[:, 0], drawn[:, 2], n)
    coverage = ((found.low <= truth) & (truth <= found.high)).mean()
    assert 0.93 <= coverage <= 0.97


@given(up=counts, middle=counts, down=counts)
def test_nps_stays_in_bounds_and_in_its_interval(up: int, middle: int, down: int) -> None:
    found = nps_interval(up, down, up + middle + down)
    if up + middle + down == 0:
        assert np.isnan([found.value, found.low, found.high]).all()
    else:
        assert -100 <= found.low <= found.value <= found.high <= 100


@given(up=counts, middle=counts, down=counts)
def test_nps_turns_round_with_its_ends(up: int, middle: int, down: int) -> None:
    n = up + middle + down + 1
    one, other = nps_interval(up, down, n), nps_interval(down, up, n)
    assert one.value == pytest.approx(-other.value)
    assert (one.low, one.high) == (pytest.approx(-other.high), pytest.approx(-other.low))


def test_wilson_gives_the_published_figures() -> None:
    found = wilson([8, 0, 10], [10, 10, 10])
    assert found.value == pytest.approx([0.8, 0.0, 1.0])
    assert found.low == pytest.approx([0.490, 0.0, 0.722], abs=5e-4)
    assert found.high == pytest.approx([0.943, 0.278, 1.0], abs=5e-4)


def test_wilson_of_nothing_is_unknown() -> None:
    assert np.isnan(wilson(0, 0).low)


def test_gamma_prior_finds_mean_and_spread_of_the_rates() -> None:
    rng = np.random.default_rng(3)
    rates = rng.gamma(4.0, 0.05 / 4.0, 3000)
    prior = gamma_prior(rng.poisson(rates * 500), np.full(3000, 500))
    assert prior.shape == pytest.approx(4.0, rel=0.15)
    assert prior.shape / prior.rate == pytest.approx(0.05, rel=0.05)


def test_shrunk_rates_are_nearer_to_the_truth_than_raw_ones() -> None:
    rng = np.random.default_rng(4)
    truth = rng.gamma(3.0, 0.02 / 3.0, 400)
    exposure = np.full(400, 100.0)
    seen = rng.poisson(truth * exposure)
    found = shrunk_rate(seen, exposure)
    assert np.mean((found.value - truth) ** 2) < 0.7 * np.mean((seen / exposure - truth) ** 2)
    assert 0.86 <= ((found.low <= truth) & (truth <= found.high)).mean() <= 0.94


def test_rate_ratio_keeps_its_level_over_many_irritants() -> None:
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(150):
        log_ratio = rng.normal(0, 0.4, 30)
        base = rng.uniform(5, 60, 30)
        before, now = rng.poisson(base), rng.poisson(base * np.exp(log_ratio))
        found = rate_ratio(now, 1000.0, before, 1000.0)
        covered.append(((found.low <= np.exp(log_ratio)) & (np.exp(log_ratio) <= found.high)).mean())
    assert 0.83 <= np.mean(covered) <= 0.95


def test_rate_ratio_turns_round_with_its_periods() -> None:
    one = rate_ratio([12, 3], [900, 900], [6, 9], [1100, 1100])
    other = rate_ratio([6, 9], [1100, 1100], [12, 3], [900, 900])
    assert one.value == pytest.approx(1 / other.value)
    assert one.low == pytest.approx(1 / other.high)


def test_small_counts_stay_near_one_and_large_ones_speak() -> None:
    found = rate_ratio([3, 300], [1000, 1000], [1, 100], [1000, 1000], shape=5)
    assert 1 < found.value[0] < 2
    assert found.value[1] > 2.5
    assert found.low[0] < 1 < found.low[1]


def test_a_common_rise_is_not_shrunk_away() -> None:
    found = rate_ratio([60, 90, 120], 1000, [20, 30, 40], 1000)
    assert (found.low > 1.5).all()


def test_exposure_enters_the_ratio() -> None:
    found = rate_ratio([40], [2000], [40], [1000], shape=5)
    assert found.value[0] < 0.7


def test_a_ratio_without_counts_or_exposure_is_unknown() -> None:
    assert np.isnan(rate_ratio([0, 5], [100, 0], [0, 5], [100, 100]).value).all()
