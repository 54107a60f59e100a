"""Which irritants really move, and the weeks behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.stats import norm

from insights.digest.model import DOWN, STEADY, UNKNOWN, UP, Point

FALSE_DISCOVERIES = 0.10  # METHODS 2: Benjamini-Hochberg at 10 % over irritants
Z90 = float(norm.ppf(0.95))
WEEKS_SHOWN = 12
WEEKS = 4  # of the usual comparison
FEWEST_DAYS = 5  # a week that has only just begun is not drawn


def real_trends(priorities: pd.DataFrame, share: float = FALSE_DISCOVERIES) -> dict[str, str]:
    """up, down, steady or unknown by irritant_id (PRIORITY rows of one week).

    A change is real when it survives Benjamini-Hochberg over all irritants that are no weak signal: with thirty
    irritants, a 90 % interval alone would announce three changes in a week in which nothing moves. The p-value is read
    back from the 90 % interval on the log scale.
    """
    ratio, low, high = (priorities[name].astype("float64") for name in ("trend_ratio", "trend_low", "trend_high"))
    known = (ratio > 0) & (low > 0) & (high > low)
    verdicts = pd.Series(np.where(known, STEADY, UNKNOWN), index=priorities.index)
    if "trend_verdict" in priorities.columns and priorities["trend_verdict"].notna().any():
        told = priorities["trend_verdict"].where(priorities["trend_verdict"].notna(), UNKNOWN)
        return dict(zip(priorities["irritant_id"].astype(str), told.astype(str), strict=True))
    judged = known & ~priorities["weak_signal"].fillna(False).astype(bool)
    if judged.any():
        spread = (np.log(high[judged]) - np.log(low[judged])) / (2 * Z90)
        p_values = 2 * norm.sf(np.abs(np.log(ratio[judged]) / spread))
        real = _benjamini_hochberg(p_values, share)
        moved = ratio[judged].index[real]
        verdicts.loc[moved] = np.where(ratio.loc[moved] > 1, UP, DOWN)
    return dict(zip(priorities["irritant_id"].astype(str), verdicts.astype(str), strict=True))


def _benjamini_hochberg(p_values: np.ndarray, share: float) -> np.ndarray:
    """True where the hypothesis is rejected at this false discovery rate (Benjamini and Hochberg 1995)."""
    order = np.argsort(p_values)
    passed = p_values[order] <= share * np.arange(1, len(p_values) + 1) / len(p_values)
    rejected = np.zeros(len(p_values), dtype=bool)
    if passed.any():
        rejected[order[: np.nonzero(passed)[0].max() + 1]] = True
    return rejected


@dataclass(frozen=True)
class Counts:
    """Feedback heard by week, and negative mentions by (irritant, week)."""

    heard: Mapping[date, float]
    mentions: Mapping[tuple[str, date], float]


def counts(weekly: pd.DataFrame) -> Counts:
    """Counts from IRRITANT_WEEKLY rows: a cell's feedback counts once, however many irritants it names."""
    rows = weekly.assign(_week=pd.to_datetime(weekly["week"]).dt.date, irritant_id=weekly["irritant_id"].astype(str))
    cell = ["_week", "segment", "brand", "channel_group"]
    heard = rows.drop_duplicates(cell).groupby("_week")["n_heard"].sum()
    named = rows.groupby(["irritant_id", "_week"])["n_mentions"].sum()
    return Counts(dict(heard), dict(named))


def weekly_points(weekly: Counts, irritant_id: str, last_day: date, n: int = WEEKS_SHOWN) -> tuple[Point, ...]:
    """The last `n` weeks of an irritant: mentions per 100 feedback; None where none came in."""
    monday = last_day - timedelta(days=last_day.weekday())
    if (last_day - monday).days + 1 < FEWEST_DAYS:
        monday -= timedelta(days=7)
    weeks = [monday - timedelta(days=7 * back) for back in reversed(range(n))]
    return tuple(_point(one, weekly.mentions.get((irritant_id, one), 0), weekly.heard.get(one, 0)) for one in weeks)


def _point(week: date, n_mentions: float, n_heard: float) -> Point:
    return Point(week, round(100 * float(n_mentions) / float(n_heard), 2) if n_heard else None)


def recent_mentions(weekly: Counts, irritant_id: str, last_day: date, weeks: int = 4) -> int:
    """Negative mentions of the last weeks, the running one included."""
    first = last_day - timedelta(days=last_day.weekday() + 7 * (weeks - 1))
    told = (n for (one, week), n in weekly.mentions.items() if one == irritant_id and first <= week <= last_day)
    return int(sum(told))
