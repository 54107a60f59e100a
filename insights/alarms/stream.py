"""The watch at work: posts in, alarms out, and a state in plain JSON that any later process takes up where it was left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from insights.alarms.counting import Counted, Memory, count, read_posts
from insights.alarms.hours import instant, minute_of
from insights.alarms.model import Alarm
from insights.alarms.series import SeriesState, step
from insights.alarms.watch import WatchModel


@dataclass
class WatchState:
    """Where the watch stands: minutes before `until` (since 1970) are done. Holds hashed authors and ids of the last hours.

    `n_late`: posts that came too late to ring, ever.
    """

    until: int
    series: dict[str, SeriesState] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    n_late: int = 0

    @property
    def at(self) -> datetime:
        return instant(self.until)

    def as_json(self) -> dict[str, Any]:
        """Plain values; `WatchState.of` reads them back."""
        return {
            "until": self.until,
            "n_late": self.n_late,
            "memory": self.memory.as_json(),
            "series": {name: one.as_json() for name, one in sorted(self.series.items())},
        }

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> WatchState:
        series = {name: SeriesState.of(one) for name, one in raw["series"].items()}
        return cls(int(raw["until"]), series, Memory.of(raw["memory"]), int(raw["n_late"]))


def start_watch(at: datetime) -> WatchState:
    """A watch that has seen nothing and begins at `at`."""
    return WatchState(minute_of(at))


def advance(
    model: WatchModel, state: WatchState, posts: pd.DataFrame, until: datetime
) -> tuple[WatchState, list[Alarm]]:
    """The state at `until` (cut to the minute) and the alarms that rang since, in time order; `state` is not changed.

    `posts` (columns as in `read_posts`): those since `state.at`; earlier ones may be given again and count once, and
    those that come up to `late_minutes` late count in the first new minute. Posts at or after `until` wait for their turn.
    A series that the model does not know counts in POOLED only.
    """
    new = WatchState.of(state.as_json())
    end = max(minute_of(until), new.until)
    due = [post for post in read_posts(posts) if post.minute < end]
    oldest = new.until - model.rule.late_minutes
    new.n_late += sum(post.minute < oldest for post in due)
    counted = count([post for post in due if post.minute >= oldest], new.memory, model.rule.author_hours * 60)
    alarms = _play(model, new, [one._replace(minute=max(one.minute, new.until)) for one in counted])
    new.until = end
    new.memory = new.memory.forget(end - model.rule.late_minutes, model.rule.author_hours * 60)
    return new, alarms


def _play(model: WatchModel, state: WatchState, counted: Sequence[Counted]) -> list[Alarm]:
    groups: dict[tuple[int, str], list[Counted]] = {}
    for one in counted:
        if one.series in model.series:
            groups.setdefault((one.minute, one.series), []).append(one)
    found = []
    for (minute, name), together in sorted(groups.items()):
        own = state.series.setdefault(name, SeriesState(hour=minute // 60, ratios=len(model.rule.ratios)))
        alarm = step(model, name, own, minute, together)
        if alarm is not None:
            found.append(alarm)
    return sorted(found, key=lambda one: (one.raised_at, one.series))
