from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from insights.errors import ModelError
from insights.topics.cluster import GraphClusterer
from insights.topics.resolution import GRID, choose_resolution
from insights.topics.vectors import blend, unit

from .conftest import Corpus


def groups(sizes: list[int], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    own = np.repeat(np.arange(len(sizes)), sizes)
    return unit(unit(draw.normal(size=(len(sizes), 24)))[own] + 0.1 * draw.normal(size=(len(own), 24))), own


def test_topics_are_numbered_by_size_and_predict_repeats_them() -> None:
    rows, own = groups([30, 80, 50])
    fitted = GraphClusterer(seed=2, resolution=0.5).fit(rows)
    assert adjusted_rand_score(own, fitted.labels_) > 0.95
    assert list(np.bincount(fitted.labels_)) == sorted(np.bincount(fitted.labels_), reverse=True)
    assert np.mean(fitted.predict(rows) == fitted.labels_) > 0.97
    assert ((fitted.probabilities_ >= 0) & (fitted.probabilities_ <= 1)).all()


def test_same_seed_same_labels() -> None:
    rows, _ = groups([40, 40, 40])
    one, two = (GraphClusterer(seed=2).fit(rows).labels_ for _ in range(2))
    assert np.array_equal(one, two)


def test_a_group_too_small_to_be_a_topic_is_left_unclassified_unless_near_one() -> None:
    rows, _ = groups([60, 60])
    stray = unit(-rows[:60].mean(axis=0, keepdims=True) + 0.001 * np.eye(3, 24))
    fitted = GraphClusterer(seed=2, resolution=0.5, min_size=10, n_neighbors=3).fit(np.vstack([rows, stray]))
    assert (fitted.labels_[-3:] == -1).all()
    assert np.mean(fitted.labels_[:-3] >= 0) > 0.9
    assert (fitted.predict(stray) == -1).all()


def test_two_texts_are_too_few() -> None:
    with pytest.raises(ModelError, match="at least 3"):
        GraphClusterer().fit(np.eye(2, 4, dtype=np.float32))


def test_auto_tells_its_evidence_and_finds_the_causes(corpus: Corpus) -> None:
    space = blend(corpus.texts, corpus.vectors, corpus.languages, seed=1)
    fitted = GraphClusterer(resolution="auto", seed=1, split=space.split, languages=corpus.languages).fit(space.matrix)
    assert fitted.choice_ is not None
    assert fitted.resolution_ == fitted.choice_.value
    assert GRID[0] <= fitted.resolution_ <= GRID[-1]
    assert len(fitted.choice_.agreement) == len(fitted.choice_.n_topics) == len(GRID)
    assert adjusted_rand_score(corpus.causes, fitted.labels_) > 0.6


def test_one_kind_of_columns_is_judged_by_resampling_alone() -> None:
    rows, own = groups([60, 60, 60, 60])
    choice = choose_resolution(rows, 0, 10, seed=1)
    fitted = GraphClusterer(10, choice.value, 1).fit(rows)
    assert adjusted_rand_score(own, fitted.labels_) > 0.8
