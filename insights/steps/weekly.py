"""Irritants by week as they stand now, weeks since purged as they were counted."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from insights.irritants.registry import Registry
from insights.lake.lake import Reader
from insights.lake.queries import sql
from insights.retention import load_policy
from insights.weekly import with_purged

KEPT = "SELECT * FROM irritant_weekly"


def weekly(reader: Reader, known: Registry) -> pd.DataFrame:
    """Rows of irritant_weekly, ids resolved by the registry."""
    settings = reader.lake.settings
    shortest = min(rule.days for rule in load_policy(settings).rules if rule.table == "feedback")
    closed = settings.business_day() - timedelta(days=shortest)
    current = {one: known.resolve(one) for one in known.irritants}
    return with_purged(reader.read(sql("irritant_weekly")), reader.read(KEPT), closed, current)
