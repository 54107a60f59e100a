"""Promises: by when a customer is called back, in the working time of the team that answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from insights.calendar import Calendar

WORKING_DAYS = "working_days"  # 24 h is one working day: « 24 h ouvrées »
OPENING_HOURS = "opening_hours"  # only hours in which the team is open count
CLOCKS = (WORKING_DAYS, OPENING_HOURS)


@dataclass(frozen=True)
class Promise:
    """`hours` to the first human contact and `resolution_hours` to the end, each on one of the two clocks.

    `remind_before_hours` and `escalate_after_hours` count opening hours of the team around either due time.
    """

    name: str
    hours: float
    clock: str = WORKING_DAYS
    resolution_hours: float | None = None
    resolution_clock: str = WORKING_DAYS
    remind_before_hours: tuple[float, ...] = ()
    escalate_after_hours: tuple[float, ...] = ()

    def due_at(self, start: datetime, calendar: Calendar) -> datetime:
        """UTC instant by which the customer has been spoken to."""
        return _after(start, self.hours, self.clock, calendar)

    def resolve_by(self, start: datetime, calendar: Calendar) -> datetime | None:
        """UTC instant by which the matter is settled; None where nothing is promised."""
        if self.resolution_hours is None:
            return None
        return _after(start, self.resolution_hours, self.resolution_clock, calendar)


def _after(start: datetime, hours: float, clock: str, calendar: Calendar) -> datetime:
    if clock == OPENING_HOURS:
        return calendar.add_business_hours(start, hours)
    return calendar.add_working_day_hours(start, hours)
