"""Recalibration happens only where it is asked for, beyond noise, and keeps the order of customers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from insights.churn.calibrate import Calibration, Sigmoid, judge, slope_interval


def sample(
    stretch: float, n: int = 30_000, seed: int = 8, level: float = -2.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, log-odds as told (true ones times `stretch`), customers of three months each."""
    rng = np.random.default_rng(seed)
    eta = np.repeat(rng.normal(level, 1, n // 3), 3)
    return (rng.random(n) < expit(eta)).astype(float), stretch * eta, np.repeat(np.arange(n // 3), 3)


def test_a_sound_model_is_left_alone() -> None:
    found = judge(*sample(1.0))
    assert found.sigmoid == Sigmoid() and not found.as_dict()["asked"]
    assert found.slope_low < 1 < found.slope_high


def test_an_overconfident_model_is_pulled_back() -> None:
    y, eta, customers = sample(2.0)
    found = judge(y, eta, customers)
    assert found.sigmoid.slope == pytest.approx(0.5, abs=0.03)
    after = found.sigmoid.apply(eta)
    assert slope_interval(y, after, customers)[0] == pytest.approx(1.0, abs=0.02)
    assert (np.argsort(after) == np.argsort(eta)).all()
    assert found.after is not None  # told from sigmoids learned on other customers
    assert found.after["slope_low"] < 1 < found.after["slope_high"]
    assert found.after["ece"] < found.ece


def test_a_slope_within_its_noise_asks_for_nothing() -> None:
    y, eta, customers = sample(1.15, n=6000, seed=2, level=-4.0)
    assert y.sum() > 100
    slope, low, high = slope_interval(y, eta, customers)
    assert slope < 0.9 and low < 1 < high
    assert judge(y, eta, customers).sigmoid == Sigmoid()


def test_the_wrong_level_asks_by_its_error() -> None:
    y, eta, customers = sample(1.0)
    found = judge(y, eta + 1.0, customers)
    assert found.ece > 0.03
    assert found.sigmoid.intercept == pytest.approx(-found.sigmoid.slope, abs=0.1)


def test_few_departures_ask_for_nothing() -> None:
    y, eta, customers = sample(2.0)
    keep = np.cumsum(y) < 99
    assert judge(y[keep], eta[keep], customers[keep]).sigmoid == Sigmoid()


def test_one_outcome_only_gives_no_slope() -> None:
    found = judge(np.zeros(50), np.linspace(-3, 0, 50), np.arange(50))
    assert np.isnan(found.slope) and isinstance(found, Calibration) and found.sigmoid == Sigmoid()


def test_the_interval_covers_as_often_as_it_says() -> None:
    held = [low <= 1 <= high for seed in range(80) for _, low, high in [slope_interval(*sample(1.0, 3000, seed))]]
    assert 0.87 <= np.mean(held) <= 1.0
