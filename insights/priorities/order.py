"""Ranks with their doubt: point and draws of a quantity per irritant, rank ranges, ties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.drivers import NEGATIVE
from insights.intervals import Array

WINDOW_DAYS = 90
WEAK_BELOW = 10  # negative mentions in the window
TOP = 3
LEVEL = 0.90
TAILS = (0.5 - LEVEL / 2, 0.5 + LEVEL / 2)
CLEARLY_BEFORE = 0.95  # share of draws in which one comes before the other; below it, they are tied
CHUNK = 4_000_000  # cells of one block of draws


@dataclass(frozen=True)
class Drawn:
    """Point (K,) and draws (d, K) of a quantity per irritant."""

    point: Array
    draws: Array


def window(mentions: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Negative mentions with an irritant in the 90 days to the end of `as_of`."""
    end = pd.Timestamp(as_of, tz="UTC") + pd.Timedelta(days=1)
    said = pd.to_datetime(mentions["occurred_at"], utc=True)
    named = mentions["irritant_id"].notna() & (mentions["irritant_id"] != UNCLASSIFIED)
    inside = (said < end) & (said >= end - pd.Timedelta(days=WINDOW_DAYS))
    return mentions[inside & named & (mentions["polarity"] < NEGATIVE)]


def volume(named: pd.DataFrame, irritants: list[str], seed: int, draws: int) -> Drawn:
    """Mentions x mean severity (= sum of |polarity|) of a `window`, drawing customers or authors."""
    author = named["customer_id"]
    if "author_key" in named.columns:
        author = author.fillna(named["author_key"])
    cluster, _ = pd.factorize(author.fillna(named["feedback_id"]), sort=True)
    column = named["irritant_id"].map({one: j for j, one in enumerate(irritants)}).to_numpy(int)
    severity = np.zeros((int(cluster.max()) + 1, len(irritants)))
    np.add.at(severity, (cluster, column), -named["polarity"].to_numpy(float))
    rng = np.random.default_rng(seed)
    blocks = [rng.poisson(1.0, (d, len(severity))) @ severity for d in chunks(draws, len(severity))]
    return Drawn(severity.sum(axis=0), np.vstack(blocks))


def ranks(weak: NDArray[np.bool_], amount: Drawn, seed: int) -> Drawn:
    """Rank of each irritant, 1 first, by falling amount; weak signals after all others.

    Equal amounts keep the order of the columns in the point and are put in a random order in each draw: what nothing
    tells apart has a wide range.
    """
    chance = np.random.default_rng(seed).random(amount.draws.shape)

    def order(values: Array, equal: Array) -> Array:
        ranked = np.empty(len(weak))
        ranked[np.lexsort((equal, -values, weak))] = np.arange(1, len(weak) + 1)
        return ranked

    point = order(amount.point, np.arange(len(weak), dtype=float))
    return Drawn(point, np.array([order(*pair) for pair in zip(amount.draws, chance, strict=True)]))


def before(amount: Drawn, first: int, second: int) -> float:
    """Share of the draws in which `first` is larger than `second`; equal ones count half, so that it is symmetrical."""
    gap = amount.draws[:, first] - amount.draws[:, second]
    return float(np.mean(gap > 0) + 0.5 * np.mean(gap == 0))


def ties(weak: NDArray[np.bool_], amount: Drawn) -> NDArray[np.int64]:
    """Tie group of each irritant (K,), 1 first; 0 for weak signals, which are not ranked.

    From the front by the point's order: an irritant joins the group while the group's first is not before it in at
    least 95 % of the draws; else it opens the next group. Two irritants of one group are not told apart by these data.
    """
    group = np.zeros(len(weak), dtype=np.int64)
    place = np.lexsort((np.arange(len(weak)), -amount.point, weak))
    head, number = -1, 0
    for k in place[: int((~weak).sum())]:
        if head < 0 or before(amount, head, k) >= CLEARLY_BEFORE:
            head, number = k, number + 1
        group[k] = number
    return group


def chunks(draws: int, n: int) -> Iterator[int]:
    """Sizes of blocks of draws that keep a block of n columns within memory."""
    size = max(1, CHUNK // max(n, 1))
    for start in range(0, draws, size):
        yield min(size, draws - start)
