"""Two fixed years, day by day: what happened when, and how often each irritant is met.

Days are numbered from 0 (1 Nov 2024) to 729 (31 Oct 2026). Instants are local seconds (Europe/Paris) since the
first midnight; only `utc` turns them into what the exports carry. There is no wall clock here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FIRST_DAY = date(2024, 11, 1)
LAST_DAY = date(2026, 10, 31)
N_DAYS = (LAST_DAY - FIRST_DAY).days + 1
N_WEEKS = -(-N_DAYS // 7)
DAY_S = 86_400
PARIS = ZoneInfo("Europe/Paris")

DOUBLE_DEBIT_ON = date(2025, 3, 18)
ACTION_A_ON = date(2025, 6, 2)
ACTION_A_WORKS_ON = date(2025, 7, 14)
TAX_CHANGE_ON = date(2025, 8, 1)
ACTION_B_ON = date(2025, 9, 15)
PAPER_OPT_IN_ON = date(2025, 10, 1)
OFF_PEAK_ON = date(2025, 11, 1)
ACTION_C_ON = date(2025, 11, 3)
OUTAGE_ON = date(2026, 1, 13)
PRICE_NOTICE_ON = date(2026, 2, 20)
PRICE_RISE_ON = date(2026, 4, 1)
COPIED_REVIEWS_ON = date(2026, 5, 9)
OPT_IN_LAW_ON = date(2026, 8, 11)
TARIFF_FALL_ON = date(2025, 2, 1)

OUTAGE_START_S = 17 * 3600 + 52 * 60
OUTAGE_FIRST_POST_S = 17 * 3600 + 58 * 60
OUTAGE_FIRST_CALL_S = 18 * 3600 + 31 * 60
OUTAGE_END_S = 21 * 3600 + 34 * 60
DEBIT_FIRST_POST_S = 6 * 3600 + 52 * 60
LINES_OPEN_S, LINES_CLOSE_S = 8 * 3600, 20 * 3600
SATURDAY_OPEN_S, SATURDAY_CLOSE_S = 9 * 3600, 18 * 3600
CUT_OFF_S = 19 * 3600  # the exports are drawn at 18:00 UTC (19:00 Paris) on the last day

WAVES = (date(2025, 3, 11), date(2025, 10, 7), date(2026, 3, 10), date(2026, 10, 6))
WAVE_NPS = (-9.0, -3.0, -12.0, -8.0)
HOLIDAYS = frozenset(
    date(y, m, d)
    for y, m, d in (
        *((year, month, day) for year in (2024, 2025, 2026) for month, day in ((11, 1), (11, 11), (12, 25))),
        *((year, month, day) for year in (2025, 2026) for month, day in ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15))),
        *((2025, 4, 21), (2025, 5, 29), (2025, 6, 9), (2026, 4, 6), (2026, 5, 14), (2026, 5, 25)),
    )
)
GENERAL_MONTHS = (118, 112, 110, 104, 88, 86, 84, 78, 112, 108, 104, 96)
SOCIAL_MONTHS = (125, 115, 105, 95, 90, 85, 80, 75, 105, 110, 110, 105)
MOVE_MONTHS = (70, 70, 75, 85, 95, 125, 150, 165, 150, 95, 65, 55)
WEEK = (1.35, 1.15, 1.03, 1.00, 0.97, 0.50, 0.06)
CALL_HOURS = (0.7, 1.0, 1.5, 1.35, 0.8, 0.75, 0.95, 1.0, 1.05, 1.4, 1.15, 0.6)  # from 8:00, one per hour
SOCIAL_HOURS = (3, 2, 1, 1, 1, 2, 4, 6, 7, 7, 6, 6, 8, 7, 6, 6, 7, 9, 13, 15, 16, 14, 9, 5)
WRITE_HOURS = (1, 1, 0, 0, 0, 1, 3, 6, 10, 12, 12, 10, 8, 9, 10, 9, 8, 8, 9, 10, 10, 8, 5, 2)


def day_of(on: date) -> int:
    """Number of the day, 0 on the first."""
    return (on - FIRST_DAY).days


def date_of(day: int) -> date:
    """Date of a day number."""
    return FIRST_DAY + timedelta(days=int(day))


DATES = tuple(date_of(day) for day in range(N_DAYS))
MONTH = np.array([d.month for d in DATES])
WEEKDAY = np.array([d.weekday() for d in DATES])
CLOSED = np.array([d.weekday() == 6 or d in HOLIDAYS for d in DATES])
WINTER = np.array([d.month in (11, 12, 1, 2, 3) for d in DATES])  # trêve hivernale: 1 Nov to 31 Mar
MONTH_ENDS = tuple(
    date(year + (month == 12), month % 12 + 1, 1) - timedelta(days=1)
    for year, month in [(2024 + (9 + k) // 12, (9 + k) % 12 + 1) for k in range(25)]
)
# Index of the month's own closing picture, for each day: 1 for a day of November 2024.
PICTURE_OF_DAY = np.array([(d.year - 2024) * 12 + d.month - 10 for d in DATES])
_EPOCH = np.datetime64(FIRST_DAY.isoformat(), "s")
_OFFSET_S = np.array(
    [
        int(datetime(d.year, d.month, d.day, 12, tzinfo=PARIS).utcoffset().total_seconds())  # type: ignore[union-attr]
        for d in (date_of(day) for day in range(N_DAYS + 1))
    ]
)


def utc(local_s: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    """UTC instants (datetime64[s]) of local seconds; the offset is the one at noon of that day."""
    seconds = np.asarray(local_s, dtype=np.int64)
    days = np.clip(seconds // DAY_S, 0, N_DAYS)
    return np.asarray(_EPOCH + (seconds - _OFFSET_S[days]).astype("timedelta64[s]"))


def stamps(local_s: npt.ArrayLike) -> list[str]:
    """ISO 8601 UTC texts with Z, one per local second."""
    return [f"{text}Z" for text in np.datetime_as_string(utc(local_s), unit="s")]


def stamp(local_s: int) -> str:
    """ISO 8601 UTC text with Z of one local second."""
    return stamps([local_s])[0]


def iso_days(days: npt.ArrayLike) -> list[str]:
    """ISO dates of day numbers (any, also before the first day)."""
    return [str(d) for d in np.datetime64(FIRST_DAY.isoformat(), "D") + np.asarray(days).astype("timedelta64[D]")]


def last_second() -> int:
    """Last local second an export may carry."""
    return (N_DAYS - 1) * DAY_S + CUT_OFF_S


def seconds_in_day(rng: np.random.Generator, hours: Sequence[float], size: int) -> Ints:
    """Seconds of the day drawn from 24 hourly weights."""
    weights = np.asarray(hours, dtype=float)
    hour = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(size), side="right")
    return hour * 3600 + rng.integers(0, 3600, size)


def call_seconds(rng: np.random.Generator, days: Ints) -> Ints:
    """Seconds of the day inside opening hours (Mon-Fri 8-20, Sat 9-18), with two peaks."""
    weekday = seconds_in_day(rng, (0,) * 8 + CALL_HOURS + (0,) * 4, len(days))
    saturday = rng.integers(SATURDAY_OPEN_S, SATURDAY_CLOSE_S, len(days))
    return np.where(WEEKDAY[days] == 5, saturday, weekday)
