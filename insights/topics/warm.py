"""Topics that start from the known irritants: a text that has one moves only on strong evidence.

The graph is that of a second look (second_look.py) whose classifier was taught on the known irritants. What is maximised
on it: modularity of the consensus graph (neighbours.agreed) plus, for every text that stays with its
irritant, `price` times the weight of its own neighbourhood. So a text moves only where the pull of another topic exceeds
that of its own by more than that share of all its pull. The price is the lowest at which no more than `MOVE_BUDGET` of
the texts with an irritant move: where the borders are blurred, few may move, and those with the most evidence go first.

How: each irritant is one more node, tied to its texts by the price; it has no weight of its own in the expected number
of edges (Leiden with the Potts objective and strengths as node weights is modularity). A community with one such node is
that irritant, one with none is new, one with several is cut back along them: a merge is for a person (changes.py).

How fine to cut is not asked again: the resolution is the one at which the graph falls into as many topics (the inverse
Simpson number, so that sizes count) as there are irritants. On more texts a fixed resolution would cut ever finer.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property

import igraph
import numpy as np
from numpy.typing import NDArray

from insights.errors import ModelError
from insights.topics.neighbours import Graph, agreed, leiden

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOVE_BUDGET = 0.02  # of the texts that have an irritant, a fit
LEAST_PRICE, MOST_PRICE = 0.2, 1.6  # at 1 a text leaves only where nothing of its neighbourhood is left at home
PRICE_STEPS = 5
GRAIN_STEPS, COARSEST, FINEST = 7, 0.1, 16.0


@dataclass(frozen=True)
class Settled:
    """`labels` (n,): the irritant's number as in `initial`, a number past them for a new topic, -1 for none."""

    labels: Ints
    resolution: float
    price: float
    moved_share: float  # of the texts that had an irritant


def settle(
    graph: Graph, initial: Ints, resolution: float | None, seed: int, *, runs: int = 12, min_size: int = 4
) -> Settled:
    """Topics of the nodes of `graph` from `initial` (n,), the number 0, 1, ... of each text's irritant or -1.

    `resolution` None cuts as finely as the irritants do. A new topic has at least `min_size` texts. Raises ModelError
    where `initial` does not fit the graph or names no irritant.
    """
    if initial.shape != (graph.n,) or not (initial >= 0).any():
        raise ModelError(
            f"A warm fit needs one known irritant number (or -1) for each of {graph.n} texts, and one at least that is "
            f"not -1; got {initial.shape[0]} numbers, {int((initial >= 0).sum())} of them known. Fit without `initial`."
        )
    if resolution is None:
        resolution = same_grain(graph, initial, seed)
    start = _Start(graph, agreed(graph, resolution, seed, runs), initial, resolution, seed, min_size)
    price, labels = _cheapest(start)
    return Settled(labels, resolution, price, start.moved(labels))


def same_grain(graph: Graph, initial: Ints, seed: int) -> float:
    """The resolution at which one run of Leiden gives as many topics, by the inverse Simpson number, as `initial` has."""
    wanted = _n_effective(initial)
    low, high = np.log(COARSEST), np.log(FINEST)
    for _ in range(GRAIN_STEPS):
        middle = (low + high) / 2
        if _n_effective(leiden(graph, float(np.exp(middle)), seed, iterations=2)) < wanted:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))


def by_vote(graph: Graph, labels: Ints, n_topics: int) -> Ints:
    """`labels` (n,) where each -1 takes the label of most of its neighbours' weight; one without any stays -1."""
    votes = np.zeros((graph.n, n_topics))
    for here, there in (graph.edges.T, graph.edges.T[::-1]):
        known = labels[there] >= 0
        np.add.at(votes, (here[known], labels[there][known]), graph.weights[known])
    return np.where((labels < 0) & (votes.max(axis=1) > 0), votes.argmax(axis=1), labels)


