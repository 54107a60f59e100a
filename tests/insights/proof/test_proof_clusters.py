"""Teams drawn at random: exact permutation at small sizes, an interval that holds, strata that stay together."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from insights.actions.draw import draw
from insights.errors import LedgerError
from insights.proof.clusters import Units, _bound, assignments, cluster_effect, t_effect, ways


def units(rng: np.random.Generator, effect: float, n: int = 24, noise: float = 0.05) -> Units:
    before = rng.normal(0.3, 0.1, n)
    treated = np.zeros(n, dtype=bool)
    treated[rng.permutation(n)[: n // 2]] = True
    after = before + effect * treated + rng.normal(0, noise, n)
    return Units(after, before, rng.integers(20, 60, n).astype(float), treated, np.array([""] * n))


def test_an_effect_is_found_and_its_interval_holds_it():
    found = cluster_effect(units(np.random.default_rng(2), -0.1), 7)
    assert found.low < -0.1 < found.high < 0
    assert found.p < 0.01 and found.n_units == 24


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = [
        found.low <= -0.08 <= found.high
        for seed in range(80)
        if (found := cluster_effect(units(np.random.default_rng(seed), -0.08), seed, level=0.8))
    ]
    assert 0.66 <= np.mean(held) <= 0.92  # .80 within what eighty draws allow


def test_of_many_draws_without_effect_few_are_significant():
    p = [cluster_effect(units(np.random.default_rng(1000 + seed), 0.0), seed).p for seed in range(80)]
    assert np.mean(np.array(p) <= 0.05) <= 0.12


def test_all_draws_are_looked_at_when_they_are_few():
    treated = np.array([True] * 4 + [False] * 4)
    seats = assignments(treated, np.array([""] * 8), 1)
    assert len(seats) == comb(8, 4) == len({tuple(row) for row in seats.tolist()})
    perfect = Units(np.r_[np.zeros(4), np.ones(4)], np.full(8, np.nan), np.ones(8), treated, np.array([""] * 8))
    assert cluster_effect(perfect, 1).p == pytest.approx(2 / 70)


def test_strata_keep_their_shares():
    stratum = np.array(["a"] * 4 + ["b"] * 10)
    treated = np.array([True, False, False, False] + [True] * 5 + [False] * 5)
    seats = assignments(treated, stratum, 3)
    assert (seats[:, :4].sum(axis=1) == 1).all() and (seats[:, 4:].sum(axis=1) == 5).all()
    assert len(seats) == 4 * comb(10, 5) == len({tuple(row) for row in seats.tolist()}), "few: all of them"
    assert (seats == treated).all(axis=1).sum() == 1


def test_too_few_ways_to_draw_prove_nothing_and_are_refused():
    treated = np.array([True] * 3 + [False] * 3)
    six = Units(np.r_[np.zeros(3), np.ones(3)], np.full(6, np.nan), np.ones(6), treated, np.array([""] * 6))
    assert cluster_effect(six, 1) is None, "2 of 20 ways: p = .1 at best"
    with pytest.raises(LedgerError, match="9 or more"):
        draw({f"T{n}": "" for n in range(6)}, "team", 1)
    with pytest.raises(LedgerError, match="ways"):
        draw({f"T{n}": f"site {n // 2}" for n in range(10)}, "team", 1)


def test_sites_of_one_team_are_drawn_together():
    alone = {f"T{n:02d}": f"site {n}" for n in range(12)}
    drawn = {draw(alone, "team", seed).treated for seed in range(8)}
    assert len(drawn) > 2 and all(len(one) == 6 for one in drawn)
    stratum = np.array([f"site {n}" for n in range(12)])
    assert ways(np.arange(12) % 2 == 0, stratum) == comb(12, 6)


def test_a_bound_that_is_never_refused_is_infinite():
    moved, carried = np.array([1.0, -1.0, 0.2, -0.2]), np.array([1.0, 1.0, 1.0, 1.0])
    assert _bound(1.0, moved, carried, 5.0, 0.01) == np.inf and _bound(1.0, moved, carried, -5.0, 0.01) == -np.inf


def test_values_before_sharpen_the_estimate():
    made = units(np.random.default_rng(5), -0.1)
    blind = Units(made.after, np.full(24, np.nan), made.weight, made.treated, made.stratum)
    sharp, wide = cluster_effect(made, 1), cluster_effect(blind, 1)
    assert sharp.high - sharp.low < 0.8 * (wide.high - wide.low)


def test_order_of_units_changes_no_estimate():
    made = units(np.random.default_rng(6), -0.1)
    turned = Units(*(values[::-1] for values in (made.after, made.before, made.weight, made.treated, made.stratum)))
    assert cluster_effect(made, 1).effect == pytest.approx(cluster_effect(turned, 1).effect)
    assert t_effect(made).effect == pytest.approx(t_effect(turned).effect)


def test_too_few_units_say_nothing():
    made = units(np.random.default_rng(7), -0.5, n=4)
    assert cluster_effect(made, 1) is None and t_effect(made) is None


def test_chosen_groups_are_compared_by_their_changes():
    found = t_effect(units(np.random.default_rng(8), -0.1))
    assert found.low < -0.1 < found.high < 0 and found.p < 0.01
