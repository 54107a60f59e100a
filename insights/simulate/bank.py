"""The clause bank: irritants and every kind of wording, read from bank/*.yaml and compiled once.

A line of a bank is `[register flag flag] template`. Templates hold `<a|b|c>` (one of, the empty one allowed) and
`{slot}` or `{slot:low-high}`, filled by `slots.Filler`. Flags: `cut` (not during the winter truce), `incident` (only
during the planted incident), `price` (only after the notice of the price rise), an urgency, or a theme of praise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from insights.errors import SettingsError
from insights.yaml_files import SAFE

FOLDER = Path(__file__).parent / "bank"
URGENCIES = frozenset(("safety", "medical", "infant", "cut_off", "distress"))
_PARTS = re.compile(r"<([^<>]*)>|\{([^{}]*)\}")
_LINE = re.compile(r"\[([^\]]+)\]\s+(.*)")


@dataclass(frozen=True, slots=True)
class Slot:
    """A value to draw: name, bounds when given."""

    name: str
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several templates."""

    options: tuple[tuple[Part, ...], ...]


Part = str | Slot | Choice


@dataclass(frozen=True, slots=True)
class Line:
    """One compiled wording."""

    register: str
    flags: frozenset[str]
    parts: tuple[Part, ...]

    @property
    def urgency(self) -> str | None:
        return next((flag for flag in sorted(self.flags) if flag in URGENCIES), None)


@dataclass(frozen=True, slots=True)
class Irritant:
    """One irritant of the demo company: see the head of irritants.yaml for the units."""

    id: str
    slug: str
    label_fr: str
    label_en: str
    theme: str
    share: float
    strength: float
    hazard: float
    delay_days: int
    owner: str
    stage: str
    touchpoint: str
    reason: str | None
    groups: Mapping[str, float]
    months: tuple[float, ...] | None
    channels: Mapping[str, float]
    places: Mapping[str, float]
    together: Mapping[str, float]


def parse(template: str) -> tuple[Part, ...]:
    """Compile one template. Raises SettingsError on an unbalanced bracket."""
    parts: list[Part] = []
    end = 0
    for match in _PARTS.finditer(template):
        if match.start() > end:
            parts.append(template[end : match.start()])
        if match.group(1) is not None:
            parts.append(Choice(tuple(parse(option) for option in match.group(1).split("|"))))
        else:
            parts.append(_slot(match.group(2)))
        end = match.end()
    if end < len(template):
        parts.append(template[end:])
    if any(isinstance(part, str) and re.search(r"[<>{}]", part) for part in parts):
        raise SettingsError(f"The clause bank holds an unbalanced bracket in: {template}")
    return tuple(parts)


def _slot(text: str) -> Slot:
    name, _, bounds = text.partition(":")
    low, _, high = bounds.partition("-")
    return Slot(name, int(low or 0), int(high or low or 0))


def parse_lines(text: str) -> tuple[Line, ...]:
    """Compile a block of lines; empty lines are skipped."""
    lines = []
    for raw in text.strip().splitlines():
        if not raw.strip():
            continue
        match = _LINE.match(raw.strip())
        if match is None:
            raise SettingsError(f"The clause bank holds a line without [register]: {raw}")
        register, *flags = match.group(1).split()
        lines.append(Line(register, frozenset(flags), parse(match.group(2))))
    return tuple(lines)


def read_yaml(name: str) -> dict[str, Any]:
    """One file of the bank."""
    with (FOLDER / name).open(encoding="utf-8") as handle:
        loaded = yaml.load(handle, Loader=SAFE)
    return dict(loaded)


@lru_cache(maxsize=1)
def irritants() -> tuple[Irritant, ...]:
    """The thirty irritants, in the order of their ids."""
    return tuple(
        Irritant(
            id=key,
            slug=row["slug"],
            label_fr=row["fr"],
            label_en=row["en"],
            theme=row["theme"],
            share=float(row["share"]),
            strength=float(row["strength"]),
            hazard=float(row["hazard"]),
            delay_days=int(row["delay"]),
            owner=row["owner"],
            stage=row["stage"],
            touchpoint=row["touchpoint"],
            reason=row["reason"],
            groups=row["groups"],
            months=tuple(row["months"]) if row["months"] else None,
            channels=row.get("channels", {}),
            places=row.get("places", {}),
            together=row.get("with", {}),
        )
        for key, row in sorted(read_yaml("irritants.yaml").items())
    )


@dataclass(frozen=True)
class Bank:
    """All wordings: `lines[key][register]`, key an irritant id or a kind (praise, neutral, leave...)."""

    lines: Mapping[str, Mapping[str, tuple[Line, ...]]]

    def pick(self, key: str, registers: Sequence[str]) -> tuple[Line, ...]:
        """Lines of the first of `registers` that the key knows; every line of the key when none fits."""
        known = self.lines[key]
        for register in registers:
            if register in known:
                return known[register]
        return tuple(line for name in known if not name.startswith("en") for line in known[name])


@lru_cache(maxsize=1)
def load() -> Bank:
    """The compiled bank (once a process)."""
    lines: dict[str, dict[str, tuple[Line, ...]]] = {}
    for path in sorted(FOLDER.glob("clauses_*.yaml")) + [FOLDER / "signals.yaml", FOLDER / "talk.yaml"]:
        for key, block in read_yaml(path.name).items():
            by_register: dict[str, list[Line]] = {}
            for line in parse_lines(block):
                by_register.setdefault(line.register, []).append(line)
            lines[key] = {register: tuple(found) for register, found in by_register.items()}
    return Bank(lines)
