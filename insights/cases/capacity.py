"""How many calls each team can make on its next opening day, by language; promised answers have theirs first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, TypeAdapter, ValidationError

from insights.calendar import WEEKDAYS, Calendar
from insights.errors import SettingsError
from insights.yaml_files import read_yaml

Cell = tuple[str, str]  # team, language
ANY = ""  # the one language of a team without declared capacity
WEEK = len(WEEKDAYS)


class TeamCapacity(BaseModel):
    """Calls of one team on a full opening day. `total` binds all languages together; None: their sum."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    serves: tuple[str, ...]
    slots: Mapping[str, NonNegativeInt]
    total: NonNegativeInt | None = None
    call_eur: NonNegativeFloat | None = None


@dataclass(frozen=True)
class Slots:
    """Free calls: by cell, by team, and in all."""

    cells: Mapping[Cell, int]
    teams: Mapping[str, int]
    overall: int

    def less(self, taken: Iterable[Cell], overall: int) -> Slots:
        """What is left after these calls, `overall` of them proactive; a cell without one left still takes its team's."""
        cells, teams = dict(self.cells), dict(self.teams)
        for team, language in taken:
            if team in teams:
                teams[team] = max(teams[team] - 1, 0)
            if (team, language) in cells:
                cells[team, language] = max(cells[team, language] - 1, 0)
        return Slots(cells, teams, max(self.overall - overall, 0))


def load_capacity(path: Path, teams: Iterable[str]) -> dict[str, TeamCapacity]:
    """The section `capacity` of teams.yaml by team; empty where there is none. Raises SettingsError with what was found."""
    try:
        raw = read_yaml(path).get("capacity") or {}
        found = TypeAdapter(dict[str, TeamCapacity]).validate_python(raw)
    except (OSError, yaml.YAMLError, AttributeError, ValidationError) as error:
        raise SettingsError(f"{path}: the capacity of the teams cannot be read ({error}).") from error
    if unknown := sorted(set(found) - set(teams)):
        raise SettingsError(f"{path}: capacity names {', '.join(unknown)}, which `teams` lacks.")
    return found


def plan_day(calendar: Calendar, now: datetime) -> date:
    """The day a list is made for: today while the team is open or opens later, else its next opening day."""
    return calendar.next_open(now).astimezone(ZoneInfo(calendar.timezone)).date()


def open_share(calendar: Calendar, day: date) -> float:
    """Opening time of a day as a share of the team's longest weekday; 0 on closed days and holidays."""
    longest = max((sum(end - start for start, end in spans) for spans in calendar.opening.values()), default=0)
    today = sum((end - start).total_seconds() / 60 for start, end in calendar.intervals(day))
    return min(today / longest, 1.0) if longest else 0.0


def slots_on(capacity: Mapping[str, TeamCapacity], calendars: Mapping[str, Calendar], now: datetime, cap: int) -> Slots:
    """Calls of each team on its next opening day, before anything is taken; `cap` binds all proactive calls together."""
    cells: dict[Cell, int] = {}
    teams: dict[str, int] = {}
    for team_id, one in capacity.items():
        calendar = calendars[team_id]
        share = open_share(calendar, plan_day(calendar, now))
        for language, n in one.slots.items():
            cells[team_id, language] = int(n * share + 1e-9)
        total = sum(one.slots.values()) if one.total is None else one.total
        teams[team_id] = int(total * share + 1e-9)
    return Slots(cells, teams, cap)


def cells_for(
    capacity: Mapping[str, TeamCapacity], segment: str | None, language: str | None, team: str
) -> tuple[Cell, ...]:
    """Who can call a customer: the rule's own team first, then every other that serves the segment in their language.

    A customer whose language is not known can be called in any. Without declared capacity: the rule's own team.
    """
    if not capacity:
        return ((team, ANY),)
    serving = [one for one in capacity if segment is not None and segment in capacity[one].serves]
    ordered = sorted(serving, key=lambda one: (one != team, one))
    return tuple((one, known) for one in ordered for known in capacity[one].slots if language in (None, known))


def calls_a_week(capacity: Mapping[str, TeamCapacity], cap: int, calendars: Mapping[str, Calendar], day: date) -> float:
    """Proactive calls that fit in the seven days from `day`, holidays respected, when no promise takes any."""
    return sum(_calls_on(capacity, cap, calendars, day + timedelta(days=offset)) for offset in range(WEEK))


def _calls_on(capacity: Mapping[str, TeamCapacity], cap: int, calendars: Mapping[str, Calendar], day: date) -> float:
    if not capacity:
        return float(cap * any(calendar.intervals(day) for calendar in calendars.values()))
    whole = {team: sum(one.slots.values()) if one.total is None else one.total for team, one in capacity.items()}
    return min(float(cap), sum(n * open_share(calendars[team], day) for team, n in whole.items()))
