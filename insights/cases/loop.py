"""What came of the cases: time to contact, promises, closings, reopenings, and the 0-10 score before and after.

Shares have Wilson's interval, medians of waiting that of Kaplan and Meier, scores a bootstrap by customer. A figure on
fewer than `least` cases or customers is NULL, and its n says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.duration.survfunc import SurvfuncRight

from insights.cases.frame import cases_frame
from insights.cases.model import CANCELLED, CLOSED, ENDED, PREFIX, Case
from insights.intervals import wilson

HOURS, CONTACTED, KEPT, CLOSED_SHARE, REOPENED = "hours_to_contact", "contacted", "kept", "closed", "reopened"
BEFORE, AFTER, CHANGE = "score_before", "score_after", "score_change"
SHARES, SCORES = (CONTACTED, KEPT, CLOSED_SHARE, REOPENED), (BEFORE, AFTER, CHANGE)
MEASURES = (HOURS, *SHARES, *SCORES)
ALL, TEAM, IRRITANT, EXPERIMENT = "all", "team", "irritant", "experiment"
EVERYBODY = "(all)"
RECENT_DAYS = 90  # cases whose handling is read
SCORED_DAYS = 365  # cases whose scores are read: an answer after one comes seldom
AFTER_DAYS = 90  # the first 0-10 answer within so many days after the closing is the score after
RESAMPLES = 1000
TAILS = (2.5, 97.5)
NONE = float("nan")


@dataclass(frozen=True)
class Reading:
    """How to read. `least`: cases or customers under which no figure stands."""

    now: datetime
    day: date
    least: int = 30
    seed: int = 0


def loop_rows(cases: Mapping[str, Case], now: datetime, resolve: Callable[[str], str] = str) -> pd.DataFrame:
    """One row a case that was not cancelled: `cases_frame`, the irritant of today, when it was first closed, and
    `ended` (no contact will come any more). Promise and due time are those of its first round, the one the customer's
    words opened. `resolve`: of the registry."""
    alive = {key: case for key, case in cases.items() if case.state != CANCELLED}
    frame = cases_frame(alive, now)
    first = {key: _first_closed(case) for key, case in alive.items()}
    irritant = [None if pd.isna(one) else resolve(str(one)) for one in frame["irritant_id"]]
    closed_at = pd.to_datetime(pd.Series([first[one] for one in frame["case_id"]], dtype=object), utc=True)
    for place, key in enumerate(frame["case_id"]):
        if alive[key].rounds:
            one = alive[key].rounds[0]
            frame.loc[place, ["kept_promise", "due_at"]] = [one.kept, pd.Timestamp(one.due_at)]
    return frame.assign(
        irritant_id=pd.Series(irritant, dtype=object),
        first_closed_at=closed_at,
        was_closed=closed_at.notna(),
        ended=frame["state"].isin(ENDED) & frame["first_reached_at"].isna(),
        proactive=[bool(alive[one].plan) for one in frame["case_id"]],
    )


def _first_closed(case: Case) -> datetime | None:
    return next((at for at, kind, _actor in case.history if kind == PREFIX + CLOSED), None)


def readings(
    rows: pd.DataFrame, scores: pd.DataFrame, how: Reading, entered: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Rows of LOOP_READING. `rows`: of `loop_rows`; `scores` (customer_id, at, value): answers 0 to 10.

    `entered`: by experiment, who entered it (customer_id, arm, entered_at), all of them, reached or not: its rows set
    the scores of those to be called beside those held out.
    """
    found = [row for unit, unit_id, members in _units(rows) for row in _unit(unit, unit_id, members, scores, how)]
    for experiment_id, people in entered.items():
        found += _experiment(experiment_id, people, scores, how)
    return pd.DataFrame(found)


