"""Formal complaints: how one is recognised, and by when the law or the house wants it acknowledged and answered.

Recognised from the fields a source fills in, or from words that say so outright. Anger, a relance or the word
"complaint" alone are none: they are answered as what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError, model_validator

from insights.errors import SettingsError
from insights.mentions.text import fold
from insights.yaml_files import read_yaml

FILE = "complaints.yaml"
GENERAL = "general"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Delay(_Strict):
    """A delay on the calendar, weekends counted: days, weeks and months, and where it comes from."""

    days: NonNegativeInt = 0
    weeks: NonNegativeInt = 0
    months: NonNegativeInt = 0
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _not_nothing(self) -> Self:
        if not (self.days or self.weeks or self.months):
            raise ValueError("a delay needs days, weeks or months")
        return self

    def after(self, start: datetime, timezone: str = "Europe/Paris") -> datetime:
        """UTC instant of the same wall time so much later; the 31st of a short month is its last day."""
        local = pd.Timestamp(start.astimezone(ZoneInfo(timezone)).replace(tzinfo=None))
        later = local + pd.DateOffset(days=self.days, weeks=self.weeks, months=self.months)
        wall: datetime = later.to_pydatetime()
        return wall.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


class Reason(_Strict):
    """One legal reason: words (folded regular expressions) or irritants that tell it, and its time to answer."""

    reason: str = Field(min_length=1)
    words: tuple[str, ...] = ()
    irritants: tuple[str, ...] = ()
    answer_within: Delay

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        return _pattern(self.words)


class Ombudsman(_Strict):
    """Whom the customer may turn to, from when on after a complaint, and until when."""

    name: Mapping[str, str]
    opens_after: Delay
    until: Delay | None = None


class _Detect(_Strict):
    kinds: tuple[str, ...] = ()  # written feedback whose words are read
    field_kinds: tuple[str, ...] = ()  # feedback whose fields are read
    fields: Mapping[str, tuple[str, ...]] = {}
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class _File(_Strict):
    acknowledge_within: Delay | None = None
    detect: _Detect = _Detect()
    reasons: tuple[Reason, ...] = Field(min_length=1)
    ombudsman: Ombudsman | None = None

    @model_validator(mode="after")
    def _general_last(self) -> Self:
        if self.reasons[-1].reason != GENERAL or self.reasons[-1].words or self.reasons[-1].irritants:
            raise ValueError(f"the last reason must be {GENERAL!r}, without words or irritants: it takes what is left")
        return self


@dataclass(frozen=True)
class Complaints:
    """complaints.yaml, checked. Without the file nothing is a formal complaint."""

    detect: _Detect = field(default_factory=_Detect)
    reasons: tuple[Reason, ...] = ()
    acknowledge_within: Delay | None = None
    ombudsman: Ombudsman | None = None
    timezone: str = "Europe/Paris"

    @cached_property
    def _explicit(self) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        return _pattern(self.detect.words), _pattern(self.detect.unless)

    @cached_property
    def _fields(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(map(fold, values)) for name, values in self.detect.fields.items()}

    def declared(self, row: Mapping[Any, Any]) -> bool:
        """A field of the feedback says that it is a formal complaint."""
        if str(row.get("kind")) not in self.detect.field_kinds:
            return False
        return any(fold(str(row.get(name, "")).strip()) in values for name, values in self._fields.items())

    def said(self, kind: str, text: str) -> bool:
        """The customer's own written words say outright that this is a formal complaint."""
        fires, blocks = self._explicit
        if kind not in self.detect.kinds or fires is None:
            return False
        folded = fold(text)
        return fires.search(blocks.sub(" ", folded) if blocks else folded) is not None

    def reason_of(self, text: str, irritant_id: str | None) -> str:
        """Legal reason: the first whose irritants or words fit; `general` when none does."""
        folded = fold(text)
        for one in self.reasons:
            if irritant_id in one.irritants or (one.pattern and one.pattern.search(folded)):
                return one.reason
        return GENERAL

    def legal(self, reason: str, received_at: datetime) -> dict[str, Any]:
        """Due instants of a complaint received then, as ISO text, for the case's event."""
        rule = next((one for one in self.reasons if one.reason == reason), None)
        found: dict[str, datetime] = {}
        if rule:
            found["answer_by"] = rule.answer_within.after(received_at, self.timezone)
        if self.acknowledge_within:
            found["acknowledge_by"] = self.acknowledge_within.after(received_at, self.timezone)
        if self.ombudsman:
            found["ombudsman_at"] = self.ombudsman.opens_after.after(received_at, self.timezone)
            if self.ombudsman.until:
                found["ombudsman_until"] = self.ombudsman.until.after(received_at, self.timezone)
        return {"reason": reason, **{name: at.isoformat() for name, at in found.items()}}


def load_complaints(path: Path) -> Complaints:
    """The file's rules; none without the file. Raises SettingsError with the file and what was found."""
    if not path.is_file():
        return Complaints()
    try:
        entry = _File.model_validate(read_yaml(path))
        found = Complaints(entry.detect, entry.reasons, entry.acknowledge_within, entry.ombudsman)
        _ = found._explicit, [reason.pattern for reason in entry.reasons]
    except (OSError, yaml.YAMLError, ValidationError, re.error) as error:
        raise SettingsError(f"{path}: the rules on formal complaints cannot be read ({error}).") from error
    return found


def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern of all phrases, on whole words of folded text; a blank stands for any run of blanks."""
    if not words:
        return None
    return re.compile("|".join(rf"(?<!\w)(?:{fold(one)})(?!\w)".replace(" ", r"\s+") for one in words))
