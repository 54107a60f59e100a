"""How fine to cut: the resolution at which meaning and words, looked at apart, agree on the topics of resampled texts.

Stated criterion. Two subsamples of the texts are drawn; one is clustered by its encoder vectors alone, the other by its
words alone, at each resolution of a grid. Agreement = adjusted Rand index on the texts in both. Each topic has a price:
criterion = log(agreement) - PRICE * log(topics) / log(texts), for among near equals a person prefers the shorter list;
the logarithm makes the price the same share of an agreement that is high (short questions) or low (long complaints).
The choice is the mean of the log resolutions, weighted by exp(criterion / TEMPERATURE): a flat curve gives its middle
and not a winner by chance. Coherence of keywords is not used: it does not follow human labels (METHODS 8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from insights.topics.neighbours import Graph, leiden, neighbour_graph
from insights.topics.vectors import unit

Matrix = NDArray[np.float32]

GRID = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)  # below 0.5 a few vast topics always agree
PRICE = 1.5
TEMPERATURE = 0.05
LOWEST = 0.01  # agreement below it is chance
MAX_TEXTS, SHARE, DRAWS = 3_000, 0.9, 2


@dataclass(frozen=True)
class Resolution:
    """The choice and its evidence: one entry of `agreement`, `n_topics` and `criterion` per entry of `grid`."""

    value: float
    grid: tuple[float, ...]
    agreement: tuple[float, ...]
    n_topics: tuple[float, ...]
    criterion: tuple[float, ...]


def choose_resolution(
    matrix: Matrix, split: int, k: int, seed: int, languages: Sequence[str] | None = None
) -> Resolution:
    """The resolution for `matrix` (n, d), whose columns before `split` are meaning and the others words.

    Without words (split 0 or d) both subsamples are clustered by the whole matrix.
    """
    curves = [_draw(matrix, split, k, seed + draw, languages) for draw in range(DRAWS)]
    agreement = np.mean([one[0] for one in curves], axis=0)
    topics = np.mean([one[1] for one in curves], axis=0)
    n_texts = max(3, SHARE * min(MAX_TEXTS, len(matrix)))
    criterion = np.log(np.maximum(agreement, LOWEST)) - PRICE * np.log(topics) / np.log(n_texts)
    weight = np.exp((criterion - criterion.max()) / TEMPERATURE)
    value = float(np.exp(np.average(np.log(GRID), weights=weight)))
    return Resolution(value, GRID, *(tuple(map(float, one)) for one in (agreement, topics, criterion)))


def _draw(
    matrix: Matrix, split: int, k: int, seed: int, languages: Sequence[str] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Agreement and number of topics at each resolution, for one pair of subsamples looked at both ways."""
    draw = np.random.default_rng(seed)
    pool = draw.choice(len(matrix), min(MAX_TEXTS, len(matrix)), replace=False)
    size = int(SHARE * len(pool))
    first, second = (np.sort(draw.permutation(pool)[:size]) for _ in range(2))
    both = np.intersect1d(first, second)
    at = [np.searchsorted(rows, both) for rows in (first, second)]
    graphs = [_views(matrix[rows], split, k, _of(languages, rows)) for rows in (first, second)]
    agreement, topics = np.empty(len(GRID)), np.empty(len(GRID))
    for place, resolution in enumerate(GRID):
        found = [[leiden(graph, resolution, seed, iterations=2) for graph in pair] for pair in graphs]
        crossed = [(found[0][0][at[0]], found[1][1][at[1]]), (found[1][0][at[1]], found[0][1][at[0]])]
        agreement[place] = np.mean([adjusted_rand_score(*pair) for pair in crossed])
        topics[place] = np.mean([len(np.unique(pair[0])) for pair in found])
    return agreement, topics


def _views(matrix: Matrix, split: int, k: int, languages: Sequence[str] | None) -> tuple[Graph, Graph]:
    """The graph by meaning and the graph by words (across languages by meaning in both)."""
    if not 0 < split < matrix.shape[1]:
        whole = neighbour_graph(matrix, matrix, k, languages)
        return whole, whole
    meaning, words = unit(matrix[:, :split]), unit(matrix[:, split:])
    return neighbour_graph(meaning, meaning, k, languages), neighbour_graph(words, meaning, k, languages)


def _of(languages: Sequence[str] | None, rows: NDArray[np.int64]) -> list[str] | None:
    return None if languages is None else [languages[row] for row in rows]
