"""Leak checks: time travel, single columns that know the future, shuffled labels, words said while leaving."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

import numpy as np
import pandas as pd

from insights.churn.design import IRRITANT, MIN_EXPOSED
from insights.churn.evaluate import roc_auc
from insights.churn.panel import TERMS, customers_exposed, irritant_matrix
from insights.contracts import CHURN_PANEL
from insights.errors import ModelError

HIGHEST_AUC = 0.90
MIN_EVENTS = 20  # below it, chance alone passes .90
OUTCOME = ("label", "event")
FEATURES = tuple(name for name in CHURN_PANEL.column_names if name not in OUTCOME)
LEAD_BOUNDS = (0, 7, 14, 30, 90, 180)  # days; 14 and 30 are the gaps of the two lines of business


def single_feature_auc(rows: pd.DataFrame) -> pd.DataFrame:
    """AUC of each term and each irritant's column taken alone, in its better direction, highest first.

    `rows`: prepared, labels known. Columns: name, family, auc. A NULL is ranked below every value.
    """
    y = rows["label"].to_numpy(float)
    found = []
    for term in TERMS:
        x = np.nan_to_num(term.compute(rows).to_numpy(float), nan=-1e9)
        auc = roc_auc(y, x)
        found.append({"name": term.name, "family": term.family, "auc": max(auc, 1 - auc)})
    irritants = sorted(name for name, n in customers_exposed(rows).items() if n >= MIN_EXPOSED)
    named = irritant_matrix(rows["irritants_90d"].tolist(), irritants)
    share = (named[y == 1].mean(axis=0) - named[y == 0].mean(axis=0)) / 2  # a flag's AUC is 1/2 plus this
    for irritant, half in zip(irritants, share, strict=True):
        found.append({"name": IRRITANT + irritant, "family": "irritant", "auc": 0.5 + abs(float(half))})
    return pd.DataFrame(found).sort_values(["auc", "name"], ascending=[False, True], ignore_index=True)


def block_leaks(rows: pd.DataFrame, waivers: Collection[str] = (), limit: float = HIGHEST_AUC) -> pd.DataFrame:
    """The table of `single_feature_auc`. Raises ModelError where a column without a waiver passes the limit."""
    table = single_feature_auc(rows)
    if rows["label"].sum() < MIN_EVENTS:
        return table
    suspects = table[(table["auc"] > limit) & ~table["name"].isin(list(waivers))]
    if not suspects.empty:
        named = ", ".join(
            f"{name} (AUC {auc:.2f})" for name, auc in zip(suspects["name"], suspects["auc"], strict=True)
        )
        raise ModelError(
            f"churn_panel: {named} alone tells who leaves, above the limit of {limit:.2f}. Look for a column that is "
            "written after the departure; waive it by name only when it is known to be held before t0."
        )
    return table


def check_time_travel(now: pd.DataFrame, then: pd.DataFrame) -> None:
    """Nothing, where the panel of today and the one of that time hold the same features, byte for byte.

    `now` and `then`: churn_panel rows of the same slices; `then` built from what was held at t0. Outcomes are not
    compared: they lie in the future. Raises ModelError with the first t0 that differs and its columns.
    """
    if features_hash(now) == features_hash(then):
        return
    slices = [dict(list(frame.groupby(frame["t0"].astype(str)))) for frame in (now, then)]
    for t0 in sorted({*slices[0], *slices[1]}):
        mine, theirs = (found.get(t0, now.head(0)) for found in slices)
        if features_hash(mine) == features_hash(theirs):
            continue
        raise ModelError(
            f"churn_panel at {t0}: built from what was held on that day it is another one ({_difference(mine, theirs)}). "
            "A row is counted before its source held it, or was overwritten since: find it before a model learns from it."
        )


def features_hash(panel: pd.DataFrame) -> str:
    """SHA-256 of the feature columns as CSV, sorted by t0 and customer: equal for equal bytes only."""
    rows = panel.loc[:, list(FEATURES)].sort_values(["t0", "customer_id"])
    lists = ["|".join(one) for one in rows["irritants_90d"]]
    return sha256(rows.assign(irritants_90d=lists).to_csv(index=False).encode()).hexdigest()


def _difference(mine: pd.DataFrame, theirs: pd.DataFrame) -> str:
    if set(mine["customer_id"]) != set(theirs["customer_id"]):
        return f"{len(set(mine['customer_id']) ^ set(theirs['customer_id']))} customers stand in one of the two only"
    a, b = (frame.sort_values("customer_id", ignore_index=True) for frame in (mine, theirs))
    return ", ".join(name for name in FEATURES if list(map(str, a[name])) != list(map(str, b[name])))


def shuffled_labels(panel: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The panel with its known outcomes dealt out anew within each month and line of business.

    Every month keeps its number of departures, and nothing but chance ties them to a customer: what a fit still finds
    on later months must hold an AUC of .5 in its interval.
    """
    rows = panel.sort_values(["t0", "customer_id"], ignore_index=True)
    rng = np.random.default_rng(seed)
    known = rows[rows["label"].notna()]
    for _, at in sorted(known.groupby(["t0", "gap_days", "horizon_days"]).groups.items()):
        rows.loc[at, list(OUTCOME)] = rows.loc[rng.permutation(at), list(OUTCOME)].to_numpy()
    return rows


def lead_times(said: pd.DataFrame, departures: pd.DataFrame) -> pd.DataFrame:
    """How long before the departure was learned its words were said: days, n_said, n_customers, by bounds of days.

    `said`: customer_id, said_on of words about leaving; `departures`: customer_id, learned_on of chosen ones. Each word
    goes with the first departure on or after it; words never followed by one stand in the last row. Words of the day
    itself, or of the gap, come too late to act on: a model that lives on them is worth nothing.
    """
    words = said.assign(said_on=pd.to_datetime(said["said_on"])).sort_values(["said_on", "customer_id"])
    left = departures.assign(learned_on=pd.to_datetime(departures["learned_on"])).sort_values("learned_on")
    joined = pd.merge_asof(
        words, left[["customer_id", "learned_on"]], left_on="said_on", right_on="learned_on", by="customer_id",
        direction="forward",
    )  # fmt: skip
    days = (joined["learned_on"] - joined["said_on"]).dt.days
    bins = pd.cut(days, [-1, *LEAD_BOUNDS, np.inf], labels=_lead_names()).cat.add_categories("never")
    counted = joined.assign(days=bins.fillna("never")).groupby("days", observed=False)["customer_id"]
    return pd.DataFrame({"n_said": counted.size(), "n_customers": counted.nunique()}).reset_index()


def _lead_names() -> list[str]:
    pairs = zip((-1, *LEAD_BOUNDS[:-1]), LEAD_BOUNDS, strict=True)
    return [*(f"{low + 1}-{high}" if high else "0" for low, high in pairs), f"over {LEAD_BOUNDS[-1]}"]