@dataclass(frozen=True)
class _Start:
    """Where a warm fit starts from: the graph, its consensus and the known irritants."""

    graph: Graph
    consensus: Graph
    initial: Ints
    resolution: float
    seed: int
    min_size: int

    @cached_property
    def n_known(self) -> int:
        return int(self.initial.max()) + 1

    @cached_property
    def strength(self) -> Floats:
        """Sum of the weights of each node's edges (n,)."""
        ends, weights = self.consensus.edges.ravel(), np.repeat(self.consensus.weights, 2)
        return np.asarray(np.bincount(ends, weights, self.graph.n), dtype=np.float64)

    @cached_property
    def membership(self) -> list[int]:
        """Known texts with their irritant, new ones by the vote of their neighbours, then the irritants' own nodes."""
        first = by_vote(self.graph, self.initial, self.n_known)
        lonely = np.flatnonzero(first < 0)
        first[lonely] = self.n_known + np.arange(len(lonely))
        both = np.concatenate([first, np.arange(self.n_known)])
        return [int(one) for one in np.unique(both, return_inverse=True)[1]]

    def moved(self, labels: Ints) -> float:
        """Share of the texts with an irritant that have another one in `labels`."""
        known = self.initial >= 0
        return float(np.mean(labels[known] != self.initial[known]))

    def at(self, price: float) -> Ints:
        """Labels (n,) at that price of leaving an irritant."""
        n, known = self.graph.n, np.flatnonzero(self.initial >= 0)
        ties = np.column_stack([known, n + self.initial[known]])
        weights = np.concatenate([self.consensus.weights, price * self.strength[known]])
        net = igraph.Graph(n=n + self.n_known, edges=np.vstack([self.consensus.edges, ties]))
        igraph.set_random_number_generator(random.Random(self.seed))
        try:
            found = net.community_leiden(
                "CPM",
                weights=weights.tolist(),
                resolution=self.resolution / self.strength.sum(),
                node_weights=[*self.strength.tolist(), *([0.0] * self.n_known)],
                initial_membership=self.membership,
                n_iterations=-1,
            )
        finally:
            igraph.set_random_number_generator(random)
        member = np.asarray(found.membership, dtype=np.int64)
        return self._named(member[:n], member[n:])

    def _named(self, member: Ints, anchors: Ints) -> Ints:
        """Each community by the irritant whose node it holds; tiny new ones go back to where their texts were."""
        labels = np.full(self.graph.n, -1, dtype=np.int64)
        fresh = self.n_known
        for community in np.unique(member):
            rows, holds = np.flatnonzero(member == community), np.flatnonzero(anchors == community)
            if len(holds) == 1:
                labels[rows] = holds[0]
            elif len(holds):
                labels[rows] = self._cut_back(rows, holds)
            elif len(rows) >= self.min_size:
                labels[rows], fresh = fresh, fresh + 1
            else:
                labels[rows] = self.initial[rows]
        return labels

    def _cut_back(self, rows: Ints, holds: Ints) -> Ints:
        """Irritant of each of `rows`, a community of several: its own, else that of most of its neighbours inside."""
        inside = np.full(self.graph.n, -1, dtype=np.int64)
        inside[rows] = np.where(np.isin(self.initial[rows], holds), self.initial[rows], -1)
        voted = by_vote(self.consensus, inside, self.n_known)[rows]
        return np.where(voted >= 0, voted, holds[0])


def _cheapest(start: _Start) -> tuple[float, Ints]:
    """The lowest price that keeps the budget, and its labels; the highest price where none does."""
    low, high = LEAST_PRICE, MOST_PRICE
    labels = start.at(low)
    if start.moved(labels) <= MOVE_BUDGET:
        return low, labels
    labels = start.at(high)
    for _ in range(PRICE_STEPS):
        middle = float(np.sqrt(low * high))
        tried = start.at(middle)
        if start.moved(tried) <= MOVE_BUDGET:
            high, labels = middle, tried
        else:
            low = middle
    return high, labels


def _n_effective(labels: Ints) -> float:
    """Inverse Simpson number of topics: 1 / sum of squared shares, so that a tiny topic hardly counts."""
    sizes = np.bincount(labels[labels >= 0])
    return float(sizes.sum() ** 2 / np.square(sizes).sum())
