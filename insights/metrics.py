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
from insights.intervals import Array, Interval, effective_n, mean_interval, nps_interval, wilson

DIMENSIONS = (
    "segment", "channel", "touchpoint", "journey_stage", "product", "brand", "region", "tenure_band", "agent_team",
)  # fmt: skip
PERIODS = {"day": "D", "week": "W-SUN", "month": "M"}
SQUARES = "squares"  # needed by means only
COMPONENTS = ["numerator", "denominator", "n_positive", "n_negative"]
WEIGHTED = ["denominator_weighted", "positive_weighted", "negative_weighted", "weight_squares", "unweighted"]
ANSWERS, CONTACTS, INVITATIONS, CASES = "answers", "contacts", "invitations", "cases"


@dataclass(frozen=True)
class Metric:
    """One metric. `interval` takes the two components of `parts` and n, and returns value and bounds in `unit`.

    `source`: what is counted. Only answers can be corrected for who answered. `ripe_days`: a contact or an invitation
    counts only when that many days have passed.
    """

    name: str
    label_fr: str
    label_en: str
    unit: str  # points, %, min or h
    better: str  # up or down
    numerator: str
    denominator: str
    lowest: float
    highest: float
    interval: Callable[[Array, Array, Array], Interval]
    source: str = ANSWERS
    parts: tuple[str, str] = ("n_positive", "n_negative")
    ripe_days: int = 0  # days after which a row counts
    by_irritant: bool = False  # counts only contacts whose words tell what they were about

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
            numerator="answers in the top boxes declared in questionnaires.yaml, else 4 and 5 of 1-5, the top quarter of "
            "the range elsewhere",
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
            numerator="answers in the boxes and direction declared in questionnaires.yaml, else 5 to 7 of 1-7 (high is "
            "easy), the top third of the range elsewhere",
            denominator="answers to the ease question",
            lowest=0,
            highest=100,
            interval=_percent,
        ),
        Metric(
            name="fcr_7d",
            label_fr="Résolution au premier contact (7 jours)",
            label_en="First-contact resolution (7 days)",
            unit="%",
            better="up",
            numerator="contacts after which the customer did not come back within 7 days, for any reason, in any channel",
            denominator="contacts of known customers, abandoned ones and those of the last 7 days left out",
            lowest=0,
            highest=100,
            interval=_percent,
            source=CONTACTS,
            ripe_days=7,
        ),
        Metric(
            name="fcr_7d_irritant",
            label_fr="Résolution au premier contact, même irritant (7 jours)",
            label_en="First-contact resolution, same irritant (7 days)",
            unit="%",
            better="up",
            numerator="contacts after which the customer did not come back within 7 days on the same irritant",
            denominator="contacts of fcr_7d whose irritant is known (recorded call, chat, message); those followed by a contact of "
            "unknown irritant are left out, so that it reads high: compare months, not levels",
            lowest=0,
            highest=100,
            interval=_percent,
            source=CONTACTS,
            ripe_days=7,
            by_irritant=True,
        ),
        Metric(
            name="first_human",
            label_fr="Attente avant un premier conseiller",
            label_en="Time to first human contact",
            unit="min",
            better="down",
            numerator="minutes in the queue until a person answered (mean)",
            denominator="contacts that have a queue time and were not abandoned",
            lowest=0,
            highest=float("inf"),
            interval=mean_interval,
            source=CONTACTS,
            parts=("numerator", SQUARES),
        ),
        Metric(
            name="response_rate",
            label_fr="Taux de réponse",
            label_en="Response rate",
            unit="%",
            better="up",
            numerator="invitations with a linked answer (anonymous answers cannot be linked)",
            denominator="invitations sent at least 7 days ago, suppressed ones left out",
            lowest=0,
            highest=100,
            interval=_percent,
            source=INVITATIONS,
            ripe_days=7,
        ),
        Metric(
            name="promise_kept",
            label_fr="Engagements de délai tenus",
            label_en="Promises kept",
            unit="%",
            better="up",
            numerator="cases whose customer was spoken to by the promised time, counted on the day it fell due",
            denominator="cases answering a customer's own words whose promise was kept or can no longer be kept; cancelled ones "
            "left out",
            lowest=0,
            highest=100,
            interval=_percent,
            source=CASES,
        ),
        Metric(
            name="time_to_contact",
            label_fr="Délai avant le premier contact humain",
            label_en="Time to first human contact after a signal",
            unit="h",
            better="down",
            numerator="clock hours from the customer's words to the first human contact (mean); nights and weekends count",
            denominator="cases answering a customer's own words in which somebody has spoken to the customer",
            lowest=0,
            highest=float("inf"),
            interval=mean_interval,
            source=CASES,
            parts=("numerator", SQUARES),
        ),
    )
}


