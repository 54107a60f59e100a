"""The irritants on a map: near on paper is near in the customers' words, and last week's places are kept as far as they fit.

Stress majorisation (SMACOF; Borg and Groenen, Modern Multidimensional Scaling, 2005, ch. 8) on the angles between the
irritants' centres, with a spring to each earlier place. No draw of chance: the same irritants give the same map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from insights.topics.vectors import Matrix, unit

Floats = NDArray[np.float64]

STEPS = 200
SPRING = 0.2  # weight of an earlier place, in average distances to the others
CLOSE = 2  # neighbours that are named


def angles(centres: Matrix) -> Floats:
    """(k, k) between 0 (the same) and 1 (opposite), of centres (k, d)."""
    rows = unit(centres).astype(np.float64)
    return np.asarray(np.arccos(np.clip(rows @ rows.T, -1, 1)) / np.pi, dtype=np.float64)


def places(centres: Matrix, ids: Sequence[str], earlier: Mapping[str, tuple[float, float]] | None = None) -> Floats:
    """(k, 2) of centres (k, d) of irritants `ids`; those with an `earlier` place stay near it."""
    far = angles(centres)
    np.fill_diagonal(far, 0)
    known = np.array([one in (earlier or {}) for one in ids], dtype=bool)
    anchors = np.array([(earlier or {}).get(one, (0.0, 0.0)) for one in ids], dtype=np.float64).reshape(-1, 2)
    start = _principal(far)
    if known.sum() >= 2:
        start = _laid_over(start, anchors, known)
        start[known] = anchors[known]
    return _settled(far, start, anchors, known.astype(np.float64) * SPRING * max(1, len(ids)))


def _principal(far: Floats) -> Floats:
    """(k, 2) of classical scaling, each axis turned so that its largest coordinate is positive."""
    k = len(far)
    if k < 2:
        return np.zeros((k, 2))
    middle = np.eye(k) - 1 / k
    values, vectors = np.linalg.eigh(-0.5 * middle @ far**2 @ middle)
    axes = vectors[:, ::-1][:, :2] * np.sqrt(np.maximum(values[::-1][:2], 0))
    if axes.shape[1] < 2:
        axes = np.column_stack([axes, np.zeros(k)])
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    return np.asarray(axes * np.where(signs == 0, 1, signs), dtype=np.float64)


def _laid_over(found: Floats, anchors: Floats, known: NDArray[np.bool_]) -> Floats:
    """`found` turned, mirrored and moved, never stretched, to lie best over the anchors (Procrustes)."""
    own, theirs = found[known], anchors[known]
    left, _, right = np.linalg.svd((own - own.mean(axis=0)).T @ (theirs - theirs.mean(axis=0)))
    return np.asarray((found - own.mean(axis=0)) @ left @ right + theirs.mean(axis=0), dtype=np.float64)


def _settled(far: Floats, start: Floats, anchors: Floats, spring: Floats) -> Floats:
    """Guttman's transform until it stands: squared errors of distances, plus spring times squared distance to anchors."""
    k, placed = len(far), start.copy()
    if k < 2:
        return placed
    laplace = k * np.eye(k) - np.ones((k, k))
    solve = np.linalg.pinv(laplace + np.diag(spring))
    for _ in range(STEPS):
        gaps = np.linalg.norm(placed[:, None] - placed[None], axis=2)
        ratio = -far / np.maximum(gaps, 1e-9)
        np.fill_diagonal(ratio, 0)
        np.fill_diagonal(ratio, -ratio.sum(axis=1))
        moved = solve @ (ratio @ placed + spring[:, None] * anchors)
        if np.abs(moved - placed).max() < 1e-7:
            return np.asarray(moved, dtype=np.float64)
        placed = moved
    return placed


def closest(centres: Matrix, ids: Sequence[str], n: int = CLOSE) -> dict[str, list[tuple[str, float]]]:
    """The `n` irritants nearest to each in the full space, nearest first, with their cosine."""
    rows = unit(centres)
    near = rows @ rows.T
    np.fill_diagonal(near, -2)
    order = np.argsort(-near, axis=1, kind="stable")[:, : max(0, min(n, len(ids) - 1))]
    return {own: [(ids[other], float(near[row, other])) for other in order[row]] for row, own in enumerate(ids)}


def truth(centres: Matrix, placed: Floats) -> float:
    """Rank correlation of distances on the map with those of the full space: 1 is a true map."""
    far = angles(centres)
    gaps = np.linalg.norm(placed[:, None] - placed[None], axis=2)
    pairs = np.triu_indices(len(far), 1)
    one, two = (np.argsort(np.argsort(each[pairs])).astype(np.float64) for each in (far, gaps))
    return float(np.corrcoef(one, two)[0, 1]) if len(pairs[0]) > 2 else 1.0
