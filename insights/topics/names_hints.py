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
from insights.topics.names_griefs import griefs_in, marks
from insights.topics.words import cleaned, content_words
from insights.yaml_files import read_yaml

SHARE, MOOD_SHARE, LIFT = 0.25, 0.15, 2.0  # of the topic's texts that hold the entry's words, and against all topics
NEAR, SURE = 0.40, 0.60  # mean cosine of the entry's two names and the mined name; without the words in the texts
PART_SHARE = 0.05  # of the topic's texts that say each part of a cause's name
STEM = 5
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
        held = read_yaml(path)
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


def supported(
    texts: Sequence[str], labels: NDArray[np.int64], topics: Sequence[int], hints: Sequence[Hint]
) -> NDArray[np.bool_]:
    """Whether a topic's texts say every part of a cause's name (topics, hints): its words or, for a grievance, the like."""
    held = np.ones((len(topics), len(hints)), dtype=bool)
    parts = {
        at: [_parts(hint.named(one), one) for one in ("fr", "en")] for at, hint in enumerate(hints) if not hint.mood
    }
    for row, topic in enumerate(topics):
        own = [fold(cleaned(texts[at])) for at in np.flatnonzero(labels == topic).tolist()]
        for at, both in parts.items():
            held[row, at] = any(
                all(sum(part in text for text in own) >= PART_SHARE * len(own) for part in each)
                and all(sum(one in marks(text, language) for text in own) >= PART_SHARE * len(own) for one in griefs)
                for language, (each, griefs) in zip(("fr", "en"), both, strict=True)
            )
    return held


def _parts(name: str, language: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Beginnings of the words that carry a name, those of its grievance aside, and its grievances."""
    griefs = list(griefs_in(fold(name), language))
    plain = fold(name)
    for _, start, end in griefs:
        plain = plain[:start] + " " * (end - start) + plain[end:]
    words = content_words(plain, language)
    return tuple(f" {word[:STEM]}" if len(word) < STEM else word[:STEM] for word in words), frozenset(
        one.mark for one, _, _ in griefs
    )


def translations(
    topics: Sequence[int],
    hints: Sequence[Hint],
    fit: NDArray[np.float64],
    names: Mapping[str, Mapping[int, str]],
    encoder: Encoder | None,
    support: NDArray[np.bool_],
) -> dict[int, Hint]:
    """The hint of each topic that lacks a name in one language, each used once, the best fit first.

    Every part of the hint's name must be said in the topic (`support`, topics by hints), or, with an encoder, the hint must
    mean quite what the mined name of the other language says; with one it must mean somewhat the same in any case.
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
        if free and not hints[column].mood and near[row, column] >= (NEAR if support[row, column] else SURE):
            found[topics[row]] = hints[column]
    return found


def _nearness(
    topics: Sequence[int], hints: Sequence[Hint], names: Mapping[str, Mapping[int, str]], encoder: Encoder | None
) -> NDArray[np.float64]:
    """Mean cosine of each topic's mined name and each hint's two names; the least that will do where nothing can be compared."""
    near = np.full((len(topics), len(hints)), NEAR)
    if encoder is None or not hints:
        return near
    for language in ("fr", "en"):
        rows = [row for row, topic in enumerate(topics) if topic in names[language]]
        if rows:
            mined = encoder([names[language][topics[row]] for row in rows])
            both = encoder([hint.fr for hint in hints]) + encoder([hint.en for hint in hints])
            near[rows] = mined @ both.T / 2
    return near


def says(text: str, words: Sequence[str]) -> bool:
    """Whether a folded text holds all beginnings of one entry of `words`."""
    single, several = _beginnings(tuple(words))
    return (single is not None and bool(single.search(text))) or any(
        all(part.search(text) for part in entry) for entry in several
    )


@lru_cache(maxsize=4_000)
def _beginnings(
    words: tuple[str, ...],
) -> tuple[re.Pattern[str] | None, tuple[tuple[re.Pattern[str], ...], ...]]:
    """One pattern for the entries of one word, and the patterns of each longer entry."""
    alone = [_beginning(entry) for entry in words if " " not in entry]
    several = [tuple(re.compile(_beginning(one)) for one in entry.split()) for entry in words if " " in entry]
    return re.compile("|".join(alone)) if alone else None, tuple(several)


def _beginning(word: str) -> str:
    return r"\b" + re.escape(word) + (r"s?\b" if len(word) <= WHOLE else "")
