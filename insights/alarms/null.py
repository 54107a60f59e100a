"""Weeks in which nothing happens: authors drawn from a baseline with rough days, rough hours and replies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insights.alarms.dispersion import Dispersion
from insights.alarms.hours import WEEK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REPLY_MINUTES = 8.0  # mean delay of a reply


def quiet_weeks(rates: Floats, spread: Dispersion, weeks: int, rng: np.random.Generator) -> Ints:
    """Minutes of the counted authors of `weeks` weeks from Monday 0:00, rising; `rates` by cell, shape (CELLS,)."""
    hourly = np.tile(rates[:WEEK], weeks) * (1 - spread.replies)
    hourly = hourly * np.repeat(_factors(spread.day, weeks * 7, rng), 24) * _factors(spread.hour, hourly.size, rng)
    n = rng.poisson(hourly)
    at = np.repeat(np.arange(hourly.size) * 60.0, n) + rng.random(int(n.sum())) * 60
    return replied(at, spread.replies, hourly.size * 60, rng)


def replied(at: Floats, replies: float, size: int, rng: np.random.Generator) -> Ints:
    """Minutes below `size` of posts, of what answers them and of what answers that; rising."""
    found = [at]
    while replies > 0 and at.size:
        at = np.repeat(at, rng.poisson(replies, at.size))
        at = at + rng.exponential(REPLY_MINUTES, at.size)
        found.append(at)
    minutes = np.sort(np.concatenate(found).astype(np.int64))
    return minutes[minutes < size]


def _factors(variance: float, count: int, rng: np.random.Generator) -> Floats:
    """Gamma factors of mean one."""
    if variance <= 0:
        return np.ones(count)
    return np.asarray(rng.gamma(1 / variance, variance, count))
