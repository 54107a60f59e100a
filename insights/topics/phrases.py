"""Phrases a person could use to name a problem, found in verbatims, and the key by which a text holds a phrase.

French is read with spaCy's parts of speech; English, which has no model on the registry, by its small words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from insights import nlp
from insights.mentions.text import fold
from insights.topics import names_en, names_fr
from insights.topics.names_griefs import marks
from insights.topics.names_words import MARK, Phrase
from insights.topics.words import cleaned, lemma, word_list, word_set

if TYPE_CHECKING:
    from spacy.tokens import Doc

__all__ = ["MARK", "Phrase", "english_phrases", "french_phrases", "phrases_in", "text_key"]

_BATCH, _KEPT = 256, 8_000  # texts read at a time; documents kept, some kilobytes each
_LAST: dict[str, Doc] = {}

_BARRED = frozenset(map(fold, word_list("barred")))
_OVERPAID = re.compile(r"\btrop[ -]per[çc]us?\b", re.IGNORECASE)  # one noun, which the tagger reads as two words
_BREAKFAST = re.compile(r"\bpetits?[ -]d[ée]j(?:e[ûu]ner)?s?\b|\bpetit[ -]d[eé]j\b", re.IGNORECASE)
_AT_ALL = re.compile(r"\b(pas|plus|rien) (?:du tout|encore|toujours|vraiment)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ELIDED = re.compile(r"\b(?:qu|jusqu|lorsqu|[cdjlmnst])'", re.IGNORECASE)
_DENIALS = word_set(
    "pas jamais aucun aucune rien personne sans impossible plus ni zero not never no nobody without cannot cant unable "
    "dont doesnt didnt wont isnt wasnt havent hasnt nothing"
)


def french_phrases(texts: Iterable[str], barred: frozenset[str] = frozenset()) -> Iterator[list[Phrase]]:
    """Phrases of each French text. `barred`: folded words that no phrase may hold (brands)."""
    for doc in _read(_AT_ALL.sub(r"\1", _compounds(text)) for text in texts):
        yield list(names_fr.phrases_of(doc, _BARRED | barred))


def _read(texts: Iterable[str]) -> Iterator[Doc]:
    """The texts with parts of speech. The last ones are kept: a discovery asks for those of a topic two to four times."""
    waiting = iter(texts)
    while batch := list(islice(waiting, _BATCH)):
        known = {text: doc for text in batch if (doc := _LAST.get(text)) is not None}
        new = [text for text in dict.fromkeys(batch) if text not in known]
        for text, doc in zip(new, nlp.docs(new, nlp.TAGS), strict=True):
            known[text] = _LAST[text] = _merged(doc)
        yield from (known[text] for text in batch)
        for text in list(_LAST)[: max(0, len(_LAST) - _KEPT)]:
            _LAST.pop(text, None)


def _merged(doc: Doc) -> Doc:
    """The document with « a-b » as one noun, without the numbers that only the tagger needed."""
    doc.tensor = doc.tensor[:0]
    with doc.retokenize() as merge:
        for start, end in _hyphened([token.text for token in doc], [token.whitespace_ for token in doc]):
            if doc[end - 1].pos_ != "PRON":
                merge.merge(doc[start:end], attrs={"POS": "NOUN"})
    return doc


def english_phrases(texts: Iterable[str], barred: frozenset[str] = frozenset()) -> Iterator[list[Phrase]]:
    """Phrases of each English text, by its small words."""
    for text in texts:
        yield list(names_en.phrases_of(cleaned(text), _BARRED | barred))


def phrases_in(texts: Iterable[str], language: str, barred: frozenset[str] = frozenset()) -> Iterator[list[Phrase]]:
    """Phrases of each text of one language, fr or en."""
    return french_phrases(texts, barred) if language == "fr" else english_phrases(texts, barred)


def text_key(text: str, language: str) -> frozenset[str]:
    """What a text can be matched with: the folded lemmas of its words, MARK where it denies anything, and its grievances."""
    words = _WORD.findall(_ELIDED.sub(" ", _compounds(text).lower()))
    found = {fold(lemma(word, language)) for word in words}
    denies = found & _DENIALS or "n't" in text.lower().replace("\u2019", "'")
    return frozenset(found | ({MARK} if denies else set()) | marks(fold(cleaned(text)), language))


def _compounds(text: str) -> str:
    """The text with the two nouns that the tagger reads as two words written as one."""
    return _BREAKFAST.sub("petit-déjeuner", _OVERPAID.sub("trop-perçu", cleaned(text)))


def _hyphened(words: list[str], spaces: list[str]) -> Iterator[tuple[int, int]]:
    """Spans « a-b » that the tokenizer took apart, none overlapping the one before."""
    last = 0
    for at in range(1, len(words) - 1):
        closed = words[at] == "-" and not spaces[at - 1] and not spaces[at] and at - 1 >= last
        if closed and words[at - 1].isalpha() and words[at + 1].isalpha():
            yield at - 1, at + 2
            last = at + 2
