"""How long a row may stay: the rule of data/reference/retention.yaml that fits it best, and the day it must go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from insights.errors import SettingsError
from insights.settings import Settings
from insights.yaml_files import read_yaml

FILE = "retention.yaml"
TRANSCRIPTS = frozenset({"call", "chat"})
DATED_TABLES = ("contact", "invitation", "customer_snapshot", "churn_event", "churn_panel", "churn_score", "published")
TableName = Literal[
    "feedback", "contact", "invitation", "customer_snapshot", "churn_event", "churn_panel", "churn_score",
    "published", "event_text",
]  # fmt: skip
Kind = Literal["survey", "post", "review", "call", "chat", "mail", "ticket", "employee"]


class Rule(BaseModel):
    """One line of the file. An empty condition fits everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    table: TableName
    source: str = ""
    kinds: frozenset[Kind] = frozenset()
    countries: frozenset[str] = frozenset()
    linked: bool | None = None
    counts_from: Literal["occurred", "collected", "row"] = "row"
    days: int = Field(ge=1)
    reason: str = Field(min_length=1)
    basis: str = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        feedback = self.table == "feedback"
        if not feedback and (self.source or self.kinds or self.countries or self.linked is not None):
            raise ValueError("source, kinds, countries and linked are for table feedback only")
        if feedback == (self.counts_from == "row"):
            raise ValueError("counts_from is occurred or collected for table feedback, and left out for all others")
        return self

    def fits(self, source: str, kind: str, country: str, linked: bool) -> bool:
        """Whether a feedback falls under this rule."""
        return (
            self.table == "feedback"
            and self.source in ("", source)
            and (not self.kinds or kind in self.kinds)
            and (not self.countries or country in self.countries)
            and self.linked in (None, linked)
        )

    @property
    def weight(self) -> tuple[bool, bool, bool, bool]:
        """The more specific rule has the greater weight."""
        return bool(self.source), bool(self.kinds), bool(self.countries), self.linked is not None


class Policy(BaseModel):
    """All rules. Every table has one, and one of `feedback` fits whatever comes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _covers_everything(self) -> Self:
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the name {twice[0]} stands twice")
        missing = {*DATED_TABLES, "event_text"} - {rule.table for rule in self.rules}
        if missing:
            raise ValueError(f"there is no rule for table {', '.join(sorted(missing))}")
        if not any(rule.table == "feedback" and rule.weight == (False,) * 4 for rule in self.rules):
            raise ValueError("feedback needs one rule without source, kinds, countries and linked, for all the rest")
        return self

    def of_feedback(self, source: str, kind: str, country: str, linked: bool) -> Rule:
        """The most specific rule that fits a feedback."""
        fitting = [rule for rule in self.rules if rule.fits(source, kind, country, linked)]
        return max(fitting, key=lambda rule: rule.weight)

    def of_table(self, table: str) -> Rule:
        """The rule of a table whose rows carry their own day."""
        return next(rule for rule in self.rules if rule.table == table)

    def until(self, row: Mapping[str, Any], source: str, country: str, linked: bool, today: date) -> date:
        """Last day a feedback is kept. `row` holds `kind` and `occurred_at`; `today` is the day of collection."""
        rule = self.of_feedback(source, row["kind"], country, linked)
        start = row["occurred_at"].date() if rule.counts_from == "occurred" else today
        return start + timedelta(days=rule.days)


def load_policy(settings: Settings) -> Policy:
    """The rules of the company. Raises SettingsError that names the file and what is wrong in it.

    VOC_TRANSCRIPT_RETENTION_DAYS and VOC_RETENTION_DAYS, where they are given, replace the days of `feedback` rules.
    """
    path = settings.reference_dir / FILE
    try:
        policy = _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise SettingsError(f"{path} is missing: without it nobody knows how long a row may stay.") from error
    return Policy(rules=tuple(_overridden(rule, settings) for rule in policy.rules))


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Policy:
    try:
        return Policy.model_validate(read_yaml(path) or {})
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from error
    except ValidationError as error:
        raise SettingsError(f"{path} cannot be used: {'; '.join(map(_sentence, error.errors()))}.") from error


def _sentence(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"]).removeprefix("Value error, ")


def _overridden(rule: Rule, settings: Settings) -> Rule:
    given = settings.model_fields_set
    if rule.table != "feedback":
        return rule
    name = "transcript_retention_days" if rule.kinds and rule.kinds <= TRANSCRIPTS else "retention_days"
    return rule.model_copy(update={"days": getattr(settings, name)}) if name in given else rule
