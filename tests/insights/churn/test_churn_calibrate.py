"""Recalibration happens only where it is asked for, and keeps the order of customers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from insights.churn.calibrate import Sigmoid, learn, needed
from insights.churn.evaluate import slope_and_intercept


def sample(stretch: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    eta = rng.normal(-2, 1, 30_000)
    return (rng.random(30_000) < expit(eta)).astype(float), stretch * eta


def test_a_sound_model_is_left_alone() -> None:
    y, eta = sample(1.0)
    assert not needed(y, expit(eta))
    assert learn(y, eta, n_events=5000) == Sigmoid()


def test_an_overconfident_model_is_pulled_back() -> None:
    y, eta = sample(2.0)
    assert needed(y, expit(eta))
    sigmoid = learn(y, eta, n_events=5000)
    assert sigmoid.slope == pytest.approx(0.5, abs=0.03)
    slope, intercept = slope_and_intercept(y, expit(sigmoid.apply(eta)))
    assert (slope, intercept) == (pytest.approx(1.0, abs=0.02), pytest.approx(0.0, abs=0.02))
    assert (np.argsort(sigmoid.apply(eta)) == np.argsort(eta)).all()


def test_few_departures_ask_for_nothing() -> None:
    y, eta = sample(2.0)
    assert learn(y, eta, n_events=99) == Sigmoid()
