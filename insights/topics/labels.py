"""Names of topics, as a product owner would say them, in each language that has evidence.

A name is the phrase that is said in much of the topic and little elsewhere. Shares are counted over all texts of the
topic, phrases are mined in at most 60 of them. Two topics never get one name; brands and personal tokens get none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from insights.errors import SettingsError
from insights.mentions.text import fold
from insights.topics.encoder import Encoder
from insights.topics.phrases import DENIED, Phrase, english_phrases, french_phrases, text_key
from insights.topics.words import cleaned, known_word

SAMPLE = 60  # texts a topic that are read with parts of speech
MIN_TEXTS = 6  # distinct texts a language needs to name a topic
MIN_SUPPORT = 0.01  # share of the topic a phrase must be said in
MIN_NAMED, MIN_WORD = 0.05, 0.30  # ... to be the first phrase of a name; to be a name in one word
MIN_SECOND = 0.15  # ... in a language that less than a third of the topic speaks
ALONE = 0.40  # a phrase said in this share of the topic names it alone
NEXT = 0.45  # merit of a second phrase against the first
HINT_SHARE, HINT_LIFT = 0.25, 2.0
MISSPELT = 0.6  # merit of a phrase with a word no dictionary has
LENGTHS = {1: 0.5, 2: 1.0, 3: 1.15, 4: 1.05}  # merit by number of meaningful words


@dataclass(frozen=True)
class Hint:
    """One entry of labels.yaml."""

    fr: str
    en: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class TopicLabel:
    """Names of one topic. A name is None without evidence; `shown` then borrows the other with its mark.

    `label_source`: mined_fr, mined_en, mined_both, labels_yaml. `hinted`: the languages whose name came from labels.yaml.
    `verbatims`: rows of up to three texts, distinct, representative and readable.
    """

    topic: int
    label_fr: str | None
    label_en: str | None
    label_source: str
    keywords: tuple[str, ...]
    verbatims: tuple[int, ...]
    hinted: tuple[str, ...] = ()

    def shown(self, language: str) -> tuple[str, str | None]:
        """The name to show in a language, and the language it was borrowed from (None when it is its own)."""
        own, other = (self.label_fr, self.label_en) if language == "fr" else (self.label_en, self.label_fr)
        if own is not None:
            return own, None
        return other or " ".join(self.keywords[:3]), "en" if language == "fr" else "fr"


def read_hints(path: Path) -> tuple[Hint, ...]:
    """Entries of data/reference/labels.yaml. Raises SettingsError naming the file and what is wrong in it."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))["labels"]
        return tuple(Hint(str(one["fr"]), str(one["en"]), tuple(fold(str(w)) for w in one["words"])) for one in entries)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} cannot be read as a list of labels with fr, en and words: {error}") from error


def label_topics(
    texts: Sequence[str],
    languages: Sequence[str],
    labels: NDArray[np.int64],
    *,
    keywords: Mapping[int, Sequence[str]],
    representatives: Mapping[int, Sequence[int]],
    seed: int,
    brands: Sequence[str] = (),
    hints: Sequence[Hint] = (),
    encoder: Encoder | None = None,
) -> list[TopicLabel]:
    """One label per topic, by topic number. `texts`, `languages`, `labels` (n, -1 for none); the rest by topic.

    `encoder` weighs phrases by their nearness to the topic's phrases as a whole; without it shares alone decide.
    """
    topics = sorted(keywords)
    barred = frozenset(part for name in brands for part in fold(name).split())
    names: dict[str, dict[int, str]] = {}
    for language in ("fr", "en"):
        here = _Side.of(texts, languages, labels, topics, language)
        names[language] = _names(here, topics, language, barred, seed, encoder)
    hinted = _hinted(texts, labels, topics, hints, names)
    _last_resort(names, hinted, languages, labels, keywords)
    return [_label(topic, names, hinted, keywords[topic], representatives.get(topic, ())) for topic in topics]


@dataclass(frozen=True)
class _Side:
    """The texts of one language: their rows by topic, and the phrase keys each holds."""

    texts: Sequence[str]
    rows: dict[int, NDArray[np.int64]]  # topics with evidence in this language
    keys: dict[int, frozenset[str]]
    by_word: dict[str, set[int]]
    topic_of: dict[int, int]
    sizes: dict[int, int]  # distinct texts a topic, all languages

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        languages: Sequence[str],
        labels: NDArray[np.int64],
        topics: Sequence[int],
        language: str,
    ) -> _Side:
        speaks = np.array([(one if one in ("fr", "en") else "fr") == language for one in languages])
        rows = {topic: _first_of_each(texts, np.flatnonzero((labels == topic) & speaks)) for topic in topics}
        rows = {topic: own for topic, own in rows.items() if len(own) >= MIN_TEXTS}
        keys = {int(row): text_key(texts[row], language) for own in rows.values() for row in own}
        by_word: dict[str, set[int]] = defaultdict(set)
        for row, words in keys.items():
            for word in words:
                by_word[word].add(row)
        sizes = {topic: len({texts[row] for row in np.flatnonzero(labels == topic).tolist()}) for topic in topics}
        return cls(texts, rows, keys, by_word, {int(row): topic for topic, own in rows.items() for row in own}, sizes)

    def holding(self, key: tuple[str, ...]) -> set[int]:
        """Rows of the texts that hold every word of a phrase."""
        return set.intersection(*(self.by_word.get(word, set()) for word in key))


