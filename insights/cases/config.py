"""case_rules.yaml and the settings that carry its numbers, as one checked `Rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, ValidationError

from insights.cases.complaints import FILE as COMPLAINTS
from insights.cases.complaints import Complaints, load_complaints
from insights.cases.due import Promise
from insights.cases.model import ANSWER, DISSATISFIED, FAMILY_OF, MOMENT, Signal
from insights.cases.moments import FILE as MOMENTS
from insights.cases.moments import Moment, load_moments
from insights.cases.satisfaction import Downward, downward
from insights.cases.when import ANYTHING, When
from insights.errors import SettingsError
from insights.proof.worth import unit_costs
from insights.questionnaires import load_questionnaires
from insights.settings import Settings
from insights.yaml_files import read_yaml

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
    recontact_blocks: bool = True
    teams_by_segment: Mapping[str, str] | None = None
    when: When = ANYTHING

    @property
    def family(self) -> str:
        return FAMILY_OF.get(self.signal, ANSWER)

    def fits(self, signal: Signal, value_eur_year: float, high_value_eur: float) -> bool:
        """The kind of signal, the value and every condition under `when`."""
        if self.signal != signal.kind or (self.high_value and value_eur_year < high_value_eur):
            return False
        return self.when.holds(signal, value_eur_year)

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
    complaints: Complaints = Complaints()
    moments: tuple[Moment, ...] = ()
    third_parties: tuple[str, ...] = ()
    downward: Downward = field(default_factory=dict)

    def rule_for(self, signal: Signal, value_eur_year: float) -> Rule | None:
        """The highest rule that fits a signal; None when none does."""
        if signal.kind == "detractor" and signal.score > self.detractor_max:
            return None
        return next((rule for rule in self.rules if rule.fits(signal, value_eur_year, self.high_value_eur)), None)

    def position(self, reason: str) -> int:
        """Place of a reason in the file; after all of them when it is no longer there."""
        return next((rule.position for rule in self.rules if rule.reason == reason), len(self.rules))

    @property
    def dissatisfied_max(self) -> float | None:
        """Highest place on its scale, 0 to 1, at which an answer on satisfaction or effort can open a case."""
        ends = [one.when.score.max for one in self.rules if one.signal == DISSATISFIED and one.when.score]
        return max((end for end in ends if end is not None), default=None)

    @property
    def asks_risk(self) -> bool:
        """Whether a rule on a customer's own words asks for their probability to leave."""
        return any(rule.when.risk is not None for rule in self.rules)

    def is_proactive(self, reason: str) -> bool:
        return any(rule.reason == reason and rule.proactive for rule in self.rules)


Clock = Literal["working_days", "opening_hours"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _PromiseEntry(_Strict):
    hours: float | None = Field(None, gt=0)
    clock: Clock = "working_days"
    resolution_hours: float | None = Field(None, gt=0)
    resolution_clock: Clock = "working_days"
    remind_before_hours: tuple[PositiveFloat, ...] = ()
    escalate_after_hours: tuple[NonNegativeFloat, ...] = ()


class _RuleEntry(_Strict):
    reason: str
    signal: Literal["urgency", "complaint", "public", "leave_intent", "detractor", "dissatisfied", "risk", "moment"]
    team: str
    promise: str
    high_value: bool = False
    proactive: bool = False
    objection_blocks: bool = True
    recontact_blocks: bool = True
    teams_by_segment: dict[str, str] = {}
    when: When = ANYTHING


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
    third_parties: list[str] = []
    proactive: _ProactiveEntry = _ProactiveEntry()


def load_rules(path: Path, settings: Settings, teams: Mapping[str, Any]) -> Rules:
    """Rules from case_rules.yaml with the numbers of the settings; `teams` holds the ids that rules may name.

    Raises SettingsError with the file and what was found.
    """
    try:
        entry = _File.model_validate(read_yaml(path))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise SettingsError(f"{path}: the case rules cannot be read ({error}).") from error
    _check(path, entry, set(teams))
    moments = load_moments(path.parent / MOMENTS, teams)
    hours = {"high_value": settings.promise_high_value_hours, "standard": settings.promise_hours}
    return Rules(
        rules=tuple(_rule(place, rule) for place, rule in enumerate(entry.rules)),
        promises={
            name: Promise(
                name,
                found.hours or hours.get(name, settings.promise_hours),
                **found.model_dump(exclude={"hours"}),
            )
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
        complaints=load_complaints(path.parent / COMPLAINTS),
        moments=moments,
        third_parties=tuple(entry.third_parties),
        downward=downward(load_questionnaires(path.parent)),
    )


def _rule(place: int, entry: _RuleEntry) -> Rule:
    return Rule(position=place, when=entry.when, **entry.model_dump(exclude={"when"}))


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
        if rule.signal == DISSATISFIED and not (rule.when.score and rule.when.score.below(1.0)):
            raise SettingsError(
                f"{where} says nothing of how low the answer is: give `when: {{score: {{max: 0.25}}}}`."
            )
        if rule.proactive and rule.signal != "risk":
            raise SettingsError(
                f"{where} is proactive on {rule.signal!r}: only a risk may be held out, "
                "never the answer to a customer's own words."
            )
    by_signal = {rule.signal for rule in entry.rules}
    if MOMENT not in by_signal and load_moments(path.parent / MOMENTS, teams):
        raise SettingsError(f"{path}: no rule takes the moments of {MOMENTS}; write one with `signal: {MOMENT}`.")
    if not entry.rules or entry.rules[0].signal != "urgency":
        raise SettingsError(f"{path}: the rule on urgency must stand first, before any ranking by value.")
