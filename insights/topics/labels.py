"""Names of topics, as a product owner would say them, in each language that has evidence.

A name is a phrase of the customers: what is missing, fails, is refused or is judged, said in much of the topic and little
elsewhere, and near to what the topic means. It passes the tests of `names_check`; no two topics get one name, nor two
that differ by number or article. A topic of mere feeling takes its name from labels.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten

import numpy as np
from numpy.typing import NDArray

from insights.mentions.text import fold
from insights.topics.encoder import Encoder
from insights.topics.names_brands import said_brands
from insights.topics.names_check import barred_words, sense
from insights.topics.names_choice import Chosen, agreeing
from insights.topics.names_complete import completed
from insights.topics.names_hints import Hint, fits, read_hints, supported, translations
from insights.topics.names_rank import Candidate, Side, ranked
from insights.topics.words import cleaned

__all__ = ["Hint", "TopicLabel", "label_topics", "read_hints"]

Matrix = NDArray[np.float32]

MAIN = 0.5  # share of a topic from which a language names it by itself; the other must mean the same
QUOTED = 60  # characters of a verbatim that stands for a name


@dataclass(frozen=True)
class TopicLabel:
    """Names of one topic. A name is None without evidence; `shown` then borrows the other with its mark.

    `label_source`: mined_fr, mined_en, mined_both, labels_yaml, proposed, verbatim (the opening words
    of one where nothing names the topic; both names are None where none can be shown). `hinted`: the languages whose name came from
    labels.yaml. `verbatims`: rows of up to three texts, distinct, representative and readable.
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
    vectors: Matrix | None = None,
) -> list[TopicLabel]:
    """One label per topic, by topic number. `texts`, `languages`, `labels` (n, -1 for none); the rest by topic.

    `encoder` weighs phrases by their nearness to the topic; without it shares alone decide. `vectors` (n, d) are the
    texts' own, of that encoder: without them at most 60 texts a topic are encoded.
    """
    topics = sorted(keywords)
    barred = barred_words(brands) | said_brands(texts, labels.tolist())
    fit = fits(texts, labels, topics, hints)
    felt = {topic: _felt(fit[at], hints) for at, topic in enumerate(topics)}
    chosen = Chosen(barred, felt)
    later: dict[str, tuple[dict[int, list[Candidate]], set[int]]] = {}
    for language in ("fr", "en"):
        side = Side.of(texts, languages, labels, topics, language)
        found = ranked(side, barred, seed, encoder, vectors)
        found = {topic: completed(ones, language, side.complaining(topic)) for topic, ones in found.items()}
        second = {topic for topic in found if side.part(topic) < MAIN}
        chosen.choose({topic: ones for topic, ones in found.items() if topic not in second}, language)
        later[language] = {topic: found[topic] for topic in second}, {topic for topic in second if side.minor(topic)}
    for language, (offered, minor) in later.items():
        other = "en" if language == "fr" else "fr"
        chosen.choose(agreeing(offered, chosen.names[other], other, encoder), language, minor)
    chosen.settle(encoder)
    names, moods = chosen.names, chosen.moods
    hinted = {**translations(topics, hints, fit, names, encoder, supported(texts, labels, topics, hints)), **moods}
    quotes = _quotes(names, hinted, texts, languages, representatives, barred)
    return [_label(topic, names, hinted, quotes, keywords[topic], representatives.get(topic, ())) for topic in topics]


def _felt(fit: NDArray[np.float64], hints: Sequence[Hint]) -> list[tuple[float, Hint]]:
    """Feelings that suit a topic, best first."""
    found = [(float(value), hint) for value, hint in zip(fit, hints, strict=True) if hint.mood and value > 0]
    return sorted(found, key=lambda one: (-one[0], one[1].fr))


def _quotes(
    names: Mapping[str, Mapping[int, str]],
    hinted: Mapping[int, Hint],
    texts: Sequence[str],
    languages: Sequence[str],
    representatives: Mapping[int, Sequence[int]],
    barred: frozenset[str],
) -> dict[int, tuple[str, str]]:
    """Language and opening words of a verbatim, without brand or token, for each topic that nothing could name."""
    found: dict[int, tuple[str, str]] = {}
    for topic in sorted(set(representatives) - set(names["fr"]) - set(names["en"]) - set(hinted)):
        rows = [
            row
            for row in representatives[topic]
            if "[" not in texts[row] and not barred & set(fold(texts[row]).split())
        ]
        if rows:
            row = min(rows, key=lambda one: (abs(len(texts[one]) - QUOTED // 2), one))
            said = shorten(cleaned(texts[row]), QUOTED, placeholder=" …")
            found[topic] = ("en", f"\u201c{said}\u201d") if languages[row] == "en" else ("fr", f"« {said} »")
    return found


def _label(
    topic: int,
    names: Mapping[str, Mapping[int, str]],
    hinted: Mapping[int, Hint],
    quotes: Mapping[int, tuple[str, str]],
    keywords: Sequence[str],
    representatives: Sequence[int],
) -> TopicLabel:
    mined = {language: names[language].get(topic) for language in ("fr", "en")}
    hint, used = hinted.get(topic), []
    final = dict(mined)
    for language in ("fr", "en"):
        if final[language] is None and hint is not None:
            offered = hint.named(language)
            if sense(offered, language) not in {sense(name, language) for name in names[language].values()}:
                final[language] = offered
                used.append(language)
    own = [language for language in ("fr", "en") if mined[language]]
    source = "mined_both" if len(own) == 2 else f"mined_{own[0]}" if own else "labels_yaml"
    if topic in quotes:
        final[quotes[topic][0]], source = quotes[topic][1], "verbatim"
    if not any(final.values()):
        source = "verbatim"
    return TopicLabel(topic, final["fr"], final["en"], source, tuple(keywords[:8]), tuple(representatives), tuple(used))
