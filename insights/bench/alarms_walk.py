"""The watch on a real stream as it would have run: fitted each Monday on the weeks before, beside rivals of equal noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.alarms import COMPANY, POOLED, RULE, Alarm, Budget, Rule, advance, fit_watch, public_holidays, start_watch
from insights.alarms.counting import Memory, count, read_posts
from insights.alarms.cusum import spaced
from insights.alarms.hours import WEEK, instant, minute_of
from insights.bench.alarms_detectors import Detector, Scores, crossings, fitted, limits_for
from insights.errors import SourceError

Ints = NDArray[np.int64]
Span = tuple[int, int]  # minutes since 1970, the end out
MIN_WEEKS, WARM_WEEKS = 3, 3  # of a file; before the first Monday that is watched, at most
MONDAY = 4 * 24 * 60  # minutes from 1 January 1970, a Thursday


@dataclass(frozen=True)
class Walked:
    """What rang: `delays` minutes from the start of each incident (inf: not during it), false alarms a week outside all."""

    delays: NDArray[np.float64]
    false_per_week: float
    n_alarms: int
    weeks_quiet: float

    @property
    def found(self) -> float:
        return float(np.isfinite(self.delays).mean()) if self.delays.size else float("nan")

    def within(self, minutes: float) -> float:
        """Share of the incidents that were told in so many minutes."""
        return float((self.delays <= minutes).mean()) if self.delays.size else float("nan")

    @property
    def median(self) -> float:
        """Minutes to the alarm, of the incidents that were found."""
        known = self.delays[np.isfinite(self.delays)]
        return float(np.median(known)) if known.size else float("nan")


def counted_minutes(posts: pd.DataFrame, rule: Rule = RULE) -> Ints:
    """Minutes of the distinct authors of all posts, copies left out."""
    found = count(read_posts(posts), Memory(), rule.author_hours * 60)
    return np.array([one.minute for one in found if one.series == POOLED], dtype=np.int64)


def busy_span(minutes: Ints) -> Span:
    """The longest run of whole weeks from Monday (UTC) with at least a fifth of a usual week's authors in each.

    Raises SourceError when it is shorter than MIN_WEEKS.
    """
    week, n = np.unique((minutes - MONDAY) // (WEEK * 60), return_counts=True)
    busy = week[n >= 0.2 * np.median(n[n >= n.mean() / 4])]
    runs = np.split(busy, np.flatnonzero(np.diff(busy) > 1) + 1)
    best = max(runs, key=lambda run: (run.size, -run[0]))
    if best.size < MIN_WEEKS:
        raise SourceError(f"The posts fill {best.size} weeks in a row: a replay needs at least {MIN_WEEKS}.")
    return int(best[0] * WEEK * 60 + MONDAY), int((best[-1] + 1) * WEEK * 60 + MONDAY)


def watched_from(span: Span) -> int:
    """The Monday from which alarms count: after WARM_WEEKS, or half of a shorter span."""
    weeks = (span[1] - span[0]) // (WEEK * 60)
    return span[0] + min(WARM_WEEKS, weeks // 2) * WEEK * 60


def walk(posts: pd.DataFrame, span: Span, budget: Budget = COMPANY, rule: Rule = RULE) -> list[Alarm]:
    """Alarms of the product on all posts together, from the Monday `watched_from` on, fitted anew each Monday."""
    inside = posts[(posts["at"] >= instant(span[0])) & (posts["at"] < instant(span[1]))].assign(series=None)
    free = public_holidays(_day(span[0]), _day(span[1]))
    first = watched_from(span)
    state, found = start_watch(instant(first - 3 * 24 * 60)), list[Alarm]()  # three days to learn today's level
    for monday in range(first, span[1], WEEK * 60):
        model = fit_watch(inside, instant(monday), holidays=free, budget=budget, rule=rule)
        end = min(monday + WEEK * 60, span[1])
        part = inside[(inside["at"] >= pd.Timestamp(state.at)) & (inside["at"] < instant(end))]
        state, rung = advance(model, state, part, instant(end))
        found += [one for one in rung if one.raised_at > instant(first)]
    return found


def _day(minute: int) -> date:
    return instant(minute).date()


def judged(raised: Ints, incidents: Sequence[Span], other: Sequence[Span], first: int, last: int) -> Walked:
    """Alarms (minutes at which they were raised) held against incidents; those in `other` spans are neither right nor wrong."""
    due = [(start, end) for start, end in incidents if start >= first and start < last]
    delays = [min((float(at - start) for at in raised if start < at <= end), default=np.inf) for start, end in due]
    known = [*incidents, *other]
    false = sum(not any(start < at <= end for start, end in known) for at in raised)
    weeks = (last - first - sum(max(0, min(end, last) - max(start, first)) for start, end in known)) / (WEEK * 60)
    return Walked(np.array(delays, dtype=np.float64), false / weeks, len(raised), weeks)


def own(
    posts: pd.DataFrame, span: Span, incidents: Sequence[Span], other: Sequence[Span], budget: Budget, rule: Rule
) -> Walked:
    """The product on a real stream."""
    raised = np.array([minute_of(one.raised_at) for one in walk(posts, span, budget, rule)], dtype=np.int64)
    return judged(raised, incidents, other, watched_from(span), span[1])


def rivals(
    minutes: Ints, span: Span, incidents: Sequence[Span], other: Sequence[Span], detectors: dict[str, Detector],
    false_per_week: float, rule: Rule = RULE,
) -> dict[str, Walked]:  # fmt: skip
    """Rivals on the same weeks, each with the limit that gives `false_per_week` on these very weeks, which favours them."""
    first, last = watched_from(span), span[1]
    inside = minutes[(minutes >= span[0]) & (minutes < last)] - span[0]
    stream = fitted(inside, (last - span[0]) // 60)
    found = {}
    for name, detector in detectors.items():
        scores = [_from(one, first - span[0]) for one in detector(stream)]
        quiet = [_outside(one, [*incidents, *other], span[0]) for one in scores]
        wanted = false_per_week * judged(np.zeros(0, dtype=np.int64), incidents, other, first, last).weeks_quiet
        limits = limits_for([quiet], wanted, rule.min_authors, rule.cooldown_minutes)
        raised = spaced(crossings(scores, limits, rule.min_authors), rule.cooldown_minutes) + span[0] + 1
        found[name] = judged(raised, incidents, other, first, last)
    return found


def _from(one: Scores, minute: int) -> Scores:
    kept = one.minutes >= minute
    return Scores(one.minutes[kept], one.values[kept], one.authors[kept])


def _outside(one: Scores, spans: Sequence[Span], origin: int) -> Scores:
    kept = np.ones(one.minutes.size, dtype=bool)
    for start, end in spans:
        kept &= (one.minutes + origin < start) | (one.minutes + origin >= end)
    return Scores(one.minutes[kept], one.values[kept], one.authors[kept])
