"""Words of a text as they are compared in a search: case, accents and inflection taken away, in French and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

from insights.mentions.text import fold
from insights.topics.words import STOPWORDS, lemma

_WORD = re.compile(r"\[[^\]\s]{2,24}\]|[^\W_]+")  # a redaction token such as [NOM_1] is one, and no word
_ENDINGS = ("ations", "ation", "ees", "ee", "er", "ez", "es", "ing", "ed", "e", "s", "x")
_LEAST = 4  # letters that an ending must leave
_EMPTY = frozenset(map(fold, STOPWORDS))
Span = tuple[int, int]


def composed(text: str) -> str:
    """The text with each accented letter as one character: what offsets count."""
    return unicodedata.normalize("NFC", text)


def spoken(text: str) -> Iterator[re.Match[str]]:
    """The words of a composed text, redaction tokens left out."""
    return (found for found in _WORD.finditer(text) if found.group()[0] != "[")


def is_empty(word: str) -> bool:
    """Whether a word carries no meaning by itself (le, of, ...)."""
    return len(word) < 2 or fold(word) in _EMPTY


@lru_cache(maxsize=400_000)
def form(word: str, language: str) -> str:
    """What the inflected forms of one word share: `résiliés`, `resilier` -> `resili`. `und` asks French, then English."""
    small = word.lower()
    base = lemma(small, "en" if language == "en" else "fr")
    if base == small and language not in ("fr", "en"):
        base = lemma(small, "en")
    return _stripped(fold(base).replace("œ", "oe").replace("æ", "ae"))


def forms(word: str) -> frozenset[str]:
    """The forms of a word whose language is not known: the French one and the English one."""
    return frozenset((form(word, "fr"), form(word, "en")))


def text_forms(text: str, language: str) -> list[str]:
    """Forms of all words of a text in reading order."""
    return [form(found.group(), language) for found in spoken(composed(text))]


def marks(text: str, wanted: Collection[str]) -> list[Span]:
    """Where a composed text says one of the wanted forms: [start, end) of each word."""
    return [found.span() for found in spoken(text) if not forms(found.group()).isdisjoint(wanted)]


def _stripped(base: str) -> str:
    for ending in _ENDINGS:
        if base.endswith(ending) and len(base) - len(ending) >= _LEAST:
            base = base[: -len(ending)]
            break
    return base[:-1] if len(base) > _LEAST and base[-1] == base[-2] else base
