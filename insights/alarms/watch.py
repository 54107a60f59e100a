"""The watch of every series: its baseline, its roughness, its thresholds; fitted once a week, kept as plain JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from insights.alarms.counting import Memory, count, read_posts
from insights.alarms.dispersion import Dispersion, dispersions
from insights.alarms.history import History
from insights.alarms.hours import minute_of
from insights.alarms.model import POOLED
from insights.alarms.settings import COMPANY, RULE, Budget, Rule
from insights.alarms.thresholds import level_prior, set_thresholds
from insights.errors import ModelError

WEEKS = 8
VERSION = 1


@dataclass(frozen=True)
class SeriesModel:
    """One series: `rates` an hour by cell (CELLS), thresholds by ratio, what the level's prior is worth in authors."""

    rates: tuple[float, ...]
    thresholds: tuple[float, ...]
    level_prior: float
    spread: Dispersion = Dispersion()
    n_authors: int = 0

    @property
    def weekly(self) -> float:
        """Authors expected in a week without holidays."""
        return sum(self.rates[:168])


@dataclass(frozen=True)
class WatchModel:
    """Every series that is watched, POOLED among them, under one rule and one budget."""

    fitted_until: datetime
    rule: Rule
    budget: Budget
    holidays: tuple[date, ...]
    series: Mapping[str, SeriesModel] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a file or a row; `WatchModel.of` reads them back."""
        return {
            "version": VERSION,
            "fitted_until": self.fitted_until.isoformat(),
            "rule": asdict(self.rule),
            "budget": asdict(self.budget),
            "holidays": [day.isoformat() for day in self.holidays],
            "series": {name: asdict(one) for name, one in sorted(self.series.items())},
        }

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> WatchModel:
        """The model of `as_json`. Raises ModelError for another version."""
        if raw.get("version") != VERSION:
            raise ModelError(f"The alarm baseline has version {raw.get('version')!r}, not {VERSION}: fit it again.")
        rule: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in raw["rule"].items()
        }
        return cls(
            datetime.fromisoformat(raw["fitted_until"]),
            Rule(**rule),
            Budget(**raw["budget"]),
            tuple(date.fromisoformat(day) for day in raw["holidays"]),
            {name: _series(one) for name, one in raw["series"].items()},
        )


def _series(raw: Mapping[str, Any]) -> SeriesModel:
    rates, thresholds = tuple(raw["rates"]), tuple(raw["thresholds"])
    return SeriesModel(rates, thresholds, raw["level_prior"], Dispersion(**raw["spread"]), raw["n_authors"])


def fit_watch(
    posts: pd.DataFrame,
    until: datetime,
    *,
    holidays: Collection[date] = (),
    masked: Sequence[tuple[datetime, datetime]] | Mapping[str, Sequence[tuple[datetime, datetime]]] = (),
    budget: Budget = COMPANY,
    rule: Rule = RULE,
    parents: Mapping[str, str] | None = None,
    series: Collection[str] = (),
    weeks: int = WEEKS,
    seed: int = 0,
) -> WatchModel:
    """The watch fitted on the `weeks` before `until`; later rows change nothing.

    `posts`: columns as in `read_posts`; `masked`: spans that are no baseline (alarms, collection gaps), for all series
    or by series (POOLED's for all); `parents`: theme by series; `series`: watched though the weeks may hold nothing of it.
    A history shorter than `weeks` is read from its first post on. Raises ContractError on missing columns.
    """
    last = minute_of(until) // 60
    rows = [post for post in read_posts(posts) if last - weeks * 168 <= post.minute // 60 < last]
    counted = count(rows, Memory(), rule.author_hours * 60)
    first = rows[0].minute // 60 if rows else last - weeks * 168
    found = {name: np.zeros(0, dtype=np.int64) for name in (POOLED, *series)}
    for name, group in pd.DataFrame(counted, columns=["minute", "series", "author", "post"]).groupby("series"):
        found[str(name)] = group["minute"].to_numpy(np.int64)
    history = History({name: found[name] for name in sorted(found)}, first, last, tuple(sorted(holidays)), rule.zone)
    rates, hourly = history.baseline(parents or {}, _spans(masked))
    spreads = dispersions(history.moments(hourly, rates), POOLED)
    limits = set_thresholds(rates, spreads, budget, rule, seed)
    models = {
        name: SeriesModel(
            tuple(map(float, rates[name])), limits[name], level_prior(spreads[name]), spreads[name], len(minutes)
        )
        for name, minutes in history.minutes.items()
    }
    return WatchModel(until, rule, budget, history.holidays, models)


def _spans(
    masked: Sequence[tuple[datetime, datetime]] | Mapping[str, Sequence[tuple[datetime, datetime]]],
) -> dict[str, list[tuple[int, int]]]:
    by_series = masked if isinstance(masked, Mapping) else {POOLED: masked}
    return {
        name: [(minute_of(start), minute_of(end + timedelta(seconds=59))) for start, end in spans]
        for name, spans in by_series.items()
    }
