"""case_rules.yaml and the settings that carry its numbers, as one checked `Rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights.cases.due import WORKING_DAYS, Promise
from insights.cases.model import Signal
from insights.errors import SettingsError
from insights.settings import Settings


@dataclass(frozen=True)
class Rule:
    """One line of case_rules.yaml. `position` 0 stands highest."""

    reason: str
    signal: str
    team: str
    promise: str
    position: int
    high_value: bool = False
    proactive: bool = False
    objection_blocks: bool = True
    teams_by_segment: Mapping[str, str] | None = None

    def team_of(self, segment: str | None) -> str:
        return (self.teams_by_segment or {}).get(segment or "", self.team)


@dataclass(frozen=True)
class Rules:
    """Everything that decides whether, for whom and by when a case opens."""

    rules: tuple[Rule, ...]
    promises: Mapping[str, Promise]
    salt: str
    holdout_share: float
    daily_calls: int
    lookback_days: int
    quiet_days: int
    max_attempts: int
    promise_starts: str
    detractor_max: int
    risk_quantile: float
    high_value_eur: float
    outcomes: tuple[str, ...]

    def rule_for(self, signal: Signal, value_eur_year: float) -> Rule | None:
        """The highest rule that fits a signal; None when none does."""
        if signal.kind == "detractor" and signal.score > self.detractor_max:
            return None
        for rule in self.rules:
            if rule.signal == signal.kind and (not rule.high_value or value_eur_year >= self.high_value_eur):
                return rule
        return None

    def position(self, reason: str) -> int:
        """Place of a reason in the file; after all of them when it is no longer there."""
        return next((rule.position for rule in self.rules if rule.reason == reason), len(self.rules))

    def is_proactive(self, reason: str) -> bool:
        return any(rule.reason == reason and rule.proactive for rule in self.rules)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _PromiseEntry(_Strict):
    hours: float | None = Field(None, gt=0)
    clock: Literal["working_days", "opening_hours"] = "working_days"


class _RuleEntry(_Strict):
    reason: str
    signal: Literal["urgency", "leave_intent", "detractor", "risk"]
    team: str
    promise: str
    high_value: bool = False
    proactive: bool = False
    objection_blocks: bool = True
    teams_by_segment: dict[str, str] = {}


class _File(_Strict):
    salt: str = Field(min_length=1)
    quiet_days: int = Field(60, ge=0)
    max_attempts: int = Field(3, ge=1)
    promise_starts: Literal["opening", "signal"] = "opening"
    promises: dict[str, _PromiseEntry]
    rules: list[_RuleEntry]
    outcomes: list[str] = Field(min_length=1)


def load_rules(path: Path, settings: Settings, teams: Mapping[str, Any]) -> Rules:
    """Rules from case_rules.yaml with the numbers of the settings; `teams` holds the ids that rules may name.

    Raises SettingsError with the file and what was found.
    """
    try:
        entry = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise SettingsError(f"{path}: the case rules cannot be read ({error}).") from error
    _check(path, entry, set(teams))
    hours = {"high_value": settings.promise_high_value_hours, "standard": settings.promise_hours}
    return Rules(
        rules=tuple(Rule(position=place, **rule.model_dump()) for place, rule in enumerate(entry.rules)),
        promises={
            name: Promise(name, found.hours or hours.get(name, settings.promise_hours), found.clock or WORKING_DAYS)
            for name, found in entry.promises.items()
        },
        salt=entry.salt,
        holdout_share=settings.holdout_share,
        daily_calls=settings.daily_calls,
        lookback_days=settings.case_lookback_days,
        quiet_days=entry.quiet_days,
        max_attempts=entry.max_attempts,
        promise_starts=entry.promise_starts,
        detractor_max=settings.case_detractor_max,
        risk_quantile=settings.case_risk_quantile,
        high_value_eur=settings.high_value_eur,
        outcomes=tuple(entry.outcomes),
    )


def _check(path: Path, entry: _File, teams: set[str]) -> None:
    """Raise SettingsError for a rule that names an unknown promise or team, or that would hold back an answer."""
    for rule in entry.rules:
        where = f"{path}: rule {rule.reason!r}"
        unknown = ", ".join(sorted({rule.team, *rule.teams_by_segment.values()} - teams))
        if rule.promise not in entry.promises:
            raise SettingsError(f"{where} promises {rule.promise!r}; use one of {', '.join(sorted(entry.promises))}.")
        if unknown:
            raise SettingsError(f"{where} names {unknown}, which teams.yaml lacks; use {', '.join(sorted(teams))}.")
        if rule.proactive and rule.signal != "risk":
            raise SettingsError(
                f"{where} is proactive on {rule.signal!r}: only a risk may be held out, "
                "never the answer to a customer's own words."
            )
    if not entry.rules or entry.rules[0].signal != "urgency":
        raise SettingsError(f"{path}: the rule on urgency must stand first, before any ranking by value.")
