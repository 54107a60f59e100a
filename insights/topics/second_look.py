"""A second look at topics that were just found: what a classifier taught on all other texts says of each text.

Scores are those of a ridge regression on the topics, each text left out of the fit that judges it (closed form: the
leverage of a text tells what its own label did, so no refit is needed). They serve twice: beside the vectors, as a view
in which texts of one topic lie closer, the topics are found once more; then a text whose neighbours or whose classifier
do not support its topic is doubted, and gets a topic back only where both agree on it. No human label is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.topics.neighbours import Graph
from insights.topics.vectors import unit

Matrix = NDArray[np.float32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RIDGE = 2.0
VIEW_WEIGHT = 0.3  # of the scores beside the vectors
LEAST_TAUGHT = 4  # a smaller community teaches nothing
WEAK_STRENGTH, WEAK_MARGIN = 0.3, -0.2  # a text's topic is doubted below either
RESCUE_SHARE, RESCUE_MARGIN = 0.25, 0.05  # of the neighbourhood, and of the scores before the next topic's


@dataclass(frozen=True)
class Judged:
    """Topics after doubt: `labels` (n,), -1 where nothing supports one; `doubted` (n,), whether or not it got one back."""

    labels: Ints
    doubted: Flags


def left_out_scores(rows: NDArray[Any], labels: Ints) -> Floats:
    """(n, topics) score of each topic for each row, by a ridge regression that has not seen that row; about 0 to 1.

    `labels` (n,) are 0, 1, ...; -1 belongs to none. A topic of fewer than four rows scores 0 everywhere.
    """
    told = np.zeros((len(rows), int(labels.max()) + 1))
    known = np.flatnonzero(labels >= 0)
    told[known, labels[known]] = 1
    told[:, told.sum(axis=0) < LEAST_TAUGHT] = 0
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    base = told.mean(axis=0)
    gram = centred.T @ centred
    gram[np.diag_indices_from(gram)] += RIDGE
    left = np.linalg.solve(gram, centred.T).T
    leverage = np.minimum(np.einsum("ij,ij->i", left, centred), 1 - 1e-6)[:, None]
    fitted = left @ (centred.T @ (told - base))
    return np.asarray((fitted - leverage * (told - base)) / (1 - leverage) + base, dtype=np.float64)


def beside_scores(rows: Matrix, scores: Floats) -> Matrix:
    """(n, d + topics) the rows with the scores beside them, of unit length."""
    view = unit(scores - scores.mean(axis=0))
    return unit(np.hstack([rows * np.sqrt(1 - VIEW_WEIGHT), view * np.sqrt(VIEW_WEIGHT)]))


def judged(graph: Graph, rows: Matrix, labels: Ints) -> Judged:
    """Doubt every topic that lacks support and give one back where neighbours and classifier agree on it.

    `graph` has the n rows as nodes; `labels` (n,) topics or -1. No topic is emptied: one that would lose more than half
    of its texts keeps them all.
    """
    scores, shares = left_out_scores(rows, labels), neighbour_shares(graph, labels)
    at, own = np.arange(len(labels)), np.maximum(labels, 0)
    others = scores.copy()
    others[at, own] = -np.inf
    margin = scores[at, own] - others.max(axis=1) if scores.shape[1] > 1 else np.ones(len(labels))
    doubted = (labels < 0) | (shares[at, own] < WEAK_STRENGTH) | (margin < WEAK_MARGIN)
    best = scores.argmax(axis=1)
    ahead = np.diff(np.partition(scores, -2, axis=1)[:, -2:], axis=1)[:, 0] if scores.shape[1] > 1 else margin
    back = doubted & (ahead >= RESCUE_MARGIN) & (shares[at, best] >= RESCUE_SHARE)
    decided = np.where(back, best, np.where(doubted, -1, labels)).astype(np.int64)
    return Judged(_none_emptied(labels, decided), doubted)


def neighbour_shares(graph: Graph, labels: Ints) -> Floats:
    """(n, topics) share of each node's edge weight that goes to each topic; a row may sum to less than 1."""
    votes, total = np.zeros((graph.n, int(labels.max()) + 1)), np.zeros(graph.n)
    for here, there in (graph.edges.T, graph.edges.T[::-1]):
        known = labels[there] >= 0
        np.add.at(votes, (here[known], labels[there][known]), graph.weights[known])
        np.add.at(total, here, graph.weights)
    return np.asarray(votes / np.maximum(total, 1e-12)[:, None])


def _none_emptied(labels: Ints, decided: Ints) -> Ints:
    size = int(labels.max()) + 1
    before = np.bincount(labels[labels >= 0], minlength=size)
    after = np.bincount(decided[decided >= 0], minlength=size)
    kept = np.flatnonzero(2 * after < before)
    return np.where(np.isin(labels, kept), labels, decided)
