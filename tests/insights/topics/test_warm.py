from __future__ import annotations

import numpy as np
import pytest

from insights.errors import ModelError
from insights.topics import warm
from insights.topics.changes import MERGE, SPLIT, changes
from insights.topics.cluster import GraphClusterer
from insights.topics.fit import fit_topics
from insights.topics.neighbours import Graph, neighbour_graph
from insights.topics.vectors import unit
from insights.topics.warm import MOVE_BUDGET, by_vote, same_grain, settle

from .conftest import Corpus


def groups(sizes: list[int], seed: int = 0, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    own = np.repeat(np.arange(len(sizes)), sizes)
    return unit(unit(draw.normal(size=(len(sizes), 24)))[own] + noise * draw.normal(size=(len(own), 24))), own


def graph_of(rows: np.ndarray) -> Graph:
    return neighbour_graph(rows, rows, 15)


def test_known_irritants_keep_their_numbers_and_new_texts_join_them() -> None:
    rows, own = groups([60, 50, 40, 30])
    initial = np.array([3, 0, 2, 1])[own]  # not the order of size
    new = np.arange(len(own)) % 3 == 0
    settled = settle(graph_of(rows), np.where(new, -1, initial), None, 1)
    assert (settled.labels == initial).mean() > 0.98
    assert settled.moved_share <= MOVE_BUDGET


def test_a_group_no_irritant_explains_is_born() -> None:
    rows, own = groups([60, 60, 60, 40])
    initial = np.where(own == 3, -1, own)
    settled = settle(graph_of(rows), initial, 1.0, 1)
    born = np.unique(settled.labels[own == 3])
    assert len(born) == 1 and born[0] >= 3
    assert (settled.labels[own < 3] == own[own < 3]).all()


def test_wrong_texts_move_only_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, own = groups([80, 80, 80], noise=0.25)
    initial = own.copy()
    initial[::8] = (own[::8] + 1) % 3
    graph = graph_of(rows)
    few = settle(graph, initial, 1.0, 1)
    monkeypatch.setattr(warm, "MOVE_BUDGET", 0.5)
    many = settle(graph, initial, 1.0, 1)
    assert few.moved_share <= MOVE_BUDGET < many.moved_share
    assert few.price > many.price
    assert (many.labels == own).mean() > 0.95


def test_two_irritants_in_one_group_are_not_merged_unasked() -> None:
    rows, own = groups([80, 80])
    initial = own.copy()
    initial[:40] = 2
    graph = graph_of(rows)
    settled = settle(graph, initial, 0.5, 1)
    assert set(settled.labels.tolist()) == {0, 1, 2}
    asked = changes(graph, settled.labels, 0.2, 1, 4)
    assert [(one.kind, set(one.topics)) for one in asked] == [(MERGE, {0, 2})]


def test_an_irritant_of_two_groups_is_proposed_for_a_split_and_others_are_not() -> None:
    rows, own = groups([60, 50, 60])
    labels = np.where(own == 1, 0, own)
    asked = changes(graph_of(rows), labels, 1.0, 1, 4)
    assert [(one.kind, one.topics) for one in asked] == [(SPLIT, (0,))]
    assert set(asked[0].rows) == set(np.flatnonzero(own == 1).tolist())
    assert asked[0].evidence["together_across"] <= 0.1


def test_the_grain_follows_the_irritants() -> None:
    rows, own = groups([40] * 6, noise=0.5)
    graph = graph_of(rows)
    fine, coarse = same_grain(graph, own, 1), same_grain(graph, own // 3, 1)
    assert coarse < fine


def test_a_text_without_known_neighbours_stays_without() -> None:
    graph = Graph(4, np.array([[0, 1], [2, 3]]), np.ones(2))
    assert by_vote(graph, np.array([0, -1, -1, -1]), 1).tolist() == [0, 0, -1, -1]


@pytest.mark.parametrize("initial", [np.full(120, -1), np.zeros(7, dtype=np.int64)])
def test_nothing_known_is_no_warm_fit(initial: np.ndarray) -> None:
    with pytest.raises(ModelError, match="Fit without `initial`"):
        settle(graph_of(groups([60, 60])[0]), initial, None, 1)


def test_a_warm_clusterer_says_what_it_continues_and_repeats_itself() -> None:
    rows, own = groups([30, 60, 45])
    initial = np.where(np.arange(len(own)) % 4 == 0, -1, own)
    one, two = (GraphClusterer(seed=2, initial=initial).fit(rows) for _ in range(2))
    assert np.array_equal(one.labels_, two.labels_)
    assert one.kept_ == {0: 1, 1: 2, 2: 0}
    known = initial >= 0
    back = np.array([one.kept_[topic] for topic in one.labels_[known].tolist()])
    assert (back == initial[known]).all()
    stay = np.full(len(rows), 2)
    assert (one.predict(rows, known=stay) == one.predict(rows)).mean() > 0.95  # all neighbours say otherwise
    one.price_ = 1.5
    assert (one.predict(rows, known=stay) == 2).all()


def test_a_warm_fit_keeps_topics_when_texts_are_added_and_the_sample_is_bounded(corpus: Corpus) -> None:
    n = len(corpus.texts)
    old = np.arange(n) % 5 > 0
    some = [text for text, here in zip(corpus.texts, old, strict=True) if here]
    spoken = [one for one, here in zip(corpus.languages, old, strict=True) if here]
    first = fit_topics(some, corpus.vectors[old], spoken, 5, resolution=0.5, measure_stability=False)
    initial = np.full(n, -1, dtype=np.int64)
    initial[old] = first.labels
    again = fit_topics(corpus.texts, corpus.vectors, corpus.languages, 5, initial=initial, max_texts=150)
    assert sorted(again.kept.values()) == list(first.topics)
    number = {**again.kept, -1: -1}
    known = initial >= 0
    kept = np.mean([number.get(topic) == was for topic, was in zip(again.labels[known], initial[known], strict=True)])
    assert kept >= 0.95
    assert again.stability["ari_reseed"] > 0.8
    assert np.mean(again.labels >= 0) > 0.85
