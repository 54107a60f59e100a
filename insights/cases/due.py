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
    """`hours` on one of the two clocks."""

    name: str
    hours: float
    clock: str = WORKING_DAYS

    def due_at(self, start: datetime, calendar: Calendar) -> datetime:
        """UTC instant by which the customer has been spoken to."""
        if self.clock == OPENING_HOURS:
            return calendar.add_business_hours(start, self.hours)
        return calendar.add_working_day_hours(start, self.hours)
