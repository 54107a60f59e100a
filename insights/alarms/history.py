"""The weeks a baseline is read from: counted authors of every series, without the bursts that are no ordinary weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from insights.alarms.baseline import Hourly, expected, hour_counts, week_rates
from insights.alarms.cusum import bursts
from insights.alarms.dispersion import Moments, moments
from insights.alarms.model import POOLED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Spans = Mapping[str, Sequence[tuple[int, int]]]

ROUNDS = 2  # a burst hidden behind a larger one shows when that is taken out
BURST_RATIO, BURST_LIMIT, BURST_AUTHORS = 12.0, 12.0, 5  # as sure as an alarm: one in e**12 by chance at each post
AFTER_MINUTES = 120


@dataclass(frozen=True)
class History:
    """Minutes of the counted authors of each series, hours `first` (in) to `last` (out)."""

    minutes: Mapping[str, Ints]
    first: int
    last: int
    holidays: tuple[date, ...]
    zone: str

    def baseline(self, parents: Mapping[str, str], masked: Spans) -> tuple[dict[str, Floats], dict[str, Hourly]]:
        """Rates by cell and hourly counts by series; `masked` and what stands out as a burst is not seen."""
        spans = {name: [*masked.get(POOLED, ()), *masked.get(name, ())] for name in self.minutes}
        for _ in range(ROUNDS):
            rates, hourly = self._read(parents, spans)
            for name, one in hourly.items():
                spans[name] = [*spans[name], *self._bursts(name, one, rates[name])]
        return self._read(parents, spans)

    def _read(
        self, parents: Mapping[str, str], spans: Mapping[str, Sequence[tuple[int, int]]]
    ) -> tuple[dict[str, Floats], dict[str, Hourly]]:
        hourly = {
            name: hour_counts(minutes, self.first, self.last, spans[name]) for name, minutes in self.minutes.items()
        }
        return week_rates(hourly, parents, POOLED, self.holidays, self.zone), hourly

    def _bursts(self, name: str, one: Hourly, rates: Floats) -> list[tuple[int, int]]:
        start = self.first * 60
        inside = self.minutes[name][one.seen[self.minutes[name] // 60 - self.first]] - start
        due = expected(one, rates, self.holidays, self.zone)
        found = bursts(inside, due, BURST_RATIO, BURST_LIMIT, BURST_AUTHORS, AFTER_MINUTES)
        return [(begin + start, end + start) for begin, end in found]

    def moments(self, hourly: Mapping[str, Hourly], rates: Mapping[str, Floats]) -> dict[str, Moments]:
        """Moments of each series' roughness around its rates."""
        return {
            name: moments(one, expected(one, rates[name], self.holidays, self.zone), self.minutes[name])
            for name, one in hourly.items()
        }
