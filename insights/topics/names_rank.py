"""The phrases of each topic in one language, ranked: said in much of the topic, little elsewhere, near its meaning.

Shares are counted over all distinct texts of the topic; phrases are mined in at most 60 of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insights.mentions.reading import read
from insights.mentions.text import fold
from insights.topics.encoder import Encoder
from insights.topics.names_griefs import aggrieved
from insights.topics.names_spelling import spelling
from insights.topics.names_words import (
    ACTION,
    BARE,
    DENIED,
    EVENT,
    GROUP,
    JOINED,
    QUALITY,
    WORD,
    Phrase,
    is_empty,
    is_generic,
    is_mark,
)  # fmt: skip
from insights.topics.phrases import phrases_in, text_key
from insights.topics.words import known_word

Matrix = NDArray[np.float32]

SAMPLE = 60  # texts a topic that are read with parts of speech
MIN_TEXTS = 6  # distinct texts a language needs to name a topic
MIN_SUPPORT = 0.012  # share of the topic a phrase must be said in
MIN_SECOND = 0.10  # ... in a language that less than a third of the topic speaks
SHAPES = {DENIED: 1.5, EVENT: 1.1, QUALITY: 1.15, GROUP: 0.92, ACTION: 0.85, WORD: 0.6, JOINED: 1.15, BARE: 1.1}
PRAISE = 0.7  # of its merit lost by a phrase that praises
FRAGMENT = 0.4  # merit of a bare phrase that says no grievance
NEUTRAL = 0.4  # of its merit lost by a phrase that says no grievance, where every text of the topic has one
BROAD, THIN = (
    "+poor",
    0.7,
)  # merit of a grievance said of a word too broad to be told from others: « service déplorable »
LENGTHS = {1: 0.75, 2: 1.0, 3: 1.1, 4: 1.0}  # merit by number of meaningful words
HEAD = 0.4  # weight of a phrase's most telling word beside the phrase itself
TURNED = 4.0  # a denial owns its word where a fourth of the word's uses are denied
RARE = 0.5  # merit of a phrase read in one or two texts of many
MISSPELT = 0.5  # merit of a phrase with a word no dictionary has
HEADS = 40  # phrases a topic whose meaning is weighed


@dataclass(frozen=True)
class Side:
    """The texts of one language: their rows by topic, and the keys each holds."""

    texts: Sequence[str]
    language: str
    rows: dict[int, NDArray[np.int64]]  # topics with evidence in this language
    by_word: dict[str, set[int]]
    topic_of: dict[int, int]
    sizes: dict[int, int]  # distinct texts a topic, all languages
    spelling: dict[str, str]  # lower-case word to how it is usually written, where that differs: « repond », "atm"

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        languages: Sequence[str],
        labels: NDArray[np.int64],
        topics: Sequence[int],
        language: str,
    ) -> Side:
        speaks = np.array([(one if one in ("fr", "en") else "fr") == language for one in languages])
        rows = {topic: _first_of_each(texts, np.flatnonzero((labels == topic) & speaks)) for topic in topics}
        rows = {topic: own for topic, own in rows.items() if len(own) >= MIN_TEXTS}
        by_word: dict[str, set[int]] = defaultdict(set)
        for own in rows.values():
            for row in own.tolist():
                for word in text_key(texts[row], language):
                    by_word[word].add(row)
        sizes = {topic: len({texts[row] for row in np.flatnonzero(labels == topic).tolist()}) for topic in topics}
        topic_of = {int(row): topic for topic, own in rows.items() for row in own}
        return cls(
            texts, language, rows, by_word, topic_of, sizes, spelling([texts[row] for row in topic_of], language)
        )

    def minor(self, topic: int) -> bool:
        """Whether less than a third of a topic speaks this language."""
        return self.part(topic) < 1 / 3

    def part(self, topic: int) -> float:
        """Share (0 to 1) of a topic's distinct texts in this language."""
        return len(self.rows[topic]) / max(self.sizes[topic], 1)

    def sampled(self, topic: int, seed: int) -> NDArray[np.int64]:
        """At most 60 rows of a topic."""
        own = self.rows[topic]
        if len(own) <= SAMPLE:
            return own
        return np.sort(np.random.default_rng(seed + topic).choice(own, SAMPLE, replace=False))

    def complaining(self, topic: int) -> float:
        """Share of a topic's texts that deny something or hold a grievance."""
        holding = set().union(*(rows for part, rows in self.by_word.items() if is_mark(part)))
        return float(np.mean([row in holding for row in self.rows[topic].tolist()]))

    def telling(self, topic: int, key: tuple[str, ...]) -> tuple[float, float, frozenset[int]]:
        """sqrt(share) x log2(lift) of the texts that hold every word of a key, their share, and their rows."""
        holding = set.intersection(*(self.by_word.get(word, set()) for word in key))
        counts = Counter(self.topic_of[row] for row in holding)
        share = counts[topic] / len(self.rows[topic])
        others = [counts[other] / len(rows) for other, rows in self.rows.items() if other != topic]
        lift = (share + 0.01) / ((float(np.mean(others)) if others else 0.0) + 0.01)
        merit = float(np.sqrt(share) * max(np.log2(lift), 0.0))
        return merit, share, frozenset(row for row in holding if self.topic_of[row] == topic)


