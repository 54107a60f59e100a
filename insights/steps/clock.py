"""Whether today's clock may delete: what a wrong clock deletes does not come back when it is put right."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from insights.lake import Lake

APART = timedelta(hours=12)  # runs of one night count as one
LONGEST_REST = timedelta(days=31)
LAST = "SELECT max(started_at) FROM run WHERE started_at < $before"


def doubt(lake: Lake) -> str:
    """Why deletions wait; empty where they need not: a day is pinned, nothing ran yet, or the night before is near.

    A clock that is far ahead waits a day for somebody to see it; so does a right one after a long rest.
    """
    if lake.settings.as_of is not None:
        return ""
    now = lake.settings.business_now()
    last = lake.scalar(LAST, before=now - APART)
    if pd.isna(last) or now - pd.Timestamp(last).to_pydatetime() <= LONGEST_REST:
        return ""
    return (
        f"The clock says {now:%Y-%m-%d} and the run before was on {last:%Y-%m-%d}: what is past its date is deleted "
        "at the next night, if the clock is right until then."
    )
