"""One series, one minute at a time: today's level, the CUSUM of each ratio, the alarm when one crosses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from math import exp, log
from typing import Any

from insights.alarms.counting import Counted
from insights.alarms.hours import cell, instant
from insights.alarms.model import Alarm, alarm_id
from insights.alarms.settings import Rule
from insights.alarms.watch import SeriesModel, WatchModel


@dataclass
class Cusum:
    """One CUSUM: its value after the last post, and what it has counted since it left zero, earliest first."""

    value: float = 0.0
    members: list[tuple[int, str, str]] = field(default_factory=list)  # minute, author, feedback_id
    expected: float = 0.0


@dataclass
class SeriesState:
    """State of one series. `hour`: the hour its level is known for; `seen`, `due`: discounted counts and expectations;
    `recent`: counts of hours that the level does not hold yet; `quiet_until`: end of the silence after an alarm;
    `masked`: hours of alarms, which are no baseline; `minute`: the last minute that had a post.
    """

    hour: int
    ratios: int = 1
    seen: float = 0.0
    due: float = 0.0
    recent: dict[int, int] = field(default_factory=dict)
    masked: tuple[int, int] = (0, 0)
    quiet_until: int = 0
    minute: int = -1
    cusums: list[Cusum] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cusums = self.cusums or [Cusum() for _ in range(self.ratios)]

    def as_json(self) -> dict[str, Any]:
        cusums = [[one.value, one.expected, [list(member) for member in one.members]] for one in self.cusums]
        return {
            **{"hour": self.hour, "seen": self.seen, "due": self.due, "quiet_until": self.quiet_until},
            **{"minute": self.minute, "masked": list(self.masked), "cusums": cusums},
            "recent": {str(hour): n for hour, n in self.recent.items()},
        }

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> SeriesState:
        cusums = [
            Cusum(value, [(minute, author, post) for minute, author, post in members], expected)
            for value, expected, members in raw["cusums"]
        ]
        return cls(
            raw["hour"], len(cusums), raw["seen"], raw["due"], {int(hour): n for hour, n in raw["recent"].items()},
            (raw["masked"][0], raw["masked"][1]), raw["quiet_until"], raw["minute"], cusums,
        )  # fmt: skip


def step(model: WatchModel, name: str, state: SeriesState, minute: int, posts: Sequence[Counted]) -> Alarm | None:
    """Count the posts of one minute, later than all before; the alarm they ring, if any."""
    own, rule = model.series[name], model.rule
    if len(state.cusums) != len(rule.ratios):  # the rule changed: what was gathered under the old one is let go
        state.cusums = [Cusum() for _ in rule.ratios]
    quiet, rate = _pass(model, own, state, minute)
    hour = minute // 60
    state.recent[hour] = state.recent.get(hour, 0) + len(posts)
    state.minute = minute
    if minute < state.quiet_until:
        return None
    for ratio, cusum in zip(rule.ratios, state.cusums, strict=True):
        _add(cusum, posts, quiet, rate / 60, ratio)
    best = _rung(own, rule, state)
    if best is None:
        return None
    found = _alarm(name, own, state, best, minute)
    state.masked = (state.cusums[best].members[0][0] // 60, (minute + rule.cooldown_minutes) // 60 + 1)
    state.quiet_until = minute + rule.cooldown_minutes
    state.cusums = [Cusum() for _ in rule.ratios]
    return found


def _add(cusum: Cusum, posts: Sequence[Counted], quiet: float, now: float, ratio: float) -> None:
    """One minute of a CUSUM: it falls by what was expected since the last post, then takes the new ones."""
    before = cusum.value - (ratio - 1) * quiet
    if before <= 0:
        cusum.members, cusum.expected, before = [], -quiet, 0.0
    cusum.members += [(one.minute, one.author, one.feedback_id) for one in posts]
    cusum.expected += quiet + now
    cusum.value = max(0.0, before + len(posts) * log(ratio) - (ratio - 1) * now)


def _rung(own: SeriesModel, rule: Rule, state: SeriesState) -> int | None:
    """The ratio whose CUSUM is furthest above its threshold with enough authors."""
    found = [
        (cusum.value / limit, -place)
        for place, (cusum, limit) in enumerate(zip(state.cusums, own.thresholds, strict=True))
        if cusum.value >= limit and len({author for _, author, _ in cusum.members}) >= rule.min_authors
    ]
    return -max(found)[1] if found else None


def _alarm(name: str, own: SeriesModel, state: SeriesState, place: int, minute: int) -> Alarm:
    cusum = state.cusums[place]
    started = instant(cusum.members[0][0])
    return Alarm(
        alarm_id(name, started), name, started, instant(minute + 1), len({author for _, author, _ in cusum.members}),
        round(cusum.expected, 6), round(cusum.value, 6), round(own.thresholds[place], 6),
        tuple(dict.fromkeys(post for _, _, post in cusum.members)),
    )  # fmt: skip


def _pass(model: WatchModel, own: SeriesModel, state: SeriesState, minute: int) -> tuple[float, float]:
    """Authors expected since the last post and before `minute`, and the rate an hour in it; moves the level on."""
    since, quiet = state.minute + 1 if state.minute >= 0 else minute, 0.0
    while True:
        rate = _rate(model, own, state)
        end = min(minute, (state.hour + 1) * 60)
        quiet += max(0, end - since) * rate / 60
        since = max(since, end)
        if state.hour >= minute // 60:
            return quiet, rate
        _next_hour(model, own, state)


def _rate(model: WatchModel, own: SeriesModel, state: SeriesState) -> float:
    level = (own.level_prior + state.seen) / (own.level_prior + state.due)
    low, high = model.rule.level_bounds
    return max(own.rates[_cell(state.hour, model)] * min(max(level, low), high), model.rule.floor_per_hour)


def _next_hour(model: WatchModel, own: SeriesModel, state: SeriesState) -> None:
    state.hour += 1
    ready, keep = state.hour - model.rule.level_lag_hours, exp(-1.0 / model.rule.level_hours)
    counts = {hour: n for hour, n in state.recent.items() if hour > ready}
    free = not state.masked[0] <= ready < state.masked[1]
    state.seen = state.seen * keep + (state.recent.get(ready, 0) if free else 0)
    state.due = state.due * keep + (own.rates[_cell(ready, model)] if free else 0)
    state.recent = counts


def _cell(hour: int, model: WatchModel) -> int:
    return _cached_cell(hour, model.holidays, model.rule.zone)


@lru_cache(maxsize=100_000)
def _cached_cell(hour: int, holidays: tuple[date, ...], zone: str) -> int:
    return cell(hour, holidays, zone)
