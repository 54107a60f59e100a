"""Business time: when a team is open, and what a promise in working time means on the clock.

Instants are timezone-aware; results are UTC. Opening times are local wall-clock minutes, so a clock change moves
the instant and never the opening hour. Nothing here reads the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from insights.errors import SettingsError
from insights.yaml_files import read_yaml

MINUTES_A_DAY = 1440
SEARCH_DAYS = 3660  # a calendar that never opens in ten years is a mistake in teams.yaml
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Interval = tuple[int, int]  # minutes after local midnight, end excluded; 1440 is the next midnight


@dataclass(frozen=True)
class Calendar:
    """Opening hours of one team. `opening[weekday]` (0 Monday) lists disjoint intervals of local minutes."""

    timezone: str
    opening: Mapping[int, tuple[Interval, ...]]
    country: str | None = "FR"
    subdivision: str | None = None  # "57" adds the two holidays of Alsace-Moselle
    closed_on: frozenset[date] = field(default_factory=frozenset)

    def is_holiday(self, day: date) -> bool:
        """True on a public holiday of the team's country, or on a day the team declared closed."""
        return day in self.closed_on or (
            self.country is not None and day in _public_holidays(self.country, self.subdivision, day.year)
        )

    def intervals(self, day: date) -> list[tuple[datetime, datetime]]:
        """Opening intervals of a local day as UTC instants, in order; empty when closed."""
        if self.is_holiday(day):
            return []
        zone = ZoneInfo(self.timezone)
        spans = [(_instant(day, a, zone), _instant(day, b, zone)) for a, b in self.opening.get(day.weekday(), ())]
        return [(start, end) for start, end in spans if start < end]

    def is_open(self, at: datetime) -> bool:
        """True from the opening instant on, False from the closing instant on."""
        return any(start <= at < end for start, end in self.intervals(self._local_day(at)))

    def next_open(self, at: datetime) -> datetime:
        """`at` when the team is open, else the next opening. Raises SettingsError when it never opens."""
        for start, end in self._from(at):
            if at < end:
                return max(start, at.astimezone(UTC))
        raise self._never_open()

    def add_business_hours(self, start: datetime, hours: float) -> datetime:
        """Earliest instant by which `hours` of opening time have passed since `start` (0 gives `start`)."""
        left = timedelta(hours=hours)
        if left < timedelta(0):
            raise ValueError(f"A promise of {hours} hours lies in the past: give 0 or more.")
        if not left:
            return start.astimezone(UTC)
        for opens, closes in self._from(start):
            begin = max(opens, start.astimezone(UTC))
            if closes <= begin:
                continue
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        raise self._never_open()

    def add_working_day_hours(self, start: datetime, hours: float) -> datetime:
        """`hours` on a clock that runs day and night on working days and stands still on the others.

        24 h from Friday 10:00 is Monday 10:00 for a team closed at the weekend: what « 24 h ouvrées » means to a
        customer. A result outside opening hours is brought back to the closing before it, never after it.
        """
        due = self._working_days().add_business_hours(start, hours)
        return self.last_open_before(due, start) or self.next_open(start)

    def last_open_before(self, due: datetime, start: datetime) -> datetime | None:
        """`due` inside opening hours, else the closing before it; None when there is none after `start`."""
        found = self._last_open_before(due, start)
        return found if found is not None and found > start else None

    def _last_open_before(self, due: datetime, start: datetime) -> datetime | None:
        day, first = self._local_day(due), self._local_day(start)
        while day >= first:
            spans = [(opens, closes) for opens, closes in self.intervals(day) if opens < due]
            if spans:
                return min(due, spans[-1][1])
            day -= timedelta(days=1)
        return None

    def business_minutes(self, start: datetime, end: datetime) -> float:
        """Opening minutes between two instants; negative when `end` lies before `start`."""
        if end < start:
            return -self.business_minutes(end, start)
        total = timedelta(0)
        for opens, closes in self._from(start):
            if opens >= end:
                break
            total += max(min(closes, end) - max(opens, start), timedelta(0))
        return total / timedelta(minutes=1)

    def _working_days(self) -> Calendar:
        whole: Mapping[int, tuple[Interval, ...]] = {
            weekday: ((0, MINUTES_A_DAY),) for weekday, spans in self.opening.items() if spans
        }
        return replace(self, opening=whole)

    def _local_day(self, at: datetime) -> date:
        if at.tzinfo is None:
            raise ValueError(f"{at.isoformat()} has no time zone: business time needs an instant.")
        return at.astimezone(ZoneInfo(self.timezone)).date()

    def _from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = self._local_day(at)
        for offset in range(SEARCH_DAYS):
            yield from self.intervals(day + timedelta(days=offset))

    def _never_open(self) -> SettingsError:
        return SettingsError("This calendar never opens: give it an opening interval in data/reference/teams.yaml.")


