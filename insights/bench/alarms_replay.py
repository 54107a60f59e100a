"""Injected outages on held-out weeks: minutes to the alarm at thresholds that allow the same false alarms on other weeks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from insights.alarms.cusum import spaced
from insights.alarms.hours import WEEK
from insights.alarms.settings import COMPANY, PER_IRRITANT, RULE, Budget, Rule
from insights.alarms.thresholds import set_thresholds
from insights.bench.alarms_detectors import (
    FIT_WEEKS,
    RIVALS,
    Detector,
    Stream,
    crossings,
    cusum,
    fitted,
    limits_for,
    roughness,
    week_of,
)
from insights.bench.alarms_streams import Source, draw

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

APART_HOURS = 96  # between two outages of one stream
RATES = (0.5, 2.0, 12.0, 60.0)  # authors an hour
SERIES = 31  # of a company that watches thirty irritants and all together: each has that part of the company's budget
BUDGETS: dict[str, tuple[float, Rule]] = {
    "per_irritant": (PER_IRRITANT.per_week, replace(RULE, min_authors=1)),
    "company": (COMPANY.per_week / SERIES, RULE),
}
WEEKS, ALARMS, OUTAGES = 78, 4, 280  # held-out weeks at least, false alarms they should hold, outages of a case
NOISE_WEEKS = 120
SEED = 20261123
SUDDEN, SLOW = 5, 60  # minutes of the ramp
LENGTH = {SUDDEN: 60, SLOW: 120}


@dataclass(frozen=True)
class Trial:
    """Streams of one source at one rate: weeks to set thresholds on, weeks held out, the rate of posts in the mean."""

    train: tuple[Stream, ...]
    test: tuple[Stream, ...]
    rate: float

    def weeks(self, part: str) -> float:
        streams: tuple[Stream, ...] = getattr(self, part)
        return sum(one.hours / WEEK for one in streams)


@dataclass(frozen=True)
class Found:
    """Minutes from onset to alarm of each outage (inf: not during it), and what was seen in quiet held-out weeks."""

    minutes: Floats
    false_per_week: float

    @property
    def median(self) -> float:
        return float(np.median(self.minutes))

    def within(self, minutes: float) -> float:
        return float(np.mean(self.minutes <= minutes))


def trial(one: Source, rate: float, per_week: float, seed: int = SEED) -> Trial:
    """Streams of a source: weeks to warm up, then half of the rest to set thresholds, half held out.

    As many draws as it takes for WEEKS of each and for ALARMS at `per_week`; a source that is short is drawn more often.
    """
    rng = np.random.default_rng([seed, int(rate * 10)])
    warm = max(1, min(FIT_WEEKS, one.weeks // 3))
    middle = warm + (one.weeks - warm) // 2
    train, test = [], []
    for _ in range(ceil(max(WEEKS, ALARMS / per_week) / (one.weeks - middle))):
        stream = fitted(draw(one, rate, rng), one.weeks * WEEK, warm)
        train.append(part(stream, warm, middle))
        test.append(part(stream, middle, one.weeks))
    return Trial(tuple(train), tuple(test), rate)


def part(stream: Stream, first: int, last: int) -> Stream:
    """Weeks `first` (in) to `last` (out) with a clock of their own."""
    low, high = np.searchsorted(stream.minutes, [first * WEEK * 60, last * WEEK * 60])
    return Stream(stream.minutes[low:high] - first * WEEK * 60, stream.base[first * WEEK : last * WEEK], stream.spread)


def outages(stream: Stream, rate: float, times: float, ramp: int, rng: np.random.Generator) -> tuple[Stream, Ints]:
    """The stream with outages put in, and their onsets: `times` the mean rate on top, after a ramp of `ramp` minutes."""
    slots = np.arange(24, stream.hours - 30, APART_HOURS) * 60
    onsets = slots + rng.integers(0, (APART_HOURS - 72) * 60, slots.size)
    shape = np.minimum(1.0, (np.arange(LENGTH[ramp]) + 0.5) / ramp)
    n = rng.poisson(times * rate / 60 * shape, (onsets.size, shape.size))
    extra = np.repeat((onsets[:, None] + np.arange(shape.size)).ravel(), n.ravel())
    return Stream(np.sort(np.concatenate([stream.minutes, extra])), stream.base, stream.spread), onsets


def first_after(crossed: Ints, onsets: Ints, length: int) -> Floats:
    """Minutes from each onset to the end of the first minute that crossed; inf when none within `length`."""
    place = np.searchsorted(crossed, onsets)
    padded = np.append(crossed, np.iinfo(np.int64).max)
    delay = padded[place] - onsets + 1
    return np.where(delay <= length, delay, np.inf)


Case = tuple[float, int]  # times the mean rate, minutes of the ramp
CASES: tuple[Case, ...] = ((5, SUDDEN), (15, SUDDEN), (5, SLOW), (15, SLOW))
Replay = dict[str, dict[Case, Found]]


def case_name(rate: float, case: Case) -> str:
    return f"{rate:g}/h, x{case[0]:g}, {'sudden' if case[1] == SUDDEN else 'slow'}"


def replays(source: Source, rate: float, budget: str) -> Replay:
    """The replay of one source at one rate and budget, ours and the rivals."""
    per_week, rule = BUDGETS[budget]
    return replay(trial(source, rate, per_week), {"ours": cusum(rule), **RIVALS}, per_week, rule.min_authors)


def replay(
    one: Trial, detectors: Mapping[str, Detector], per_week: float, min_authors: int, cases: Sequence[Case] = CASES
) -> Replay:
    """What each detector finds in each case, all on the same outages and at the same budget on the same quiet weeks."""
    with_outages = {}
    copies = -(-OUTAGES // sum(test.hours // APART_HOURS for test in one.test))
    for case in cases:
        rng = np.random.default_rng([SEED, *map(int, case)])
        with_outages[case] = [outages(test, one.rate, *case, rng) for _ in range(copies) for test in one.test]
    found: Replay = {}
    for name, detector in detectors.items():
        limits = limits_for(
            [detector(s) for s in one.train], per_week * one.weeks("train"), min_authors, RULE.cooldown_minutes
        )
        false = sum(spaced(crossings(detector(s), limits, min_authors), RULE.cooldown_minutes).size for s in one.test)
        found[name] = {
            case: Found(
                np.concatenate([
                    first_after(crossings(detector(s), limits, min_authors), onsets, LENGTH[case[1]])
                    for s, onsets in with_outages[case]
                ]),
                false / one.weeks("test"),
            )
            for case in cases
        }  # fmt: skip
    return found


def own_noise(one: Trial, per_week: float, rule: Rule) -> float:
    """False alarms a week at the threshold the product itself sets from the baseline, not from the weeks it is judged on.

    Set anew every FIT_WEEKS, from the roughness of the FIT_WEEKS before.
    """
    rung, weeks = 0, 0.0
    for stream in (stream for pair in zip(one.train, one.test, strict=True) for stream in pair):
        if weeks < NOISE_WEEKS:
            rung += sum(_own_alarms(block, per_week, rule) for block in _blocks(stream))
            weeks += stream.hours / WEEK
    return rung / weeks


def _own_alarms(block: Stream, per_week: float, rule: Rule) -> int:
    rates, spread = {"all": week_of(block)}, {"all": block.spread}
    limit = set_thresholds(rates, spread, Budget(per_week, shared=False), rule, SEED)["all"]
    return int(spaced(crossings(cusum(rule)(block), limit, rule.min_authors), rule.cooldown_minutes).size)


def _blocks(stream: Stream) -> Iterator[Stream]:
    """FIT_WEEKS at a time, each with the roughness of those before it."""
    weeks, spread = stream.hours // WEEK, stream.spread
    for first in range(0, weeks, FIT_WEEKS):
        block = replace(part(stream, first, min(first + FIT_WEEKS, weeks)), spread=spread)
        yield block
        spread = roughness(block)
