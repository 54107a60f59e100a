"""What a reader typed, understood: words, "phrases in quotes", and -words that must not occur."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from insights.search.words import composed, forms, is_empty, spoken

_PART = re.compile(r'(?P<minus>(?<!\S)[-\u2212])?(?:"(?P<one>[^"]*)"?|«(?P<two>[^»]*)»?|(?P<bare>[^\s"«]+))')
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A search: every word and phrase is wanted, none of `without`."""

    text: str
    words: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    without: tuple[Phrase, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether anything is looked for by words."""
        return bool(self.words or self.phrases)

    @property
    def wanted(self) -> frozenset[str]:
        """The forms to mark in a text that was found; small words are marked in phrases only."""
        told = chain(self.words, *self.phrases)
        return frozenset(chain.from_iterable(forms(word) for word in told if not is_empty(word)))

    @property
    def meaning(self) -> str:
        """What is looked for by meaning: all that was typed but what must not occur."""
        return " ".join(
            found.group("one") or found.group("two") or found.group("bare") or ""
            for found in _PART.finditer(self.text)
            if not found.group("minus")
        ).strip()


def parse(text: str) -> Query:
    """The query a text says. Small words count in quotes only, unless nothing else was typed."""
    words: list[str] = []
    phrases: list[Phrase] = []
    without: list[Phrase] = []
    text = composed(text)
    for found in _PART.finditer(text):
        said = found.group("one") or found.group("two") or found.group("bare") or ""
        parts = tuple(match.group().lower() for match in spoken(said))
        if found.group("minus"):
            without += [parts] if parts else []
        elif found.group("bare") or len(parts) == 1:
            words += parts
        elif parts:
            phrases.append(parts)
    telling = [word for word in words if not is_empty(word)]
    kept = telling or ([] if phrases else words)
    return Query(text.strip(), tuple(dict.fromkeys(kept)), tuple(phrases), tuple(without))
