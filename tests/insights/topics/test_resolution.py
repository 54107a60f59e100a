from __future__ import annotations

import numpy as np

from insights.topics.resolution import choose_resolution, repeated_share
from insights.topics.vectors import unit


def meaning_and_words(copies: int) -> np.ndarray:
    """240 rows of 8 meanings; the words of `copies` rows each are nearly the same."""
    draw = np.random.default_rng(0)
    meaning = unit(unit(draw.normal(size=(8, 16)))[np.arange(240) % 8] + 0.15 * draw.normal(size=(240, 16)))
    said = draw.normal(size=(240 // copies, 40))[np.repeat(np.arange(240 // copies), copies)]
    return unit(np.hstack([meaning, unit(said + 0.05 * draw.normal(size=(240, 40)))]))


def test_repeated_share_counts_texts_said_in_the_same_words() -> None:
    assert repeated_share(meaning_and_words(1), 16, 0) == 0.0
    assert repeated_share(meaning_and_words(8), 16, 0) == 1.0
    assert repeated_share(meaning_and_words(8), 0, 0) == 0.0


def test_repetition_makes_each_topic_dearer() -> None:
    rows = meaning_and_words(8)
    choice = choose_resolution(rows, 16, 8, seed=0)
    fall = np.array(choice.agreement) - np.array(choice.criterion)
    expected = 2.1 * np.log(choice.n_topics) / np.log(0.9 * 240)
    assert choice.repeated_share == 1.0
    assert np.allclose(fall, expected)
