from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from insights.errors import ModelError
from insights.topics.themes import nearest_theme, range_of_themes, themes
from insights.topics.vectors import unit


@dataclass(frozen=True)
class Found:
    topics: tuple[int, ...]
    sizes: dict[int, int]
    centroids: NDArray[np.float32]
    encoder_centroids: NDArray[np.float32]


def found(n_families: int = 4, each: int = 4, seed: int = 0) -> Found:
    """Topics in families, numbered so that neighbours in number are not of one family."""
    draw = np.random.default_rng(seed)
    family = np.arange(n_families * each) % n_families
    rows = unit(unit(draw.normal(size=(n_families, 32)))[family] + 0.08 * draw.normal(size=(len(family), 32)))
    return Found(tuple(range(len(family))), {topic: 100 - topic for topic in range(len(family))}, rows, rows)


def test_families_are_themes_largest_first() -> None:
    made = themes(found())
    assert sorted(made.members) == sorted(tuple(range(family, 16, 4)) for family in range(4))
    assert made.members == tuple(sorted(made.members))
    assert made.of == {topic: topic % 4 for topic in range(16)}
    assert made.silhouette > 0.5


def test_order_of_the_topics_does_not_matter() -> None:
    one = found()
    order = np.random.default_rng(1).permutation(16)
    topics = tuple(int(topic) for topic in order)
    again = themes(Found(topics, one.sizes, one.centroids[order], one.encoder_centroids[order]))
    assert again.members == themes(one).members
    assert np.allclose(again.centres, themes(one).centres, atol=1e-6)


def test_a_new_irritant_joins_the_nearest_theme() -> None:
    one, made = found(), themes(found())
    theme, cosine = nearest_theme(one.centroids[5] + 0.02, made.centres)
    assert theme == made.of[5]
    assert 0.8 < cosine <= 1


def test_three_topics_are_one_theme_and_none_is_refused() -> None:
    one = found(3, 1)
    assert themes(one).members == ((0, 1, 2),)
    empty = np.empty((0, 32), dtype=np.float32)
    with pytest.raises(ModelError, match="no topic"):
        themes(Found((), {}, empty, empty))
    with pytest.raises(ModelError, match="no theme"):
        nearest_theme(one.centroids[0], empty)


@pytest.mark.parametrize(("topics", "few", "many"), [(4, 1, 2), (9, 3, 3), (30, 5, 10), (77, 9, 26)])
def test_few_themes(topics: int, few: int, many: int) -> None:
    assert set(range_of_themes(topics)) == set(range(max(2, few), many + 1))
