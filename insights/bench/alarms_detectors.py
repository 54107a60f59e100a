"""Detectors of outages on one-minute counts, all with one face: a score at each minute, a threshold set on quiet weeks.

Rivals are the published methods in their plain form: EARS-C2 (Hutwagner 2003) on 15-minute counts, a fixed count an hour,
a z-score of 15 minutes against the trailing day, Kleinberg's two-state automaton (2002) read forward as posts arrive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.alarms.baseline import hour_counts, week_rates
from insights.alarms.cusum import levels, path, spaced
from insights.alarms.dispersion import Dispersion, dispersions, moments
from insights.alarms.hours import SUNDAY, WEEK
from insights.alarms.settings import Rule
from insights.alarms.thresholds import drift_rates, level_prior

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
FIT_WEEKS = 8
NEVER = -np.inf


@dataclass(frozen=True)
class Stream:
    """Counted authors from hour 0 on, and the rate an hour that was expected of each hour (fitted without outages)."""

    minutes: Ints
    base: Floats
    spread: Dispersion

    @property
    def hours(self) -> int:
        return self.base.size


@dataclass(frozen=True)
class Scores:
    """Minutes and scores (n,) of one detector; below `authors` the score does not count."""

    minutes: Ints
    values: Floats
    authors: Ints


Detector = Callable[[Stream], list[Scores]]


def cusum(rule: Rule, adaptive: bool = True) -> Detector:
    """The product's CUSUM, a score a ratio."""

    def scored(stream: Stream) -> list[Scores]:
        counts = np.bincount(stream.minutes // 60, minlength=stream.hours).astype(float)
        level = levels(counts, stream.base, level_prior(stream.spread), rule) if adaptive else np.ones(stream.hours)
        rates = drift_rates(stream.base, level, rule)
        found = [path(stream.minutes, rates, ratio) for ratio in rule.ratios]
        return [Scores(one.minutes, one.value, one.authors) for one in found]

    return scored


def trailing(minutes: Ints, ends: Ints, width: int) -> Ints:
    """Posts in the `width` minutes up to and with each of `ends`."""
    return np.searchsorted(minutes, ends, side="right") - np.searchsorted(minutes, ends - width, side="right")


def fixed(stream: Stream) -> list[Scores]:
    """Posts in the last hour."""
    at = np.unique(stream.minutes)
    n = trailing(stream.minutes, at, 60)
    return [Scores(at, n.astype(float), n)]


def z_score(stream: Stream) -> list[Scores]:
    """Posts in 15 minutes against mean and deviation of the 96 quarters of an hour of the trailing day."""
    busy = np.bincount(stream.minutes, minlength=stream.hours * 60)
    total = np.concatenate([np.zeros(15), np.cumsum(busy)])
    n = total[15:] - total[:-15]
    quarters = n.reshape(-1, 15)
    sums, squares = (_day_before(one) for one in (quarters, quarters**2))
    spread = np.sqrt(np.maximum(squares / 96 - (sums / 96) ** 2, 0.0))
    score = ((quarters - sums / 96) / np.maximum(spread, 0.2)).ravel()
    at = np.flatnonzero(busy)
    return [Scores(at, score[at], n[at].astype(np.int64))]


def _day_before(quarters: Floats) -> Floats:
    """Sums over the 96 rows before each row."""
    total = np.concatenate([np.zeros((97, 15)), np.cumsum(quarters, axis=0)])
    return np.asarray(total[96:-1] - total[:-97])


def ears_c2(stream: Stream) -> list[Scores]:
    """Each quarter of an hour against seven before it, two left out."""
    counts = np.bincount(stream.minutes // 15, minlength=stream.hours * 4).astype(float)
    past = np.stack([np.concatenate([np.zeros(lag), counts[:-lag]]) for lag in range(3, 10)])
    score = (counts - past.mean(axis=0)) / np.maximum(past.std(axis=0, ddof=1), 0.2)
    busy = np.flatnonzero(counts)
    return [Scores(busy * 15 + 14, score[busy], counts[busy].astype(np.int64))]


def kleinberg(stream: Stream) -> list[Scores]:
    """Cost saved by the burst state (twice the flat base rate) over the base state, forward in time."""
    flat = np.full(stream.hours, stream.base.mean())
    one = path(stream.minutes, flat, 2.0)
    return [Scores(one.minutes, one.value, one.authors)]


RIVALS: dict[str, Detector] = {
    "EARS-C2": ears_c2, "fixed count": fixed, "z-score": z_score, "Kleinberg": kleinberg,
}  # fmt: skip


def crossings(scores: list[Scores], limits: tuple[float, ...], min_authors: int) -> Ints:
    """Minutes at which some score reaches its limit with enough authors, rising."""
    found = [
        one.minutes[(one.values >= limit) & (one.authors >= min_authors)]
        for one, limit in zip(scores, limits, strict=True)
    ]
    return np.unique(np.concatenate(found))


def limits_for(quiet: list[list[Scores]], wanted: float, min_authors: int, cooldown: int) -> tuple[float, ...]:
    """The lowest limits under which `quiet` streams ring at most `wanted` times in all, each score with its equal share."""
    kept = [
        [Scores(o.minutes[ok], o.values[ok], o.authors[ok]) for o in one for ok in [o.authors >= min_authors]]
        for one in quiet
    ]
    pools = [np.sort(np.concatenate([_highest(one[k], cooldown) for one in kept]))[::-1] for k in range(len(kept[0]))]
    low, high = 0, max(map(len, pools))
    while low < high:
        rank = (low + high + 1) // 2
        limits = _ranked(pools, rank)
        n = sum(spaced(crossings(one, limits, min_authors), cooldown).size for one in kept)
        low, high = (rank, high) if n <= wanted else (low, rank - 1)
    return _ranked(pools, low)


def _highest(one: Scores, width: int) -> Floats:
    """The highest score of each `width` minutes that have any."""
    first = np.flatnonzero(np.diff(one.minutes // width, prepend=-1))
    return np.asarray(np.maximum.reduceat(one.values, first)) if first.size else np.zeros(0)


def _ranked(pools: list[Floats], rank: int) -> tuple[float, ...]:
    """Just above the value that would be the first too many: ties ring together or not at all."""
    return tuple(float(np.nextafter(pool[rank], np.inf)) if rank < pool.size else 0.0 for pool in pools)


def fitted(minutes: Ints, hours: int, warm: int = FIT_WEEKS) -> Stream:
    """A stream with the rate expected of each week from the FIT_WEEKS before it (the first `warm` expect what came)."""
    base, warm = np.zeros(hours), min(warm, hours // WEEK)
    for week in range(0, hours // WEEK):
        first = max(0, week - FIT_WEEKS) * WEEK
        last = max(week, warm) * WEEK
        one = hour_counts(minutes, first, last, [])
        rates = week_rates({"all": one}, {}, "all", (), "UTC")["all"]
        base[week * WEEK : (week + 1) * WEEK] = _unrolled(rates)
    opening = Stream(minutes[minutes < warm * WEEK * 60], base[: warm * WEEK], Dispersion())
    return Stream(minutes, base, roughness(opening))


def roughness(stream: Stream) -> Dispersion:
    """How rough the stream is around what was expected."""
    one = hour_counts(stream.minutes, 0, stream.hours, [])
    return dispersions({"all": moments(one, stream.base, stream.minutes)}, "all")["all"]


def week_of(stream: Stream) -> Floats:
    """Rates by cell of the stream's first week; a holiday like a Sunday. Shape (CELLS,)."""
    week = np.roll(stream.base[:WEEK], 72)
    return np.concatenate([week, week[SUNDAY]])


def _unrolled(rates: Floats) -> Floats:
    """Rates of the week from hour 0, which is a Monday 0:00 in the streams' own clock (1970 began on a Thursday)."""
    return np.asarray(np.roll(rates[:WEEK], -72))
