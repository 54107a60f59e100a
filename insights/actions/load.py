"""A company's file of actions, checked. An irritant is named by its id, or by words its label or texts hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights.digest.owners import plain
from insights.errors import SettingsError
from insights.irritants.registry import Irritant
from insights.yaml_files import read_yaml


class _Comparison(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: str
    dimension: str = ""
    treated: list[str] = []
    others: list[str] = []
    seed: int | None = None
    strata: dict[str, str] = {}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    irritant: str = ""
    words: list[str] = []
    owner: str | None = None
    kind: str = "fix"
    state: str = "planned"
    expected_share: float | None = Field(None, ge=0, le=1)
    effort_days: float | None = Field(None, ge=0)
    cost_eur: float | None = Field(None, ge=0)
    decided_on: date | None = None
    start_on: date | None = None
    planned_on: date | None = None
    done_on: date | None = None
    delay_weeks: int = 0
    scope: dict[str, list[str]] = {}
    comparison: _Comparison | None = None
    reasons: list[str] = []
    measures: list[str] = ["mentions"]


@dataclass(frozen=True)
class Wanted:
    """One action of a file: `irritant` is an id or empty, `words` tell which irritant is meant; `told` is the rest."""

    irritant: str
    words: tuple[str, ...]
    state: str
    told: Mapping[str, Any]


def load_actions(path: Path) -> list[Wanted]:
    """Actions in the order of the file. Raises SettingsError naming the file and what was found."""
    try:
        raw = read_yaml(path)["actions"]
        entries = [_Entry.model_validate(found) for found in raw]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValidationError) as error:
        raise SettingsError(f"{path}: the actions cannot be read ({error}).") from error
    found = []
    for entry in entries:
        if not entry.irritant and not entry.words:
            raise SettingsError(f"{path}: {entry.title!r} names no irritant: give its id, or words of its label.")
        told = entry.model_dump(exclude={"irritant", "words", "state"}, exclude_none=True)
        found.append(Wanted(entry.irritant, tuple(map(plain, entry.words)), entry.state, told))
    return found


def nearest(irritants: Sequence[Irritant], words: Sequence[str], spoken: Mapping[str, int]) -> str | None:
    """The irritant words mean: most of them in its labels and keywords, then most texts that hold one; None without.

    `spoken`: irritant -> texts that hold one of the words. Words are beginnings of words, folded.
    """
    scored = [(_fit(one, words), spoken.get(one.irritant_id, 0), one.irritant_id) for one in irritants]
    best = max(scored, key=lambda found: (found[0] * found[1], found[0] + found[1], found[2]), default=None)
    return best[2] if best is not None and best[0] + best[1] > 0 else None


def _fit(one: Irritant, words: Sequence[str]) -> int:
    """Words found in the names (twice) and keywords (once)."""
    names = " " + plain(" ".join(text for text in (one.label_fr, one.label_en) if text))
    keys = " " + plain(" ".join(one.keywords))
    return sum(2 * (f" {word}" in names) + (f" {word}" in keys) for word in words)
