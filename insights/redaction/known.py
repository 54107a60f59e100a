"""The CRM's names without the names: keyed hashes of their words, and the words of a text that have one of them."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

from insights.redaction.cues import BEHIND, CIVIL, STRONG, WEAK, WEAK_LOWER
from insights.redaction.lexicon import PARTICLES, first_name_kind, not_names, places
from insights.redaction.spans import Span
from insights.redaction.text import clean, plain
from insights.redaction.words import Word, Words

_HEX = 16
_MIN_LETTERS = 3
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_CUES = (STRONG, CIVIL, WEAK, WEAK_LOWER, BEHIND)


def name_hash(key: bytes, word: str) -> str:
    """HMAC-SHA256 of the word in plain spelling, as 16 hex characters. The same word, however spelled, has one hash."""
    return hmac.digest(key, plain(clean(word)).encode(), "sha256").hex()[:_HEX]


def name_words(full_name: str) -> list[str]:
    """The words of a name to hash, in plain spelling: double names whole and in parts, no particle, no short word."""
    found: dict[str, None] = {}
    for word in _NAME_WORD.findall(plain(clean(full_name))):
        for part in (word, *re.split(r"['-]", word)):
            if len(part) >= _MIN_LETTERS and part not in PARTICLES and not CIVIL.fullmatch(part + " "):
                found[part] = None
    return list(found)


@dataclass(frozen=True)
class KnownNames:
    """Finds the words of a text whose keyed hash the CRM has. `gazetteer`: hashes of every surname and first name."""

    key: bytes
    gazetteer: frozenset[str]

    def spans(self, words: Words, known: frozenset[str]) -> list[Span]:
        """Words of the text's own customer always; words of other customers unless they are ordinary words.

        An ordinary word ("petit") counts with a capital inside the sentence, for the own customer, or behind a cue.
        """
        if not (known or self.gazetteer):
            return []
        cued = _Cued(words)
        return [
            words.span(index, index)
            for index, word in enumerate(words.all)
            if self._may_count(words, word) and self._counts(words, index, word, known, cued)
        ]

    def _may_count(self, words: Words, word: Word) -> bool:
        return len(word.plain) >= _MIN_LETTERS and word.plain not in not_names()

    def _counts(self, words: Words, index: int, word: Word, known: frozenset[str], cued: _Cued) -> bool:
        ordinary = word.brand or word.plain in places() or words.common(word)
        capital = word.upper and not words.opens(word) and not word.brand
        own, other = bool(known) and (not ordinary or capital), not ordinary
        if not (own or other) and index not in cued:
            return False
        if words.in_place_name(word):
            return False
        hashes = {name_hash(self.key, form) for form in _forms(word)}
        if not known.isdisjoint(hashes):
            return True
        return (other or index in cued) and not self.gazetteer.isdisjoint(hashes)


def _forms(word: Word) -> Iterator[str]:
    """The word, and what stands in the text with d' or l' ("d'Angelo")."""
    yield word.plain
    whole = plain(word.text)
    if whole != word.plain:
        yield whole


class _Cued:
    """Which words stand behind a name cue or a first name; worked out when first asked."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._indexes: frozenset[int] | None = None

    def __contains__(self, index: int) -> bool:
        if self._indexes is None:
            self._indexes = frozenset(self._all())
        return index in self._indexes

    def _all(self) -> Iterator[int]:
        words = self._words
        for rule in _CUES:
            for match in rule.finditer(words.plain):
                index = words.from_offset(match.end())
                if index is not None:
                    yield words.past_particles(index)
        for index, word in enumerate(words.all[:-1]):
            if first_name_kind(word.plain) == "sure" and words.adjacent(index):
                yield words.past_particles(index + 1)
