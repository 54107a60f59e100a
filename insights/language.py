"""Language of a text: ISO 639-1 codes, `und` (or the caller's default) where nothing can be said.

Three steps, cheapest first: one-word answers and small words that only one language has; then lingua, restricted to
the languages a French market writes in, loaded when first needed; then the default.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import yaml

from insights.mentions.text import fold
from insights.yaml_files import WORDS

if TYPE_CHECKING:
    from lingua import LanguageDetector

UNDECIDED = "und"
LANGUAGES = ("fr", "en", "nl", "de", "es", "it", "pt")
_SHORT_PRIOR = 8.0  # French and English weigh 1 + 8 / words more than the rest: a few letters prove little
_DEFAULT_PRIOR = 2.0  # and the caller's language twice that
_MIN_SHARE, _MIN_SHARE_SHORT = 0.35, 0.6  # of all languages; the second for one or two words
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+|\[[^\]\s]{2,24}\]|\d+\S*")
_WORD = re.compile(r"[^\W\d_]+")
_ELISION = re.compile(r"\b(?:qu|[cdjlmnst])'(?=\w)")  # before a vowel, French only ("i'm" has it behind)
_MAX_CHARS = 400  # a text's beginning decides

_LISTS: dict[str, dict[str, str]] = yaml.load(
    (files("insights.mentions") / "lexicon" / "languages.yaml").read_bytes(), Loader=WORDS
)
_FRENCH_ENGLISH = frozenset(("fr", "en"))


def _owners() -> dict[str, tuple[str, ...]]:
    owners: dict[str, tuple[str, ...]] = {}
    for language, words in _LISTS["small"].items():
        for word in fold(words).split():
            owners[word] = (*owners.get(word, ()), language)
    return owners


_OWNERS = _owners()
_ALONE_IN = {word: language for language, words in reversed(_LISTS["alone"].items()) for word in words.split()}


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    """lingua over LANGUAGES in its low-accuracy mode (groups of three letters): 120 MB less, three times faster."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()


def detect(texts: Sequence[str], default: str = UNDECIDED) -> list[str]:
    """ISO code of each text, in order; `default` for an empty text or one without a telling word."""
    known: dict[str, str] = {}
    for text in texts:
        if text not in known:
            known[text] = _detect_one(text, default) or default
    return [known[text] for text in texts]


def _detect_one(text: str, default: str) -> str | None:
    plain = _NOT_WORDS.sub(" ", text[:_MAX_CHARS])
    folded = fold(plain)
    words = _WORD.findall(folded)
    if not words:
        return None
    if len(words) <= 2:
        found = {_ALONE_IN[word] for word in words if word in _ALONE_IN}
        if len(found) == 1:
            return found.pop()
    ruled = _by_small_words(words, len(_ELISION.findall(folded)))
    return ruled or _by_letters(plain, len(words), default)


def _by_small_words(words: list[str], n_elisions: int) -> str | None:
    """The language whose own small words are said at least twice as often as any other's."""
    counts = dict.fromkeys(_LISTS["small"], 0.0) | {"fr": float(n_elisions)}
    for word in words:
        owners = _OWNERS.get(word, ())
        for owner in owners:
            counts[owner] += 1.0 / len(owners)
    ranked = sorted(counts.items(), key=lambda entry: -entry[1])
    (best, most), (_, second) = ranked[0], ranked[1]
    if most >= 2 and most >= 2 * second and (most >= 0.15 * len(words) or most >= 4):
        return best
    if len(words) <= 8 and most >= 1 and most >= 2 * second and best in _FRENCH_ENGLISH:
        return best
    return None


def _by_letters(plain: str, n_words: int, default: str) -> str | None:
    scored = {}
    for found in _detector().compute_language_confidence_values(plain):
        code = found.language.iso_code_639_1.name.lower()
        expected = (1.0 + _SHORT_PRIOR / n_words) if code in _FRENCH_ENGLISH else 1.0
        scored[code] = found.value * expected * (_DEFAULT_PRIOR if code == default else 1.0)
    best = max(scored, key=lambda code: scored[code])
    share = scored[best] / (sum(scored.values()) or 1.0)
    return best if share >= (_MIN_SHARE if n_words > 2 else _MIN_SHARE_SHORT) else None
