"""Poisson CUSUM on one-minute counts: S = max(0, S + x ln r - mu (r - 1)), for whole histories at once.

Source: METHODS 3; Lucas (1985), Counted data CUSUM's. Between two posts S only falls, so that it need be known at the
minutes of posts alone. `insights.alarms.stream` does the same one post after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from insights.alarms.settings import Rule

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Path:
    """One CUSUM at the minutes that have a post, all (n,): `value`, `start` (place where it left 0), `authors` since then."""

    minutes: Ints
    value: Floats
    start: Ints
    authors: Ints


def levels(counts: Floats, expected: Floats, prior: float, rule: Rule) -> Floats:
    """Factor on the baseline in each hour, from the hours up to `level_lag_hours` before; shapes (n,) -> (n,).

    Posterior mean of a gamma-Poisson factor whose prior is worth `prior` authors, older hours counting less.
    """
    keep = exp(-1.0 / rule.level_hours)
    seen, due = (lfilter([1.0], [1.0, -keep], _later(one, rule.level_lag_hours)) for one in (counts, expected))
    return np.asarray(np.clip((prior + seen) / (prior + due), *rule.level_bounds))


def _later(values: Floats, lag: int) -> Floats:
    return np.concatenate([np.zeros(lag), values])[: values.size]


def path(minutes: Ints, rates: Floats, ratio: float) -> Path:
    """The CUSUM of counted authors: `minutes` (rising, from 0; one a counted author), `rates` an hour by hour (hours,)."""
    at, counts = np.unique(minutes, return_counts=True)
    hour = at // 60
    before = np.concatenate([[0.0], np.cumsum(rates)])[hour] + rates[hour] * (at % 60) / 60
    total = np.cumsum(counts)
    gain, drift = np.log(ratio), ratio - 1
    low = (total - counts) * gain - drift * before
    high = total * gain - drift * (before + rates[hour] / 60)
    floor = np.minimum.accumulate(np.minimum(low, np.minimum(high, 0.0)))
    earlier = np.concatenate([[0.0], floor[:-1]])
    start = np.maximum.accumulate(np.where(low <= earlier, np.arange(at.size), 0))
    return Path(at, high - floor, start, (total - (total - counts)[start]).astype(np.int64))


def peaks(found: Path, min_authors: int) -> tuple[Floats, Ints]:
    """Highest value of each excursion that has enough authors, and its minute: (k,), (k,)."""
    enough = np.flatnonzero((found.authors >= min_authors) & (found.value > 0))
    if not enough.size:
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    first = np.flatnonzero(np.diff(found.start[enough], prepend=-1))
    values = found.value[enough]
    return np.maximum.reduceat(values, first), found.minutes[enough][first]


def bursts(
    minutes: Ints, rates: Floats, ratio: float, limit: float, min_authors: int, after: int
) -> list[tuple[int, int]]:
    """Spans of minutes that no baseline should hold: from where a CUSUM left zero to `after` minutes past its height."""
    found = path(minutes, rates, ratio)
    values, starts = found.value, found.start
    rung = np.unique(starts[(values >= limit) & (found.authors >= min_authors)])
    spans = []
    for start in rung:
        own = np.flatnonzero(starts == start)
        height = own[np.argmax(values[own])]
        spans.append((int(found.minutes[start]), int(found.minutes[height]) + after))
    return spans


def alarms(paths: tuple[Path, ...], thresholds: tuple[float, ...], min_authors: int, cooldown: int) -> Ints:
    """Minutes at which any path crosses its threshold with enough authors, none within `cooldown` of the one before.

    Without the return to zero after an alarm, which matters only where alarms are dense.
    """
    crossed = [
        found.minutes[(found.value >= limit) & (found.authors >= min_authors)]
        for found, limit in zip(paths, thresholds, strict=True)
    ]
    return spaced(np.unique(np.concatenate(crossed)), cooldown)


def spaced(minutes: Ints, cooldown: int) -> Ints:
    """Minutes that lie at least `cooldown` after the one kept before."""
    kept: list[int] = []
    place = 0
    while place < minutes.size:
        kept.append(int(minutes[place]))
        place = int(np.searchsorted(minutes, minutes[place] + cooldown))
    return np.array(kept, dtype=np.int64)
