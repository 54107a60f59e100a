"""Known events of the calendar that move irritants by themselves, checked: data/reference/known_events.yaml, and those
of the example company beside its data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights.digest.owners import plain
from insights.errors import SettingsError
from insights.yaml_files import read_yaml

FILE = "known_events.yaml"


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
    """One event. `words`: beginnings of words of the irritants' labels it moves, folded as texts are; `reasons`: contact
    reasons; both empty: it moves everything."""

    fr: str
    en: str
    start_on: date
    end_on: date | None
    words: tuple[str, ...]
    reasons: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(filter(None, map(plain, self.words))))

    def name(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


def known_paths(reference_dir: Path, data_dir: Path) -> tuple[Path, ...]:
    """The files of known events that exist: the company's own, then that which the demo wrote with its data."""
    return tuple(path for path in (reference_dir / FILE, data_dir / "demo" / "reference" / FILE) if path.is_file())


def load_known(*paths: Path) -> list[KnownEvent]:
    """Events in the order of the files; none where there are none. Raises SettingsError naming the file."""
    return [one for path in paths for one in _load(path)]


def _load(path: Path) -> list[KnownEvent]:
    if not path.is_file():
        return []
    try:
        raw = read_yaml(path) or {}
        found = [_Event.model_validate(one) for one in raw.get("events") or []]
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValidationError) as error:
        raise SettingsError(f"{path}: the known events cannot be read ({error}).") from error
    made = [KnownEvent(e.fr, e.en, e.start_on, e.end_on, tuple(e.words), tuple(e.reasons)) for e in found]
    if empty := [one.fr for one, told in zip(made, found, strict=True) if told.words and not one.words]:
        raise SettingsError(f"{path}: the words of {empty[0]!r} hold no letter or figure: write beginnings of words.")
    return made
