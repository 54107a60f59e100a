"""Streams for the replay of outages: real or simulated posts brought to a rate, with the day and hour roughness they have.

A real history is thin (0.75 authors an hour in the French tweets, 0.03 in the demo company), so that 2, 12 or 60 an hour
must be drawn: the week's profile, the factor of each real day and hour (drawn from its posterior given the real counts,
so that the roughness of the real days stays) and replies as often as they are in the source.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.alarms.baseline import expected, hour_counts, week_rates
from insights.alarms.dispersion import Dispersion, dispersions, moments
from insights.alarms.hours import WEEK
from insights.alarms.null import replied

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ZONE = "Europe/Paris"
NAME = "all"
DAY = 24
MONDAY = 4 * DAY  # hours from 1 January 1970, a Thursday


@dataclass(frozen=True)
class Source:
    """Where streams come from: hourly expectation (n,), real counts (n,), roughness. Hour 0 is a Monday, 0:00 UTC."""

    name: str
    expected: Floats
    counts: Floats
    spread: Dispersion

    @property
    def weeks(self) -> int:
        return self.counts.size // WEEK


def source(name: str, minutes: Ints, masked: list[tuple[int, int]]) -> Source:
    """The source made of counted authors, `minutes` since 1970; hours of known incidents are taken as ordinary ones.

    Whole weeks from Monday (UTC); the first and the last may lack a day.
    """
    first = -(-(int(minutes.min()) // 60 - DAY - MONDAY) // WEEK) * WEEK + MONDAY
    last = (int(minutes.max()) // 60 + DAY - MONDAY) // WEEK * WEEK + MONDAY
    hourly = hour_counts(minutes, first, last, masked)
    rates = week_rates({NAME: hourly}, {}, NAME, (), ZONE)[NAME]
    due = expected(hourly, rates, (), ZONE)
    spread = dispersions({NAME: moments(hourly, due, minutes)}, NAME)[NAME]
    return Source(name, due, np.where(hourly.seen, hourly.counts, due), spread)


def synthetic(weeks: int, spread: Dispersion) -> Source:
    """METHODS 3's own null: a profile of the hours, nothing real; every day and hour factor is drawn."""
    hour = np.arange(24)
    day = 0.15 + np.exp(-(((hour - 11) / 3.0) ** 2)) + 0.9 * np.exp(-(((hour - 19.5) / 2.5) ** 2))
    week = np.outer([1.25, 1.1, 1.05, 1.0, 1.0, 0.8, 0.8], day).ravel()
    due = np.tile(week / week.mean(), weeks)
    return Source("synthetic null", due * 1e-9, np.zeros(due.size), spread)


def draw(one: Source, rate: float, rng: np.random.Generator) -> Ints:
    """Minutes from hour 0 of a stream of `rate` authors an hour in the mean, rising."""
    due, n = one.expected, one.counts
    days = np.arange(due.size) // 24
    day = _posterior(one.spread.day, np.bincount(days, n).astype(float), np.bincount(days, due).astype(float), rng)[
        days
    ]
    hour = _posterior(one.spread.hour, n, due * day, rng)
    shape = due * day * hour
    hourly = shape / shape.mean() * rate * (1 - one.spread.replies)
    drawn = rng.poisson(hourly)
    at = np.repeat(np.arange(hourly.size) * 60.0, drawn) + rng.random(int(drawn.sum())) * 60
    return replied(at, one.spread.replies, hourly.size * 60, rng)


def _posterior(variance: float, counts: Floats, due: Floats, rng: np.random.Generator) -> Floats:
    """Gamma factors given the counts they led to; the prior (mean one) where nothing was counted."""
    if variance <= 1e-6:
        return np.ones(counts.size)
    return np.asarray(rng.gamma(1 / variance + counts) / (1 / variance + due))
