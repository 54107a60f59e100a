"""Pauses that a clock which was ahead and has been put right does not stretch.

What was noted at an instant that the wall clock has not reached yet was noted by a clock that ran ahead: whoever waited
for so long after it would wait for as long as the clock was ahead, for years where a machine began in 2036.
"""

from __future__ import annotations

from datetime import datetime, timedelta

SKEW = timedelta(minutes=5)  # clocks of one company's machines agree within it


def ahead(noted_at: datetime, now: datetime) -> bool:
    """Whether the clock that noted this instant ran ahead of the one that says `now`."""
    return noted_at - now > SKEW


def within(noted_at: datetime, pause: timedelta, now: datetime) -> bool:
    """Whether the pause after `noted_at` still lasts; not where the clock has been put back since."""
    return now - noted_at < pause and not ahead(noted_at, now)