def metric(name: str) -> Metric:
    """The entry of that name. Raises ContractError with the names that exist."""
    if name not in METRICS:
        raise ContractError(f"There is no metric {name!r}: insights/metrics.py has {', '.join(METRICS)}.")
    return METRICS[name]


def summarise(daily: pd.DataFrame, name: str, by: Sequence[str] = (), min_n: int = 30) -> pd.DataFrame:
    """One row per questionnaire, scale and combination of `by`, with the metric's value and 95 % interval.

    `daily`: rows of metric_daily, any filter already applied. `by`: dimensions of the contract, or day, week (Monday),
    month (first day). `survey` and `scale` (where `daily` has it) always come first: neither is ever mixed.
    Columns: survey, scale, *by, value, low, high (in the metric's unit), n, n_positive, n_negative, enough,
    value_corrected, low_corrected, high_corrected (for who answered), n_effective (Kish). Under `min_n` answers `enough`
    is False and values and bounds are NaN: a page shows "not enough answers", never a number. The corrected ones are NaN
    where an answer has no weight.
    """
    entry = metric(name)
    first = ["survey", "scale"] if "scale" in daily else ["survey"]
    keys = [*first, *[key for key in by if key not in first]]
    rows = _with_periods(daily[daily["metric"] == name], keys)
    if "denominator_weighted" in rows:
        rows = rows.assign(unweighted=rows["denominator_weighted"].isna())
    columns = [column for column in (*COMPONENTS, SQUARES, *WEIGHTED) if column in rows]
    summed = rows.groupby(keys, as_index=False, observed=True, sort=True)[columns].sum()
    n = summed["denominator"].to_numpy(float)
    enough = (n >= min_n) & (n > 0)
    one, other = (summed.get(part, summed["denominator"] * np.nan).to_numpy(float) for part in entry.parts)
    found = entry.interval(one, other, n)
    fixed, n_effective = _corrected(entry, summed)
    shown = {
        **_shown(found, enough, ""),
        "n": summed["denominator"].astype(int),
        "n_positive": summed["n_positive"].astype(int),
        "n_negative": summed["n_negative"].astype(int),
        "enough": enough,
        **_shown(fixed, enough, "_corrected"),
        "n_effective": n_effective,
    }
    return summed[keys].assign(**shown)


def _shown(found: Interval, enough: Array, suffix: str) -> dict[str, Array]:
    parts = (("value", found.value), ("low", found.low), ("high", found.high))
    return {f"{name}{suffix}": np.where(enough, values, np.nan) for name, values in parts}


def _corrected(entry: Metric, summed: pd.DataFrame) -> tuple[Interval, Array]:
    """Interval from the weighted counts, scaled to Kish's effective n; NaN where any answer of a group has no weight."""
    unknown = np.full(len(summed), np.nan)
    if entry.source != ANSWERS or not set(WEIGHTED) <= set(summed.columns):
        return Interval(unknown, unknown, unknown), unknown
    weight = np.where(summed["unweighted"] > 0, np.nan, summed["denominator_weighted"].to_numpy(float))
    n = effective_n(weight, summed["weight_squares"])
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = n / weight
    up, down = (summed[part].to_numpy(float) * scale for part in ("positive_weighted", "negative_weighted"))
    found, known = entry.interval(up, down, n), ~np.isnan(n)
    return Interval(*(np.where(known, ends, np.nan) for ends in (found.value, found.low, found.high))), n


def _with_periods(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows with `week` and `month` derived from `day` where asked. Raises ContractError for an unknown key."""
    allowed = {"survey", "scale", *DIMENSIONS, *PERIODS}
    unknown = [key for key in keys if key not in allowed]
    if unknown:
        raise ContractError(f"metric_daily has no dimension {', '.join(map(repr, unknown))}: {sorted(allowed)}.")
    derived = {
        key: pd.to_datetime(rows["day"]).dt.to_period(PERIODS[key]).dt.start_time.dt.date
        for key in ("week", "month")
        if key in keys
    }
    return rows.assign(**derived)
