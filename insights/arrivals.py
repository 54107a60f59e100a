"""Whether data arrive as they used to: what came by source and day, held against the source's own rhythm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.stats import poisson

from insights.alarms.collection import GRACE

FRESH, LATE, FEW, NEW = "fresh", "late", "few", "new"
WORST = (LATE, FEW, NEW, FRESH)
GAPS = 40  # arrival days the rhythm is read from
USUAL_GAP = 0.95  # share of the gaps between arrivals that are no longer than the usual one
FEWEST_DAYS = 4  # arrival days below which nobody knows a rhythm
WEEKS = 8  # before the last week, whose middle is the usual week
CHANCE = 0.001  # a week this improbable under the usual one, and less than half of it, is too few


@dataclass(frozen=True)
class Arrival:
    """One source on one day: `state` is late, few (this week), new (no rhythm known yet) or fresh."""

    source: str
    state: str
    last_on: date
    silent_days: int
    usual_gap_days: int | None
    n_week: int
    usual_week: float | None


def arrivals(days: pd.DataFrame, today: date) -> list[Arrival]:
    """What each source brought, worst first. `days`: source, day (date), n; days after `today` do not count.

    A gap is judged by the source's own gaps between days with data (their 95 % quantile, over its last 40 such days): a
    monthly file is not late after a week. A week is judged by the middle of the eight before it.
    """
    found = [
        _arrival(str(source), dict(zip(of["day"], of["n"].astype(int), strict=True)), today)
        for source, of in days[days["day"] <= today].groupby("source")
    ]
    return sorted(found, key=lambda one: (WORST.index(one.state), one.source))


def _arrival(source: str, by_day: dict[date, int], today: date) -> Arrival:
    seen = sorted(by_day)
    silent, gap = (today - seen[-1]).days, _usual_gap(seen[-GAPS:])
    weeks = [_between(by_day, today - timedelta(days=7 * n)) for n in range(WEEKS + 1)]
    began = (today - seen[0]).days >= 7 * (WEEKS + 1)
    usual = float(np.median(weeks[1:])) if began else None
    if gap is None:
        state = NEW
    elif silent > gap * GRACE:
        state = LATE
    elif usual and gap <= 2 and weeks[0] < usual / 2 and poisson.cdf(weeks[0], usual) < CHANCE:
        state = FEW
    else:
        state = FRESH
    return Arrival(source, state, seen[-1], silent, gap, weeks[0], usual)


def _usual_gap(seen: Sequence[date]) -> int | None:
    """Days between two arrivals as they used to be; None while too few are known."""
    if len(seen) < FEWEST_DAYS:
        return None
    gaps = [(later - sooner).days for sooner, later in zip(seen[:-1], seen[1:], strict=True)]
    return int(np.ceil(np.quantile(gaps, USUAL_GAP)))


def _between(by_day: dict[date, int], last: date) -> int:
    return sum(by_day.get(last - timedelta(days=n), 0) for n in range(7))
