"""Irritants of texts that do not speak like customers: told only where the nearest sentences of customers agree.

The assigner's thresholds are learned from customers' own words and hold for these alone: of the demo company's adviser
comments it puts 124 of 136 somewhere, one in five rightly. Advisers speak of tools and instructions where customers
speak of bills. Where nearly all of the nearest sentences of customers carry one irritant, the comment speaks of that;
elsewhere it is left to a person. On the same comments 32 of 136 are told, 26 of them an irritant whose customers do name
that cause (docs/journey.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.topics.vectors import unit

NEAREST = 10
BAR = 0.8  # of the neighbours' cosines
NEAR = 0.4  # cosine of the nearest sentence: below, what agrees is the map's nearest corner, not the words
BLOCK = 1_000
RULES = "agreed-1"


@dataclass(frozen=True)
class Agreed:
    """Irritant of each text (n), `unclassified` where neighbours disagree, and the share of the largest part (n)."""

    irritant_ids: list[str]
    share: NDArray[np.float64]


def agreed(texts: NDArray[np.float32], said: NDArray[np.float32], irritant_ids: Sequence[str]) -> Agreed:
    """The irritant that the nearest of `said` (k, d) share, by cosine, for each of `texts` (n, d).

    `irritant_ids` (k): of each of `said`. With fewer than ten of them nothing is told.
    """
    ids, inverse = np.unique(np.asarray(irritant_ids, dtype=object).astype(str), return_inverse=True)
    if len(inverse) < NEAREST:
        return Agreed([UNCLASSIFIED] * len(texts), np.zeros(len(texts)))
    space = unit(said)
    shares, close = np.zeros((len(texts), len(ids))), np.zeros(len(texts))
    for at in range(0, len(texts), BLOCK):
        near = unit(texts[at : at + BLOCK]) @ space.T
        shares[at : at + BLOCK], close[at : at + BLOCK] = _shares(near, inverse, len(ids)), near.max(axis=1)
    best = shares.argmax(axis=1)
    top = shares[np.arange(len(shares)), best]
    sure = (top >= BAR) & (close >= NEAR)
    return Agreed([ids[one] if yes else UNCLASSIFIED for one, yes in zip(best, sure, strict=True)], top)


def _shares(near: NDArray[np.float32], inverse: NDArray[np.intp], n_ids: int) -> NDArray[np.float64]:
    """(n, ids): share of the cosines of the ten nearest that each irritant holds."""
    nearest = np.argpartition(-near, NEAREST - 1, axis=1)[:, :NEAREST]
    weight = np.clip(np.take_along_axis(near, nearest, axis=1), 0.0, None).astype(np.float64)
    held = np.zeros((len(near), n_ids))
    np.add.at(held, (np.arange(len(near))[:, None], inverse[nearest]), weight)
    total = weight.sum(axis=1, keepdims=True)
    return held / np.where(total > 0, total, 1.0)
