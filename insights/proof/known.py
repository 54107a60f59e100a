"""What happened that customers notice, checked: data/reference/events.yaml, and that of the example company beside its
data. Charts over time mark it; the proof gives what moves an irritant by itself a place of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from insights.digest.owners import plain
from insights.errors import SettingsError
from insights.yaml_files import read_yaml

FILE, OLD_FILE = "events.yaml", "known_events.yaml"  # the old name is still read where there is no new file
Kind = Literal["release", "price", "campaign", "incident", "law", "other"]
CHOSEN = ("release", "campaign")  # kinds that move an irritant only where the file says which


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(default="", pattern=r"^[a-z0-9-]*$")
    kind: Kind = "other"
    fr: str = Field(min_length=3)
    en: str = Field(min_length=3)
    start_on: date
    end_on: date | None = None
    words: list[str] = []
    reasons: list[str] = []
    irritants: list[str] = []
    products: list[str] = []

    @model_validator(mode="after")
    def _in_order(self) -> _Event:
        if self.end_on is not None and self.end_on < self.start_on:
            raise ValueError(f"{self.fr!r} ends before it begins")
        return self


@dataclass(frozen=True)
class KnownEvent:
    """One event. `words`: beginnings of words of the irritants' labels it moves, folded as texts are; `reasons`: contact
    reasons; `irritants`: ids; all empty: it moves everything. `products`: where it happened; empty: everywhere."""

    fr: str
    en: str
    start_on: date
    end_on: date | None
    words: tuple[str, ...]
    reasons: tuple[str, ...]
    kind: Kind = "other"
    event_id: str = ""
    irritants: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(filter(None, map(plain, self.words))))

    def name(self, language: str) -> str:
        return self.fr if language == "fr" else self.en

    @property
    def scoped(self) -> bool:
        """Whether it says what it moves."""
        return bool(self.words or self.reasons or self.irritants)

    @property
    def moves(self) -> bool:
        """Whether the proof must tell it from an action: a release or a campaign only where it says what it moves."""
        return self.scoped or self.kind not in CHOSEN

    def names(self, key: str, text: str) -> bool:
        """Whether it says that it moves an irritant (its id, its labels folded) or a reason (itself, folded)."""
        return key in (*self.reasons, *self.irritants) or any(f" {word}" in f" {text}" for word in self.words)

    def concerns(self, products: Collection[str]) -> bool:
        """Whether it happened to one of these products; without any, everything is looked at."""
        return not products or not self.products or bool(set(self.products) & set(products))


def known_paths(reference_dir: Path, data_dir: Path) -> tuple[Path, ...]:
    """The files of events that exist: the company's own, then that which the demo wrote with its data."""
    folders = (reference_dir, data_dir / "demo" / "reference")
    found = (
        next((folder / name for name in (FILE, OLD_FILE) if (folder / name).is_file()), None) for folder in folders
    )
    return tuple(path for path in found if path is not None)


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
        raise SettingsError(f"{path}: the events cannot be read ({error}).") from error
    ids = [one.id for one in found if one.id]
    if twice := [one for one in ids if ids.count(one) > 1]:
        raise SettingsError(f"{path}: the id {twice[0]!r} stands twice: give each event its own.")
    made = [_made(one) for one in found]
    if empty := [one.fr for one, told in zip(made, found, strict=True) if told.words and not one.words]:
        raise SettingsError(f"{path}: the words of {empty[0]!r} hold no letter or figure: write beginnings of words.")
    return made


def _made(one: _Event) -> KnownEvent:
    return KnownEvent(
        one.fr,
        one.en,
        one.start_on,
        one.end_on,
        tuple(one.words),
        tuple(one.reasons),
        one.kind,
        one.id,
        tuple(one.irritants),
        tuple(one.products),
    )