@dataclass(frozen=True)
class Candidate:
    """A phrase of a topic: `merit` orders, `share` of the topic's texts hold its words, `meaning` -1 to 1.

    `said`: share of the texts read that say it as a phrase. `head`: share of the topic's texts with its most telling word.
    """

    phrase: Phrase
    merit: float
    share: float
    rows: frozenset[int]
    said: float = 0.0
    head: float = 0.0
    meaning: float = 0.0

    @property
    def n_words(self) -> int:
        return len(self.phrase.words)

    def weighed(self, complaining: float, language: str) -> Candidate:
        """The candidate with less merit where it says no grievance of many, an action or a bare phrase the less.

        A grievance joined to a thing is worth less where few texts complain: most ask.
        """
        if self.aggrieved(language):
            return replace(self, merit=self.merit * (0.5 + 0.5 * complaining)) if self.phrase.mark else self
        loss = (1.0 - NEUTRAL * complaining) * (
            1.0 - PRAISE * complaining * (read(self.phrase.form, language).polarity > 0)
        )
        more = FRAGMENT if self.phrase.shape == BARE else loss if self.phrase.shape == ACTION else 1.0
        return replace(self, merit=self.merit * loss * more)

    @property
    def told(self) -> bool:
        """Whether a denial or a grievance stands beside the words."""
        return self.phrase.denied or bool(self.phrase.mark)

    def aggrieved(self, language: str) -> bool:
        """Whether the phrase says what is wrong, and not of what only."""
        return self.told or aggrieved(self.phrase.form, language)


def ranked(
    side: Side,
    barred: frozenset[str],
    seed: int,
    encoder: Encoder | None,
    vectors: Matrix | None,
) -> dict[int, list[Candidate]]:
    """Phrases of each topic by falling merit. `vectors` (n texts, d), of the same encoder; else 60 texts are encoded."""
    found = {topic: _candidates(side, topic, barred, seed) for topic in side.rows}
    if encoder is None or len(found) < 2:
        return found
    return _by_meaning(found, _centres(side, seed, encoder, vectors), encoder)


def _candidates(side: Side, topic: int, barred: frozenset[str], seed: int) -> list[Candidate]:
    rows = side.sampled(topic, seed)
    forms: dict[tuple[str, ...], Counter[tuple[str, str, str]]] = defaultdict(Counter)
    for phrases in phrases_in([side.texts[row] for row in rows], side.language, barred):
        for one in sorted({(one.key, one.form, one.shape, one.mark) for one in phrases}):
            forms[one[0]][one[1:]] += 1
    floor = max(3.0, (MIN_SECOND if side.minor(topic) else MIN_SUPPORT) * len(side.rows[topic]))
    judged = (_judged(side, topic, key, counted, len(rows)) for key, counted in forms.items())
    complaining = side.complaining(topic)
    judged = (one.weighed(complaining, side.language) for one in judged)
    kept = [one for one in judged if len(one.rows) >= floor]
    return sorted(kept, key=_order)


def _order(one: Candidate) -> tuple[float, tuple[str, ...], str]:
    return -one.merit, one.phrase.key, one.phrase.form


