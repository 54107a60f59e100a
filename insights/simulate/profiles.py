"""How often each irritant is met, day by day: season, profile of the week, and the calendar of two years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from insights.simulate.calendar import (
    ACTION_A_WORKS_ON,
    CLOSED,
    DATES,
    DOUBLE_DEBIT_ON,
    FIRST_DAY,
    GENERAL_MONTHS,
    N_DAYS,
    OFF_PEAK_ON,
    OPT_IN_LAW_ON,
    OUTAGE_ON,
    PAPER_OPT_IN_ON,
    PRICE_NOTICE_ON,
    PRICE_RISE_ON,
    TARIFF_FALL_ON,
    TAX_CHANGE_ON,
    WEEK,
    WEEKDAY,
    Floats,
    day_of,
)


def month_profile(months: Sequence[float]) -> Floats:
    """Daily factor from twelve monthly indexes, linear between mid-months, mean 1 over the two years."""
    values = np.asarray(months, dtype=float)
    centre = np.array([(d.month - 1) + (d.day - 15.5) / 30.5 for d in DATES])
    grid = np.arange(-1, 13)
    profile = np.interp(centre, grid, np.concatenate([values[-1:], values, values[:1]]))
    return np.asarray(profile / profile.mean(), dtype=float)


def week_profile() -> Floats:
    """Daily factor of the week: Monday high, Sunday and public holidays nearly nothing, mean 1."""
    factor = np.array([WEEK[6] if closed else WEEK[day] for day, closed in zip(WEEKDAY, CLOSED, strict=True)])
    return np.asarray(factor / factor.mean(), dtype=float)


def _between(profile: Floats, start: date, days: int, factor: float) -> None:
    first = day_of(start)
    profile[max(0, first) : max(0, first + days)] *= factor


def _bump(profile: Floats, start: date, days: int, peak: float) -> None:
    """Multiply by a factor that jumps to `peak` and fades to 1 over `days`."""
    first = day_of(start)
    last = min(N_DAYS, first + days)
    profile[first:last] *= 1 + (peak - 1) * np.linspace(1, 0, last - first)


def _birth_of_off_peak() -> Floats:
    """IRR-22: almost nil before Nov 2025, a small wave in winter 2025-26, a large one from Sep 2026.

    Mean 1.3: its two years hold only one of real life, and incidents of others dilute shares.
    """
    anchors = (
        (FIRST_DAY, 0.001), (date(2025, 10, 25), 0.002), (date(2025, 11, 12), 1.4), (date(2026, 1, 20), 1.7),
        (date(2026, 3, 31), 0.9), (date(2026, 6, 15), 0.7), (date(2026, 8, 20), 0.9), (date(2026, 9, 15), 4.2),
        (date(2026, 10, 31), 7.5),
    )  # fmt: skip
    profile = np.interp(np.arange(N_DAYS), [day_of(d) for d, _ in anchors], [v for _, v in anchors])
    return np.asarray(1.3 * profile / profile.mean(), dtype=float)


def _incidents(irritant_id: str, profile: Floats) -> None:
    """Apply the calendar of two years to the daily profile of one irritant, in place."""
    match irritant_id:
        case "IRR-04":
            _between(profile, ACTION_A_WORKS_ON, N_DAYS, 0.52)
        case "IRR-06":
            _between(profile, DOUBLE_DEBIT_ON, 4, 22.0)
        case "IRR-07":
            _bump(profile, TARIFF_FALL_ON, 70, 1.9)
            _bump(profile, date(2025, 8, 1), 40, 1.4)
            _between(profile, PRICE_NOTICE_ON, 84, 2.6)
            _bump(profile, date(2026, 5, 15), 60, 1.8)
        case "IRR-08":
            _between(profile, TAX_CHANGE_ON, 42, 1.3)
        case "IRR-09":
            _between(profile, date(2025, 3, 18), 3, 1.8)
            _between(profile, date(2026, 1, 14), 2, 2.2)
            _between(profile, date(2026, 1, 5), 70, 1.35)
            _between(profile, date(2026, 4, 1), 90, 0.8)
        case "IRR-12":
            for start in (TAX_CHANGE_ON, OFF_PEAK_ON, PRICE_RISE_ON):
                _between(profile, start, 42, 1.35)
        case "IRR-16":
            _between(profile, OUTAGE_ON, 1, 26.0)
            _between(profile, OUTAGE_ON + timedelta(days=1), 1, 9.0)
        case "IRR-23":
            _between(profile, OPT_IN_LAW_ON, N_DAYS, 0.65)
        case "IRR-29":
            _bump(profile, PAPER_OPT_IN_ON, 120, 3.0)
        case _:
            pass


def irritant_profile(irritant_id: str, months: Sequence[float] | None, with_week: bool = True) -> Floats:
    """Daily factor of one irritant: season (mean 1) times incidents, times the profile of the week. Shape (730,)."""
    profile = _birth_of_off_peak() if irritant_id == "IRR-22" else month_profile(months or GENERAL_MONTHS)
    _incidents(irritant_id, profile)
    return profile * week_profile() if with_week else profile


def general_profile() -> Floats:
    """Daily factor of contacts that carry no irritant: month, week, and the day after the outage (+38 %)."""
    profile = month_profile(GENERAL_MONTHS) * week_profile()
    _between(profile, OUTAGE_ON + timedelta(days=1), 1, 1.38)
    return profile
