"""Falls against the same weeks a year ago that no action of ours explains: told, so that nobody is credited for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from insights.digest.owners import plain
from insights.intervals import rate_ratio
from insights.proof.known import KnownEvent
from insights.proof.series import monday

WEEKS = 10
YEAR_WEEKS = 52
LEVEL = 0.95


@dataclass(frozen=True)
class Fall:
    """One contact reason that fell. `event`: a known event of the last year that moves it; None without."""

    key: str
    ratio: float
    low: float
    high: float
    n_now: int
    n_before: int
    event: KnownEvent | None


def falls(rows: pd.DataFrame, today: date, worked_on: Collection[str], events: Sequence[KnownEvent]) -> list[Fall]:
    """Reasons whose share of contacts fell over the last ten whole weeks, against the same weeks a year ago.

    `rows`: week (Monday), key, n. `worked_on`: reasons an action works on, left out. The deepest fall first.
    """
    last = monday(today + timedelta(days=1))
    day = pd.to_datetime(rows["week"]).dt.date
    now = rows[(day >= last - timedelta(weeks=WEEKS)) & (day < last)]
    year = timedelta(weeks=YEAR_WEEKS)
    before = rows[(day >= last - timedelta(weeks=WEEKS) - year) & (day < last - year)]
    counted = pd.DataFrame({"now": now.groupby("key")["n"].sum(), "before": before.groupby("key")["n"].sum()}).fillna(
        0.0
    )
    if counted.empty or min(counted.sum()) <= 0:
        return []
    total = counted.sum()
    found = rate_ratio(counted["now"], total["now"], counted["before"], total["before"], level=LEVEL)
    return sorted(
        (
            Fall(
                str(key), float(found.value[n]), float(found.low[n]), float(found.high[n]), int(counted["now"].iloc[n]),
                int(counted["before"].iloc[n]), _event(str(key), events, last - year),
            )
            for n, key in enumerate(counted.index)
            if np.isfinite(found.high[n]) and found.high[n] < 1 and str(key) not in set(worked_on)
        ),
        key=lambda one: (one.ratio, one.key),
    )  # fmt: skip


def _event(key: str, events: Sequence[KnownEvent], since: date) -> KnownEvent | None:
    """The latest known event that moves a reason and began in the last year."""
    text = f" {plain(key)}"
    moving = [
        one
        for one in events
        if one.start_on >= since and (key in one.reasons or any(f" {word}" in text for word in one.words))
    ]
    return max(moving, key=lambda one: one.start_on, default=None)
