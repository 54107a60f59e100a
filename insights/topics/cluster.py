"""BERTopic's cluster model: Leiden communities of the nearest-neighbour graph, without dimension reduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from insights.errors import ModelError
from insights.topics.changes import Change, changes
from insights.topics.neighbours import Graph, consensus, nearest, neighbour_graph
from insights.topics.resolution import Resolution, choose_resolution
from insights.topics.second_look import beside_scores, judged, left_out_scores
from insights.topics.vectors import unit
from insights.topics.warm import LEAST_PRICE, by_vote, same_grain, settle

Matrix = NDArray[np.float32]
Ints = NDArray[np.int64]

RESCUE_QUANTILE = 0.10  # a text of a community too small to keep joins a topic as near as that topic's own fringe


class GraphClusterer:
    """Communities of a cosine nearest-neighbour graph, the consensus of several seeded Leiden runs.

    Parameters: `n_neighbors`; `resolution` (higher is finer) or "auto" (see resolution.py); `seed`; `split`, the number
    of leading columns that carry meaning (the others carry words), 0 for one kind only; `languages` of the rows, for
    neighbours in every language; `min_size` of a topic (default: one text in 500, between 4 and 15); `runs` of Leiden;
    `initial`, the number of each row's known irritant or -1, to start from (see warm.py; "auto" then cuts as finely as
    the irritants do, and a known topic may be smaller than `min_size`).
    Attributes after fit: `labels_` (n,), topics from 0 by falling size, -1 for none; `probabilities_` (n,), the share
    of a text's neighbourhood inside its topic; `doubted_` (n,), texts whose first topic had no support, most of which
    got one back (after a warm fit, among the texts without a known irritant); `resolution_`; `choice_`, the evidence of
    "auto"; of a warm fit `kept_`, the irritant's number of each topic that continues one, `changes_` it would propose,
    `price_` of leaving an irritant.

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
        initial: Ints | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.resolution = resolution
        self.seed = seed
        self.split = split
        self.languages = languages
        self.min_size = min_size
        self.runs = runs
        self.initial = initial
        self.choice_: Resolution | None = None
        self.kept_: dict[int, int] = {}
        self.changes_: list[Change] = []
        self.price_ = LEAST_PRICE
        self.doubted_ = np.zeros(0, dtype=bool)

    def fit(self, X: NDArray[np.float32], y: object = None) -> Self:
        """Find the topics of the rows of X (n, d). `y` is taken for BERTopic's sake and not read."""
        rows = unit(np.asarray(X))
        if len(rows) < 3:
            raise ModelError(f"Topics need at least 3 distinct texts; {len(rows)} were given.")
        floor = self.min_size or int(np.clip(len(rows) // 500, 4, 15))
        meaning = unit(rows[:, : self.split]) if self.split else rows
        graph = neighbour_graph(rows, meaning, self.n_neighbors, self.languages)
        self._rows = rows
        if self.initial is None:
            self._fit_cold(graph, floor)
        else:
            self._fit_warm(graph, self.initial, floor)
        self.probabilities_ = _strength(graph, self.labels_)
        return self

    def _fit_cold(self, graph: Graph, floor: int) -> None:
        if self.resolution == "auto":
            self.choice_ = choose_resolution(self._rows, self.split, self.n_neighbors, self.seed, self.languages)
        self.resolution_ = self.choice_.value if self.choice_ else float(self.resolution)
        first = consensus(graph, self.resolution_, self.seed, self.runs)
        found = consensus(self._looked_again(first), self.resolution_, self.seed, self.runs)
        sizes = np.bincount(found)
        large = sizes >= floor
        large[sizes.argmax()] = True
        judgement = judged(graph, self._rows, _by_size(self._rows, found, large)[0])
        self.labels_, self.doubted_ = judgement.labels, judgement.doubted

    def _looked_again(self, found: Ints) -> Graph:
        """The graph of the rows beside what a classifier taught on `found` says of each (second_look.py)."""
        scores = left_out_scores(self._rows, found)
        rows, meaning = self._rows, unit(self._rows[:, : self.split]) if self.split else self._rows
        views = beside_scores(rows, scores), beside_scores(meaning, scores)
        return neighbour_graph(*views, self.n_neighbors, self.languages)

    def _fit_warm(self, graph: Graph, initial: Ints, floor: int) -> None:
        asked = None if self.resolution == "auto" else float(self.resolution)
        again = self._looked_again(by_vote(graph, initial, int(initial.max()) + 1))
        settled = settle(again, initial, asked, self.seed, runs=self.runs, min_size=floor)
        self.price_ = settled.price
        labels, numbers = _by_size(self._rows, settled.labels)
        self.kept_ = {topic: number for topic, number in enumerate(numbers) if number <= initial.max()}
        judgement = judged(graph, self._rows, labels)
        self.labels_ = np.where(initial >= 0, labels, judgement.labels)  # people saw the others: no doubt undoes that
        self.doubted_ = judgement.doubted & (initial < 0)
        self.resolution_ = same_grain(graph, self.labels_, self.seed) if asked is None else asked
        self.changes_ = changes(graph, self.labels_, self.resolution_, self.seed, floor)

    def predict(self, X: NDArray[np.float32], known: Ints | None = None) -> Ints:
        """Topic of each row of X (n, d): the vote of its nearest fitted texts, weighted by cosine; -1 for none.

        `known` (n,), the topic of a row so far or -1: left only where the vote says so by more than `price_`.
        """
        places, cosines = nearest(unit(np.asarray(X)), self._rows, self.n_neighbors)
        weights = np.maximum(cosines, 0)
        votes = np.zeros((len(places), self.labels_.max() + 2))  # the last column collects "none"
        for column in range(places.shape[1]):
            np.add.at(votes, (np.arange(len(places)), self.labels_[places[:, column]]), weights[:, column])
        if known is not None:
            own = np.flatnonzero(known >= 0)
            votes[own, known[own]] += self.price_ * weights[own].sum(axis=1)
        best = votes.argmax(axis=1)
        return np.where(best == votes.shape[1] - 1, -1, best).astype(np.int64)


def _by_size(rows: Matrix, found: Ints, large: NDArray[np.bool_] | None = None) -> tuple[Ints, list[int]]:
    """Topics (n,) by falling size, and the number in `found` of each; only `large` communities are topics.

    Texts of no topic (-1) join one only where they are near.
    """
    sizes = np.bincount(found[found >= 0])
    wanted = sizes > 0 if large is None else large
    kept = [int(one) for one in np.argsort(-sizes, kind="stable") if wanted[one]]
    new = np.full(len(sizes) + 1, -1, dtype=np.int64)  # the last entry stands for "none"
    new[kept] = np.arange(len(kept))
    return _rescued(rows, new[found], len(kept)), kept


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
