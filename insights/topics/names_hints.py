"""Names from data/reference/labels.yaml, for a language without evidence and for topics that say no cause."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from insights.errors import SettingsError
from insights.mentions.text import fold
from insights.topics.encoder import Encoder
from insights.topics.words import cleaned

SHARE, MOOD_SHARE, LIFT = 0.25, 0.15, 2.0  # of the topic's texts that hold the entry's words, and against all topics
NEAR = 0.40  # mean cosine of the entry's two names and the mined name
WHOLE = 4  # a beginning of at most so many letters must be the whole word


@dataclass(frozen=True)
class Hint:
    """One entry of labels.yaml. `mood`: it names a feeling, for a topic whose texts give no cause."""

    fr: str
    en: str
    words: tuple[str, ...]
    mood: bool = False

    def named(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


def read_hints(path: Path) -> tuple[Hint, ...]:
    """Entries of data/reference/labels.yaml. Raises SettingsError naming the file and what is wrong in it."""
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
        return tuple(
            Hint(str(one["fr"]), str(one["en"]), tuple(fold(str(word)) for word in one["words"]), mood)
            for section, mood in (("labels", False), ("moods", True))
            for one in (held["labels"] if section == "labels" else held.get(section, []))
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path} cannot be read as a list of labels with fr, en and words: {error}") from error


def fits(
    texts: Sequence[str], labels: NDArray[np.int64], topics: Sequence[int], hints: Sequence[Hint]
) -> NDArray[np.float64]:
    """How well each hint suits each topic (topics, hints): share x log2 lift of the texts holding its words, 0 below bars."""
    if not hints or not topics:
        return np.zeros((len(topics), len(hints)))
    said = np.array([[says(text, hint.words) for hint in hints] for text in (fold(cleaned(one)) for one in texts)])
    share = np.array([said[labels == topic].mean(axis=0) for topic in topics])
    lift = share / np.maximum(share.mean(axis=0), 1e-9)
    enough = np.array([MOOD_SHARE if hint.mood else SHARE for hint in hints])
    return np.where((share >= enough) & (lift >= LIFT), share * np.log2(np.maximum(lift, 1.0)), 0.0)


def translations(
    topics: Sequence[int],
    hints: Sequence[Hint],
    fit: NDArray[np.float64],
    names: Mapping[str, Mapping[int, str]],
    encoder: Encoder | None,
) -> dict[int, Hint]:
    """The hint of each topic that lacks a name in one language, each used once, the best fit first.

    With an encoder the hint must also mean what the mined name of the other language says.
    """
    lacking = {topic for topic in topics if (topic in names["fr"]) != (topic in names["en"])}
    lacking |= {topic for topic in topics if topic not in names["fr"] and topic not in names["en"]}
    near = _nearness(topics, hints, names, encoder)
    found: dict[int, Hint] = {}
    for flat in np.argsort(-fit, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(hints)) if hints else (0, 0)
        if not fit.size or fit[row, column] <= 0:
            break
        free = topics[row] in lacking and topics[row] not in found and hints[column] not in found.values()
        if free and not hints[column].mood and near[row, column] >= NEAR:
            found[topics[row]] = hints[column]
    return found


def _nearness(
    topics: Sequence[int], hints: Sequence[Hint], names: Mapping[str, Mapping[int, str]], encoder: Encoder | None
) -> NDArray[np.float64]:
    """Mean cosine of each topic's mined name and each hint's two names; 1 where there is nothing to compare."""
    near = np.ones((len(topics), len(hints)))
    if encoder is None or not hints:
        return near
    for language in ("fr", "en"):
        rows = [row for row, topic in enumerate(topics) if topic in names[language]]
        if rows:
            mined = encoder([names[language][topics[row]] for row in rows])
            both = encoder([hint.fr for hint in hints]) + encoder([hint.en for hint in hints])
            near[rows] = np.minimum(near[rows], mined @ both.T / 2)
    return near


def says(text: str, words: Sequence[str]) -> bool:
    """Whether a folded text holds all beginnings of one entry of `words`."""
    return any(all(part.search(text) for part in _stems(entry)) for entry in words)


@lru_cache(maxsize=4_000)
def _stems(entry: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(r"\b" + re.escape(one) + (r"s?\b" if len(one) <= WHOLE else "")) for one in entry.split())
