"""What the proof reads: weekly counts of one measure, and the plan of an action turned into weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from insights.intervals import Array

Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]
DECISION_WEEKS = 6  # weeks before the decision that made it: they were bad by selection, and are left out
FEWEST_BEFORE, FEWEST_AFTER = 16, 8  # weeks
SERIES_LOOKS = (8, 26, 52)  # weeks after the effect at which one series is read: read more often, what wanders shows
MOST_AFTER = 52  # the verdict of a year is the last one
NEAR_WEEKS = 10  # a known event that begins this near to an effect cannot be told from it


@dataclass(frozen=True)
class Known:
    """An event of the calendar that moves an irritant by itself: a law, an outage, a price change."""

    name: str
    start_on: date
    end_on: date | None = None
    irritants: tuple[str, ...] = ()  # ids it moves; empty: all


@dataclass(frozen=True)
class Plan:
    """The days that matter of an action. `effect_on`: from when an effect was expected when it was declared."""

    decided_on: date
    start_on: date
    effect_on: date


@dataclass(frozen=True)
class Weekly:
    """Weekly counts of one irritant. All (t,): Monday, counts, exposure, counts of all other irritants."""

    week: Days
    count: Array
    exposure: Array
    other: Array
    known: tuple[Known, ...] = field(default_factory=tuple)

    def __len__(self) -> int:
        return len(self.week)


@dataclass(frozen=True)
class Phases:
    """Which weeks speak for before and for after, (t,) each; the rest is left out. `step_at`: first week after.

    `gap`: weeks from the start to the effect; `since`: weeks from the decision to the effect.
    """

    before: Bools
    after: Bools
    step_at: int
    gap: int
    since: int

    @property
    def used(self) -> Bools:
        return self.before | self.after

    @property
    def enough(self) -> bool:
        return int(self.before.sum()) >= FEWEST_BEFORE and int(self.after.sum()) >= FEWEST_AFTER


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def place(week: Days, day: date) -> int:
    """Index of the first week that begins on or after a day's own Monday, counted from the first week."""
    return int((np.datetime64(monday(day)) - week[0]) / np.timedelta64(7, "D"))


def phases(week: Days, plan: Plan) -> Phases:
    """Before: all weeks until the start but the six that made the decision. After: 52 whole weeks from the effect on.

    Weeks between decision and start are not chosen for being bad: they speak for before.
    """
    decided, start = place(week, min(plan.decided_on, plan.start_on)), place(week, plan.start_on)
    return at(len(week), decided, start, place(week, first_whole(plan)))


def at(n_weeks: int, decided: int, start: int, effect: int) -> Phases:
    """The phases around a decision, a start and an effect given as places of weeks."""
    index = np.arange(n_weeks)
    made = (index >= decided - DECISION_WEEKS) & (index < decided)
    after = (index >= effect) & (index < effect + MOST_AFTER)
    return Phases((index < start) & ~made, after, effect, effect - start, effect - decided)


def after_weeks(found: Phases, series: Mapping[str, Weekly], weeks: int) -> tuple[Phases, dict[str, Weekly]]:
    """Phases and series as they stood `weeks` weeks after the effect."""
    end = found.step_at + weeks
    then = replace(found, before=found.before[:end], after=found.after[:end])
    return then, {
        name: Weekly(one.week[:end], one.count[:end], one.exposure[:end], one.other[:end], one.known)
        for name, one in series.items()
    }


def ready_on(plan: Plan) -> date:
    """The day from which the effect can be estimated: eight whole weeks after it was expected."""
    return first_whole(plan) + timedelta(weeks=FEWEST_AFTER)


def first_whole(plan: Plan) -> date:
    """The first Monday on or after the effect's day."""
    return plan.effect_on if plan.effect_on.weekday() == 0 else monday(plan.effect_on) + timedelta(days=7)


def weeks_seen(plan: Plan, today: date) -> int:
    """Whole weeks after the effect that a verdict of today rests on, a year's at most; 0 where they are too few."""
    weeks = min((today - first_whole(plan)).days // 7, MOST_AFTER)
    return weeks if weeks >= FEWEST_AFTER else 0


def look_on(plan: Plan, today: date) -> date | None:
    """The Monday before which the weeks of today's verdict lie; None where they are too few."""
    weeks = weeks_seen(plan, today)
    return first_whole(plan) + timedelta(weeks=weeks) if weeks else None


def last_look(weeks: int) -> int:
    """The last of the looks at one series that `weeks` whole weeks allow; 0 before the first."""
    return max((look for look in SERIES_LOOKS if look <= weeks), default=0)


def moving(known: Iterable[Known], irritant_id: str) -> tuple[Known, ...]:
    """The known events that move an irritant."""
    return tuple(one for one in known if not one.irritants or irritant_id in one.irritants)


def confounded(known: Iterable[Known], plan: Plan, last_on: date) -> Known | None:
    """The first known event whose beginning cannot be told from the effect; one that is over before it can."""
    near = timedelta(weeks=NEAR_WEEKS)
    window = plan.start_on - near, min(plan.effect_on + near, last_on)
    return next((one for one in known if window[0] <= one.start_on <= window[1] and _lasts(one, plan)), None)


def _lasts(one: Known, plan: Plan) -> bool:
    return one.end_on is None or one.end_on >= plan.effect_on + timedelta(weeks=FEWEST_AFTER // 2)
