"""Posts for the tests of the alarm engine: a company whose day has a morning and an evening, and outages put into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from insights.alarms.dispersion import Dispersion
from insights.alarms.hours import CELLS
from insights.alarms.null import quiet_weeks

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
HOUR = np.arange(24)
DAY = 0.2 + np.exp(-(((HOUR - 10) / 3) ** 2)) + np.exp(-(((HOUR - 19) / 3) ** 2))
RATES = np.tile(DAY / DAY.mean(), CELLS // 24)
SMOOTH = Dispersion(0.0, 0.0, 0.0)


def quiet(name: str | None, rate: float, weeks: int, seed: int, spread: Dispersion = SMOOTH) -> pd.DataFrame:
    """Posts of `rate` authors an hour from START on, each by somebody else."""
    minutes = quiet_weeks(RATES * rate, spread, weeks, np.random.default_rng(seed))
    return posts(name, minutes, f"{name}-{seed}")


def posts(name: str | None, minutes: np.ndarray, prefix: str) -> pd.DataFrame:
    ids = [f"{prefix}-{number}" for number in range(len(minutes))]
    at = pd.to_datetime(START) + pd.to_timedelta(np.asarray(minutes), unit="m")
    return pd.DataFrame(
        {"series": [name] * len(ids), "author": [f"by {one}" for one in ids], "at": at, "feedback_id": ids}
    )


def outage(name: str | None, at: datetime, n: int, every_seconds: int, prefix: str = "out") -> pd.DataFrame:
    """`n` posts by as many people from `at` on."""
    rows = posts(name, np.zeros(n), prefix)
    return rows.assign(at=[pd.Timestamp(at) + timedelta(seconds=every_seconds * k) for k in range(n)])


def later(days: float, hours: float = 0.0) -> datetime:
    return START + timedelta(days=days, hours=hours)
