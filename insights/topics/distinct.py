"""What tells two neighbouring topics apart: phrases said in one and not in the other, by difference of shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.mentions.text import fold
from insights.topics.names_check import barred_words
from insights.topics.names_rank import Side
from insights.topics.names_words import WORD, is_empty
from insights.topics.phrases import phrases_in

N_SHOWN = 5
PHRASE = 0.25  # a phrase says more than a word: gain a further word
LEAST, TIMES = 0.05, 1.5  # smallest difference of shares, and smallest ratio of them


@dataclass(frozen=True)
class Said:
    """A phrase with the shares (0 to 1) of the texts on its own side and on the other that hold its words."""

    form: str
    here_share: float
    there_share: float


@dataclass(frozen=True)
class Difference:
    """What is said in `topic` and hardly in `other`, and the other way round; strongest first, up to five each."""

    topic: int
    other: int
    language: str
    here: tuple[Said, ...]
    there: tuple[Said, ...]


def nearest(topics: Sequence[int], centroids: NDArray[np.float32]) -> dict[int, int]:
    """The nearest other topic of each, by cosine. `centroids` (topics, d) of unit length; empty for a single topic."""
    if len(topics) < 2:
        return {}
    near = centroids @ centroids.T
    np.fill_diagonal(near, -np.inf)
    return {topic: topics[int(at)] for topic, at in zip(topics, near.argmax(axis=1), strict=True)}


def distinct(
    texts: Sequence[str],
    languages: Sequence[str],
    labels: NDArray[np.int64],
    topic: int,
    other: int,
    *,
    seed: int,
    brands: Sequence[str] = (),
) -> Difference:
    """What distinguishes `topic` from `other`, in the language the two have most texts of.

    `texts`, `languages`, `labels` (n). At most 60 texts of each are read for phrases; shares are of all distinct texts.
    A topic with fewer than six texts in that language gives empty tuples.
    """
    rows = np.flatnonzero((labels == topic) | (labels == other))
    spoken = Counter(languages[row] for row in rows.tolist())
    language = "en" if spoken["en"] > spoken["fr"] else "fr"
    own = [texts[row] for row in rows.tolist()]
    side = Side.of(own, [languages[row] for row in rows.tolist()], labels[rows], (topic, other), language)
    if len(side.rows) < 2:
        return Difference(topic, other, language, (), ())
    barred = barred_words(brands)
    here, there = (_said(side, one, two, seed, barred) for one, two in ((topic, other), (other, topic)))
    return Difference(topic, other, language, here, there)


def _said(side: Side, topic: int, other: int, seed: int, barred: frozenset[str]) -> tuple[Said, ...]:
    forms: dict[tuple[str, ...], Counter[str]] = {}
    for phrases in phrases_in([side.texts[row] for row in side.sampled(topic, seed)], side.language, barred):
        for one in phrases:
            if one.shape != WORD or not any(is_empty(word, side.language) for word in one.words):
                forms.setdefault(one.key, Counter())[one.form] += 1
    found: list[tuple[float, tuple[str, ...], Said]] = []
    for key, counted in forms.items():
        here, there = _share(side, topic, key), _share(side, other, key)
        if here - there >= LEAST and here >= TIMES * there:
            form = min(counted, key=lambda one: (-counted[one], len(one), one))
            found.append(((here - there) * (1 + PHRASE * (len(key) - 1)), key, Said(form, here, there)))
    return _unlike(sorted(found, key=lambda one: (-one[0], -len(one[1]), one[1])))


def _share(side: Side, topic: int, key: tuple[str, ...]) -> float:
    holding = set.intersection(*(side.by_word.get(word, set()) for word in key))
    return sum(side.topic_of[row] == topic for row in holding) / len(side.rows[topic])


def _unlike(found: Sequence[tuple[float, tuple[str, ...], Said]]) -> tuple[Said, ...]:
    """The strongest ones that share no word with a stronger one."""
    taken: set[str] = set()
    kept: list[Said] = []
    for _, key, said in found:
        if not taken & set(key) and fold(said.form) not in taken:
            taken |= set(key)
            kept.append(said)
        if len(kept) == N_SHOWN:
            break
    return tuple(kept)