@dataclass(frozen=True)
class _Candidate:
    key: tuple[str, ...]
    form: str
    merit: float
    share: float
    rows: frozenset[int]

    @property
    def n_words(self) -> int:
        return len(self.key) - (self.key[0] == DENIED)


def _first_of_each(texts: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows without those whose text was there before."""
    return np.array(sorted({texts[row]: row for row in rows[::-1].tolist()}.values()), dtype=np.int64)


def _names(
    side: _Side, topics: Sequence[int], language: str, barred: frozenset[str], seed: int, encoder: Encoder | None
) -> dict[int, str]:
    """Name of each topic with evidence in this language; the topic with the clearest phrase chooses first."""
    found = {topic: _candidates(side, topic, language, barred, seed) for topic in topics if topic in side.rows}
    if encoder is not None:
        found = _nearer(found, encoder)
    taken: set[str] = set()
    names: dict[int, str] = {}
    for topic in sorted(found, key=lambda one: (-found[one][0].merit if found[one] else 0.0, one)):
        for name in _spoken(found[topic], language):
            if fold(name) not in taken:
                taken.add(fold(name))
                names[topic] = name
                break
    return names


def _candidates(side: _Side, topic: int, language: str, barred: frozenset[str], seed: int) -> list[_Candidate]:
    """Phrases of one topic by falling merit: sqrt(share) x log2 of the lift over the other topics x length."""
    own = side.rows[topic]
    rows = (
        own if len(own) <= SAMPLE else np.sort(np.random.default_rng(seed + topic).choice(own, SAMPLE, replace=False))
    )
    mine = french_phrases if language == "fr" else english_phrases
    forms: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for phrases in mine([side.texts[row] for row in rows], barred):
        for key, form in {(one.key, one.form) for one in phrases if _sayable(one)}:
            forms[key][form] += 1
    minor = len(own) < side.sizes[topic] / 3
    floor = max(3.0, (MIN_SECOND if minor else MIN_SUPPORT) * len(own))
    judged = (_judged(side, topic, key, counted, language) for key, counted in forms.items())
    kept = [one for one in judged if len(one.rows) >= floor and not (minor and one.n_words == 1)]
    return sorted(kept, key=lambda one: (-one.merit, one.key))


def _sayable(phrase: Phrase) -> bool:
    return 4 <= len(phrase.form) <= 60


def _judged(side: _Side, topic: int, key: tuple[str, ...], forms: Counter[str], language: str) -> _Candidate:
    holding = side.holding(key)
    counts = Counter(side.topic_of[row] for row in holding)
    share = counts[topic] / len(side.rows[topic])
    others = [counts[other] / len(rows) for other, rows in side.rows.items() if other != topic]
    elsewhere = float(np.mean(others)) if others else 0.0
    lift = (share + 0.01) / (elsewhere + 0.01)
    words = len([word for word in key if word != DENIED])
    form = _best_form(forms)
    merit = np.sqrt(share) * max(np.log2(lift), 0.0) * LENGTHS[words] * (1.25 if key[0] == DENIED else 1.0)
    if not all(known_word(part, language) for part in form.split()):
        merit *= MISSPELT
    mine = frozenset(row for row in holding if side.topic_of[row] == topic)
    return _Candidate(key, form, float(merit), share, mine)


def _best_form(forms: Counter[str]) -> str:
    """The most frequent way of writing it; among equals the one with its accents, then the shortest."""
    pooled: Counter[str] = Counter()
    for form, count in forms.items():
        pooled[fold(form)] += count
    return min(forms, key=lambda one: (-pooled[fold(one)], -sum(ord(c) > 127 for c in one), -forms[one], len(one), one))


def _nearer(found: dict[int, list[_Candidate]], encoder: Encoder) -> dict[int, list[_Candidate]]:
    """Candidates re-ranked by how near they lie to the others of their topic: an odd phrase is seldom the name."""
    head = {topic: ones[:15] for topic, ones in found.items()}
    forms = sorted({one.form for ones in head.values() for one in ones})
    if not forms:
        return found
    vector = dict(zip(forms, encoder(forms), strict=True))
    ranked: dict[int, list[_Candidate]] = {}
    for topic, ones in head.items():
        if not ones:
            ranked[topic] = []
            continue
        centre = np.sum([vector[one.form] * one.merit for one in ones], axis=0)
        centre /= max(float(np.linalg.norm(centre)), 1e-9)
        judged = [
            _Candidate(
                one.key, one.form, one.merit * (0.5 + max(float(vector[one.form] @ centre), 0.0)), one.share, one.rows
            )
            for one in ones
        ]
        ranked[topic] = sorted(judged, key=lambda one: (-one.merit, one.key))
    return ranked


def _spoken(candidates: Sequence[_Candidate], language: str) -> Iterator[str]:
    """Names to try in turn: phrases of several words, with a second one where the first says too little; then words."""
    several = [one for one in candidates if one.n_words > 1 and one.share >= MIN_NAMED][:12]
    single = [one for one in candidates if one.n_words == 1 and one.share >= MIN_WORD][:3]
    known = [*several, *single]
    loose = sorted((one for one in candidates[:30] if one not in known), key=lambda one: one.n_words == 1)
    for first in [*known, *loose]:
        rest = [one for one in several if one is not first]
        second = _second(first, rest) if first.share < ALONE or first.n_words == 1 else None
        yield _joined(first, second, language)
        if second is None and (extra := _second(first, rest)):
            yield _joined(first, extra, language)


def _second(first: _Candidate, others: Sequence[_Candidate]) -> _Candidate | None:
    """The phrase that adds most: other words, other texts, and not much weaker."""
    words = set(first.key) - {DENIED}
    best, gain = None, NEXT * first.merit
    for one in others[:20]:
        new = len(one.rows - first.rows) / max(len(one.rows), 1)
        if not words & set(one.key) and one.merit * new >= gain:
            best, gain = one, one.merit * new
    return best


def _joined(first: _Candidate, second: _Candidate | None, language: str) -> str:
    if second is None:
        return _capital(first.form)
    link = ", " if DENIED in (first.key[0], second.key[0]) else " et " if language == "fr" else " and "
    return _capital(first.form) + link + second.form


def _capital(form: str) -> str:
    return form[:1].upper() + form[1:]


def _hinted(
    texts: Sequence[str],
    labels: NDArray[np.int64],
    topics: Sequence[int],
    hints: Sequence[Hint],
    names: dict[str, dict[int, str]],
) -> dict[int, Hint]:
    """The hint of each topic that lacks a name in a language, each hint used once, the best fit first."""
    lacking = [topic for topic in topics if topic not in names["fr"] or topic not in names["en"]]
    if not hints or not lacking:
        return {}
    folded = [fold(cleaned(text)) for text in texts]
    said = np.array([[_says(text, hint.words) for hint in hints] for text in folded])
    share = np.array([said[labels == topic].mean(axis=0) for topic in topics])
    lift = share / np.maximum(share.mean(axis=0), 1e-9)
    fit = np.where((share >= HINT_SHARE) & (lift >= HINT_LIFT), share * np.log2(np.maximum(lift, 1.0)), 0.0)
    found: dict[int, Hint] = {}
    for flat in np.argsort(-fit, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(hints))
        if fit[row, column] <= 0:
            break
        if topics[row] in lacking and topics[row] not in found and hints[column] not in found.values():
            found[topics[row]] = hints[column]
    return found


def _says(text: str, words: Sequence[str]) -> bool:
    return any(all(part.search(text) for part in _stems(entry)) for entry in words)


@lru_cache(maxsize=2_000)
def _stems(entry: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(r"\b" + re.escape(stem)) for stem in entry.split())


def _last_resort(
    names: dict[str, dict[int, str]],
    hinted: Mapping[int, Hint],
    languages: Sequence[str],
    labels: NDArray[np.int64],
    keywords: Mapping[int, Sequence[str]],
) -> None:
    """Name what neither phrases nor hints could name by its first free keyword, in the language most of it is in."""
    for topic in sorted(set(keywords) - set(names["fr"]) - set(names["en"]) - set(hinted)):
        spoken = Counter(languages[row] for row in np.flatnonzero(labels == topic).tolist())
        side = names["en" if spoken["en"] > spoken["fr"] else "fr"]
        taken = {fold(name) for name in side.values()}
        free = (word for word in keywords[topic] if fold(word) not in taken)
        side[topic] = _capital(next(free, f"{next(iter(keywords[topic]), '?')} {topic}"))


def _label(
    topic: int,
    names: dict[str, dict[int, str]],
    hinted: dict[int, Hint],
    keywords: Sequence[str],
    representatives: Sequence[int],
) -> TopicLabel:
    mined = {language: names[language].get(topic) for language in ("fr", "en")}
    hint, used = hinted.get(topic), []
    final = dict(mined)
    for language in ("fr", "en"):
        if final[language] is None and hint is not None:
            offered = getattr(hint, language)
            if fold(offered) not in {fold(name) for name in names[language].values()}:
                final[language] = offered
                used.append(language)
    own = [language for language in ("fr", "en") if mined[language]]
    source = "mined_both" if len(own) == 2 else f"mined_{own[0]}" if own else "labels_yaml"
    return TopicLabel(topic, final["fr"], final["en"], source, tuple(keywords[:8]), tuple(representatives), tuple(used))
