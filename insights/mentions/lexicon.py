"""The lexicons of the mention engine, read once from `insights/mentions/lexicon/<language>.yaml`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from insights.errors import SettingsError
from insights.mentions.matching import PhraseIndex
from insights.mentions.phrases import Phrase, parse
from insights.mentions.text import fold, raw_tokens, tokens
from insights.yaml_files import WORDS

LANGUAGES = ("fr", "en")
UNDECIDED = "und"


@dataclass(frozen=True, slots=True)
class Word:
    """Valence -3..3 of a word; `verb` lets a negation stand behind it; `expected` makes its absence a complaint."""

    value: float
    verb: bool
    expected: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """What a phrase says: a weight (None where it only marks talk), talk, irony."""

    weight: float | None
    neutral: bool = False
    irony: bool = False


@dataclass(frozen=True)
class Lexicon:
    """One language's lists, folded and parsed. `raw` is the file as read; everything in it is text."""

    language: str
    raw: Mapping[str, Any]
    sha: str
    expand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def phrases(self, lines: Iterable[str]) -> list[Phrase]:
        sets = self.raw.get("sets", {})
        return [phrase for line in lines for phrase in parse(line, sets, self._literal)]

    def _literal(self, word: str) -> Sequence[str]:
        """A word of a phrase spelled as customers' words are after folding, so that both meet."""
        return tokens(word, self.language, self.expand)

    def tokens(self, text: str) -> list[str]:
        return tokens(text, self.language, self.expand)

    @cached_property
    def valence(self) -> Callable[[str], Word | None]:
        """What a single word says by itself; None for most words. Remembered per word."""
        words, verbs = (PhraseIndex(self._valued(self.raw[section])) for section in ("words", "verbs"))
        expected = frozenset(fold(self.raw["expected"]).split())

        @lru_cache(maxsize=200_000)
        def look_up(token: str) -> Word | None:
            verb = verbs.value(token)
            value = verb if verb is not None else words.value(token)
            if value is None and token not in expected:
                return None
            return Word(value or 0.0, verb is not None or token in expected, token in expected)

        return look_up

    @cached_property
    def marks(self) -> PhraseIndex[Mark]:
        """Phrases with a meaning of their own; irony counts as -2."""
        listed = [(phrase, Mark(-2.0, irony=True)) for phrase in self.phrases(self.raw["irony"])]
        for weight, lines in self.raw["phrases"].items():
            listed += [(phrase, Mark(float(weight))) for phrase in self.phrases(lines)]
        listed += [(phrase, Mark(None, neutral=True)) for phrase in self.phrases(self.raw["neutral"])]
        return PhraseIndex(listed)

    @cached_property
    def negators(self) -> frozenset[str]:
        return frozenset(self.raw["negators"])

    @cached_property
    def negators_with_ne(self) -> frozenset[str]:
        return frozenset(self.raw["negators_with_ne"])

    @cached_property
    def ne(self) -> frozenset[str]:
        return frozenset(self.raw["ne"])

    @cached_property
    def intensifiers(self) -> dict[str, float]:
        return {fold(word): float(factor) for word, factor in self.raw["intensifiers"].items()}

    def _valued(self, section: Mapping[str, str]) -> list[tuple[Phrase, float]]:
        return [
            (phrase, float(weight))
            for weight, words in section.items()
            for word in words.split()
            for phrase in self.phrases([word])
        ]


@lru_cache(maxsize=len(LANGUAGES))
def lexicon(language: str) -> Lexicon:
    """The lexicon of `fr` or `en`. Raises SettingsError for a language without one."""
    if language not in LANGUAGES:
        raise SettingsError(f"There is no lexicon for the language {language!r}; there are: {', '.join(LANGUAGES)}.")
    data = (files("insights.mentions") / "lexicon" / f"{language}.yaml").read_bytes()
    raw = yaml.load(data, Loader=WORDS)  # BaseLoader: "on" and "no" stay words
    expand = {fold(key): _spelled(fold(value)) for key, value in raw["expand"].items()}
    return Lexicon(language, raw, hashlib.sha256(data).hexdigest(), expand)


def _spelled(plain: str) -> tuple[str, ...]:
    return (plain,) if plain.endswith("'") else tuple(raw_tokens(plain))


def lexicons_for(language: str) -> tuple[Lexicon, ...]:
    """The lexicons to read a text with: its own, both where the language is undecided, none for another language."""
    if language in LANGUAGES:
        return (lexicon(language),)
    return tuple(lexicon(name) for name in LANGUAGES) if language in ("", UNDECIDED) else ()


def rules_version() -> str:
    """Eight characters that change with any lexicon file."""
    return hashlib.sha256("".join(lexicon(name).sha for name in LANGUAGES).encode()).hexdigest()[:8]
