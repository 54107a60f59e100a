"""The day on which analysis windows end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from insights.lake import Lake

STALE_DAYS = 35


def analysis_day(lake: Lake) -> date:
    """The business day, or the last day of the data when those are over 35 days older (a loaded history)."""
    business = lake.settings.business_day()
    newest: datetime | None = lake.scalar("SELECT max(occurred_at) FROM feedback WHERE kind <> 'employee'")
    if newest is None:
        return business
    last = newest.astimezone(ZoneInfo(lake.settings.timezone)).date()
    return last if last < business - timedelta(days=STALE_DAYS) else business


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def month_end(day: date) -> date:
    """The last month end on or before a day."""
    tomorrow = day + timedelta(days=1)
    return day if tomorrow.day == 1 else day.replace(day=1) - timedelta(days=1)
