"""Finds phrases in folded words: `PhraseIndex` those that start at a word, `said` one phrase anywhere in a clause.

`spacy_patterns` writes a phrase for spaCy's Matcher, by which the tests judge both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from insights.mentions.phrases import END, NUMBER_WORDS, Element, Phrase, is_number
from insights.mentions.text import SENTENCE_END

T = TypeVar("T")
_NOTHING: list[Any] = []  # shared by the many words that start no phrase; never changed


class ElementIndex:
    """Which of many elements accept a token, found by its word and its beginnings instead of asking each element."""

    def __init__(self, elements: Iterable[Element]) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._by_stem: dict[str, list[int]] = {}
        self._numbers: list[int] = []
        for place, element in enumerate(elements):
            for word in element.words:
                self._by_word.setdefault(word, []).append(place)
            for stem in element.stems:
                self._by_stem.setdefault(stem, []).append(place)
            if element.number:
                self._numbers.append(place)

    def accepting(self, token: str) -> list[int]:
        """Places of the elements that accept the token: first those that list the word itself, each half in order."""
        listed = self._by_word.get(token, [])
        begun = {place for end in range(len(token) + 1) for place in self._by_stem.get(token[:end], ())}
        if is_number(token):
            begun.update(self._numbers)
        return [*listed, *sorted(begun.difference(listed))]


class PhraseIndex(Generic[T]):
    """Phrases with a value each; finds those that start at a token."""

    _CACHE_LIMIT = 400_000  # pairs of words remembered; beyond it they are looked up afresh

    def __init__(self, phrases: Iterable[tuple[Phrase, T]]) -> None:
        self._entries = list(phrases)
        self._starts = ElementIndex(phrase[0] for phrase, _ in self._entries)
        self._first: dict[str, list[tuple[Phrase, T]]] = {}
        self._pairs: dict[tuple[str, str], list[tuple[Phrase, T]]] = {}

    def value(self, token: str) -> T | None:
        """Value of the first phrase of one word that is this token."""
        return next((value for phrase, value in self._candidates(token) if len(phrase) == 1), None)

    def all_at(self, tokens: Sequence[str], start: int) -> list[tuple[int, T]]:
        """(end, value) of every phrase that starts at `start`, in the order they were listed."""
        pair = (tokens[start], tokens[start + 1] if start + 1 < len(tokens) else END)
        found = self._pairs.get(pair)
        if found is None:
            found = [entry for entry in self._candidates(pair[0]) if _may_follow(entry[0], pair[1])]
            if len(self._pairs) < self._CACHE_LIMIT:
                self._pairs[pair] = found
        if not found:
            return _NOTHING
        matched = []
        for phrase, value in found:
            end = _match(phrase, 1, tokens, start + 1)
            if end > 0:
                matched.append((end, value))
        return matched

    def _candidates(self, token: str) -> list[tuple[Phrase, T]]:
        found = self._first.get(token)
        if found is None:
            found = [self._entries[place] for place in self._starts.accepting(token)]
            if len(self._first) < self._CACHE_LIMIT:
                self._first[token] = found
        return found


def said(phrase: Phrase, tokens: Sequence[str]) -> bool:
    """Whether the phrase stands anywhere in the clause."""
    return any(phrase[0].accepts(token) and _match(phrase, 1, tokens, at) for at, token in enumerate(tokens, start=1))


def _may_follow(phrase: Phrase, token: str) -> bool:
    return len(phrase) == 1 or bool(phrase[1].gap) or phrase[1].accepts(token)


def _match(phrase: Phrase, place: int, tokens: Sequence[str], at: int) -> int:
    """End of the phrase's rest matched from `at`, or 0."""
    for index in range(place, len(phrase)):
        element = phrase[index]
        if element.gap:
            for skip in range(element.gap + 1):
                if skip and (at + skip > len(tokens) or tokens[at + skip - 1] in SENTENCE_END):
                    return 0
                end = _match(phrase, index + 1, tokens, at + skip)
                if end:
                    return end
            return 0
        if at >= len(tokens):
            return at if END in element.words else 0
        if not element.accepts(tokens[at]):
            return 0
        at += 1
    return at


def spacy_patterns(phrase: Phrase) -> list[dict[str, Any]]:
    """The phrase as a pattern of spaCy's Matcher over folded tokens; a document must end with the token `$`."""
    return [_spacy_element(element) for element in phrase]


def _spacy_element(element: Element) -> dict[str, Any]:
    if element.gap:
        return {"ORTH": {"NOT_IN": sorted(SENTENCE_END)}, "OP": f"{{0,{element.gap}}}"}
    if not element.stems and not element.number:
        return {"ORTH": {"IN": sorted(element.words)}}
    tests = [re.escape(word) + "$" for word in sorted(element.words)] + [re.escape(stem) for stem in element.stems]
    if element.number:
        tests += [r"\d", *(f"{word}$" for word in sorted(NUMBER_WORDS))]
    return {"ORTH": {"REGEX": f"^(?:{'|'.join(tests)})"}}
