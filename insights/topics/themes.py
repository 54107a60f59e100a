"""The level above irritants: few themes, each a group of topics whose centres are near.

Average linkage over the cosine distances of the topics' centres in the blended space, cut where it is clearest: among
the numbers of themes from about the square root of the number of topics to a third of it, the one of the highest mean
silhouette (the lower number among equals). No seed is drawn: the same centres give the same themes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import silhouette_score

from insights.errors import ModelError
from insights.topics.vectors import unit

Matrix = NDArray[np.float32]
Ints = NDArray[np.int64]

FEWEST_TOPICS = 4  # fewer are one theme
LARGEST_SHARE = 0.5  # of the topics in one theme; a theme of nearly everything says nothing


class Fitted(Protocol):
    """What themes need of a TopicFit."""

    @property
    def topics(self) -> tuple[int, ...]: ...
    @property
    def sizes(self) -> dict[int, int]: ...
    @property
    def centroids(self) -> Matrix: ...
    @property
    def encoder_centroids(self) -> Matrix: ...


@dataclass(frozen=True)
class Themes:
    """`of` gives each topic its theme, 0, 1, ... by falling number of texts; `members[theme]` its topics, largest first.

    `centres` (themes, d) in the encoder's space, centred by language, of unit length; `silhouette` of the cut, -1 to 1.
    """

    of: dict[int, int]
    members: tuple[tuple[int, ...], ...]
    centres: Matrix
    silhouette: float


def themes(fit: Fitted) -> Themes:
    """Themes of the topics of a fit. Raises ModelError for a fit without a topic."""
    if not fit.topics:
        raise ModelError("The fit found no topic, so there is no theme: widen its period.")
    found, silhouette = grouped(fit.centroids)
    sizes = np.array([fit.sizes[topic] for topic in fit.topics], dtype=np.float64)
    weights = np.bincount(found, sizes)
    order = np.lexsort((np.arange(len(weights)), -weights))
    members = tuple(
        tuple(fit.topics[row] for row in sorted(np.flatnonzero(found == one), key=lambda row: (-sizes[row], row)))
        for one in order
    )
    of = {topic: theme for theme, own in enumerate(members) for topic in own}
    row_of = {topic: row for row, topic in enumerate(fit.topics)}
    rows = [[row_of[topic] for topic in own] for own in members]
    centres = unit(np.stack([sizes[own] @ fit.encoder_centroids[own] for own in rows]))
    return Themes(of, members, centres, silhouette)


def nearest_theme(centre: Matrix, centres: Matrix) -> tuple[int, float]:
    """The existing theme of a new irritant's centre (d,) and its cosine, -1 to 1. Raises ModelError without a theme.

    Both are in the encoder's space, centred by language; equal cosines give the lower theme.
    """
    if not len(centres):
        raise ModelError("There is no theme to put the irritant in: call `themes` on the fit first.")
    cosines = unit(centres) @ unit(np.asarray(centre)[None, :])[0]
    best = int(cosines.argmax())
    return best, float(cosines[best])


def grouped(centroids: Matrix) -> tuple[Ints, float]:
    """Group (k,) of each centroid (k, d), and the mean silhouette of the cut; one group, 0.0, for fewer than four."""
    if len(centroids) < FEWEST_TOPICS:
        return np.zeros(len(centroids), dtype=np.int64), 0.0
    distance = np.clip(1.0 - unit(centroids).astype(np.float64) @ unit(centroids).astype(np.float64).T, 0.0, 2.0)
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average")
    cuts = [(_merit(distance, cut), cut) for n in range_of_themes(len(centroids)) if len(cut := _cut(tree, n))]
    merit, best = max(cuts, key=lambda pair: pair[0])
    return best, float(silhouette_score(distance, best, metric="precomputed")) if merit > -np.inf else 0.0


def range_of_themes(n_topics: int) -> Sequence[int]:
    """Numbers of themes looked at: from the square root of the number of topics to a third of it, at least two."""
    ends = max(2, round(np.sqrt(n_topics))), max(2, round(n_topics / 3))
    return range(min(ends), max(ends) + 1)


def _cut(tree: NDArray[np.float64], n: int) -> Ints:
    return np.asarray(fcluster(tree, n, criterion="maxclust") - 1, dtype=np.int64)


def _merit(distance: NDArray[np.float64], cut: Ints) -> float:
    """Mean silhouette, one less where a theme holds more than half of the topics."""
    sizes = np.bincount(cut)
    if not 1 < len(sizes) < len(cut):
        return -float("inf")
    return float(silhouette_score(distance, cut, metric="precomputed")) - float(sizes.max() > LARGEST_SHARE * len(cut))
