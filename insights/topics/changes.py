"""What a warm fit sees and does not do: irritants that fall apart, and pairs that are one. For a person to decide.

A split is proposed only where the two parts stay apart when the graph is cut `SPLIT_MARGIN` times coarser, a merge only
where the two irritants stay together when it is cut `MERGE_MARGIN` times finer, in nearly all of several seeded runs. A
border that comes and goes with the seed or with a few more texts is no news.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from insights.topics.neighbours import Graph, leiden

Ints = NDArray[np.int64]

SPLIT, MERGE = "split", "merge"
SPLIT_MARGIN, MERGE_MARGIN = 1.5, 2.0  # a wrong merge costs more: it takes a cause out of sight
RUNS = 6
MIN_PART = 0.2  # share of an irritant that a part must have
MIN_OWN = 0.5  # share of a coarse topic that must lie in the part: else its texts lean to another irritant, no split
MAX_APART, MIN_WHOLE = 0.1, 0.8  # share of runs that put two texts together: between parts, and within one
MIN_TOGETHER = 0.8  # of two irritants, as a share of what the looser of the two reaches with itself


@dataclass(frozen=True)
class Change:
    """One split or merge. `topics`: the irritant that falls apart, or the two that are one, the smaller first.

    `rows`: the texts that would change their irritant.
    """

    kind: str
    topics: tuple[int, ...]
    rows: tuple[int, ...]
    score: float
    evidence: Mapping[str, float] = field(default_factory=dict)


def changes(graph: Graph, labels: Ints, resolution: float, seed: int, min_size: int) -> list[Change]:
    """Splits and merges that the graph asks for, given the topic of each node (n,), -1 for none."""
    coarse = [leiden(graph, resolution / SPLIT_MARGIN, seed * 1_000 + 500 + run, 2) for run in range(RUNS)]
    fine = [leiden(graph, resolution * MERGE_MARGIN, seed * 1_000 + 600 + run, 2) for run in range(RUNS)]
    members = {int(topic): np.flatnonzero(labels == topic) for topic in np.unique(labels[labels >= 0])}
    found = [one for topic, rows in members.items() if (one := _split(coarse, topic, rows, min_size))]
    return found + _merges(fine, members)


def _split(runs: list[Ints], topic: int, rows: Ints, min_size: int) -> Change | None:
    """The largest part of a topic that stands apart, None where there is none."""
    inside, everywhere = np.bincount(runs[0][rows]), np.bincount(runs[0])
    for community in np.argsort(-inside, kind="stable")[1:]:
        if inside[community] < max(min_size, MIN_PART * len(rows)):
            return None
        here = runs[0][rows] == community
        part, rest = rows[here], rows[~here]
        across, within = _together(runs, part, rest), _together(runs, part, part)
        own = float(inside[community] / everywhere[community])
        if own >= MIN_OWN and across <= MAX_APART and within >= MIN_WHOLE:
            evidence = {
                "together_across": across,
                "together_within": within,
                "share_of_irritant": len(part) / len(rows),
            }
            return Change(SPLIT, (topic,), tuple(part.tolist()), within - across, evidence)
    return None


def _merges(runs: list[Ints], members: Mapping[int, Ints]) -> list[Change]:
    """Pairs that the finer cuts hold together, each irritant in one pair only, the surest first."""
    shares = np.array([_shares(runs, rows) for rows in members.values()])
    meet = np.einsum("arc,brc->ab", shares, shares) / len(runs)
    topics = list(members)
    pairs = [
        (float(meet[a, b] / max(min(meet[a, a], meet[b, b]), 1e-9)), a, b)
        for a, b in combinations(range(len(topics)), 2)
    ]
    found: list[Change] = []
    taken: set[int] = set()
    for score, a, b in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if score < MIN_TOGETHER:
            break
        if not taken & {a, b}:
            taken |= {a, b}
            small, large = sorted((topics[a], topics[b]), key=lambda topic: (len(members[topic]), -topic))
            evidence = {"together": score, "texts_of_the_other": float(len(members[large]))}
            rows = tuple(members[small].tolist())
            found.append(Change(MERGE, (small, large), rows, min(score, 1.0), evidence))
    return found


def _shares(runs: list[Ints], rows: Ints) -> NDArray[np.float64]:
    """Share of the rows in each community of each run (runs, communities)."""
    width = max(int(run.max()) for run in runs) + 1
    return np.stack([np.bincount(run[rows], minlength=width) for run in runs]) / len(rows)


def _together(runs: list[Ints], left: Ints, right: Ints) -> float:
    """Share of runs in which a text of `left` and one of `right` are in one community, over all pairs."""
    return float(np.sum(_shares(runs, left) * _shares(runs, right)) / len(runs))
