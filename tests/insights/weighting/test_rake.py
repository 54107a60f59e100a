"""Raking: the margins are met, what binds the variables stays, order does not matter, and it says when it fails."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.errors import ModelError
from insights.weighting import rake, rake_trimmed

AGE, HABIT = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
counts = st.lists(st.integers(1, 60), min_size=4, max_size=4)
shares = st.floats(0.1, 0.9)


def margins(codes: np.ndarray, mass: np.ndarray, levels: int) -> np.ndarray:
    return np.bincount(codes, mass, levels) / mass.sum()


def test_two_variables_by_hand() -> None:
    """40, 10 / 10, 40 raked to half and half by age, 3 in 10 by habit: the odds ratio of 16 stays, the margins move."""
    n = np.array([40.0, 10.0, 10.0, 40.0])
    found = rake([AGE, HABIT], [np.array([0.5, 0.5]), np.array([0.3, 0.7])], n)
    mass = found.weights * n
    assert found.converged
    # with a the first cell: a (20 + a) = 16 (50 - a) (30 - a)
    a = mass[0]
    assert [mass[1], mass[2], mass[3]] == pytest.approx([50 - a, 30 - a, 20 + a])
    assert a * (20 + a) == pytest.approx(16 * (50 - a) * (30 - a), rel=1e-4)
    assert mass.sum() == pytest.approx(100)


@given(counts, shares, shares)
def test_margins_are_met_weights_sum_to_n_and_the_odds_ratio_stays(n: list[int], age: float, habit: float) -> None:
    answered = np.array(n, dtype=float)
    targets = [np.array([age, 1 - age]), np.array([habit, 1 - habit])]
    found = rake([AGE, HABIT], targets, answered)
    mass = found.weights * answered
    assert found.converged
    assert mass.sum() == pytest.approx(answered.sum())
    for codes, target in zip((AGE, HABIT), targets, strict=True):
        assert margins(codes, mass, 2) == pytest.approx(target, rel=1e-5)
    before, after = (x[0] * x[3] / (x[1] * x[2]) for x in (answered, mass))
    assert after == pytest.approx(before, rel=1e-6)


@given(st.permutations(range(4)), counts)
def test_order_of_rows_does_not_matter(order: list[int], n: list[int]) -> None:
    answered, targets = np.array(n, dtype=float), [np.array([0.4, 0.6]), np.array([0.3, 0.7])]
    one = rake([AGE, HABIT], targets, answered).weights
    other = rake([AGE[order], HABIT[order]], targets, answered[order]).weights
    assert other == pytest.approx(one[order])


def test_a_row_that_stands_for_three_answers_is_three_rows() -> None:
    codes, targets = np.array([0, 1]), [np.array([0.5, 0.5])]
    together = rake([codes], targets, np.array([3.0, 1.0])).weights
    apart = rake([np.array([0, 0, 0, 1])], targets).weights
    assert together.tolist() == pytest.approx([apart[0], apart[3]])
    assert together.tolist() == pytest.approx([2 / 3, 2.0])


def test_a_level_nobody_answered_from_is_refused() -> None:
    with pytest.raises(ModelError, match="level nobody answered from"):
        rake([np.array([0, 0])], [np.array([0.5, 0.5])])


def test_margins_that_contradict_each_other_do_not_converge_and_say_so() -> None:
    both = np.array([0, 1])  # the two variables are the same here, their targets are not
    found = rake([both, both], [np.array([0.5, 0.5]), np.array([0.3, 0.7])])
    assert not found.converged
    assert found.worst > 0.1


def test_weights_are_trimmed_at_five_times_the_median_and_raked_again() -> None:
    code = np.array([0] * 99 + [1])
    sex = np.array([0, 1] * 50)
    found = rake_trimmed([code, sex], [np.array([0.9, 0.1]), np.array([0.5, 0.5])])
    assert found.weights.max() <= 5 * np.median(found.weights) * (1 + 1e-6)
    assert found.weights.sum() == pytest.approx(100)
    assert not found.converged  # one answer in a hundred cannot stand for a tenth of all


def test_trimming_leaves_moderate_weights_alone() -> None:
    n, targets = np.array([40.0, 10.0, 10.0, 40.0]), [np.array([0.5, 0.5]), np.array([0.4, 0.6])]
    assert rake_trimmed([AGE, HABIT], targets, n).weights == pytest.approx(rake([AGE, HABIT], targets, n).weights)
