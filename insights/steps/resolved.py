"""Irritant ids as they are now: readers resolve merges through the registry, so that an edit shows at once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from insights.irritants.registry import Registry, fold
from insights.ledger import Ledger

KINDS = ("irritant.",)


def registry(ledger: Ledger) -> Registry:
    """The registry at this ledger version."""
    return fold(ledger.events(KINDS))


def resolve_column(frame: pd.DataFrame, known: Registry, column: str = "irritant_id") -> pd.DataFrame:
    """The frame with its ids resolved; NULL stays NULL."""
    if frame.empty:
        return frame
    ids = {one: known.resolve(one) for one in frame[column].dropna().unique()}
    return frame.assign(**{column: frame[column].map(ids)})


def sum_weekly(weekly: pd.DataFrame, known: Registry) -> pd.DataFrame:
    """irritant_weekly with ids resolved and the rows of merged irritants added up (n_exposed is of the cell)."""
    if weekly.empty:
        return weekly
    keys: Sequence[str] = ["week", "irritant_id", "segment", "brand"]
    sums = dict.fromkeys(("n_mentions", "n_customers", "n_feedback", "polarity_sum"), "sum")
    return resolve_column(weekly, known).groupby(list(keys), as_index=False).agg({**sums, "n_exposed": "max"})
