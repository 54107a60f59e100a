"""What the simulator planted: points of score and euros of margin an irritant costs. Read by the benchmark only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.bench.truth import aligned, read_clauses
from insights.intervals import Array
from insights.lake import Lake
from insights.simulate import bank
from insights.simulate.departures import LEAVE_INTENT, MAX_BOOST, kernel
from insights.simulate.scores import penalties

WINDOW_DAYS, LEAVE_DAYS = 90, 180
LEAVE_DELAY = 19
SPOKEN = """
SELECT m.mention_id, m.occurred_at, m.polarity AS read_polarity, f.feedback_id, f.kind, f.customer_id
FROM mention m JOIN feedback f USING (feedback_id) WHERE m.voice = 'customer'
"""


def spoken(lake: Lake, folder: Path) -> pd.DataFrame:
    """Mentions of customers beside the clause they came from: true_irritant, true_leave, day, customer_id, kind."""
    found = aligned(lake, read_clauses(folder)).merge(lake.read(SPOKEN), on="mention_id")
    day = pd.to_datetime(found["occurred_at"], utc=True).dt.tz_localize(None).dt.normalize()
    return found.assign(day=day)


def counterparts(mentions: pd.DataFrame) -> dict[str, str]:
    """Found irritant -> the planted one most of its clauses carry."""
    both = mentions[mentions["true_irritant"].notna() & mentions["irritant_id"].notna()]
    table = pd.crosstab(both["irritant_id"], both["true_irritant"])
    return {str(one): str(true) for one, true in table.idxmax(axis=1).items()}


def points() -> dict[str, float]:
    """Points of satisfaction (0 to 10) one mention of each irritant costs."""
    catalogue = bank.irritants()
    return dict(zip([one.id for one in catalogue], penalties(catalogue)[:-1].tolist(), strict=True))


def euros(mentions: pd.DataFrame, panel: pd.DataFrame, hazards: pd.DataFrame) -> pd.DataFrame:
    """One row a customer, month end and irritant truly named in 90 days: t0, customer_id, irritant_id, value_eur, planted.

    planted = value x the chosen departures of the panel's window (after the gap) that the irritant's boost adds to a
    customer's own hazard, all other visible boosts left as they are. Hazards are those of the week of t0, spread over
    the window, with the boosts of visible mentions taken out and let fade as the simulator lets them.
    """
    effect = {one.id: np.log1p((one.hazard - 1) * kernel(one.delay_days)) for one in bank.irritants()}
    leave = np.log1p((LEAVE_INTENT - 1) * kernel(LEAVE_DELAY))
    named = mentions[mentions["true_irritant"].notna() & mentions["customer_id"].notna()]
    leaving = mentions[mentions["true_leave"].fillna(False).astype(bool) & mentions["customer_id"].notna()]
    rates = hazards.assign(as_of=pd.to_datetime(hazards["as_of"]))
    rows: list[tuple[object, ...]] = []
    for t0, own in panel.groupby("t0"):
        when = pd.Timestamp(str(t0))
        people = own.set_index("customer_id")
        rate = rates[rates["as_of"] == when].set_index("customer_id")["chosen_90d_probability"]
        rate = rate.reindex(people.index).fillna(0.0) / WINDOW_DAYS
        last = _last(named, when, WINDOW_DAYS, people.index)
        gone = _last(leaving.assign(true_irritant="leave"), when, LEAVE_DAYS, people.index)
        for customer, ages in last.items():
            weeks = _weeks(int(people.at[customer, "gap_days"]), int(people.at[customer, "horizon_days"]))
            boosts = [_boost(effect[one], age, weeks) for one, age in ages.items()]
            other = _boost(leave, gone[customer]["leave"], weeks) if customer in gone else np.zeros(len(weeks) + 1)
            worth = float(people.at[customer, "value_eur"]) * float(rate[customer])
            worth *= float(people.at[customer, "horizon_days"])
            parts = _parts(boosts, other)
            value = float(people.at[customer, "value_eur"])
            rows += [(when, customer, one, value, worth * part) for one, part in zip(ages, parts, strict=True)]
    return pd.DataFrame(rows, columns=["t0", "customer_id", "irritant_id", "value_eur", "planted"])


def true_lists(planted: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with `irritants_90d` as truly said."""
    lists = planted.groupby(["t0", "customer_id"])["irritant_id"].agg(sorted).to_dict()
    when = pd.to_datetime(panel["t0"])
    told = [lists.get(key, []) for key in zip(when, panel["customer_id"], strict=True)]
    return panel.assign(irritants_90d=pd.Series(told, index=panel.index, dtype=object))


def _last(rows: pd.DataFrame, when: pd.Timestamp, days: int, people: pd.Index) -> dict[str, Mapping[str, int]]:
    """Customer -> irritant -> days since it was last named."""
    recent = rows[(rows["day"] <= when) & (rows["day"] > when - pd.Timedelta(days=days))]
    recent = recent[recent["customer_id"].isin(people)]
    newest = recent.groupby(["customer_id", "true_irritant"])["day"].max()
    found: dict[str, dict[str, int]] = {}
    for (customer, irritant), day in newest.items():
        found.setdefault(str(customer), {})[str(irritant)] = (when - day).days
    return dict(found)


def _weeks(gap: int, horizon: int) -> NDArray[np.int64]:
    return np.arange(gap // 7, (gap + horizon) // 7) + 1


def _boost(effect: Array, age_days: int, weeks: Sequence[int] | NDArray[np.int64]) -> Array:
    """Log boost in the week of t0, then in each of `weeks` after it."""
    places = age_days // 7 + np.concatenate([[0], np.asarray(weeks) - 1])
    return np.where(places < len(effect), effect[np.minimum(places, len(effect) - 1)], 0.0)


def _parts(boosts: list[Array], other: Array) -> list[float]:
    """What each boost adds to the mean hazard ratio of the window, over the ratio of the week of t0."""
    total = np.sum(boosts, axis=0) + other
    ratio = np.exp(np.minimum(total, MAX_BOOST))
    return [float((ratio - np.exp(np.minimum(total - one, MAX_BOOST)))[1:].mean() / ratio[0]) for one in boosts]
