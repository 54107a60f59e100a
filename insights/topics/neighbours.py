"""The nearest-neighbour graph communities are found in: exact cosine neighbours, fuzzy weights, fair between languages.

In a mixed corpus words are shared within a language only, so the neighbours of a rare language would all be its own
texts and it would become a topic of its own (NMI with the language .27 at 10 % English). Each text therefore takes its
neighbours from every language in proportion to that language's share, across languages by meaning alone (NMI .002).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import igraph
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Matrix = NDArray[np.float32]
Ints = NDArray[np.int64]

BLOCK_CELLS = 8_000_000  # similarities held at a time: 32 MB
MIN_OWN = 6  # neighbours a text of a rare language still takes among its own
MIN_GROUP = 10  # a language of fewer texts is read with the largest


@dataclass(frozen=True)
class Graph:
    """Undirected weighted graph: `edges` (m, 2) with the smaller node first, `weights` (m,) in 0..1."""

    n: int
    edges: Ints
    weights: NDArray[np.float64]

    @cached_property
    def net(self) -> igraph.Graph:
        """The same as igraph holds it, built once: building costs more than a run of Leiden."""
        return igraph.Graph(n=self.n, edges=self.edges, edge_attrs={"weight": self.weights})


def nearest(queries: Matrix, base: Matrix, k: int, *, same: bool = False) -> tuple[Ints, Matrix]:
    """Rows of `base` most similar to each query, best first, with the cosines: two arrays (n, k).

    `same` says that queries are the base itself, so that no row is its own neighbour.
    """
    k = min(k, len(base) - int(same))
    places = np.empty((len(queries), k), dtype=np.int64)
    cosines = np.empty((len(queries), k), dtype=np.float32)
    step = max(1, BLOCK_CELLS // max(1, len(base)))
    for start in range(0, len(queries) if k else 0, step):
        block = queries[start : start + step] @ base.T
        if same:
            block[np.arange(len(block)), np.arange(start, start + len(block))] = -np.inf
        top = np.argpartition(block, -k, axis=1)[:, -k:]
        found = np.take_along_axis(block, top, axis=1)
        order = np.lexsort((top, -found), axis=1)  # equal cosines: the lower row first, on every machine
        places[start : start + step] = np.take_along_axis(top, order, axis=1)
        cosines[start : start + step] = np.take_along_axis(found, order, axis=1)
    return places, cosines


def language_groups(languages: Sequence[str] | None, n: int) -> list[Ints]:
    """Row numbers of each language; those of fewer than ten texts are read with the largest."""
    if languages is None:
        return [np.arange(n)]
    codes = np.asarray(languages, dtype=object)
    names, counts = np.unique(codes.astype(str), return_counts=True)
    largest = names[np.argmax(counts)]
    small = set(names[counts < MIN_GROUP]) - {largest}
    merged = np.where(np.isin(codes.astype(str), sorted(small)), largest, codes.astype(str))
    return [np.flatnonzero(merged == name) for name in sorted(set(merged))]


def neighbour_graph(own: Matrix, across: Matrix, k: int, languages: Sequence[str] | None = None) -> Graph:
    """Fuzzy union of each row's neighbours: by `own` (n, d) within its language, by `across` (n, e) in the others."""
    n, groups = len(own), language_groups(languages, len(own))
    parts = []
    for here in groups:
        for there in groups:
            share = round(k * len(there) / n)
            if here is there:
                found = nearest(own[here], own[here], min(k, max(share, MIN_OWN)), same=True)
            else:
                found = nearest(across[here], across[there], share)
            parts.append(_memberships(here, there, *found, n=n))
    one_way = sum(parts[1:], parts[0])
    both = one_way.multiply(one_way.T)
    upper = sparse.triu(one_way + one_way.T - both, k=1).tocoo()
    order = np.lexsort((upper.col, upper.row))
    return Graph(n, np.column_stack([upper.row, upper.col])[order].astype(np.int64), upper.data[order])


def _memberships(here: Ints, there: Ints, places: Ints, cosines: Matrix, *, n: int) -> sparse.csr_matrix:
    """Weight 1 for the nearest, falling with distance at each text's own scale (as UMAP weighs its neighbours)."""
    if not places.size:
        return sparse.csr_matrix((n, n))
    distance = 1.0 - cosines.astype(np.float64)
    beyond = distance - distance[:, :1]
    scale = np.maximum(beyond.mean(axis=1, keepdims=True), 1e-6)
    rows = np.repeat(here, places.shape[1])
    return sparse.csr_matrix((np.exp(-beyond / scale).ravel(), (rows, there[places.ravel()])), shape=(n, n))


def leiden(graph: Graph, resolution: float, seed: int, iterations: int = -1) -> Ints:
    """Community of each node (n,). Modularity at that resolution; the same seed gives the same communities."""
    igraph.set_random_number_generator(random.Random(seed))
    try:
        found = graph.net.community_leiden(
            "modularity", weights="weight", resolution=resolution, n_iterations=iterations
        )
    finally:
        igraph.set_random_number_generator(random)
    return np.asarray(found.membership, dtype=np.int64)


def agreed(graph: Graph, resolution: float, seed: int, runs: int) -> Graph:
    """The graph with each edge weighted by how often several runs kept its two ends together; edges never kept are out."""
    found = [leiden(graph, resolution, seed * 1_000 + run, iterations=2) for run in range(runs)]
    left, right = graph.edges[:, 0], graph.edges[:, 1]
    together = np.mean([one[left] == one[right] for one in found], axis=0)
    kept = together > 0
    return Graph(graph.n, graph.edges[kept], (graph.weights * together)[kept])


def consensus(graph: Graph, resolution: float, seed: int, runs: int) -> Ints:
    """Communities of the graph whose edges are weighted by how often several runs kept their two ends together."""
    return leiden(agreed(graph, resolution, seed, runs), resolution, seed)
