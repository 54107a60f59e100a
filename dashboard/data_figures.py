"""Figures measured for the release (docs/benchmark.json): redaction, in words, with the version they were measured on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dashboard.words import Translate

MEASURED = Path(__file__).parents[1] / "docs" / "benchmark.json"
BAR = "release bar: "
LANGUAGE = {"fr": "(fr)", "en": "(en)"}


@dataclass(frozen=True)
class Bar:
    """One figure a release must reach: `aim` as written (>= 0.99), `reached` whether it is."""

    name: str
    language: str
    value: float
    aim: str
    size: str
    commit: str
    measured_on: str

    @property
    def reached(self) -> bool:
        sign, _, wanted = self.aim.partition(" ")
        return self.value <= float(wanted) if sign == "<=" else self.value >= float(wanted)


def redaction_bars(path: Path = MEASURED) -> list[Bar]:
    """The bars on redaction as last measured; none where the file is not installed beside the program."""
    return list(_bars(path, path.stat().st_mtime_ns)) if path.is_file() else []


@lru_cache(maxsize=2)
def _bars(path: Path, _changed: int) -> tuple[Bar, ...]:
    rows = json.loads(path.read_text(encoding="utf-8"))
    return tuple(_bar(row) for row in rows if row["part"] == "redaction" and row["name"].startswith(BAR))


def _bar(row: Mapping[str, Any]) -> Bar:
    name = str(row["name"]).removeprefix(BAR)
    language = next((code for code, mark in LANGUAGE.items() if name.endswith(mark)), "")
    plain_name = name.removesuffix(LANGUAGE.get(language, "")).strip()
    return Bar(plain_name, language, float(row["value"]), row["aim"], row["size"], row["commit"], row["date"])


def bar_name(_: Translate, name: str) -> str:
    """A bar as a person says it."""
    return {
        "identifiers masked": _("Numbers, e-mails, addresses masked"),
        "names with capitals masked": _("Names written with a capital masked"),
        "names in small letters masked": _("Names in small letters masked"),
        "clean, deliberately hard texts masked": _("Harmless words masked by mistake, in texts made to be hard"),
    }.get(name, name)