@lru_cache(maxsize=256)
def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


@lru_cache(maxsize=4096)
def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """UTC instant of a local wall time; one skipped by a clock change becomes the instant the clock lands on."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    for later in range(MINUTES_A_DAY):
        wall = midnight + timedelta(minutes=minute + later)  # wall-clock arithmetic: both ends in the same zone
        instant = wall.astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            return instant
    raise SettingsError(f"{day} at minute {minute} does not exist in {zone.key}.")


class _Team(BaseModel):
    """One entry of teams.yaml as people write it."""

    model_config = ConfigDict(extra="forbid")

    name: dict[str, str]
    timezone: str = "Europe/Paris"
    country: str | None = "FR"
    subdivision: str | None = None
    opening: dict[str, list[str]]
    closed_on: list[date] = []
    escalates_to: str | None = None
    lead: str | None = None

    @field_validator("opening")
    @classmethod
    def _known_days(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        unknown = sorted(set(value) - set(WEEKDAYS))
        if unknown:
            raise ValueError(f"unknown day {', '.join(unknown)}: use {', '.join(WEEKDAYS)}")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value


@dataclass(frozen=True)
class Team:
    """A team that answers customers: its name in each language, its calendar, and who is told when it is late."""

    team_id: str
    names: Mapping[str, str]
    calendar: Calendar
    escalates_to: str | None = None
    lead: str | None = None

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names.get("fr") or self.team_id


def parse_interval(text: str) -> Interval:
    """Minutes of "08:00-20:00". Raises ValueError with what was found."""
    try:
        start, end = ((int(part[:2]), int(part[3:])) for part in (piece.strip() for piece in text.split("-")))
    except ValueError as error:
        raise ValueError(f"{text!r} is no opening interval: write it as 08:00-20:00") from error
    minutes = (start[0] * 60 + start[1], end[0] * 60 + end[1])
    if not 0 <= minutes[0] < minutes[1] <= MINUTES_A_DAY:
        raise ValueError(f"{text!r} is no opening interval: it must start before it ends, within 00:00-24:00")
    return minutes


def load_teams(path: Path) -> dict[str, Team]:
    """Teams by id from teams.yaml. Raises SettingsError naming the file, the team and what was found."""
    try:
        raw = read_yaml(path)["teams"]
        found = {team_id: _team(team_id, _Team.model_validate(entry)) for team_id, entry in raw.items()}
        return _checked(found)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError, ValidationError) as error:
        raise SettingsError(f"{path}: the teams cannot be read ({error}). Correct this entry.") from error


def _checked(teams: dict[str, Team]) -> dict[str, Team]:
    for one in teams.values():
        if one.escalates_to is not None and one.escalates_to not in teams:
            raise ValueError(f"team {one.team_id}: escalates_to names {one.escalates_to!r}, which is no team")
    return teams


def _team(team_id: str, entry: _Team) -> Team:
    opening = {
        WEEKDAYS.index(day): tuple(sorted(parse_interval(text) for text in spans))
        for day, spans in entry.opening.items()
    }
    for spans in opening.values():
        if any(before[1] > after[0] for before, after in zip(spans, spans[1:], strict=False)):
            raise ValueError(f"team {team_id}: two opening intervals of a day overlap")
    calendar = Calendar(entry.timezone, opening, entry.country, entry.subdivision, frozenset(entry.closed_on))
    return Team(team_id, entry.name, calendar, entry.escalates_to, entry.lead)
