"""How much of a score's explained variance belongs to each irritant: Shapley values of R2 (Lindeman, Merenda, Gold).

Exact over all orders up to EXACT irritants; above, over drawn orders and their reverses, with the error of drawing.
Controls go first, as one block: what they explain is never given to an irritant.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from insights.intervals import Array

EXACT = 15
ORDERS = 2_000  # drawn orders for the point, half of them the reverse of the other half
ORDERS_IN_A_DRAW = 40
TINY = 1e-10
CELLS = 4_000_000  # of one block of reordered moments: 32 MB


@dataclass(frozen=True)
class Shares:
    """Part of the variance of the score: `share` (K,) of each irritant and its drawing error (0 where exact)."""

    share: Array
    error: Array


def shapley(moment: Array, direction: Array, seed: int) -> Shares:
    """Exact to EXACT irritants, sampled above. `moment` (K, K) and `direction` (K,): see `residual_moments`."""
    if len(direction) <= EXACT:
        return Shares(shapley_exact(moment, direction), np.zeros(len(direction)))
    return shapley_sampled(moment, direction, drawn_orders(len(direction), ORDERS, seed))


def residual_moments(moments: Array, n_irritants: int) -> tuple[Array, Array, float]:
    """(K, K) and (K,) cross-products after the controls, in units of the score's variance; and the controls' own R2.

    `moments`: (1 + K + c, 1 + K + c) centred cross-products of the score, the irritants and the controls, in this order.
    """
    k = 1 + n_irritants
    total = max(float(moments[0, 0]), TINY)
    inner = moments[k:, k:]
    if len(inner):
        ridge = TINY * max(float(np.trace(inner)) / len(inner), 1.0) * np.eye(len(inner))
        explained = moments[:k, k:] @ np.linalg.solve(inner + ridge, moments[k:, :k])
    else:
        explained = np.zeros((k, k))
    left = moments[:k, :k] - explained
    spread = np.sqrt(np.maximum(np.diag(left)[1:], 0.0))
    seen = spread > 1e-6 * np.sqrt(np.maximum(np.diag(moments)[1:k], TINY))
    scale = np.where(seen, spread, 1.0)
    direction = np.where(seen, left[0, 1:] / scale / np.sqrt(total), 0.0)
    moment = np.where(np.outer(seen, seen), left[1:, 1:] / np.outer(scale, scale), 0.0)
    np.fill_diagonal(moment, 1.0 + TINY)
    return moment, direction, float(explained[0, 0] / total)


def shapley_exact(moment: Array, direction: Array) -> Array:
    """(K,) mean gain in R2 of each irritant over all K! orders, from the R2 of all 2^K subsets."""
    k = len(direction)
    gained = np.zeros(1 << k)
    for size in range(1, k + 1):
        chosen = np.array(list(combinations(range(k), size)))
        inner = moment[chosen[:, :, None], chosen[:, None, :]]
        outer = direction[chosen]
        gained[(1 << chosen).sum(axis=1)] = np.sum(outer * np.linalg.solve(inner, outer[:, :, None])[:, :, 0], axis=1)
    subsets = np.arange(1 << k)
    sizes = np.array([int(one).bit_count() for one in subsets])
    weight = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)] + [0.0])
    found = np.zeros(k)
    for j in range(k):
        without = subsets[(subsets >> j) & 1 == 0]
        found[j] = np.sum(weight[sizes[without]] * (gained[without | (1 << j)] - gained[without]))
    return found


def drawn_orders(k: int, n: int, seed: int) -> NDArray[np.int64]:
    """(n, k) orders, each followed by its reverse (antithetic: their errors cancel)."""
    rng = np.random.default_rng(seed)
    half = np.array([rng.permutation(k) for _ in range((n + 1) // 2)]).reshape(-1, k)
    return np.stack([half, half[:, ::-1]], axis=1).reshape(-1, k)[:n]


def shapley_sampled(moment: Array, direction: Array, orders: NDArray[np.int64]) -> Shares:
    """Mean gain in R2 over drawn orders; error: standard error of that mean, over pairs of an order and its reverse.

    In one order the gains are the squares of L^-1 r, L being the Cholesky factor of the moments in that order.
    """
    k = len(direction)
    gains = np.zeros(orders.shape)
    block = max(1, CELLS // max(k * k, 1))
    for start in range(0, len(orders), block):
        some = orders[start : start + block]
        lower = np.linalg.cholesky(moment[some[:, :, None], some[:, None, :]])
        solved = np.linalg.solve(lower, direction[some][:, :, None])[:, :, 0] ** 2
        np.put_along_axis(gains[start : start + block], some, solved, axis=1)
    pairs = gains[: len(gains) // 2 * 2].reshape(-1, 2, k).mean(axis=1)
    error = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)) if len(pairs) > 1 else np.zeros(k)
    return Shares(gains.mean(axis=0), np.asarray(error, dtype=float))
