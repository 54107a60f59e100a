"""Groups of texts that may be one new cause, drawn without looking at dates: balls and communities.

Texts that share a term were a third kind and are left out: they found no hidden class more on wikit, banking77 or the demo,
and on dated insurance reviews they flagged a brand's name. Words count through the blended space.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from insights.irritants.novelty_scan import Counted
from insights.topics.neighbours import Graph, leiden, nearest, neighbour_graph
from insights.topics.vectors import Blend, unit

Ints = NDArray[np.int64]
Flags = NDArray[np.float32]

BALLS = (40, 70, 130)  # texts in a ball, its centre counted; smaller causes are found better as communities
BLOCKS = 2.0  # resolution of the coarse communities whose own growth is expected
RESOLUTIONS = (4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0)
GRAPH_NEIGHBOURS = 15
SMALLEST = 5  # texts in a group


@dataclass(frozen=True)
class Groups:
    """Balls around each of n texts by `places` (n, k), nearest first, and sets of texts by family: (m, n) of 0 and 1.

    `blocks` (n): the coarse community of each text.
    """

    places: Ints
    blocks: Ints
    sets: dict[str, sparse.csr_matrix]

    def counted(self, flags: Flags, rates: Flags) -> Iterator[Counted]:
        """Of each family the sizes (m,) of its groups and the sums over them of `flags` and of `rates` (n, r)."""
        found, expected, inside = flags.copy(), rates.copy(), 1
        for size in [size for size in BALLS if size <= self.places.shape[1] + 1]:
            for step in range(inside - 1, size - 1):
                found += flags[self.places[:, step]]
                expected += rates[self.places[:, step]]
            inside = size
            yield f"ball {size}", np.full(len(found), float(size)), found, expected
        for family, members in self.sets.items():
            yield family, np.asarray(members.sum(axis=1)).ravel(), members @ flags, members @ rates

    def members(self, family: str, number: int) -> Ints:
        """Rows of the texts of one group."""
        if family.startswith("ball "):
            size = int(family.removeprefix("ball "))
            return np.sort(np.append(self.places[number, : size - 1], number))
        return np.asarray(np.sort(self.sets[family][number].indices), dtype=np.int64)


def groups_of(space: Blend, languages: Sequence[str], seed: int) -> Groups:
    """All groups of the texts (n) that `space` was fitted on."""
    places, _ = nearest(space.matrix, space.matrix, max(BALLS) - 1, same=True)
    graph = neighbour_graph(space.matrix, unit(space.matrix[:, : space.split]), GRAPH_NEIGHBOURS, languages)
    return Groups(places, leiden(graph, BLOCKS, seed, iterations=2), communities(graph, seed))


def communities(graph: Graph, seed: int) -> dict[str, sparse.csr_matrix]:
    """Leiden communities at several resolutions, those of fewer than five texts left out."""
    sets = {}
    for resolution in RESOLUTIONS:
        label = leiden(graph, resolution, seed, iterations=2)
        members = sparse.csr_matrix((np.ones(graph.n, dtype=np.float32), (label, np.arange(graph.n))))
        sets[f"community {resolution:g}"] = members[np.bincount(label) >= SMALLEST]
    return {family: members for family, members in sets.items() if members.shape[0]}
