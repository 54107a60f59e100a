"""BERTopic's cluster model: Leiden communities of the nearest-neighbour graph, without dimension reduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from insights.errors import ModelError
from insights.topics.neighbours import Graph, consensus, nearest, neighbour_graph
from insights.topics.resolution import Resolution, choose_resolution
from insights.topics.vectors import unit

Matrix = NDArray[np.float32]
Ints = NDArray[np.int64]

RESCUE_QUANTILE = 0.10  # a text of a community too small to keep joins a topic as near as that topic's own fringe


class GraphClusterer:
    """Communities of a cosine nearest-neighbour graph, the consensus of several seeded Leiden runs.

    Parameters: `n_neighbors`; `resolution` (higher is finer) or "auto" (see resolution.py); `seed`; `split`, the number
    of leading columns that carry meaning (the others carry words), 0 for one kind only; `languages` of the rows, for
    neighbours in every language; `min_size` of a topic (default: one text in 500, between 4 and 15); `runs` of Leiden.
    Attributes after fit: `labels_` (n,), topics from 0 by falling size, -1 for none; `probabilities_` (n,), the share
    of a text's neighbourhood inside its topic; `resolution_`; `choice_`, the evidence of "auto".

    >>> GraphClusterer(seed=1, resolution=1.0).fit(matrix).labels_  # doctest: +SKIP
    """

    def __init__(
        self,
        n_neighbors: int = 15,
        resolution: float | Literal["auto"] = 1.0,
        seed: int = 0,
        *,
        split: int = 0,
        languages: Sequence[str] | None = None,
        min_size: int | None = None,
        runs: int = 12,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.resolution = resolution
        self.seed = seed
        self.split = split
        self.languages = languages
        self.min_size = min_size
        self.runs = runs
        self.choice_: Resolution | None = None

    def fit(self, X: NDArray[np.float32], y: object = None) -> Self:
        """Find the topics of the rows of X (n, d). `y` is taken for BERTopic's sake and not read."""
        rows = unit(np.asarray(X))
        if len(rows) < 3:
            raise ModelError(f"Topics need at least 3 distinct texts; {len(rows)} were given.")
        if self.resolution == "auto":
            self.choice_ = choose_resolution(rows, self.split, self.n_neighbors, self.seed, self.languages)
        self.resolution_ = self.choice_.value if self.choice_ else float(self.resolution)
        meaning = unit(rows[:, : self.split]) if self.split else rows
        graph = neighbour_graph(rows, meaning, self.n_neighbors, self.languages)
        found = consensus(graph, self.resolution_, self.seed, self.runs)
        self._rows = rows
        self.labels_ = self._without_small(rows, found)
        self.probabilities_ = _strength(graph, self.labels_)
        return self

    def predict(self, X: NDArray[np.float32]) -> Ints:
        """Topic of each row of X (n, d): the vote of its nearest fitted texts, weighted by cosine; -1 for none."""
        places, cosines = nearest(unit(np.asarray(X)), self._rows, self.n_neighbors)
        votes = np.zeros((len(places), self.labels_.max() + 2))  # the last column collects "none"
        for column in range(places.shape[1]):
            np.add.at(
                votes, (np.arange(len(places)), self.labels_[places[:, column]]), np.maximum(cosines[:, column], 0)
            )
        best = votes.argmax(axis=1)
        return np.where(best == votes.shape[1] - 1, -1, best).astype(np.int64)

    def _without_small(self, rows: Matrix, found: Ints) -> Ints:
        """Topics by falling size; texts of communities too small to be one join a topic only where they are near."""
        floor = self.min_size or int(np.clip(len(rows) // 500, 4, 15))
        sizes = np.bincount(found)
        kept = [int(one) for one in np.argsort(-sizes, kind="stable") if sizes[one] >= floor]
        if not kept:
            kept = [int(sizes.argmax())]
        new = np.full(len(sizes), -1, dtype=np.int64)
        new[kept] = np.arange(len(kept))
        labels = new[found]
        return _rescued(rows, labels, len(kept))


def _rescued(rows: Matrix, labels: Ints, n_topics: int) -> Ints:
    loose = np.flatnonzero(labels < 0)
    if not len(loose):
        return labels
    centres = unit(np.stack([rows[labels == topic].mean(axis=0) for topic in range(n_topics)]))
    fringe = [np.quantile(rows[labels == topic] @ centres[topic], RESCUE_QUANTILE) for topic in range(n_topics)]
    near = rows[loose] @ centres.T
    best = near.argmax(axis=1)
    fits = near[np.arange(len(loose)), best] >= np.array(fringe)[best]
    labels = labels.copy()
    labels[loose[fits]] = best[fits]
    return labels


def _strength(graph: Graph, labels: Ints) -> NDArray[np.float64]:
    """Share of each node's edge weight that stays within its topic (n,), 0 for a text of no topic."""
    left, right = graph.edges.T
    inside = graph.weights * ((labels[left] == labels[right]) & (labels[left] >= 0))
    total, own = np.zeros(graph.n), np.zeros(graph.n)
    for end in (left, right):
        np.add.at(total, end, graph.weights)
        np.add.at(own, end, inside)
    return own / np.maximum(total, 1e-12)
