"""How much rougher the counts are than a Poisson law: good and bad days, good and bad hours, replies that follow a post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.alarms.baseline import Hourly

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAR_MINUTES = 10
NEAR_SHARE = (
    60 + 2 * sum(60 - lag for lag in range(1, NEAR_MINUTES))
) / 3600  # of pairs of minutes of an hour, by chance
SEEN_REPLIES = 0.4  # of replies (mean delay 8 minutes) are pairs beyond chance: near and in the same hour
TRUST = 0.3  # standard deviation between series that is believed without looking


@dataclass(frozen=True)
class Dispersion:
    """`day` and `hour`: variance of the factor on a day's and an hour's rate (0: Poisson). `replies`: posts that one post draws."""

    day: float = 0.1
    hour: float = 0.1
    replies: float = 0.1


CEILING = Dispersion(1.5, 1.5, 0.45)


@dataclass(frozen=True)
class Moments:
    """Sums behind a Dispersion: excess, its scale and its variance under Poisson, shape (3,) each (day, hour, replies)."""

    excess: Floats
    scale: Floats
    noise: Floats

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.excess + other.excess, self.scale + other.scale, self.noise + other.noise)


def moments(one: Hourly, expected: Floats, minutes: Ints) -> Moments:
    """Moments of one series: `expected` by hour (n,), `minutes` of its counted authors."""
    seen = one.seen
    days, place = np.unique(one.hours[seen] // 24, return_inverse=True)
    n, e = one.counts[seen], expected[seen]
    n_day, e_day = np.bincount(place, n, days.size), np.bincount(place, e, days.size)
    share = e / e_day[place]
    fair = share * n_day[place]
    parts = [
        ((n_day - e_day) ** 2 - e_day, e_day**2, 2 * e_day**2 + e_day),
        ((n - fair) ** 2 - fair * (1 - share), fair**2, 2 * fair**2 + fair),
        _pairs(one, minutes),
    ]
    sums = np.array([[part.sum() for part in row] for row in parts])
    return Moments(sums[:, 0], sums[:, 1], sums[:, 2])


def _pairs(one: Hourly, minutes: Ints) -> tuple[Floats, Floats, Floats]:
    """Pairs of authors of one hour that are near in time, beyond chance; beside the authors they could follow."""
    places = minutes // 60 - (one.hours[0] if one.hours.size else 0)
    inside = (places >= 0) & (places < one.hours.size)
    kept = np.sort(minutes[inside][one.seen[places[inside]]])
    ends = np.minimum(np.searchsorted(kept, kept + NEAR_MINUTES), np.searchsorted(kept, (kept // 60 + 1) * 60))
    near = float((ends - np.arange(kept.size) - 1).sum())
    n = one.counts[one.seen]
    chance = float((n * (n - 1) / 2).sum()) * NEAR_SHARE
    return np.array([near - chance]), np.array([SEEN_REPLIES * kept.size]), np.array([chance + 1.0])


def dispersions(found: Mapping[str, Moments], pooled: str) -> dict[str, Dispersion]:
    """Dispersion of each series: its own moments, drawn to those of all series as far as they are few."""
    prior = np.array([Dispersion().day, Dispersion().hour, Dispersion().replies])
    nothing = Moments(np.zeros(3), np.zeros(3), np.zeros(3))
    others = sum((one for name, one in found.items() if name != pooled), nothing)
    common = _drawn(others, prior)
    return {name: _as_dispersion(_drawn(one, prior if name == pooled else common)) for name, one in found.items()}


def _drawn(one: Moments, prior: Floats) -> Floats:
    raw = np.divide(one.excess, one.scale, out=prior.copy(), where=one.scale > 0)
    precision = np.divide(one.scale**2, one.noise, out=np.zeros(3), where=one.noise > 0)
    weight = precision / (precision + 1 / TRUST**2)
    return np.asarray(weight * raw + (1 - weight) * prior)


def _as_dispersion(values: Floats) -> Dispersion:
    top = (CEILING.day, CEILING.hour, CEILING.replies)
    day, hour, replies = (float(np.clip(value, 0.0, high)) for value, high in zip(values, top, strict=True))
    return Dispersion(day, hour, replies)
