"""Fewer rows for the costly fits: whole customers are drawn, and weights give back every month's exact numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.churn.evaluate import cluster_codes
from insights.intervals import Array

MAX_ROWS = 20_000  # of each kind of customer: who left by choice in these rows, who did not


def sampled(rows: pd.DataFrame, seed: int, max_rows: int = MAX_ROWS) -> tuple[NDArray[np.int64], Array]:
    """Positions of the rows to learn from and their weights.

    Customers are drawn by a seeded shuffle of their ids, leavers and others apart, until `max_rows` rows each. A row's
    weight is the number of rows of its kind, month and line of business over those drawn: weighted counts are exact
    wherever one was drawn, and no outcome is made more frequent than it is (never balanced).
    """
    customers = cluster_codes(rows["customer_id"].to_numpy())
    left = np.bincount(customers, rows["label"].to_numpy(float)) > 0
    place = np.random.default_rng(seed).permutation(len(left))
    taken = np.zeros(len(rows), dtype=bool)
    for kind in (True, False):
        own = np.flatnonzero(left[customers] == kind)
        in_order = own[np.argsort(place[customers[own]], kind="stable")]
        if len(own) > max_rows:
            last = customers[in_order[max_rows - 1]]
            in_order = in_order[place[customers[in_order]] <= place[last]]
        taken[in_order] = True
    cell = pd.MultiIndex.from_arrays([left[customers], rows["t0"], rows["gap_days"], rows["horizon_days"]])
    codes = pd.factorize(cell)[0]
    count, drawn = np.bincount(codes), np.bincount(codes, taken)
    kept = np.flatnonzero(taken)
    return kept, np.asarray(count[codes[kept]] / drawn[codes[kept]], dtype=float)


def customer_folds(customer_ids: NDArray[np.object_], k: int, seed: int) -> NDArray[np.int64]:
    """(n,) fold 0..k-1 of each row: all months of a customer stand in one fold."""
    customers = cluster_codes(customer_ids)
    n = int(customers.max()) + 1 if len(customers) else 0
    return np.asarray((np.random.default_rng(seed).permutation(n) % k)[customers], dtype=np.int64)
