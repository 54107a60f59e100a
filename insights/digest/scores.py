"""The scores of the last four weeks against the four before, and whether the change is real."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from insights.digest.model import DOWN, STEADY, UNKNOWN, UP, Score
from insights.metrics import METRICS, summarise

WEEKS = 4
MAX_SCORES = 3
NOT_TOLD = ("response_rate",)  # of how many asked answered: for the page Scores
ENDS = ("value", "low", "high", "value_before", "low_before", "high_before")


def compare(daily: pd.DataFrame, last_day: date, min_n: int, weeks: int = WEEKS) -> pd.DataFrame:
    """One row per metric, questionnaire and scale with answers enough in the last `weeks` (METRIC_DAILY rows in).

    Columns: metric, survey, scale (where the rows have it), unit, better, value, low, high, n, corrected (for who
    answered, NaN where it cannot be), value_before, low_before, high_before, n_before (before: NaN and 0 when there were
    too few answers). Values in the metric's unit, 95 % intervals.
    """
    day = pd.to_datetime(daily["day"]).dt.date
    start, middle = (last_day - timedelta(days=7 * weeks * k - 1) for k in (2, 1))
    now, before = daily[(day >= middle) & (day <= last_day)], daily[(day >= start) & (day < middle)]
    answered = set(now["metric"])
    named = [name for name in METRICS if name in answered] or list(METRICS)[:1]
    tables = [_one_metric(name, now, before, min_n) for name in named]
    return pd.concat(tables, ignore_index=True)


def _one_metric(name: str, now: pd.DataFrame, before: pd.DataFrame, min_n: int) -> pd.DataFrame:
    keys = [key for key in ("survey", "scale") if key in now]
    current, past = (summarise(part, name, min_n=min_n) for part in (now, before))
    current, past = (part[part["enough"]].rename(columns={"value_corrected": "corrected"}) for part in (current, past))
    columns = [*keys, "value", "low", "high", "n"]
    joined = current[[*columns, "corrected"]].merge(past[columns], on=keys, how="left", suffixes=("", "_before"))
    joined["n_before"] = joined["n_before"].fillna(0).astype(int)
    entry = METRICS[name]
    return joined.assign(metric=name, unit=entry.unit, better=entry.better)


def to_scores(table: pd.DataFrame, limit: int = MAX_SCORES) -> tuple[Score, ...]:
    """Scores worth a line: per metric the questionnaire with most answers, in the order of METRICS."""
    if table.empty:
        return ()
    table = table[~table["metric"].isin(NOT_TOLD)]
    order = {name: place for place, name in enumerate(METRICS)}
    most = table.sort_values(["n", "survey"], ascending=[False, True]).drop_duplicates("metric")
    rows = sorted(most.to_dict("records"), key=lambda row: order.get(str(row["metric"]), len(order)))
    return tuple(_score({str(key): value for key, value in row.items()}) for row in rows[:limit])


def _score(row: dict[str, object]) -> Score:
    numbers = {
        key: _number(row.get(key)) for key in ("value", "low", "high", "value_before", "low_before", "high_before")
    }
    change, low, high = change_interval(*numbers.values())
    return Score(
        metric=str(row["metric"]),
        survey=str(row["survey"]),
        unit=str(row.get("unit") or "points"),
        value=numbers["value"] or 0.0,
        low=numbers["low"] or 0.0,
        high=numbers["high"] or 0.0,
        n=int(str(row["n"])),
        before=numbers["value_before"],
        change=change,
        change_low=low,
        change_high=high,
        verdict=_verdict(low, high),
        better=str(row.get("better") or UP),
        corrected=_number(row.get("corrected")),
    )


def change_interval(*ends: float | None) -> tuple[float | None, float | None, float | None]:
    """Change between two independent estimates (value, low, high now; then before) with its interval; None unknown.

    MOVER (Zou and Donner 2008, Statistics in Medicine 27:1693): the distances of the two intervals, added in squares,
    so that unequal arms stay unequal.
    """
    if any(end is None for end in ends):
        return None, None, None
    value, low, high, before, before_low, before_high = (float(end) for end in ends if end is not None)
    change = value - before
    down = float(np.hypot(value - low, before_high - before))
    up = float(np.hypot(high - value, before - before_low))
    return change, change - down, change + up


def _verdict(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return UNKNOWN
    return UP if low > 0 else DOWN if high < 0 else STEADY


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(str(value))


def main_score(scores: Iterable[Score]) -> Score | None:
    """The score the headline speaks of: the first that moved, else the first."""
    found = list(scores)
    moved = [score for score in found if score.verdict in (UP, DOWN)]
    return next(iter(moved or found), None)
