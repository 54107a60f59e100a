"""Keep an erased person from coming back with an old export. What is dated after the erasure is a new relation."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from insights.privacy.log import Erased, dated
from insights.sources.tables import TableBatch

ROW_DAY = {
    "customer_snapshot": ("as_of",),
    "churn_event": ("learned_on",),
    "contact": ("occurred_at", "available_at"),
    "invitation": ("sent_at", "available_at"),
}


def without_erased(batch: TableBatch, table: str, erased: Erased) -> tuple[TableBatch, int]:
    """The batch without rows of erased customers that are not dated after their erasure, and how many those were.

    Their identities are left out as well, unless a later row of the same customer stays.
    """
    if not erased or batch.rows.empty or "customer_id" not in batch.rows.columns:
        return batch, 0
    days = {one: day for one in batch.rows["customer_id"].dropna().unique() if (day := erased.customer_day(str(one)))}
    if not days:
        return batch, 0
    columns = [name for name in ROW_DAY.get(table, ()) if name in batch.rows.columns]
    old = [
        customer in days and not _after(days[customer], cells)
        for customer, *cells in batch.rows[["customer_id", *columns]].itertuples(index=False, name=None)
    ]
    rows = batch.rows[[not one for one in old]]
    gone = set(days) - set(rows["customer_id"])
    identities = [pair for pair in batch.identities if pair[2] not in gone]
    return replace(batch, rows=rows, identities=identities), sum(old)


def erased_feedback(feedback: pd.DataFrame, erased: Erased) -> set[str]:
    """Ids of the FEEDBACK rows that an erasure bars: asked again inside the lake's lock, where no erasure can run."""
    if not erased or feedback.empty:
        return set()
    said = feedback[["feedback_id", "customer_id", "occurred_at"]].itertuples(index=False, name=None)
    return {
        key
        for key, customer, at in said
        if erased.has_feedback(key)
        or (isinstance(customer, str) and (day := erased.customer_day(customer)) and at.date() <= day)
    }


def _after(day: object, cells: list[object]) -> bool:
    found = next((found for cell in cells if (found := dated(cell)) is not None), None)
    return found is not None and found > day  # type: ignore[operator]
