"""Names of themes: short and broad, from data/reference/themes.yaml where one fits, else from the irritants' own labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from insights.errors import SettingsError
from insights.mentions.text import fold
from insights.topics.encoder import Encoder
from insights.topics.names_check import sense
from insights.topics.names_hints import says
from insights.topics.names_words import is_empty, is_generic
from insights.yaml_files import read_yaml

SHARE = 0.30  # of a theme's mentions, in irritants whose words fit the entry
FIT = 0.30  # share, and half of the nearness in meaning beyond the usual one
NEARNESS = 0.5


@dataclass(frozen=True)
class Theme:
    """One entry of themes.yaml."""

    fr: str
    en: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """An irritant of a theme: its labels, keywords and number of mentions."""

    label_fr: str | None
    label_en: str | None
    keywords: tuple[str, ...]
    size: int

    @property
    def said(self) -> str:
        labels = " . ".join(one for one in (self.label_fr, self.label_en) if one)
        return fold(f"{labels} . {' . '.join(self.keywords[:5])}")


@dataclass(frozen=True)
class ThemeName:
    """Name of a theme; `source` is themes_yaml or mined (then a language without any label is None)."""

    fr: str | None
    en: str | None
    source: str


def read_themes(path: Path) -> tuple[Theme, ...]:
    """Entries of data/reference/themes.yaml. Raises SettingsError naming the file and what is wrong in it."""
    try:
        entries = read_yaml(path)["themes"]
        return tuple(
            Theme(str(one["fr"]), str(one["en"]), tuple(fold(str(w)) for w in one["words"])) for one in entries
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} cannot be read as a list of themes with fr, en and words: {error}") from error


def name_themes(
    members: Mapping[int, Sequence[Member]], themes: Sequence[Theme], encoder: Encoder | None = None
) -> dict[int, ThemeName]:
    """A name for each theme number. An entry of `themes` is used once, where it fits best; no two themes share a name.

    An entry fits by the share of mentions in irritants that hold its words, and by its nearness in meaning to them.
    """
    numbers = sorted(members)
    fit = _fit([members[number] for number in numbers], themes, encoder)
    named: dict[int, ThemeName] = {}
    used: set[int] = set()
    for flat in np.argsort(-fit, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(themes))
        if fit[row, column] < FIT:
            break
        if numbers[row] not in named and column not in used:
            used.add(column)
            named[numbers[row]] = ThemeName(themes[column].fr, themes[column].en, "themes_yaml")
    for number in numbers:
        if number not in named:
            named[number] = _mined(members[number], [*named.values()])
    return {number: named[number] for number in numbers}


def _fit(members: Sequence[Sequence[Member]], themes: Sequence[Theme], encoder: Encoder | None) -> NDArray[np.float64]:
    """(themes found, entries): share of mentions that hold the words, plus nearness; 0 below the least share."""
    if not members or not themes:
        return np.zeros((len(members), max(len(themes), 1)))
    share = np.array([[_share(own, entry) for entry in themes] for own in members])
    if encoder is None:
        return np.where(share >= SHARE, share, 0.0)
    names = encoder([entry.fr for entry in themes]) + encoder([entry.en for entry in themes])
    near = np.stack([_middle(own, encoder) for own in members]) @ names.T
    near -= near.mean(axis=0, keepdims=True)
    return np.where(share >= SHARE, share + NEARNESS * near, 0.0)


def _share(own: Sequence[Member], entry: Theme) -> float:
    total = sum(one.size for one in own)
    return sum(one.size for one in own if says(one.said, entry.words)) / max(total, 1)


def _middle(own: Sequence[Member], encoder: Encoder) -> NDArray[np.float32]:
    """Mean vector of the labels, weighed by mentions."""
    labels = [one.label_fr or one.label_en or " ".join(one.keywords[:3]) for one in own]
    weights = np.array([max(one.size, 1) for one in own], dtype=np.float32)
    return np.asarray(np.average(encoder(labels), axis=0, weights=weights), dtype=np.float32)


def _mined(own: Sequence[Member], taken: Sequence[ThemeName]) -> ThemeName:
    """The word most mentions of the theme share in their labels, else the label of its largest irritant."""
    found: dict[str, str | None] = {}
    for language in ("fr", "en"):
        used = {sense(name, language) for one in taken if (name := getattr(one, language))}
        offers = _offers(own, language)
        found[language] = next((one for one in offers if sense(one, language) not in used), None)
    return ThemeName(found["fr"], found["en"], "mined")


def _offers(own: Sequence[Member], language: str) -> list[str]:
    """Names to try: a word that two irritants or more have in their labels, then labels by size."""
    weights: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    by_size = sorted(own, key=lambda one: (-one.size, one.label_fr or "", one.label_en or ""))
    labels = [(label, one.size) for one in by_size if (label := one.label_fr if language == "fr" else one.label_en)]
    for label, size in labels:
        for word in set(re.findall(r"[^\W\d_]{4,}", label.lower())):
            if not is_empty(word, language) and not is_generic(word, language) and sense(word, language):
                weights[word] += size
                seen[word] += 1
    common = sorted((word for word in weights if seen[word] > 1), key=lambda word: (-weights[word], word))
    return [word[:1].upper() + word[1:] for word in common] + [label for label, _ in labels]
