"""Known events of the calendar that move irritants by themselves: data/reference/known_events.yaml, checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights.errors import SettingsError


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fr: str = Field(min_length=3)
    en: str = Field(min_length=3)
    start_on: date
    end_on: date | None = None
    words: list[str] = []
    reasons: list[str] = []


@dataclass(frozen=True)
class KnownEvent:
    """One event. `words`: beginnings of words of the irritants' labels it moves; `reasons`: contact reasons; both
    empty: it moves everything."""

    fr: str
    en: str
    start_on: date
    end_on: date | None
    words: tuple[str, ...]
    reasons: tuple[str, ...]

    def name(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


def load_known(path: Path) -> list[KnownEvent]:
    """Events in the order of the file; none where it is absent. Raises SettingsError naming the file."""
    if not path.is_file():
        return []
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        found = [_Event.model_validate(one) for one in raw.get("events") or []]
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValidationError) as error:
        raise SettingsError(f"{path}: the known events cannot be read ({error}).") from error
    return [KnownEvent(e.fr, e.en, e.start_on, e.end_on, tuple(e.words), tuple(e.reasons)) for e in found]
