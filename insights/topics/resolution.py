"""How fine to cut: the resolution at which meaning and words, looked at apart, agree on the topics of resampled texts.

Stated criterion. Two subsamples of the texts are drawn; one is clustered by its encoder vectors alone, the other by its
words alone, at each resolution of a grid. Agreement = adjusted Rand index on the texts in both. Each topic has a price:
criterion = agreement - price * log(topics) / log(texts), price = BASE_PRICE + REPEAT_PRICE * repeated share. The repeated
share is that of texts with at least five others in nearly the same words: where texts repeat one another (templates,
copied complaints), meaning and words agree on ever smaller phrasings of one cause, and that agreement is no evidence.
The price is taken from the agreement itself and not from its logarithm: where meaning and words hardly agree (long open
reviews), a small gain does not buy a hundred topics. The choice is the mean of the log resolutions, weighted by
exp(criterion / TEMPERATURE): a flat curve gives its middle and not a winner by chance. Coherence of keywords is not
used: it does not follow human labels (METHODS 8). The constants are a compromise over wikit, banking77, random subsets
of their intents, the demo and (number of topics only) insurance reviews; no set was kept aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from insights.topics.neighbours import Graph, leiden, nearest, neighbour_graph
from insights.topics.vectors import unit

Matrix = NDArray[np.float32]

GRID = (0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)  # below 0.7 a few vast topics always agree, each of several causes
BASE_PRICE, REPEAT_PRICE = 0.1, 2.0
REPEATS, SAME_WORDS = 5, 0.8  # others in the same words: their number, and their cosine in the space of words
TEMPERATURE = 0.03
MAX_TEXTS, SHARE, DRAWS = 3_000, 0.9, 2


@dataclass(frozen=True)
class Resolution:
    """The choice and its evidence: one entry of `agreement`, `n_topics` and `criterion` per entry of `grid`.

    `repeated_share` of the texts have several others in nearly the same words.
    """

    value: float
    grid: tuple[float, ...]
    agreement: tuple[float, ...]
    n_topics: tuple[float, ...]
    criterion: tuple[float, ...]
    repeated_share: float = 0.0


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
    repeated = repeated_share(matrix, split, seed)
    criterion = agreement - (BASE_PRICE + REPEAT_PRICE * repeated) * np.log(topics) / np.log(n_texts)
    weight = np.exp((criterion - criterion.max()) / TEMPERATURE)
    value = float(np.exp(np.average(np.log(GRID), weights=weight)))
    told = [tuple(map(float, one)) for one in (agreement, topics, criterion)]
    return Resolution(value, GRID, told[0], told[1], told[2], repeated)


def repeated_share(matrix: Matrix, split: int, seed: int) -> float:
    """Share of at most 3,000 rows of `matrix` with `REPEATS` others in nearly the same words; 0 without words."""
    if not 0 < split < matrix.shape[1]:
        return 0.0
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.choice(len(matrix), min(MAX_TEXTS, len(matrix)), replace=False))
    words = unit(matrix[rows, split:])
    _, cosines = nearest(words, words, REPEATS, same=True)
    return float(np.mean(cosines[:, -1] > SAME_WORDS)) if cosines.shape[1] == REPEATS else 0.0


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
        topics[place] = np.mean([len(np.unique(one)) for pair in found for one in pair])
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
