"""Weekly counts that outlive their words: weeks whose calls were purged since stay as they were counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from insights.contracts import IRRITANT_WEEKLY

CELL = ["week", "channel_group"]
ADDED = ("n_mentions", "n_customers", "n_feedback", "polarity_sum")


def with_purged(counted: pd.DataFrame, kept: pd.DataFrame, closed: date, current: Mapping[str, str]) -> pd.DataFrame:
    """Rows of irritant_weekly: `counted` from what the lake holds now, and `kept` where it held more before.

    `kept`: the rows as last written. `closed`: the first day whose feedback is still whole (no retention is shorter).
    Rows go day by day, so a week is no longer whole once its Monday has come to that day (its Sunday evening in UTC is
    Monday in Paris). Where a channel group had more feedback in such a week when it was last counted, those rows stay:
    purging removes words, not what was counted of them. Irritants merged since are added up (`current`: id then ->
    id now). Splits and corrections need the words and do not reach those weeks.
    """
    columns = list(IRRITANT_WEEKLY.column_names)
    kept = kept[kept["channel_group"].notna()] if "channel_group" in kept.columns else kept.head(0)
    counted = counted.assign(week=pd.to_datetime(counted["week"]))
    kept = kept.assign(week=pd.to_datetime(kept["week"]))
    kept = kept[kept["week"] <= pd.Timestamp(closed)]
    if kept.empty:
        return _dated(counted, columns)
    lost = _heard(kept).sub(_heard(counted), fill_value=0)
    gone = pd.MultiIndex.from_tuples([place for place, n in lost.items() if n > 0], names=CELL)
    if gone.empty:
        return _dated(counted, columns)
    own = _merged(kept[kept.set_index(CELL).index.isin(gone)], current)
    rest = counted[~counted.set_index(CELL).index.isin(gone)]
    return _dated(pd.concat([rest[columns], own[columns]], ignore_index=True), columns)


def _heard(rows: pd.DataFrame) -> pd.Series:
    """Feedback by week and channel group."""
    once = rows.drop_duplicates([*CELL, "segment", "brand"])
    return once.groupby(CELL)["n_heard"].sum()


def _merged(rows: pd.DataFrame, current: Mapping[str, str]) -> pd.DataFrame:
    named = rows.assign(irritant_id=rows["irritant_id"].map(lambda one: current.get(one, one)))
    keys, size = list(IRRITANT_WEEKLY.key), ("n_heard", "n_contacts", "n_active")
    return named.groupby(keys, as_index=False).agg(
        **{name: (name, "sum") for name in ADDED}, **{name: (name, "first") for name in size}
    )


def _dated(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    ordered = rows[columns].sort_values(list(IRRITANT_WEEKLY.key), kind="stable", ignore_index=True)
    return ordered.assign(week=ordered["week"].dt.date)
