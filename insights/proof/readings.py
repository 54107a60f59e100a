"""One reading of one measure: too early, too few, a known event in the way, or an effect with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from insights.proof.clusters import Units, cluster_effect, t_effect
from insights.proof.groups import Pair, group_effect
from insights.proof.interrupted import effect
from insights.proof.placebo import FEWEST_PLACEBOS
from insights.proof.series import (
    FEWEST_AFTER,
    MOST_AFTER,
    Bools,
    Days,
    Phases,
    Plan,
    Weekly,
    after_weeks,
    confounded,
    first_whole,
    last_look,
    phases,
    ready_on,
    weeks_seen,
)
from insights.proof.verdict import (
    COMPARED,
    FEW,
    KNOWN,
    NO_START,
    POINTS,
    PRE_TREND,
    RANDOMISED,
    RATIO,
    SERIES,
    TOO_EARLY,
    Picture,
    Reading,
    alpha_at,
)

BETTER = {"mentions": "lower", "contacts": "lower", "repeat": "lower", "duration": "lower", "csat": "higher"}
LOGGED = ("duration", "mentions", "contacts")  # compared between units on the log scale, told as ratios
FEWEST_CASES = 20  # contacts or complaints after the effect, over all units drawn
WINDOW = timedelta(weeks=MOST_AFTER)


def start(measure: str, method: str, plan: Plan | None, today: date) -> Reading:
    """The reading before anything is estimated; its verdict is set when it is too early to look."""
    unit = POINTS if measure in BETTER and measure not in LOGGED else RATIO
    blank = Reading(measure, method, unit, BETTER[measure])
    if plan is None:
        return _with(blank, reason=NO_START, verdict=TOO_EARLY)
    ready, weeks = ready_on(plan), weeks_seen(plan, today)
    weeks = last_look(weeks) if method == SERIES else weeks
    last = first_whole(plan) + timedelta(weeks=weeks) if weeks else today
    windows = {
        "before": (plan.start_on - WINDOW, min(plan.decided_on, plan.start_on)),
        "after": (plan.effect_on, min(plan.effect_on + WINDOW, last)),
        "ready_on": ready,
        "alpha": alpha_at(max(weeks, FEWEST_AFTER)),
    }
    return _with(blank, **windows, verdict=TOO_EARLY if today < ready else "")


def by_series(first: Reading, key: str, plan: Plan, series: Mapping[str, Weekly], today: date) -> Reading:
    """Interrupted series of series[key] up to its last look; a known event that begins beside the effect forbids a verdict.

    A series that wanders by itself shows something in some week: of dates at which nothing is known to have been done, on
    real series of insurers, 12 % when read every week, 5 % at three looks.
    """
    own = series[key]
    found = phases(own.week, plan)
    if weeks := last_look(int(found.after.sum())):
        found, series = after_weeks(found, series, weeks)
        own = series[key]
    if event := confounded(own.known, plan, today):
        return _with(first, reason=KNOWN, event=event.name, picture=_plain(own, found))
    seen = effect(key, found, series, 1 - first.alpha)
    if seen is None or len(seen.placebos) < FEWEST_PLACEBOS:
        return _with(first, reason=FEW, picture=_plain(own, found))
    return _with(
        first,
        effect=seen.ratio,
        low=seen.low,
        high=seen.high,
        p=seen.p,
        beaten=seen.beaten,
        beaten_worse=seen.beaten_up,
        holds=(seen.halves[0] < 0) == (seen.halves[1] < 0),
        widened=seen.widened,
        z=seen.z,
        n_counts=seen.n_counts,
        picture=Picture(own.week, own.count, seen.expected, phase_names(found), seen.placebos),
        **_windows(own.week, found),
    )


def by_groups(first: Reading, key: str, plan: Plan, week: Days, pairs: Mapping[str, Pair]) -> Reading:
    """Difference in differences of the weekly counts of pairs[key]; the other pairs are its placebos."""
    found = phases(week, plan)
    pair = pairs[key]
    seen = group_effect(key, found, pairs, 1 - first.alpha)
    if seen is None or len(seen.placebos) < FEWEST_PLACEBOS:
        return _with(first, reason=FEW)
    return _with(
        first,
        effect=seen.ratio,
        low=seen.low,
        high=seen.high,
        p=seen.p,
        beaten=seen.beaten,
        beaten_worse=seen.beaten_up,
        widened=seen.widened,
        z=seen.z,
        n_counts=seen.n_counts,
        reason="" if seen.parallel else PRE_TREND,
        picture=Picture(week, pair.treated, seen.expected, phase_names(found), seen.placebos),
        **_windows(week, found),
    )


def by_units(first: Reading, units: Units, seed: int, n_counts: int | None = None) -> Reading:
    """Units drawn (permutation test) or chosen (Welch on changes); logged measures come back as ratios.

    `n_counts`: cases read, where they are not the sum of the weights.
    """
    level = 1 - first.alpha
    seen = cluster_effect(units, seed, level) if first.method == RANDOMISED else t_effect(units, level)
    if seen is None or (n_counts is not None and n_counts < FEWEST_CASES):
        return _with(first, reason=FEW, n_units=len(units.after))
    values = np.array([seen.effect, seen.low, seen.high])
    told = np.exp(values) if first.unit == RATIO else 100 * values
    return _with(
        first,
        effect=float(told[0]),
        low=float(told[1]),
        high=float(told[2]),
        p=seen.p,
        n_units=seen.n_units,
        n_counts=int(units.weight.sum()) if n_counts is None else n_counts,
    )


def phase_names(found: Phases) -> tuple[str, ...]:
    """before, after, or left_out for each week."""
    return tuple(
        "before" if early else "after" if late else "left_out"
        for early, late in zip(found.before, found.after, strict=True)
    )


def method_of(comparison: str) -> str:
    """The method a declared comparison allows: random, groups, none -> randomised, groups, series."""
    return {"random": RANDOMISED, "groups": COMPARED}.get(comparison, SERIES)


def _plain(own: Weekly, found: Phases) -> Picture:
    return Picture(own.week, own.count, np.full(len(own), np.nan), phase_names(found))


def _windows(week: Days, found: Phases) -> dict[str, tuple[date, date]]:
    return {"before": _span(week, found.before), "after": _span(week, found.after)}


def _span(week: Days, used: Bools) -> tuple[date, date]:
    days = week[used].astype("datetime64[D]").astype(object)
    return days[0], days[-1] + timedelta(days=6)


def _with(reading: Reading, **values: object) -> Reading:
    return replace(reading, **values)  # type: ignore[arg-type]
