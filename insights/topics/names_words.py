"""What the modules that name topics share: a phrase, its shapes, and the lists that tell a cause from an empty word."""

from __future__ import annotations

from dataclasses import dataclass

from insights.mentions.text import fold
from insights.topics.words import lemma, word_list

MAX_WORDS = 4  # meaningful words of a phrase
DENIED, EVENT, QUALITY, GROUP, ACTION, WORD = "denied", "event", "quality", "group", "action", "word"
BARE = "bare"  # a participle with its place, or a thing that does something: a fragment unless it says what is wrong
JOINED = "joined"  # a thing and its grievance, said near each other
MARK = "\u00ac"

EMPTY = frozenset(map(fold, word_list("names_empty")))
GENERIC = frozenset(map(fold, word_list("names_generic")))
MISHAPS = frozenset(map(fold, word_list("names_mishaps")))
CAUSES = frozenset(map(fold, word_list("names_causes")))


@dataclass(frozen=True)
class Phrase:
    """`words`: folded lemmas in alphabetical order. `form`: as a person would write it. `shape`: how it was found.

    `mark`: the grievance said beside the words (names_griefs), '' where they say all.
    """

    words: tuple[str, ...]
    form: str
    shape: str = GROUP
    mark: str = ""

    @property
    def denied(self) -> bool:
        return self.shape == "denied"

    @property
    def key(self) -> tuple[str, ...]:
        """The words, with MARK or the grievance's mark first, if any: two phrases of one key say the same."""
        mark = MARK if self.denied else self.mark
        return (mark, *self.words) if mark else self.words


def is_mark(part: str) -> bool:
    """Whether a part of a key is the mark of a denial or of a grievance and no word."""
    return part[:1] in (MARK, "+")


def bases(word: str, language: str) -> set[str]:
    """A word's folded form and its folded dictionary form."""
    return {fold(word), fold(lemma(word.lower(), language))}


def is_empty(word: str, language: str) -> bool:
    """Whether a word only praises, blames or fills: it names no cause."""
    return bool(bases(word, language) & EMPTY)


def is_generic(word: str, language: str) -> bool:
    """Whether a word is too broad to name a cause alone: « service », "account"."""
    return bool(bases(word, language) & GENERIC)


def is_mishap(word: str, language: str) -> bool:
    """Whether it is good news that there is none of it: « accident », "delay"."""
    return bool(bases(word, language) & MISHAPS)


def is_cause(word: str, language: str) -> bool:
    """Whether a word names a cause by itself: « panne », "delay"."""
    return bool(bases(word, language) & CAUSES)