def _units(rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    yield ALL, EVERYBODY, rows
    for unit, column in ((TEAM, "owner_team"), (IRRITANT, "irritant_id")):
        for unit_id, members in rows.groupby(column, sort=True):
            yield unit, str(unit_id), members


def _unit(unit: str, unit_id: str, rows: pd.DataFrame, scores: pd.DataFrame, how: Reading) -> Iterator[dict[str, Any]]:
    recent, since = _since(rows, how, RECENT_DAYS)
    base = {"unit": unit, "unit_id": unit_id, "read_at": how.day, "since_on": since}
    yield {**base, "measure": HOURS, **_hours(recent, how)}
    for measure in SHARES:
        yield {**base, "measure": measure, **_share(recent, measure, how)}
    longer, since = _since(rows, how, SCORED_DAYS)
    pairs = _before_after(longer[["customer_id"]].assign(
        start=longer["opened_at"], end=longer["first_closed_at"]
    ), scores)  # fmt: skip
    for measure, told in zip(SCORES, _scores(pairs, how), strict=True):
        yield {**base, "since_on": since, "measure": measure, **told}


def _since(rows: pd.DataFrame, how: Reading, days: int) -> tuple[pd.DataFrame, date]:
    first = how.now - timedelta(days=days)
    return rows[rows["opened_at"] >= first], first.date()


def _hours(rows: pd.DataFrame, how: Reading) -> dict[str, Any]:
    """Median hours from the customer's words to the first human contact, by Kaplan and Meier (JASA 53, 1958).

    A case still waiting is known to have waited so long; one that ended without a contact counts as never reached.
    Calls of our own initiative have no words to count from and stay out.
    """
    rows = rows[~rows["proactive"].astype(bool)]
    start = rows["waiting_since"].fillna(rows["opened_at"])
    until = rows["first_reached_at"].fillna(pd.Timestamp(how.now).tz_convert("UTC"))
    hours = (until - start).dt.total_seconds().to_numpy() / 3600
    reached = rows["first_reached_at"].notna().to_numpy()
    never = rows["ended"].to_numpy(dtype=bool)
    hours = np.where(never, max(hours.max(initial=0.0), 0.0) + 1.0, np.maximum(hours, 0.0))
    told: dict[str, Any] = {"n": len(rows), "n_hits": None, "value": NONE, "low": NONE, "high": NONE}
    if len(rows) >= how.least and reached.any():
        curve = SurvfuncRight(hours, reached.astype(int))
        value = float(curve.quantile(0.5))
        with np.errstate(
            divide="ignore", invalid="ignore"
        ):  # its log-log scale has no value where all or none are reached
            low, high = (float(one) for one in curve.quantile_ci(0.5))
        low, high = float(np.fmin(low, value)), float(np.fmax(high, value))
        told |= {"value": value, "low": low, "high": high if np.isfinite(high) else NONE}
    return told


def _share(rows: pd.DataFrame, measure: str, how: Reading) -> dict[str, Any]:
    due = rows[(rows["due_at"] <= how.now) | rows["first_reached_at"].notna() | rows["ended"]]
    if measure == REOPENED:
        of, hits = rows[rows["was_closed"]], rows["n_reopened"] > 0
    elif measure == KEPT:
        of, hits = rows[rows["kept_promise"].notna()], rows["kept_promise"].fillna(False).astype(bool)
    else:
        of, hits = (
            due,
            (rows["first_reached_at"].notna() if measure == CONTACTED else rows["was_closed"] & ~rows["ended"]),
        )
    n, n_hits = len(of), int(hits[of.index].sum())
    told = {"n": n, "n_hits": n_hits, "value": NONE, "low": NONE, "high": NONE}
    if n >= how.least:
        found = wilson(n_hits, n)
        told |= {"value": float(found.value), "low": float(found.low), "high": float(found.high)}
    return told


def _before_after(cases: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """customer_id, before, after: the last score up to `start`, the first within AFTER_DAYS after `end`; both known.

    Of a customer's cases the first with both scores counts, so that one answer is never read twice.
    """
    known = cases.dropna(subset=["start", "end"]).reset_index(drop=True)
    joined = known.assign(row=known.index).merge(scores, on="customer_id").sort_values(["at", "value"], kind="stable")
    before = joined[joined["at"] <= joined["start"]].drop_duplicates("row", keep="last").set_index("row")["value"]
    late = joined["end"] + pd.Timedelta(days=AFTER_DAYS)
    inside = joined[(joined["at"] > joined["end"]) & (joined["at"] <= late)]
    after = inside.drop_duplicates("row").set_index("row")["value"]
    found = known.assign(before=known.index.map(before), after=known.index.map(after)).dropna(
        subset=["before", "after"]
    )
    return found.sort_values(["end", "customer_id"]).drop_duplicates("customer_id")[["customer_id", "before", "after"]]


def _scores(pairs: pd.DataFrame, how: Reading) -> list[dict[str, Any]]:
    """Means of before, after and change over customers, each with a percentile bootstrap by customer."""
    pairs = pairs.sort_values("customer_id")
    before, after = (pairs[name].to_numpy(dtype=float) for name in ("before", "after"))
    return [{"n": len(pairs), "n_hits": None, **_mean(values, how)} for values in (before, after, after - before)]


def _mean(values: NDArray[np.float64], how: Reading) -> dict[str, float]:
    if len(values) < max(how.least, 2):
        return {"value": NONE, "low": NONE, "high": NONE}
    draws = np.random.default_rng(how.seed).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), TAILS)
    return {"value": float(values.mean()), "low": float(low), "high": float(high)}


def _experiment(name: str, people: pd.DataFrame, scores: pd.DataFrame, how: Reading) -> list[dict[str, Any]]:
    """Scores of those drawn for a call, reached or not, beside those held out: both counted from the day of the draw."""
    spans = people.assign(start=people["entered_at"], end=people["entered_at"])
    arms = [_before_after(spans[(spans["arm"] == "call") == called], scores) for called in (True, False)]
    called, held = (_scores(pairs, how) for pairs in arms)
    base = {"unit": EXPERIMENT, "unit_id": name, "read_at": how.day, "since_on": people["entered_at"].min().date()}
    return [
        {
            **base,
            "measure": measure,
            **told,
            "n_held": other["n"],
            **{f"held_{key}": other[key] for key in ("value", "low", "high")},
        }
        for measure, told, other in zip(SCORES, called, held, strict=True)
    ]
