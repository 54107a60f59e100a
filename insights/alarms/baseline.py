"""The baseline: how many distinct authors an hour each series expects, by hour of the week, and how it strays from it.

Rates are shrunk from series to theme to all series together, so that a rare irritant borrows the week of its parent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from insights.alarms.hours import CELLS, SUNDAY, WEEK, cells

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KERNEL = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 3.0  # five hours of the week read together, the middle one weighs one
SHAPE_COUNTS = 12.0  # authors a cell of the parent's week is worth
FLAT_COUNTS = 1.0  # authors a cell of a flat week is worth, for all series together
HOLIDAY_COUNTS = 4.0  # authors a cell of the Sunday is worth, for a public holiday


@dataclass(frozen=True)
class Hourly:
    """Counted authors of one series by hour: `hours` since 1970 (n, rising), `counts` (n), `seen` (n) False where masked."""

    hours: Ints
    counts: Floats
    seen: NDArray[np.bool_]


def hour_counts(minutes: Ints, first: int, last: int, masked: Sequence[tuple[int, int]]) -> Hourly:
    """Counts from hour `first` (in) to `last` (out); an hour that a masked span of minutes touches is not seen."""
    hours = np.arange(first, max(first, last), dtype=np.int64)
    places = minutes // 60 - first
    inside = places[(places >= 0) & (places < hours.size)]
    counts = np.bincount(inside, minlength=hours.size).astype(np.float64)
    seen = np.ones(hours.size, dtype=bool)
    for start, end in masked:
        seen[max(0, start // 60 - first) : max(0, -(-end // 60) - first)] = False
    return Hourly(hours, counts, seen)


def week_rates(
    hourly: Mapping[str, Hourly],
    parents: Mapping[str, str],
    pooled: str,
    holidays: Collection[date],
    zone: str,
) -> dict[str, Floats]:
    """Expected authors an hour by cell, shape (CELLS,), for each series and for each parent named."""
    tables = {name: _table(one, holidays, zone) for name, one in hourly.items()}
    rates = {pooled: _rates(tables[pooled], np.ones(CELLS), FLAT_COUNTS)}
    whole = _shape(rates[pooled])
    themes = {
        theme: sum((tables[name] for name in sorted(tables) if parents.get(name) == theme), np.zeros((2, CELLS)))
        for theme in sorted(set(parents.values()))
    }
    shapes = {theme: _shape(_rates(table, whole, SHAPE_COUNTS)) for theme, table in themes.items() if table[1].any()}
    for name, table in tables.items():
        if name != pooled:
            rates[name] = _rates(table, shapes.get(parents.get(name, ""), whole), SHAPE_COUNTS)
    return rates


def _table(one: Hourly, holidays: Collection[date], zone: str) -> Floats:
    """Counts and seen hours by cell, shape (2, CELLS)."""
    where = cells(one.hours[one.seen], holidays, zone)
    counts = np.bincount(where, weights=one.counts[one.seen], minlength=CELLS)
    return np.stack([counts, np.bincount(where, minlength=CELLS).astype(np.float64)])


def _smooth(table: Floats) -> Floats:
    """Each hour of the week with its neighbours, Sunday night beside Monday morning; holidays as they are."""
    week = sum(
        (np.roll(table[:, :WEEK], shift, axis=1) * weight for shift, weight in zip(range(-2, 3), KERNEL, strict=True)),
        np.zeros((2, WEEK)),
    )
    return np.concatenate([week, table[:, WEEK:]], axis=1)


def _rates(table: Floats, shape: Floats, strength: float) -> Floats:
    """Gamma-Poisson means: the series' own counts, with `strength` authors a cell from the parent's `shape`."""
    counts, hours = _smooth(table)
    level = (table[0].sum() + 1.0) / max(1.0, float((table[1] * shape).sum()))
    prior = level * shape
    rates = (strength + counts) / (strength / prior + hours)
    free = rates[SUNDAY]
    rates[WEEK:] = (HOLIDAY_COUNTS + table[0, WEEK:]) / (HOLIDAY_COUNTS / free + table[1, WEEK:])
    return np.asarray(rates)


def _shape(rates: Floats) -> Floats:
    """Rates as multiples of their mean over the week."""
    return np.asarray(rates / rates[:WEEK].mean())


def expected(one: Hourly, rates: Floats, holidays: Collection[date], zone: str) -> Floats:
    """Expected authors in each hour, shape (n,)."""
    return np.asarray(rates[cells(one.hours, holidays, zone)])
