"""Promises kept and missed in seven days, and what is open now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from insights.cases.model import CANCELLED, ENDED
from insights.digest.model import Callbacks

PERIOD = timedelta(days=7)


def count(cases: pd.DataFrame, as_of: datetime) -> Callbacks:
    """Counts from `cases_frame`. A promise belongs to the seven days in which it fell due, however it went; a cancelled
    case has none."""
    if cases.empty:
        return Callbacks()
    now = pd.Timestamp(as_of).tz_convert("UTC")
    start = now - PERIOD
    due = cases[(cases["due_at"] > start) & (cases["due_at"] <= now) & (cases["state"] != CANCELLED)]
    kept = due["kept_promise"].fillna(False).astype(bool)
    tried = due["first_attempt_at"].notna() & (due["first_attempt_at"] <= due["due_at"])
    overdue = cases["overdue"].astype(bool)
    return Callbacks(
        n_due=len(due),
        n_kept=int(kept.sum()),
        n_missed=int((~kept).sum()),
        n_tried_in_time=int((~kept & tried).sum()),
        n_opened=int(((cases["opened_at"] > start) & (cases["opened_at"] <= now)).sum()),
        n_open=int((~cases["state"].isin(ENDED)).sum()),
        n_overdue=int(overdue.sum()),
        n_urgent_overdue=int((overdue & (cases["reason"] == "urgency")).sum()),
    )
