"""Hours: each hour of the clock has a cell, 0 to 167 for the hour of the local week, 168 to 191 on a public holiday."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import holidays as public
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]

WEEK = 168
DAY = 24
CELLS = WEEK + DAY
SUNDAY = slice(144, 168)


def minutes_of(at: pd.Series) -> Ints:
    """Minutes since 1970 (UTC) of instants."""
    return np.asarray(at.to_numpy("datetime64[s]").astype("int64") // 60, dtype=np.int64)


def minute_of(at: datetime) -> int:
    """Minutes since 1970 of one aware instant, cut to the minute."""
    return int(at.timestamp() // 60)


def instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def cells(hours: Ints, holidays: Collection[date], zone: str) -> Ints:
    """The cell of each hour since 1970 (UTC), in local time; a holiday's hours have cells of their own."""
    stamps = pd.DatetimeIndex(hours * np.int64(3_600_000_000_000), tz="UTC").tz_convert(zone)
    hour = stamps.hour.to_numpy().astype(np.int64)
    found = stamps.day_of_week.to_numpy().astype(np.int64) * DAY + hour
    if holidays:
        days = stamps.tz_localize(None).normalize()
        free = days.isin(pd.DatetimeIndex([pd.Timestamp(day) for day in sorted(holidays)]))
        found = np.where(free, WEEK + hour, found)
    return np.asarray(found, dtype=np.int64)


def cell(hour: int, holidays: Collection[date], zone: str) -> int:
    """The cell of one hour, as `cells`."""
    local = datetime.fromtimestamp(hour * 3600, ZoneInfo(zone))
    return local.hour + (WEEK if local.date() in holidays else local.weekday() * DAY)


def public_holidays(first: date, last: date, country: str = "FR", more: Iterable[date] = ()) -> tuple[date, ...]:
    """Public holidays of a country from `first` to `last`, and `more`, in order."""
    known = public.country_holidays(country, years=range(first.year, last.year + 1))
    return tuple(sorted(day for day in {*known, *more} if first <= day <= last))
