from __future__ import annotations

import random

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.neighbors import NearestNeighbors

from insights.topics import neighbours
from insights.topics.neighbours import consensus, language_groups, leiden, nearest, neighbour_graph
from insights.topics.vectors import unit


def blobs(n: int, groups: int, seed: int = 0, spread: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    centres, own = unit(draw.normal(size=(groups, 16))), draw.integers(groups, size=n)
    return unit(centres[own] + spread * draw.normal(size=(n, 16)) / 4), own


def test_neighbours_are_exact_across_blocks() -> None:
    rows, _ = blobs(157, 4)
    neighbours.BLOCK_CELLS, kept = 157 * 20, neighbours.BLOCK_CELLS
    try:
        places, cosines = nearest(rows, rows, 5, same=True)
    finally:
        neighbours.BLOCK_CELLS = kept
    expected = NearestNeighbors(n_neighbors=6, metric="cosine", algorithm="brute").fit(rows).kneighbors(rows)[1][:, 1:]
    assert np.array_equal(places, expected)
    assert np.allclose(cosines, np.einsum("id,ijd->ij", rows, rows[places]), atol=1e-5)


def test_more_neighbours_than_rows_gives_all_of_them() -> None:
    rows, _ = blobs(4, 1)
    assert nearest(rows, rows, 10, same=True)[0].shape == (4, 3)
    assert nearest(rows, rows, 10)[0].shape == (4, 4)


def test_graph_is_undirected_weighted_and_without_loops() -> None:
    rows, _ = blobs(60, 3)
    graph = neighbour_graph(rows, rows, 5)
    assert (graph.edges[:, 0] < graph.edges[:, 1]).all()
    assert ((graph.weights > 0) & (graph.weights <= 1)).all()
    assert len(np.unique(graph.edges, axis=0)) == len(graph.edges)


def test_leiden_finds_the_groups_and_repeats_itself() -> None:
    rows, own = blobs(300, 5)
    graph = neighbour_graph(rows, rows, 10)
    found = leiden(graph, 1.0, seed=4)
    assert adjusted_rand_score(own, found) > 0.95
    assert np.array_equal(found, leiden(graph, 1.0, seed=4))
    assert np.array_equal(consensus(graph, 1.0, 4, 5), consensus(graph, 1.0, 4, 5))


def test_leiden_leaves_pythons_own_random_alone() -> None:
    rows, _ = blobs(40, 2)
    random.seed(11)
    first = random.random()
    random.seed(11)
    leiden(neighbour_graph(rows, rows, 5), 1.0, seed=4)
    assert random.random() == first


def test_a_small_language_is_read_with_the_largest() -> None:
    assert [len(rows) for rows in language_groups(["fr"] * 40 + ["de"] * 3, 43)] == [43]
    assert [len(rows) for rows in language_groups(["fr"] * 40 + ["en"] * 12, 52)] == [12, 40]


def test_a_rare_language_does_not_become_a_topic() -> None:
    """Words are shared within a language only: without fair neighbours the topic would be the language."""
    meaning, own = blobs(400, 4, spread=0.8)
    rare = np.arange(400) < 40
    words = np.zeros((400, 2), dtype=np.float32)
    words[rare, 0], words[~rare, 1] = 1, 1
    mixed = unit(np.hstack([meaning * np.sqrt(0.6), words * np.sqrt(0.4)]))
    languages = ["en" if one else "fr" for one in rare]
    plain = leiden(neighbour_graph(mixed, mixed, 15), 0.5, 1)
    fair = leiden(neighbour_graph(mixed, meaning, 15, languages), 0.5, 1)
    assert normalized_mutual_info_score(rare, plain) > 0.1 > normalized_mutual_info_score(rare, fair)
    assert adjusted_rand_score(own, fair) > 0.8
