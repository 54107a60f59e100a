"""A churn panel made row by row, for the models alone: the risk jumps around the first anniversary and with log-ins."""

from __future__ import annotations

import numpy as np
import pandas as pd

from insights.contracts import CHURN_PANEL


def made_panel(n: int = 1500, n_months: int = 21, seed: int = 3, last: str = "2026-06-30") -> pd.DataFrame:
    """Rows of churn_panel of `n` households. Labels are drawn month by month; who leaves has no later row."""
    rng = np.random.default_rng(seed)
    months = pd.date_range(end=last, periods=n_months, freq="ME")
    tenure0, bias = rng.uniform(-8, 60, n), rng.normal(0, 0.3, n)
    here, rows = np.ones(n, dtype=bool), []
    for k, month in enumerate(months):
        tenure = tenure0 + k
        logins = rng.poisson(1.5, n)
        complaints = rng.random(n) < 0.05
        risk = -4.0 + 2.2 * ((tenure > 10) & (tenure < 15)) + 0.8 * (logins == 0) + complaints + bias
        left = rng.random(n) < 1 / (1 + np.exp(-risk))
        own = np.flatnonzero(here & (tenure >= 0))
        rows.append(
            pd.DataFrame(
                {
                    "customer_id": [f"C{i:05d}" for i in own],
                    "t0": month.date(),
                    "tenure_months": tenure[own],
                    "first_year": tenure[own] < 12,
                    "n_logins_30d": logins[own],
                    "n_complaints_90d": complaints[own].astype(int),
                    "nps_last": np.where(rng.random(len(own)) < 0.2, rng.integers(0, 11, len(own)), np.nan),
                    "label": left[own],
                }
            )
        )
        here &= ~left
    return filled(pd.concat(rows, ignore_index=True))


def filled(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every other column of churn_panel: nothing happened, nothing known."""
    plain = {"BOOLEAN": False, "INTEGER": 0, "DOUBLE": np.nan, "VARCHAR": "", "DATE": None}
    told = {"segment": "household", "value_eur": 20.0, "gap_days": 14, "horizon_days": 90, "event": "none"}
    for column in CHURN_PANEL.columns:
        if column.name not in frame.columns:
            empty = [[] for _ in range(len(frame))]
            value = told.get(column.name, plain.get(column.type))
            frame[column.name] = pd.Series(empty, dtype=object) if column.type.endswith("[]") else value
    return frame.loc[:, list(CHURN_PANEL.column_names)]
