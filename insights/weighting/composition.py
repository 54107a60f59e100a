"""Who answered beside whom the survey stands for: shares by variable and level, before and after weighting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from insights.weighting.cells import ASKED, UNKNOWN, VARIABLES

LEAST_GAP = 0.03  # a difference of shares under three points is not worth a sentence


def composition(cells: pd.DataFrame, weights: pd.DataFrame, variables: Sequence[str] = VARIABLES) -> pd.DataFrame:
    """One row a variable and level: n_answered, answered_share, target_share, weighted_share (each 0 to 1).

    `cells`, `weights`: RESPONSE_CELL and CELL_WEIGHT rows of one survey and any months. Months without weights are left
    out; the target of each month is that of its basis, and months count by their answers.
    """
    columns = ["variable", "level", "n_answered", "answered_share", "target_share", "weighted_share"]
    keys = ["survey", "month", *VARIABLES]
    if weights.empty:
        return pd.DataFrame(columns=columns)
    basis = weights.drop_duplicates(["survey", "month"])[["survey", "month", "basis"]]
    rows = cells.merge(basis, on=["survey", "month"]).merge(weights[[*keys, "weight"]], on=keys, how="left")
    rows = rows[(rows[[name for name in VARIABLES if name != "channel"]] != UNKNOWN).any(axis=1)]
    asked = rows["n_answered"] + rows["n_silent"]
    stands_for = asked + np.where(rows["basis"] == ASKED, 0, rows["n_never_asked"])
    by_month = [rows["survey"], rows["month"]]
    n = rows["n_answered"].groupby(by_month).transform("sum")
    target = stands_for / stands_for.groupby(by_month).transform("sum") * n
    rows = rows.assign(target=target, weighted=rows["n_answered"] * rows["weight"].fillna(0))
    parts = []
    for name in variables:
        summed = rows.groupby(name, sort=True)[["n_answered", "target", "weighted"]].sum()
        shares = summed / summed.sum()
        shares.columns = ["answered_share", "target_share", "weighted_share"]
        parts.append(shares.assign(variable=name, level=shares.index, n_answered=summed["n_answered"]))
    return pd.concat(parts, ignore_index=True)[columns]


def gaps(found: pd.DataFrame, least: float = LEAST_GAP) -> pd.DataFrame:
    """The level of each variable that answers most beyond its share, largest gap first; none under `least`.

    `found`: from `composition`. Adds `gap`, the difference of the shares (-1 to 1).
    """
    rows = found[(found["level"] != UNKNOWN) & (found["variable"] != "channel")]
    rows = rows.assign(gap=rows["answered_share"] - rows["target_share"])
    rows = rows[rows["gap"] >= least].sort_values(["gap", "variable", "level"], ascending=[False, True, True])
    return rows.drop_duplicates("variable").reset_index(drop=True)
