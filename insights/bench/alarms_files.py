"""`voc bench alarms`: the replay on any file of posts, with its own incidents where they are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from insights.alarms import COMPANY, PER_IRRITANT, RULE
from insights.alarms.hours import minutes_of
from insights.bench.alarms_detectors import RIVALS
from insights.bench.alarms_replay import BUDGETS, RATES, case_name, replays
from insights.bench.alarms_streams import Source, source
from insights.bench.alarms_walk import Span, Walked, busy_span, counted_minutes, own, rivals
from insights.errors import SourceError

BEGIN = ("start", "started_at", "begin", "debut", "début", "from")
END = ("end", "ended_at", "stop", "fin", "to")


def bench_alarms(
    posts: pd.DataFrame, incidents: Sequence[Span], name: str, rates: Sequence[float] = RATES
) -> dict[str, Any]:
    """Figures on one file: real incidents found week after week, and outages put into its quiet weeks, at both budgets.

    `posts`: columns of `read_posts`. Raises SourceError when they fill fewer than three weeks in a row.
    """
    minutes = counted_minutes(posts)
    span = busy_span(minutes)
    inside = minutes[(minutes >= span[0]) & (minutes < span[1])]
    weeks = (span[1] - span[0]) / 10_080
    about = {"posts": len(posts), "distinct_authors_counted": int(inside.size), "weeks": weeks,
             "authors_an_hour": inside.size / weeks / 168, "incidents": len(incidents)}  # fmt: skip
    stream = source(name, inside, list(incidents))
    return {"about": about, "real": _real(posts, inside, span, incidents), "injected": injected(stream, rates)}


def _real(posts: pd.DataFrame, minutes: Any, span: Span, incidents: Sequence[Span]) -> dict[str, Any]:
    found = {}
    for label, budget, rule in (("company", COMPANY, RULE), ("per_irritant", PER_IRRITANT, BUDGETS["per_irritant"][1])):
        mine = own(posts, span, incidents, (), budget, rule)
        others = rivals(minutes, span, incidents, (), RIVALS, mine.false_per_week, rule)
        found[label] = {name: _told(one) for name, one in {"ours": mine, **others}.items()}
    return found


def _told(one: Walked) -> dict[str, float]:
    return {"incidents": one.delays.size, "found": one.found, "median_minutes": one.median,
            "within_15_minutes": one.within(15), "false_alarms_a_week": one.false_per_week, "alarms": one.n_alarms}  # fmt: skip


def injected(stream: Source, rates: Sequence[float], budgets: Sequence[str] = tuple(BUDGETS)) -> dict[str, Any]:
    """Figures by budget, case and detector of outages put into a stream."""
    found: dict[str, Any] = {}
    for budget in budgets:
        for rate in rates:
            for name, cases in replays(stream, rate, budget).items():
                for case, one in cases.items():
                    place = found.setdefault(budget, {}).setdefault(case_name(rate, case), {})
                    place[name] = {"median_minutes": one.median, "within_15_minutes": one.within(15),
                                   "found": one.within(float("inf")), "false_alarms_a_week": one.false_per_week}  # fmt: skip
    return found


def posts_of(frame: pd.DataFrame, time: str, author: str, text: str, file: Path) -> pd.DataFrame:
    """Posts from a table's columns; rows without a readable time are left out. Raises SourceError when none is left."""
    at = instants(frame[time])
    rows = pd.DataFrame({"series": None, "author": frame[author], "at": at, "text": frame[text]})
    rows["feedback_id"] = [f"row {number}" for number in range(len(rows))]
    rows = rows[rows["at"].notna()].sort_values(["at", "feedback_id"], ignore_index=True)
    if rows.empty:
        raise SourceError(f"{file.name}: no value of column {time} is a time. Write them as 2026-01-13T17:52:00Z.")
    return rows


def instants(values: pd.Series) -> pd.Series:
    """UTC instants of texts or of seconds since 1970; NaT where neither."""
    if pd.api.types.is_numeric_dtype(values):
        unit = "ms" if float(values.dropna().abs().median()) > 1e11 else "s"
        return pd.to_datetime(values, unit=unit, utc=True, errors="coerce")
    return pd.to_datetime(values, utc=True, errors="coerce", format="mixed")


def incidents_of(frame: pd.DataFrame, file: Path) -> list[Span]:
    """Spans of incidents from a table with a start and an end column. Raises SourceError naming what is missing."""
    names = {str(column).strip().lower(): column for column in frame.columns}
    start, end = (next((names[one] for one in wanted if one in names), None) for wanted in (BEGIN, END))
    if start is None or end is None:
        raise SourceError(
            f"{file.name}: it needs the columns start and end; it has {', '.join(map(str, frame.columns))}."
        )
    first, last = instants(frame[start]), instants(frame[end])
    bad = frame.index[first.isna() | last.isna() | (last <= first)]
    if len(bad):
        raise SourceError(f"{file.name}, row {bad[0] + 2}: start and end are no two times in order.")
    return sorted(zip(minutes_of(first).tolist(), minutes_of(last).tolist(), strict=True))
