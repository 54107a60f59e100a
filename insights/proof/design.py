"""Columns of the interrupted series: season, known events, control series, the step of the action."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from insights.intervals import Array
from insights.proof.series import Bools, Days, Known, Weekly, place

YEAR_DAYS = 365.25
HARMONICS = 2
SEASON_WEEKS = 60  # used weeks needed before the year's harmonics are told from an effect
MIXED = 0.9  # share of a column that others explain, beyond which it says nothing of its own
EXPOSURE_FLOOR = 0.5
RIDGE = 1e-9


def season(week: Days) -> Array:
    """(t, 4): sine and cosine of the year and of the half year, from the day in the middle of each week."""
    return _season(int(week[0].astype("datetime64[D]").astype(int)), len(week))


@lru_cache(maxsize=64)
def _season(first_day: int, n_weeks: int) -> Array:
    day = first_day + 3.0 + 7.0 * np.arange(n_weeks)
    angles = [2 * np.pi * turn * day / YEAR_DAYS for turn in range(1, HARMONICS + 1)]
    return np.column_stack([wave(angle) for angle in angles for wave in (np.sin, np.cos)])


def windows(week: Days, known: tuple[Known, ...]) -> Array:
    """(t, e): 1 in the weeks of each known event, or from its beginning on where it has no end."""
    index = np.arange(len(week))
    columns = []
    for one in known:
        last = place(week, one.end_on) if one.end_on else len(week)
        columns.append(((index >= place(week, one.start_on)) & (index <= last)).astype(float))
    return np.column_stack(columns) if columns else np.zeros((len(week), 0))


def control(series: Weekly) -> Array:
    """(t, 1): log rate of all other irritants, centred; nothing where there are none."""
    if series.other.sum() <= 0:
        return np.zeros((len(series), 0))
    rate = np.log((series.other + 0.5) / np.maximum(series.exposure, EXPOSURE_FLOOR))
    return np.asarray((rate - rate.mean())[:, None])


@dataclass(frozen=True)
class Columns:
    """Columns of one series that do not depend on the weeks used: (t, ...) each."""

    flat: Array
    season: Array
    events: Array

    @classmethod
    def of(cls, series: Weekly) -> Columns:
        flat = np.hstack([np.ones((len(series), 1)), control(series)])
        return cls(flat, season(series.week), windows(series.week, series.known))

    def base(self, used: Bools) -> Array:
        """(t, p): intercept, control, season when enough weeks are used, known events that vary within the used weeks."""
        parts = [self.flat, self.season] if used.sum() >= SEASON_WEEKS else [self.flat]
        told = [self.events[:, [e]] for e in range(self.events.shape[1]) if np.ptp(self.events[used, e]) > 0]
        return np.hstack([*parts, *told])


def step(n_weeks: int, first: int) -> Array:
    """(t,): 0 before the place `first`, 1 from it on."""
    return (np.arange(n_weeks) >= first).astype(float)


def explained(column: Array, others: Array, used: Bools) -> float:
    """Share of a column's variation over the used weeks that the others carry, 0 to 1."""
    values, rest = column[used], others[used]
    total = float(((values - values.mean()) ** 2).sum())
    if total <= 0:
        return 1.0
    gram = rest.T @ rest
    left = values - rest @ np.linalg.solve(gram + RIDGE * np.trace(gram) * np.eye(len(gram)), rest.T @ values)
    return 1.0 - float((left**2).sum()) / total


def offset(series: Weekly) -> Array:
    """(t,): log exposure."""
    return np.asarray(np.log(np.maximum(series.exposure, EXPOSURE_FLOOR)))
