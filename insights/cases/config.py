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
from insights.proof.worth import unit_costs
from insights.settings import Settings

COSTS = "unit_costs.yaml"


@dataclass(frozen=True)
class Proactive:
    """What a proactive call is supposed to do and to cost; people edit it in case_rules.yaml.

    Expected net value of a call = probability to leave x margin a year x `value_years` x `relative_cut` - `call_eur`.
    """

    relative_cut: float = 0.20
    value_years: float = 3.0
    call_eur: float = 0.0
    random_share: float = 0.05
    assignment: str = "auto"
    promise_overdue_days: int = 14

    def net_eur(self, probability: Any, margin_eur_year: Any, relative_cut: float | None = None) -> Any:
        """Euros expected of a call, its cost taken off; numbers or arrays of one shape."""
        cut = self.relative_cut if relative_cut is None else relative_cut
        return probability * margin_eur_year * self.value_years * cut - self.call_eur


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
    proactive: Proactive = Proactive()

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


class _ProactiveEntry(_Strict):
    relative_cut: float = Field(default=0.20, gt=0, le=1)
    value_years: float = Field(default=3.0, gt=0, le=50)
    call_channel: str = "phone"
    random_share: float = Field(default=0.05, ge=0, le=0.5)
    assignment: Literal["auto", "greedy", "exact"] = "auto"
    promise_overdue_days: int = Field(default=14, ge=0)


class _File(_Strict):
    salt: str = Field(min_length=1)
    quiet_days: int = Field(60, ge=0)
    max_attempts: int = Field(3, ge=1)
    promise_starts: Literal["opening", "signal"] = "opening"
    promises: dict[str, _PromiseEntry]
    rules: list[_RuleEntry]
    outcomes: list[str] = Field(min_length=1)
    proactive: _ProactiveEntry = _ProactiveEntry()


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
        proactive=_proactive(path.parent / COSTS, entry.proactive),
    )


def _proactive(costs: Path, entry: _ProactiveEntry) -> Proactive:
    """The declared values with the cost of a contact by their channel; without a file of costs a call costs nothing."""
    known = unit_costs(costs) if costs.is_file() else {}
    if known and entry.call_channel not in known:
        raise SettingsError(f"{costs}: `contact_eur` lacks {entry.call_channel!r}, the channel of proactive calls.")
    declared = entry.model_dump(exclude={"call_channel"})
    return Proactive(call_eur=known.get(entry.call_channel, 0.0), **declared)


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
