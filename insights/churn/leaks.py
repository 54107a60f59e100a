"""Leak checks: a single column that knows the future is found before a model is built on it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from insights.churn.evaluate import roc_auc
from insights.churn.panel import TERMS
from insights.errors import ModelError

HIGHEST_AUC = 0.90
MIN_EVENTS = 20  # below it, chance alone passes .90


def single_feature_auc(rows: pd.DataFrame) -> pd.DataFrame:
    """AUC of each term taken alone, in its better direction, highest first. `rows`: prepared, labels known.

    Columns: name, family, auc. A NULL is ranked below every value.
    """
    y = rows["label"].to_numpy(float)
    found = []
    for term in TERMS:
        x = np.nan_to_num(term.compute(rows).to_numpy(float), nan=-1e9)
        auc = roc_auc(y, x)
        found.append({"name": term.name, "family": term.family, "auc": max(auc, 1 - auc)})
    return pd.DataFrame(found).sort_values("auc", ascending=False, ignore_index=True)


def block_leaks(rows: pd.DataFrame, waivers: Collection[str] = (), limit: float = HIGHEST_AUC) -> pd.DataFrame:
    """The table of `single_feature_auc`. Raises ModelError where a term without a waiver passes the limit."""
    table = single_feature_auc(rows)
    if rows["label"].sum() < MIN_EVENTS:
        return table
    suspects = table[(table["auc"] > limit) & ~table["name"].isin(list(waivers))]
    if not suspects.empty:
        named = ", ".join(
            f"{row.name_} (AUC {row.auc:.2f})" for row in suspects.rename(columns={"name": "name_"}).itertuples()
        )
        raise ModelError(
            f"churn_panel: {named} alone tells who leaves, above the limit of {limit:.2f}. Look for a column that is "
            "written after the departure; waive it by name only when it is known to be held before t0."
        )
    return table
