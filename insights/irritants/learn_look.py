"""The mentions most worth a person's look: undecided, typical of many others, and unlike each other.

Each pick takes the text with the highest product of four things: how undecided it is between its two best irritants, how
many alike stand around it, how unlike it is to what was picked before, and how few were picked of its irritant. What lies
outside every irritant counts as undecided. No draw: the same texts in the same order give the same picks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.irritants.assign import Assigner, Scores
from insights.irritants.learn import Corrections, Floats, Ints, Matrix

POOL = 6_000  # texts looked at, evenly spaced over what is given: the cost grows with the square
NEIGHBOURS = 10  # whose mean cosine tells how many are alike
BLOCK = 1_000
UNDECIDED, OUTSIDE = "undecided", "outside"


@dataclass(frozen=True)
class Look:
    """One mention to look at: its row, what it was given, the irritant it hesitates with, and why it is asked.

    `reason`: "undecided" between two irritants, or "outside" all of them. `margin` 0..1: lead of the first over the second.
    `n_alike`: texts of those looked at that are as near to it as a neighbour is on average.
    """

    row: int
    irritant_id: str
    second_id: str | None
    reason: str
    margin: float
    n_alike: int


def worth_a_look(
    assigner: Assigner, vectors: Matrix, languages: Sequence[str], k: int, known: Corrections | None = None
) -> list[Look]:
    """The `k` texts (fewer when there are fewer) of encoder vectors (n, d), best first; those corrected before left out.

    Near copies of one text are asked once. Time and memory are bounded by 6,000 texts looked at.
    """
    pool = _pool(vectors, known)
    if not len(pool) or k < 1:
        return []
    spoken = [languages[row] for row in pool]
    rows, scores = assigner.centre.apply(vectors[pool], spoken), assigner.scores(vectors[pool], spoken)
    margin, outside = _margin(scores)
    crowd, alike = _crowd(rows)
    picks = _greedy(rows, np.where(outside, 1.0, 1 - margin) * crowd, scores.best, k)
    names = assigner.irritant_ids
    order = np.argsort(-scores.shares[picks], axis=1, kind="stable")
    return [
        Look(
            row=int(pool[pick]),
            irritant_id=UNCLASSIFIED if outside[pick] else names[order[place, 0]],
            second_id=names[order[place, 1 - int(outside[pick])]] if len(names) > 1 or outside[pick] else None,
            reason=OUTSIDE if outside[pick] else UNDECIDED,
            margin=float(margin[pick]),
            n_alike=int(alike[pick]),
        )
        for place, pick in enumerate(picks)
    ]


def _pool(vectors: Matrix, known: Corrections | None) -> Ints:
    """Rows to look at: distinct texts without a correction, evenly spaced when there are too many."""
    seen = {one.tobytes() for one in known.vectors} if known is not None else set()
    rows = []
    for row, vector in enumerate(vectors):
        if (text := vector.tobytes()) not in seen:
            seen.add(text)
            rows.append(row)
    distinct = np.array(rows, dtype=np.int64)
    return distinct[np.unique(np.linspace(0, len(rows) - 1, min(POOL, len(rows))).astype(np.int64))]


def _margin(scores: Scores) -> tuple[Floats, NDArray[np.bool_]]:
    """Lead of the best irritant's share over the second's (n,), and what lies outside all (n,)."""
    at = np.arange(len(scores.shares))
    top = np.sort(scores.shares, axis=1)[:, ::-1]
    second = top[:, 1] if top.shape[1] > 1 else np.zeros(len(top))
    return top[:, 0] - second, ~scores.near_enough[at, scores.best]


def _crowd(rows: Matrix) -> tuple[Floats, Ints]:
    """Mean cosine of each text (n,) to its nearest others, and how many lie as near as that mean over all texts."""
    k = min(NEIGHBOURS, len(rows) - 1)
    if k < 1:
        return np.ones(len(rows)), np.zeros(len(rows), dtype=np.int64)
    nearest = np.concatenate(
        [
            np.sort(rows[start : start + BLOCK] @ rows.T, axis=1)[:, -k - 1 : -1].mean(axis=1)
            for start in range(0, len(rows), BLOCK)
        ]
    )
    usual = float(nearest.mean())
    alike = [(rows[start : start + BLOCK] @ rows.T >= usual).sum(axis=1) - 1 for start in range(0, len(rows), BLOCK)]
    return np.maximum(nearest, 0).astype(np.float64), np.maximum(np.concatenate(alike), 0)


def _greedy(rows: Matrix, worth: Floats, irritant: Ints, k: int) -> Ints:
    """Places of the picks (at most k), each unlike those before it and of an irritant asked about less."""
    picks: list[int] = []
    covered, asked = np.zeros(len(rows)), np.zeros(int(irritant.max()) + 1)
    left = np.ones(len(rows), dtype=bool)
    for _ in range(min(k, len(rows))):
        value = np.where(left, worth * (1 - covered) / (1 + asked[irritant]), -1.0)
        pick = int(value.argmax())
        picks.append(pick)
        left[pick] = False
        asked[irritant[pick]] += 1
        covered = np.clip(np.maximum(covered, rows @ rows[pick]), 0, 1)
    return np.array(picks, dtype=np.int64)
