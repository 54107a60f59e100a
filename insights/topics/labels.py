"""Names of topics, as a product owner would say them, in each language that has evidence.

A name is a phrase of the customers: what is missing, fails, is refused or is judged, said in much of the topic and little
elsewhere, and near to what the topic means. It passes the tests of `names_check`; no two topics get one name, nor two
that differ by number or article. A topic of mere feeling takes its name from labels.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten

import numpy as np
from numpy.typing import NDArray

from insights.mentions.text import fold
from insights.topics.encoder import Encoder
from insights.topics.names_check import barred_words, faults, sense
from insights.topics.names_hints import Hint, fits, read_hints, translations
from insights.topics.names_rank import Candidate, Side, ranked
from insights.topics.names_words import is_cause, is_empty, is_generic
from insights.topics.words import cleaned, known_word

__all__ = ["Hint", "TopicLabel", "label_topics", "read_hints"]

Matrix = NDArray[np.float32]

WORD_SHARE = 0.15  # of the topic's texts, for a name in one word
WEAK = 0.12  # merit under which a phrase stands behind « problème de ... » and feelings
MOOD = 0.55  # fit of a feeling from which it goes before a phrase said in few texts
FEW = 0.12
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
    barred = barred_words(brands)
    fit = fits(texts, labels, topics, hints)
    names: dict[str, dict[int, str]] = {}
    moods: dict[int, Hint] = {}
    for language in ("fr", "en"):
        side = Side.of(texts, languages, labels, topics, language)
        felt = {topic: _felt(fit[at], hints) for at, topic in enumerate(topics)}
        found = ranked(side, barred, seed, encoder, vectors)
        minor = {topic for topic in found if side.minor(topic)}
        names[language] = _chosen(found, language, barred, felt, moods, minor)
    hinted = {**translations(topics, hints, fit, names, encoder), **moods}
    quotes = _quotes(names, hinted, texts, languages, representatives, barred)
    return [_label(topic, names, hinted, quotes, keywords[topic], representatives.get(topic, ())) for topic in topics]


def _felt(fit: NDArray[np.float64], hints: Sequence[Hint]) -> list[tuple[float, Hint]]:
    """Feelings that suit a topic, best first."""
    found = [(float(value), hint) for value, hint in zip(fit, hints, strict=True) if hint.mood and value > 0]
    return sorted(found, key=lambda one: (-one[0], one[1].fr))


def _chosen(
    found: Mapping[int, list[Candidate]],
    language: str,
    barred: frozenset[str],
    felt: Mapping[int, Sequence[tuple[float, Hint]]],
    moods: dict[int, Hint],
    minor: set[int],
) -> dict[int, str]:
    """Name of each topic with evidence in this language; the topic with the clearest phrase chooses first.

    A topic that takes a feeling is put into `moods`, and keeps it for the other language.
    """
    taken: set[frozenset[str]] = set()
    names: dict[int, str] = {}
    for topic in sorted(found, key=lambda one: (-found[one][0].merit if found[one] else 0.0, one)):
        for name, hint in _offers(found[topic], language, felt[topic], moods.get(topic), topic in minor):
            if sense(name, language) in taken or (hint is None and faults(name, language, barred)):
                continue
            if hint is not None and hint in moods.values() and moods.get(topic) != hint:
                continue
            taken.add(sense(name, language))
            if hint is None:
                names[topic] = name
            else:
                moods[topic] = hint
            break
    return names


def _offers(
    candidates: Sequence[Candidate], language: str, felt: Sequence[tuple[float, Hint]], mood: Hint | None, minor: bool
) -> Iterator[tuple[str, Hint | None]]:
    """Names to try in turn, with the hint they come from: phrases, feelings, « problème de ... », pairs, what is left."""
    if mood is not None:
        yield mood.named(language), mood
    several = [one for one in candidates if one.n_words > 1 or one.phrase.denied]
    strong = felt[0][0] if felt else 0.0
    clear = [one for one in several if one.merit >= WEAK and (strong < MOOD or one.share >= FEW)]
    single = [one for one in candidates if one.n_words == 1 and not one.phrase.denied and one.share >= WORD_SHARE]
    for one in clear:
        yield _capital(one.phrase.form), None
    if minor:
        return  # few texts: better the other language's name than a doubtful one
    for _, hint in felt:
        yield hint.named(language), hint
    for one in single:
        if is_cause(one.phrase.form, language):
            yield _capital(one.phrase.form), None
    for one in (one for one in several if one not in clear):
        yield _capital(one.phrase.form), None
    telling = [one for one in single if not is_empty(one.phrase.form, language)]
    for one in telling:
        if not is_generic(one.phrase.form, language) and known_word(one.phrase.form, language):
            yield _problem(one.phrase.form, language), None
    for first, second in zip(telling, telling[1:], strict=False):
        yield f"{_capital(first.phrase.form)} {'et' if language == 'fr' else 'and'} {second.phrase.form}", None


def _problem(noun: str, language: str) -> str:
    if language == "en":
        return f"Problem with {noun}"
    return f"Problème d'{noun}" if fold(noun)[0] in "aeiouy" else f"Problème de {noun}"


def _capital(form: str) -> str:
    return form[:1].upper() + form[1:]


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
