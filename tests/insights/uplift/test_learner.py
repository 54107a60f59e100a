"""The uplift model on planted effects: it finds whom a call keeps, and says nothing where a call helps all alike."""

from __future__ import annotations

import numpy as np
import pytest

from insights.errors import ModelError
from insights.uplift.learner import avoided, judged


def planted(seed, *, alike, n=7000, share=0.3):
    """Departures that a call takes away: six in ten where the second covariate is above 0 (it adds two in ten elsewhere), or
    four points for everybody."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5))
    p = 0.06 + 0.9 / (1 + np.exp(-(-1.6 + 0.6 * x[:, 0])))
    truth = np.full(n, 0.04) if alike else p * np.where(x[:, 1] > 0, 0.6, -0.2)
    called = rng.random(n) >= share
    left = rng.random(n) < p - truth * called
    return x, called, left, p, truth


def test_it_finds_whom_a_call_keeps():
    pytest.importorskip("econml", reason="the optional extra `uplift` is not installed")
    x, called, left, p, truth = planted(4, alike=False)
    found, quality = judged(x, called, left, np.arange(len(p)), p, seed=1, trees=60, folds=2)
    assert quality.usable
    assert np.corrcoef(found, truth)[0, 1] > 0.6
    helped = x[:, 1] > 0.5
    assert found[helped].mean() > found[x[:, 1] < -0.5].mean() + 0.05


def test_it_is_not_used_where_a_call_helps_all_alike():
    pytest.importorskip("econml", reason="the optional extra `uplift` is not installed")
    x, called, left, p, _ = planted(2, alike=True)
    assert not judged(x, called, left, np.arange(len(p)), p, seed=1, trees=60, folds=2)[1].usable


def test_below_the_declared_departures_it_is_refused_with_how_many_are_missing():
    x, called, left, p, _ = planted(3, alike=False, n=1500, share=0.1)
    with pytest.raises(ModelError, match=r"needs 300 departures in each arm: \d+ are missing among those called, \d+"):
        avoided(x, called, left, np.arange(len(p)))