def _judged(
    side: Side, topic: int, key: tuple[str, ...], forms: Counter[tuple[str, str, str]], n_read: int
) -> Candidate:
    own, share, rows = side.telling(topic, key)
    words = tuple(word for word in key if not is_mark(word))
    turned = len(words) < len(key)
    beside = min(forms.total() / n_read / max(share, 1e-9), 1.0)  # of these texts, those that say it as a phrase
    heads = [side.telling(topic, (word,)) for word in words if not is_empty(word, side.language)]
    own *= beside**0.45 if turned else beside**0.25
    telling = [
        merit * (min(1.0, TURNED * share * beside / max(had, 1e-9)) if turned else 1.0) for merit, had, _ in heads
    ]
    form, shape, mark = _best_form(forms)
    form = " ".join(side.spelling.get(part, part) for part in form.split(" "))
    merit = (own + HEAD * max(telling, default=0.0)) * LENGTHS[len(words)] * SHAPES[shape]
    merit *= 0.8 ** sum(is_empty(word, side.language) for word in words)
    merit *= 0.9 ** sum(is_generic(word, side.language) for word in words)
    if mark == BROAD and all(is_generic(word, side.language) for word in words):
        merit *= THIN
    if forms.total() < (3 if n_read >= 45 else 2 if n_read >= 20 else 1):
        merit *= RARE
    if not all(known_word(part, side.language) for part in form.split()):
        merit *= MISSPELT
    return Candidate(
        Phrase(words, form, shape, mark),
        merit,
        share,
        rows,
        forms.total() / n_read,
        max((h[1] for h in heads), default=0.0),
    )


def _best_form(forms: Counter[tuple[str, str, str]]) -> tuple[str, str, str]:
    """The most frequent way of writing it; among equals the one with its accents, then the shortest."""
    pooled: Counter[str] = Counter()
    for (form, _, _), count in forms.items():
        pooled[fold(form)] += count

    def order(one: tuple[str, str, str]) -> tuple[float, float, int, int, str, str]:
        form, shape, _ = one
        return (
            -pooled[fold(form)] * SHAPES[shape],
            -sum(ord(c) > 127 for c in form),
            -forms[one],
            len(form),
            form,
            shape,
        )

    return min(forms, key=order)


def _centres(side: Side, seed: int, encoder: Encoder, vectors: Matrix | None) -> dict[int, Matrix]:
    """Mean vector of each topic in this language."""
    centres = {}
    for topic in side.rows:
        rows = side.sampled(topic, seed)
        own = encoder([side.texts[row] for row in rows]) if vectors is None else vectors[side.rows[topic]]
        centres[topic] = np.asarray(own.mean(axis=0), dtype=np.float32)
    return centres


def _by_meaning(
    found: Mapping[int, list[Candidate]], centres: Mapping[int, Matrix], encoder: Encoder
) -> dict[int, list[Candidate]]:
    """Candidates weighed by how near they lie to their own topic, beyond what all topics share."""
    head = {topic: ones[:HEADS] for topic, ones in found.items()}
    forms = sorted({one.phrase.form for ones in head.values() for one in ones})
    if not forms:
        return dict(found)
    phrases = _centred(encoder(forms))
    vector = dict(zip(forms, phrases, strict=True))
    topics = sorted(centres)
    middle = dict(zip(topics, _centred(np.stack([centres[topic] for topic in topics])), strict=True))
    ranks = {}
    for topic, ones in head.items():
        near = [float(vector[one.phrase.form] @ middle[topic]) for one in ones]
        weighed = [
            replace(one, merit=one.merit * (0.25 + max(at, 0.0)), meaning=at)
            for one, at in zip(ones, near, strict=True)
        ]
        ranks[topic] = sorted(weighed, key=_order)
    return ranks


def _centred(rows: Matrix) -> Matrix:
    away = rows - rows.mean(axis=0, keepdims=True)
    return np.asarray(away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _first_of_each(texts: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """One row a distinct text."""
    seen: dict[str, int] = {}
    for row in rows.tolist():
        seen.setdefault(texts[row], row)
    return np.array(list(seen.values()), dtype=np.int64)
