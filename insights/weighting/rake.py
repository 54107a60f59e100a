"""Raking (iterative proportional fitting, Deming and Stephan 1940): weights whose margins are those of a population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.errors import ModelError
from insights.intervals import Array

Codes = NDArray[np.int64]
TOLERANCE = 1e-6
MAX_ROUNDS = 500
TRIM_ROUNDS = 30
CAP = 5.0  # times the median weight
TRIMMED_TOLERANCE = 0.01  # a trimmed margin is met within one part in a hundred


@dataclass(frozen=True)
class Raked:
    """Weights (k,) of mean 1 over the answers; `worst` is the largest relative gap left between a margin and its target."""

    weights: Array
    converged: bool
    rounds: int
    worst: float


def rake(
    codes: Sequence[Codes],
    targets: Sequence[Array],
    counts: Array | None = None,
    start: Array | None = None,
    rounds: int = MAX_ROUNDS,
) -> Raked:
    """Weights (k,) of k rows, standing for `counts` answers each, whose margins are `targets`.

    `codes`: one (k,) array a variable, the level of each row from 0. `targets`: one array a variable, the share of each
    level, adding up to 1. The result is the same for any order of the rows, up to rounding. Raises ModelError for a level
    that the population has and no answer has: group it with another first.
    """
    n = np.ones(len(codes[0])) if counts is None else np.asarray(counts, dtype=float)
    weights = np.ones(len(n)) if start is None else np.asarray(start, dtype=float).copy()
    for number, (code, target) in enumerate(zip(codes, targets, strict=True)):
        if ((np.bincount(code, n, len(target)) <= 0) & (target > 0)).any():
            raise ModelError(
                f"Raking: variable {number} has a level nobody answered from. Group it with another level."
            )
    worst, used = _worst(codes, targets, n, weights), 0
    while worst > TOLERANCE and used < rounds:
        for code, target in zip(codes, targets, strict=True):
            weights *= _factors(code, target, n * weights)[code]
        worst, used = _worst(codes, targets, n, weights), used + 1
    return Raked(weights * n.sum() / (n * weights).sum(), worst <= TOLERANCE, used, worst)


def _factors(code: Codes, target: Array, mass: Array) -> Array:
    share = np.bincount(code, mass, len(target)) / mass.sum()
    return np.where(share > 0, target / np.where(share > 0, share, 1), 0.0)


def _worst(codes: Sequence[Codes], targets: Sequence[Array], n: Array, weights: Array) -> float:
    gaps = [
        np.abs(_factors(code, target, n * weights)[target > 0] - 1).max()
        for code, target in zip(codes, targets, strict=True)
    ]
    return float(max(gaps, default=0.0))


def rake_trimmed(
    codes: Sequence[Codes], targets: Sequence[Array], counts: Array | None = None, cap: float = CAP
) -> Raked:
    """As `rake`, no weight above `cap` times the median: trimmed and raked again until both hold, or nearly.

    `converged` is True when every margin is met within 1 % after the last trim.
    """
    n = np.ones(len(codes[0])) if counts is None else np.asarray(counts, dtype=float)
    found = rake(codes, targets, n)
    for _ in range(TRIM_ROUNDS):
        limit = cap * _median(found.weights, n)
        if found.weights.max() <= limit * (1 + TOLERANCE):
            return found
        found = rake(codes, targets, n, np.minimum(found.weights, limit))
    cut = np.minimum(found.weights, cap * _median(found.weights, n))
    cut = cut * n.sum() / (n * cut).sum()
    worst = _worst(codes, targets, n, cut)
    return Raked(cut, worst <= TRIMMED_TOLERANCE, found.rounds, worst)


def _median(weights: Array, n: Array) -> float:
    """Median weight of an answer: rows stand for `n` answers each."""
    order = np.argsort(weights, kind="stable")
    below = np.cumsum(n[order])
    return float(weights[order][np.searchsorted(below, below[-1] / 2)])
