"""contact_rules.yaml as one checked `ContactRules`: every rule with its parameters, its legal source and its first day."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from insights.contactability.model import SURVEY, Facts, Request
from insights.errors import SettingsError
from insights.yaml_files import read_yaml

FILE = "contact_rules.yaml"
Purpose = Literal["service", "survey", "prospecting"]
Channel = Literal["phone", "sms", "email", "letter", "app"]
Kind = Literal["relational", "transactional"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoParameters(Strict):
    """A rule without a setting of its own."""


class Offer(Strict):
    """A type of offer. `current_contract`: related to the customer's contract (L. 223-1 C. conso, contract exception)."""

    name: dict[Literal["fr", "en"], str]
    current_contract: bool = False


class Place(Strict):
    """Where another clock or other holidays hold: region names, in any case and with or without accents."""

    names: tuple[str, ...] = Field(min_length=1)
    timezone: str = "Europe/Paris"
    subdivision: str | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value


class RuleEntry(Strict):
    """One rule. Without `channels` it holds on all of them; `warns`: purposes for which it is told and does not block."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    applies_to: tuple[Purpose, ...] = Field(min_length=1)
    who: tuple[Literal["consumer", "business"], ...] = ("consumer", "business")
    channels: tuple[Channel, ...] = ()
    warns: tuple[Purpose, ...] = ()
    spares_urgent: bool = False
    valid_from: date
    source: str = Field(min_length=10)
    source_fr: str = Field(min_length=10)
    read: Literal["text", "secondary", "ours"]
    enabled: bool = True
    parameters: dict[str, Any] = {}

    def rests_on(self, language: str) -> str:
        """The text or practice behind the rule."""
        return self.source_fr if language == "fr" else self.source

    def binds(self, request: Request, facts: Facts, timezone: str) -> bool:
        """Whether this rule has a say on a contact: purpose, person, channel, day."""
        return (
            self.enabled
            and request.purpose in self.applies_to
            and facts.who in self.who
            and (not self.channels or request.channel in self.channels)
            and not (self.spares_urgent and request.urgent)
            and request.at.astimezone(ZoneInfo(timezone)).date() >= self.valid_from
        )


class Proactive(Strict):
    """What a call of our own making (by risk) is in law."""

    purpose: Literal["service", "prospecting"] = "prospecting"
    offer: str | None = None


class _File(Strict):
    business_segments: tuple[str, ...] = ()
    timezone: str = "Europe/Paris"
    proactive: Proactive = Proactive()
    refusal_outcomes: tuple[str, ...] = ()
    survey_kinds: dict[str, Kind] = {}
    offers: dict[str, Offer]
    places: tuple[Place, ...] = ()
    rules: tuple[RuleEntry, ...] = Field(min_length=1)


@dataclass(frozen=True)
class ContactRules:
    """Everything that decides who may be contacted, how, when and what for."""

    rules: tuple[RuleEntry, ...]
    parameters: Mapping[str, BaseModel]
    offers: Mapping[str, Offer]
    places: tuple[Place, ...] = ()
    business_segments: tuple[str, ...] = ()
    refusal_outcomes: tuple[str, ...] = ()
    survey_kinds: Mapping[str, str] = field(default_factory=dict)
    proactive: Proactive = Proactive()
    timezone: str = "Europe/Paris"

    @cached_property
    def _by_name(self) -> dict[str, Place]:
        return {plain(name): place for place in self.places for name in place.names}

    def place(self, region: str | None) -> Place:
        """Clock and holidays of a region; those of mainland France where it is not known."""
        home = Place(names=("",), timezone=self.timezone)
        return self._by_name.get(plain(region), home) if region else home

    def kind_of(self, survey: str | None) -> str:
        """relational or transactional; a survey nobody declared is transactional."""
        return self.survey_kinds.get(survey or "", "transactional")

    def rule(self, rule_id: str) -> RuleEntry:
        return next(entry for entry in self.rules if entry.id == rule_id)


def plain(text: str) -> str:
    """A name without accents, hyphens and case: `La Réunion` is `la reunion`."""
    letters = unicodedata.normalize("NFKD", text.replace("-", " ").replace("’", "'").casefold())
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())


def load_contact_rules(path: Path) -> ContactRules:
    """Rules from contact_rules.yaml. Raises SettingsError with the file, the rule and what was found."""
    from insights.contactability.law import LAWS

    try:
        found = _File.model_validate(read_yaml(path))
        _check(found, set(LAWS))
        parameters = {entry.id: LAWS[entry.id].parameters.model_validate(entry.parameters) for entry in found.rules}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError, ValueError, KeyError) as error:
        raise SettingsError(f"{path}: the rules of contact cannot be read ({error}). Correct this entry.") from error
    named = dict(found)
    return ContactRules(parameters=parameters, **named)


def _check(found: _File, laws: set[str]) -> None:
    """Raise ValueError for a rule without law, a law without rule, an unknown offer, a warning for another purpose."""
    ids = [entry.id for entry in found.rules]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ValueError(f"rule {', '.join(twice)} stands twice")
    if unknown := sorted(set(ids) - laws):
        raise ValueError(f"rule {', '.join(unknown)} is no rule of ours: use {', '.join(sorted(laws))}")
    if missing := sorted(laws - set(ids)):
        raise ValueError(f"rule {', '.join(missing)} is missing: a rule that shall not hold says `enabled: false`")
    if found.proactive.offer is not None and found.proactive.offer not in found.offers:
        raise ValueError(f"proactive names the offer {found.proactive.offer!r}: use {', '.join(found.offers)}")
    for entry in found.rules:
        if more := sorted(set(entry.warns) - set(entry.applies_to)):
            raise ValueError(f"rule {entry.id} warns for {', '.join(more)}, to which it does not apply")
    ZoneInfo(found.timezone)


def day_of(at: datetime, timezone: str) -> date:
    """The local day of an instant."""
    return at.astimezone(ZoneInfo(timezone)).date()


__all__ = ["SURVEY", "ContactRules", "Offer", "Place", "RuleEntry", "day_of", "load_contact_rules", "plain"]
