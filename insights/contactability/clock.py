"""Rules of time: legal hours, attempts in a month, silence after a refusal, the team's hours and the appointment.

Each gives the first instant at which it no longer speaks against the contact, so that the earliest allowed one is found.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from insights.calendar import WEEKDAYS, Calendar, Interval, parse_interval
from insights.contactability.config import ContactRules, NoParameters, Strict
from insights.contactability.model import Facts, Finding, Request


class Days(Strict):
    """Whole days of rest."""

    days: int = Field(ge=1)


class Attempts(Days):
    """At most `most` attempts in `days` calendar days."""

    most: int = Field(ge=1)


class Hours(Strict):
    """Opening intervals a weekday in the customer's own time. `local_holidays`: those of Alsace-Moselle and overseas too."""

    opening: dict[str, tuple[str, ...]]
    country: str = "FR"
    local_holidays: bool = True

    @field_validator("opening")
    @classmethod
    def _readable(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if unknown := sorted(set(value) - set(WEEKDAYS)):
            raise ValueError(f"unknown day {', '.join(unknown)}: use {', '.join(WEEKDAYS)}")
        for spans in value.values():
            for span in spans:
                parse_interval(span)
        return value

    def calendar(self, timezone: str, subdivision: str | None) -> Calendar:
        """These hours on the clock and holidays of a place."""
        spans = tuple(sorted((day, tuple(sorted(map(parse_interval, found)))) for day, found in self.opening.items()))
        return _calendar(timezone, spans, self.country, subdivision if self.local_holidays else None)


@lru_cache(maxsize=256)
def _calendar(
    timezone: str, spans: tuple[tuple[str, tuple[Interval, ...]], ...], country: str, subdivision: str | None
) -> Calendar:
    return Calendar(timezone, {WEEKDAYS.index(day): found for day, found in spans}, country, subdivision)


class Appointment(Strict):
    """Minutes before and after the customer's time that still keep the appointment."""

    before_minutes: int = Field(15, ge=0)
    after_minutes: int = Field(60, ge=0)


def hours(request: Request, facts: Facts, rules: ContactRules, own: Hours) -> Finding | None:
    """Sales calls only in the legal hours of the customer's own clock, never on a public holiday."""
    place = rules.place(facts.region)
    calendar = own.calendar(place.timezone, place.subdivision)
    if calendar.is_open(request.at):
        return None
    return Finding(until=calendar.next_open(request.at), values={"opening": own.opening, "timezone": place.timezone})


def attempts(request: Request, facts: Facts, rules: ContactRules, own: Attempts) -> Finding | None:
    """No more than `most` calls, answered or not, in any `days` calendar days of the customer's clock."""
    zone = rules.place(facts.region).timezone
    today = local_day(request.at, zone)
    made = sorted(local_day(at, zone) for at in facts.calls if at <= request.at)
    inside = [day for day in made if day > today - timedelta(days=own.days)]
    if len(inside) < own.most:
        return None
    free = inside[-own.most] + timedelta(days=own.days)
    values = {"n": len(inside), "days": own.days, "most": own.most}
    return Finding(since=midnight(inside[-1], zone), until=midnight(free, zone), values=values)


def refusal_silence(request: Request, facts: Facts, rules: ContactRules, own: Days) -> Finding | None:
    """Nobody calls again before `days` whole calendar days have passed since the customer refused on the phone."""
    said, zone = facts.refused_at, rules.place(facts.region).timezone
    if said is None or said > request.at:
        return None
    free = midnight(local_day(said, zone) + timedelta(days=own.days + 1), zone)
    return Finding(since=said, until=free, values={"days": own.days}) if request.at < free else None


def team_hours(request: Request, _facts: Facts, _rules: ContactRules, own: Appointment) -> Finding | None:
    """A service call follows the team's opening hours; the customer's appointment goes before them."""
    if request.hours is None or _kept(request, own) or request.hours.is_open(request.at):
        return None
    until = request.hours.next_open(request.at)
    start = None if request.appointment_at is None else request.appointment_at - timedelta(minutes=own.before_minutes)
    if start is not None and request.at < start < until:
        until = start
    return Finding(until=until.astimezone(UTC))


def appointment(request: Request, _facts: Facts, _rules: ContactRules, own: Appointment) -> Finding | None:
    """Who gave a time is not called before it."""
    if request.appointment_at is None:
        return None
    start = request.appointment_at - timedelta(minutes=own.before_minutes)
    values = {"at": request.appointment_at}
    return Finding(until=start.astimezone(UTC), values=values) if request.at < start else None


def _kept(request: Request, own: Appointment) -> bool:
    """Whether the call comes at the time the customer gave."""
    if request.appointment_at is None:
        return False
    late = request.at - request.appointment_at
    return -timedelta(minutes=own.before_minutes) <= late <= timedelta(minutes=own.after_minutes)


def local_day(at: datetime, timezone: str) -> date:
    """The day of an instant on a clock."""
    return at.astimezone(ZoneInfo(timezone)).date()


def midnight(day: date, timezone: str) -> datetime:
    """UTC instant at which a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


__all__ = ["Appointment", "Attempts", "Days", "Hours", "NoParameters", "local_day", "midnight"]
