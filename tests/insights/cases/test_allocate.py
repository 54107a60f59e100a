"""Greedy and exact agree where each customer has one place; where teams overlap and slots run out, exact is worth more."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.cases.allocate import NOBODY, allocate, exact, greedy
from insights.cases.capacity import Slots

NO = np.nan
A, B = ("a", "fr"), ("b", "fr")


def worth(net, placed):
    return sum(net[row, cell] for row, cell in enumerate(placed) if cell != NOBODY)


def test_exact_beats_greedy_where_constraints_bind():
    """The worthiest can be called by both teams; greedy gives it the only place that the second could have."""
    net = np.array([[50.0, 49.0], [40.0, NO]])
    slots = Slots({A: 1, B: 1}, {}, 9)
    assert worth(net, greedy(net, [A, B], slots)) == 50
    assert exact(net, [A, B], slots).tolist() == [1, 0]
    assert allocate(net, [A, B], slots).tolist() == [1, 0]
    assert worth(net, allocate(net, [A, B], slots, "greedy")) == 50


def test_they_agree_where_nothing_binds():
    rng = np.random.default_rng(5)
    net = rng.normal(10, 20, (60, 2)).round(2)
    slots = Slots({A: 60, B: 60}, {"a": 60, "b": 60}, 200)
    assert greedy(net, [A, B], slots).tolist() == exact(net, [A, B], slots).tolist()


def test_they_agree_where_each_customer_has_one_place_and_limits_are_nested():
    rng = np.random.default_rng(6)
    net = np.where(np.arange(40)[:, None] % 3 == np.arange(3)[None, :], rng.uniform(-5, 30, (40, 3)), NO)
    cells = [("a", "en"), ("a", "fr"), ("b", "fr")]
    slots = Slots(dict(zip(cells, (2, 6, 5), strict=True)), {"a": 7, "b": 9}, 10)
    assert greedy(net, cells, slots).tolist() == exact(net, cells, slots).tolist()


def test_no_call_is_made_at_a_loss_and_of_equals_the_first_is_called():
    net = np.array([[-1.0], [0.0], [5.0], [5.0], [5.0]])
    for method in ("greedy", "exact"):
        placed = allocate(net, [A], Slots({A: 2}, {}, 9), method)
        assert placed.tolist() == [NOBODY, NOBODY, 0, 0, NOBODY]


def test_nobody_to_call_is_no_error():
    for method in ("auto", "greedy", "exact"):
        assert allocate(np.empty((0, 2)), [A, B], Slots({A: 1, B: 1}, {}, 9), method).tolist() == []
        assert allocate(np.full((2, 1), NO), [A], Slots({A: 1}, {}, 9), method).tolist() == [NOBODY] * 2


@settings(max_examples=30)
@given(
    st.lists(st.tuples(*[st.integers(-5, 30)] * 3), min_size=1, max_size=5),
    st.tuples(*[st.integers(0, 2)] * 3),
    st.integers(0, 2),
    st.integers(0, 3),
)
def test_exact_is_the_best_of_all_ways(values, caps, team, overall):
    """Against every way there is, on small days."""
    cells = [("a", "en"), ("a", "fr"), ("b", "fr")]
    net = np.array(values, dtype=float)
    slots = Slots(dict(zip(cells, caps, strict=True)), {"a": team}, overall)

    def possible(way):
        n = [sum(cell == k for cell in way) for k in range(3)]
        return all(have <= cap for have, cap in zip(n, caps, strict=True)) and n[0] + n[1] <= team and sum(n) <= overall

    best = max(worth(net, way) for way in product([NOBODY, 0, 1, 2], repeat=len(values)) if possible(way))
    found = exact(net, cells, slots)
    assert possible(found.tolist())
    assert worth(net, found) == pytest.approx(best)
    assert worth(net, allocate(net, cells, slots)) == pytest.approx(best)
