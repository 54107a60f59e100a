"""The trials of the benchmark: the usual comparisons are wrong in the direction they are known for, ours is not."""

from __future__ import annotations

import numpy as np
import pytest

from insights.uplift.coverage import World, trial


@pytest.fixture(scope="module")
def trials():
    return [trial(World(0.10, 0.0, n=4000, share=0.3), seed) for seed in range(12)]


def test_without_any_effect_reaching_people_looks_like_keeping_them(trials):
    assert np.mean([one.reached.points for one in trials]) < -0.02
    assert all(one.truth == 0 for one in trials)


def test_without_any_effect_calling_the_risky_looks_like_losing_them(trials):
    assert np.mean([one.elsewhere.points for one in trials]) > 0.04


def test_the_draw_sees_that_there_is_none(trials):
    assert abs(np.mean([one.itt.points for one in trials])) < 0.01
    assert sum(one.itt.low <= 0 <= one.itt.high for one in trials) >= 9


def test_the_truth_is_what_reaching_some_of_them_does():
    one = trial(World(0.20, -0.20, n=4000, share=0.3), 1)
    assert -0.20 < one.truth_relative < -0.05  # a fifth of those reached, two in three
    assert trial(World(0.20, 0.20, n=4000, share=0.3), 1).truth > 0


def test_the_same_seed_gives_the_same_trial():
    assert trial(World(0.05, -0.20, n=2000), 3) == trial(World(0.05, -0.20, n=2000), 3)
