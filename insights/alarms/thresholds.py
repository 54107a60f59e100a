"""Thresholds by experience: as high as quiet weeks of this baseline need for the false alarms that are borne, no higher."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.alarms.cusum import Path, alarms, levels, path, peaks
from insights.alarms.dispersion import Dispersion
from insights.alarms.hours import WEEK
from insights.alarms.null import quiet_weeks
from insights.alarms.settings import Budget, Rule

Floats = NDArray[np.float64]

MOST_POSTS = 600_000  # of one series' quiet weeks
WANTED_ALARMS = 30  # that the quiet weeks of a series should hold
MOST_WEEKS = 1_500
ROUNDS = 24


@dataclass(frozen=True)
class Quiet:
    """Quiet weeks of one series under each ratio, and the highest values of their excursions, falling."""

    weeks: int
    paths: tuple[Path, ...]
    peaks: tuple[Floats, ...]


def level_prior(spread: Dispersion) -> float:
    """Authors that the baseline's level is worth against today's counts: days that differ much are believed sooner."""
    return float(np.clip(1.0 / max(spread.day, 1e-9), 2.0, 50.0))


def drift_rates(rates: Floats, level: Floats, rule: Rule) -> Floats:
    """Expected authors an hour that the CUSUM uses: never below the floor."""
    return np.asarray(np.maximum(rates * level, rule.floor_per_hour))


def rehearse(name: str, rates: Floats, spread: Dispersion, per_week: float, rule: Rule, seed: int) -> Quiet:
    """Quiet weeks of one series, enough of them for `per_week`; `rates` by cell."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    weekly = float(rates[:WEEK].sum())
    weeks = int(np.clip(WANTED_ALARMS / per_week, 52, min(MOST_WEEKS, max(52.0, MOST_POSTS / weekly))))
    minutes = quiet_weeks(rates, spread, weeks, rng)
    base = np.tile(rates[:WEEK], weeks)
    level = levels(np.bincount(minutes // 60, minlength=base.size).astype(float), base, level_prior(spread), rule)
    paths = tuple(path(minutes, drift_rates(base, level, rule), ratio) for ratio in rule.ratios)
    return Quiet(weeks, paths, tuple(np.sort(peaks(one, rule.min_authors)[0])[::-1] for one in paths))


def limits(quiet: Quiet, per_week: float, rule: Rule) -> tuple[float, ...]:
    """A threshold a ratio, each with the same share of `per_week`, all together within it."""
    wanted = per_week * quiet.weeks
    low, high = 0.0, 1.0
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        if _rung(quiet, middle * wanted, rule) <= wanted:
            low = middle
        else:
            high = middle
    return _at(quiet, low * wanted, rule)


def _rung(quiet: Quiet, number: float, rule: Rule) -> int:
    return int(alarms(quiet.paths, _at(quiet, number, rule), rule.min_authors, rule.cooldown_minutes).size)


def _at(quiet: Quiet, number: float, rule: Rule) -> tuple[float, ...]:
    """The value that `number` excursions of each ratio reach; just above the last counted one."""
    return tuple(
        max(_quantile(values, number), 2 * float(np.log(ratio)))
        for values, ratio in zip(quiet.peaks, rule.ratios, strict=True)
    )


def _quantile(peaks_falling: Floats, number: float) -> float:
    """Between the peaks; above the highest one along the exponential tail of the top tenth."""
    if not peaks_falling.size:
        return 0.0
    rank = number - 0.5
    if rank >= 0:
        places = np.arange(peaks_falling.size, dtype=np.float64)
        return float(np.interp(rank, places, peaks_falling)) if rank < peaks_falling.size else 0.0
    tail = peaks_falling[: max(2, peaks_falling.size // 10)]
    slope = float((tail - tail[-1]).mean()) or 1.0
    return float(peaks_falling[0] + slope * np.log(0.5 / max(number, 1e-6)))


def set_thresholds(
    weeks: Mapping[str, Floats], spreads: Mapping[str, Dispersion], budget: Budget, rule: Rule, seed: int
) -> dict[str, tuple[float, ...]]:
    """Thresholds of every series. A shared budget is dealt equally, and what a rare series cannot use goes to the others."""
    share = budget.per_week / (max(1, len(weeks)) if budget.shared else 1)
    quiet = {name: rehearse(name, weeks[name], spreads[name], share, rule, seed) for name in sorted(weeks)}
    if budget.shared:
        share = _dealt([_rung(one, np.inf, rule) / one.weeks for one in quiet.values()], budget.per_week)
    return {name: limits(one, share, rule) for name, one in quiet.items()}


def _dealt(most: list[float], total: float) -> float:
    """The equal share at which all together use up `total`, given the most that each can use."""
    left, series = total, sorted(most)
    for place, can in enumerate(series):
        share = left / (len(series) - place)
        if can >= share:
            return share
        left -= can
    return max(total, *series) if series else total
