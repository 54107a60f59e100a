"""What an alarm engine may be told: how many false alarms are borne, how few people are too few, how long it is silent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """False alarms that are borne: `per_week` for all series together when `shared`, else for each series."""

    per_week: float
    shared: bool


COMPANY = Budget(1.0, shared=True)
PER_IRRITANT = Budget(0.5, shared=False)  # METHODS 3: one false alarm per irritant in two weeks


@dataclass(frozen=True)
class Rule:
    """How alarms are found. A change needs a new fit: thresholds are set under one rule.

    `ratios`: each watches for a rate so many times the expected one; `author_hours`: an author counts once in so
    many hours; `late_minutes`: a post that arrives later than this after its time no longer rings;
    `level_hours`, `level_lag_hours`: how fast today's level follows the counts, and from how far back;
    `level_bounds`: how far it may stray from the baseline; `floor_per_hour`: the lowest expected rate, so that five
    people in a month are no alarm of a series that is nearly always silent.
    """

    ratios: tuple[float, ...] = (12.0,)
    min_authors: int = 5
    cooldown_minutes: int = 120
    author_hours: int = 12
    late_minutes: int = 15
    level_hours: float = 24.0
    level_lag_hours: int = 2
    level_bounds: tuple[float, float] = (0.5, 8.0)
    floor_per_hour: float = 0.1
    zone: str = "Europe/Paris"


RULE = Rule()
