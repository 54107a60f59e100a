"""The metrics: one entry each. Components are summed, the rate is taken last, its interval comes with it.

`metric_daily` holds the components (insights/sql/metric_daily.sql); a new metric is one entry in METRICS, its CASE in
that file and one golden row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from insights.errors import ContractError
from insights.intervals import Array, Interval, nps_interval, wilson

DIMENSIONS = ("segment", "channel", "touchpoint", "journey_stage", "product", "brand", "region", "agent_team")
PERIODS = {"day": "D", "week": "W-SUN", "month": "M"}
COMPONENTS = ["numerator", "denominator", "n_positive", "n_negative"]


@dataclass(frozen=True)
class Metric:
    """One metric. `interval` takes (n_positive, n_negative, n) and returns value and bounds in `unit`."""

    name: str
    label_fr: str
    label_en: str
    unit: str  # points or %
    better: str  # up or down
    numerator: str
    denominator: str
    lowest: float
    highest: float
    interval: Callable[[Array, Array, Array], Interval]

    def label(self, language: str) -> str:
        return self.label_fr if language == "fr" else self.label_en


def _percent(n_positive: Array, n_negative: Array, n: Array) -> Interval:
    share = wilson(n_positive, n)
    return Interval(100 * share.value, 100 * share.low, 100 * share.high)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            name="nps",
            label_fr="NPS",
            label_en="NPS",
            unit="points",
            better="up",
            numerator="promoters (9-10) minus detractors (0-6) of the 0-10 question",
            denominator="answers to the 0-10 question",
            lowest=-100,
            highest=100,
            interval=nps_interval,
        ),
        Metric(
            name="csat",
            label_fr="Satisfaction (CSAT)",
            label_en="Satisfaction (CSAT)",
            unit="%",
            better="up",
            numerator="answers in the top boxes: 4 and 5 of 1-5, the top quarter of the range elsewhere",
            denominator="answers to the satisfaction question",
            lowest=0,
            highest=100,
            interval=_percent,
        ),
        Metric(
            name="ces",
            label_fr="Facilité (CES)",
            label_en="Ease (CES)",
            unit="%",
            better="up",
            numerator="answers in the top boxes: 5 to 7 of 1-7 (high is easy), the top third of the range elsewhere",
            denominator="answers to the ease question",
            lowest=0,
            highest=100,
            interval=_percent,
        ),
    )
}


def metric(name: str) -> Metric:
    """The entry of that name. Raises ContractError with the names that exist."""
    if name not in METRICS:
        raise ContractError(f"There is no metric {name!r}: insights/metrics.py has {', '.join(METRICS)}.")
    return METRICS[name]


def summarise(daily: pd.DataFrame, name: str, by: Sequence[str] = (), min_n: int = 30) -> pd.DataFrame:
    """One row per questionnaire and combination of `by`, with the metric's value and 95 % interval.

    `daily`: rows of metric_daily, any filter already applied. `by`: dimensions of the contract, or day, week (Monday),
    month (first day). `survey` always comes first: questionnaires are never mixed.
    Columns: survey, *by, value, low, high (in the metric's unit), n, n_positive, n_negative, enough. Under `min_n`
    answers `enough` is False and value, low and high are NaN: a page shows "not enough answers", never a number.
    """
    entry = metric(name)
    keys = ["survey", *[key for key in by if key != "survey"]]
    rows = _with_periods(daily[daily["metric"] == name], keys)
    summed = rows.groupby(keys, as_index=False, observed=True, sort=True)[COMPONENTS].sum()
    n = summed["denominator"].to_numpy(float)
    found = entry.interval(summed["n_positive"].to_numpy(float), summed["n_negative"].to_numpy(float), n)
    enough = (n >= min_n) & (n > 0)
    shown = {
        column: np.where(enough, values, np.nan)
        for column, values in (("value", found.value), ("low", found.low), ("high", found.high))
    }
    counts = {
        "n": summed["denominator"].astype(int),
        "n_positive": summed["n_positive"].astype(int),
        "n_negative": summed["n_negative"].astype(int),
        "enough": enough,
    }
    return summed[keys].assign(**shown, **counts)


def _with_periods(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows with `week` and `month` derived from `day` where asked. Raises ContractError for an unknown key."""
    allowed = {"survey", *DIMENSIONS, *PERIODS}
    unknown = [key for key in keys if key not in allowed]
    if unknown:
        raise ContractError(f"metric_daily has no dimension {', '.join(map(repr, unknown))}: {sorted(allowed)}.")
    derived = {
        key: pd.to_datetime(rows["day"]).dt.to_period(PERIODS[key]).dt.start_time.dt.date
        for key in ("week", "month")
        if key in keys
    }
    return rows.assign(**derived)
