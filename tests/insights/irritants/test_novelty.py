"""Signals on a small made world: a dozen causes, each with words and a place of its own, said by many people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.novelty import Signal, weak_signals
from insights.irritants.novelty_pick import distinct
from insights.irritants.novelty_scan import Scan, expected_rates, log_ratio, shuffled
from insights.topics.vectors import unit

CAUSES, WIDTH, LETTERS = 12, 24, "bcdfghjklmnprstv"


@dataclass
class World:
    """Texts (n) of causes 0..11 and their vectors; `is_new` (n)."""

    causes: NDArray[np.int64]
    is_new: NDArray[np.bool_]
    texts: list[str]
    vectors: NDArray[np.float32]

    def signals(self, **options: Any) -> list[Signal]:
        known = [
            UNCLASSIFIED if new else f"IR-{cause:04d}" for cause, new in zip(self.causes, self.is_new, strict=True)
        ]
        return weak_signals(
            self.vectors, ["fr"] * len(known), self.texts, self.is_new, known, 1, shuffles=99, **options
        )

    def of(self, signal: Signal) -> NDArray[np.int64]:
        return self.causes[list(signal.new_rows)]


def world(old: dict[int, int], new: dict[int, int], seed: int = 0) -> World:
    """`old` and `new`: texts of each cause in the history and in the new period."""
    draw = np.random.default_rng(seed)
    words = np.array([f"{a}a{b}i{c}o" for a in LETTERS for b in LETTERS for c in LETTERS])
    own, common = words[: CAUSES * 8].reshape(CAUSES, 8), words[200:260]
    causes = np.repeat([*old, *new], [*old.values(), *new.values()])
    is_new = np.arange(len(causes)) >= sum(old.values())
    centres = unit(np.random.default_rng(99).normal(size=(CAUSES, WIDTH)))
    vectors = unit(centres[causes] + draw.normal(scale=0.16, size=(len(causes), WIDTH)))
    texts = [" ".join([*draw.choice(own[cause], 3), *draw.choice(common, 4)]) for cause in causes]
    return World(causes, is_new, texts, vectors)


def even(n: int, *, without: tuple[int, ...] = ()) -> dict[int, int]:
    return {cause: n for cause in range(CAUSES) if cause not in without}


@pytest.fixture(scope="module")
def hidden() -> World:
    """Cause 7 is unknown to the history and has 20 of 130 new texts."""
    return world(even(40, without=(7,)), {**even(10, without=(7,)), 7: 20})


@pytest.fixture(scope="module")
def found(hidden: World) -> list[Signal]:
    return hidden.signals()


def test_a_hidden_cause_is_found_and_told_from_the_known_ones(hidden: World, found: list[Signal]) -> None:
    (signal,) = found
    assert np.mean(hidden.of(signal) == 7) > 0.8
    assert np.sum(hidden.of(signal) == 7) >= 14
    assert signal.p_value <= 0.03
    assert signal.lift > 3
    assert signal.expected < signal.n_new
    assert signal.n_new == len(signal.new_rows)
    assert signal.n_new + signal.n_history == len(signal.rows)
    assert signal.cohesion > 0.6


def test_the_same_input_gives_the_same_signals(hidden: World, found: list[Signal]) -> None:
    assert hidden.signals() == found


@pytest.mark.parametrize("seed", range(2))
def test_nothing_new_gives_no_signal(seed: int) -> None:
    assert world(even(40), even(10), seed).signals() == []


def test_an_old_cause_that_grows_is_no_new_one() -> None:
    grown = world(even(40), {**even(10), 7: 35})
    assert grown.signals() == []


def test_two_new_causes_are_two_signals() -> None:
    both = world(even(40, without=(3, 7)), {**even(10, without=(3, 7)), 3: 25, 7: 25})
    assert sorted(int(np.median(both.of(signal))) for signal in both.signals()) == [3, 7]


def test_copies_count_once_and_are_listed(hidden: World) -> None:
    quiet = world(even(40), even(10))
    wave = [f"Remboursement refusé {number} fois !" for number in range(40)]
    vectors = np.vstack([quiet.vectors, np.repeat(unit(np.ones((1, WIDTH))), 40, axis=0)])
    known, fresh = [UNCLASSIFIED] * len(vectors), np.append(quiet.is_new, np.ones(40, dtype=bool))
    assert weak_signals(vectors, ["fr"] * len(vectors), [*quiet.texts, *wave], fresh, known, 1, shuffles=99) == []
    twice = World(
        np.tile(hidden.causes, 2), np.tile(hidden.is_new, 2), hidden.texts * 2, np.tile(hidden.vectors, (2, 1))
    )
    (signal,) = twice.signals()
    assert len(signal.new_rows) == 2 * signal.n_new


def test_one_talkative_feedback_is_no_trend(hidden: World) -> None:
    alone = [f"F{row}" for row in range(len(hidden.texts))]
    one = ["F-long" if cause == 7 else own for cause, own in zip(hidden.causes, alone, strict=True)]
    assert len(hidden.signals(feedback_ids=alone)) == 1
    assert hidden.signals(feedback_ids=one) == []


def test_the_nearest_irritant_is_the_one_a_new_cause_lies_beside() -> None:
    made = world(even(40, without=(7,)), {**even(10, without=(7,)), 7: 25})
    towards = unit(np.random.default_rng(99).normal(size=(CAUSES, WIDTH)))[2]
    made.vectors[made.causes == 7] = unit(made.vectors[made.causes == 7] + 0.5 * towards)
    (signal,) = made.signals()
    assert signal.nearest_irritant == "IR-0002"
    assert 0 < signal.nearest_cosine < 0.9


def test_without_known_irritants_the_nearest_is_unclassified(hidden: World) -> None:
    n = len(hidden.texts)
    (signal,) = weak_signals(
        hidden.vectors, ["fr"] * n, hidden.texts, hidden.is_new, [UNCLASSIFIED] * n, 1, shuffles=99
    )
    assert (signal.nearest_irritant, signal.nearest_cosine) == (UNCLASSIFIED, 0.0)


def test_a_bounded_sample_still_finds_it(hidden: World) -> None:
    (signal,) = hidden.signals(max_texts=400)
    assert np.mean(hidden.of(signal) == 7) > 0.8


def test_too_little_to_compare_gives_no_signal(hidden: World) -> None:
    nothing = np.zeros(len(hidden.texts), dtype=bool)
    assert World(hidden.causes, nothing, hidden.texts, hidden.vectors).signals() == []
    assert World(hidden.causes, ~nothing, hidden.texts, hidden.vectors).signals() == []


def test_lists_of_unequal_length_are_refused(hidden: World) -> None:
    with pytest.raises(ModelError, match="one entry per text"):
        hidden.signals(feedback_ids=["F1"])


def test_a_text_said_in_both_periods_is_new_as_often_as_its_copies_are() -> None:
    texts, is_new = ["c'est trop cher"] * 4, np.array([True, False, False, False])
    drawn = [bool(distinct(texts, is_new, None, seed, 10).is_new[0]) for seed in range(400)]
    assert 0.18 < np.mean(drawn) < 0.32


def test_dates_are_dealt_among_feedback() -> None:
    feedback, is_new = np.repeat(np.arange(10), 3), np.repeat(np.arange(10) < 3, 3)
    flags = shuffled(is_new, feedback, 50, 0)
    assert np.array_equal(flags[:, 0], is_new)
    assert np.all(flags.sum(axis=0) == 9)
    assert all(np.all(flags[feedback == one] == flags[feedback == one][0]) for one in range(10))


def test_growth_is_expected_and_a_neighbour_is_not() -> None:
    """Block 0: news among its history's neighbours; block 1: as many news, but beside its history."""
    flags = np.array([[1, 0] * 50, [1] * 50 + [0] * 50], dtype=np.float32).reshape(200, 1)
    mixed = np.arange(100).reshape(-1, 1) ^ 1
    apart = np.roll(np.arange(100, 150), 1).tolist() + np.roll(np.arange(150, 200), 1).tolist()
    places = np.vstack([mixed, np.array(apart).reshape(-1, 1)])
    rates = expected_rates(flags, places, np.repeat([0, 1], 100))
    assert rates[0, 0] > 0.8
    assert rates[100, 0] == pytest.approx(0.5)


def test_log_ratio_is_zero_at_what_is_expected_and_rises_above() -> None:
    found = np.array([1.0, 2.0, 5.0, 10.0])
    ratio = log_ratio(found, np.full(4, 10.0), np.full(4, 2.0))
    assert ratio[:2].tolist() == [0.0, 0.0]
    assert ratio[3] > ratio[2] > 0
    assert ratio[3] == pytest.approx(10 * np.log(5))


def test_threshold_and_p_value_agree() -> None:
    told = Scan({}, np.arange(199, dtype=float))
    assert told.p_value(told.threshold(0.05) + 0.1) <= 0.05 < told.p_value(told.threshold(0.05) - 0.1)
    assert told.p_value(1_000.0) == pytest.approx(1 / 200)
    assert told.threshold(0.001) == float("inf")
