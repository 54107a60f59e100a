"""The Qini by hand, and an interval that holds nothing in it where the ranking says nothing."""

from __future__ import annotations

import numpy as np
import pytest

from insights.uplift.qini import qini


def test_by_hand():
    """Four called and four held out; the two best held out left, no called one did: a perfect ranking."""
    ranked_by = [8, 7, 6, 5, 4, 3, 2, 1]
    called = [1, 0, 1, 0, 1, 0, 1, 0]
    left = [0, 1, 0, 1, 0, 0, 0, 0]
    found = qini(ranked_by, called, left, draws=50)
    centred = np.array(left) - 0.25
    gain = np.where(called, -centred / 4, centred / 4).cumsum()
    assert found.curve == pytest.approx([0, *gain])
    assert found.curve[-1] == pytest.approx(0.5)  # half of those held out left, none of those called
    line = np.linspace(0, 0.5, 9)
    assert found.value == pytest.approx(100 * (found.curve - line).mean())


def experiment(seed, n=4000, effect=0.5):
    """A call halves departures of those above 0 and does nothing for the others."""
    rng = np.random.default_rng(seed)
    helped = rng.normal(size=n)
    called = rng.random(n) < 0.7
    p = rng.beta(2, 6, n)
    left = rng.random(n) < p * np.where(called & (helped > 0), 1 - effect, 1)
    return helped, called, left, p


def test_a_true_ranking_is_usable_its_reverse_and_chance_are_not():
    helped, called, left, p = experiment(1)
    assert qini(helped, called, left, p).usable
    assert qini(-helped, called, left, p).high < 0
    chance = np.random.default_rng(2).normal(size=len(left))
    assert not qini(chance, called, left, p).usable


def test_where_a_call_does_nothing_the_interval_holds_zero_about_as_often_as_it_says():
    hits = 0
    for seed in range(60):
        helped, called, left, p = experiment(seed, n=1000, effect=0.0)
        found = qini(helped, called, left, p, draws=200, seed=seed)
        hits += found.low <= 0 <= found.high
    assert hits >= 52  # 57 expected


def test_the_risk_known_before_narrows_the_interval():
    helped, called, left, p = experiment(3)
    plain, with_risk = qini(helped, called, left), qini(helped, called, left, p)
    assert with_risk.high - with_risk.low < plain.high - plain.low


def test_a_shift_of_the_outcome_changes_nothing_and_the_seed_decides():
    helped, called, left, p = experiment(4, n=500)
    one, two = qini(helped, called, left, p, seed=1), qini(helped, called, left, p + 0.1, seed=1)
    assert (one.value, one.low) == pytest.approx((two.value, two.low))
    assert qini(helped, called, left, p, seed=1).low == one.low
    assert qini(helped, called, left, p, seed=2).low != one.low


def test_customers_of_an_account_are_drawn_together():
    helped, called, left, p = experiment(5, n=1000)
    five = [np.repeat(one, 5) for one in (helped, called, left, p)]
    alone = qini(*five)
    together = qini(*five, cluster=np.repeat(np.arange(1000), 5))
    assert (together.high - together.low) / (alone.high - alone.low) == pytest.approx(np.sqrt(5), rel=0.2)
