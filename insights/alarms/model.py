"""The words of early warning: a series that is watched, and an alarm that rang on it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

POOLED = "pooled"  # all irritants together


def alarm_id(series: str, started_at: datetime) -> str:
    """The same alarm found twice has the same id."""
    return hashlib.sha256(f"{series}\n{started_at.isoformat()}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Alarm:
    """One alarm on one series (an irritant_id, or POOLED). Instants in UTC.

    `n_authors`: distinct authors since `started_at`; `expected`: how many the baseline expected in that time.
    `statistic` crossed `threshold`. `feedback_ids`: what was counted, earliest first.
    """

    alarm_id: str
    series: str
    started_at: datetime
    raised_at: datetime
    n_authors: int
    expected: float
    statistic: float
    threshold: float
    feedback_ids: tuple[str, ...] = ()
