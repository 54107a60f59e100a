"""What is wrong with a thing, read near its name: « colis » and « jamais reçu » make « Colis jamais reçu ».

Each grievance has the words that show it in either language, the nouns it can be said of and the name the two make. It is
used for a topic only where the topic's texts say both near each other (names_rank counts the share).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from insights.mentions.reading import read
from insights.mentions.text import fold
from insights.topics.words import LISTS
from insights.yaml_files import read_yaml

NEAR = 80  # characters between a thing and its grievance
_STOP = re.compile(r"[.!?;\u2026]")
_CHOICE = re.compile(r"\(([^()/]*)(?:/([^()]*))?\)")
_DENIES = {
    "fr": re.compile(
        r"\b(?:aucune?s?|pas|jamais|sans|impossible|refus\w*|personne|rien|non|trop|double|resili\w*|quitter)\b"
    ),
    "en": re.compile(
        r"\b(?:no|not|never|unable|without|nobody|too|twice|double|declined|failed|refused|wrong|missing)\b"
    ),
}


@dataclass(frozen=True)
class Grief:
    """A grievance: `mark` in keys, patterns on folded text, the names they make, and kinds of nouns ('' for any).

    In `named_fr` « (e) » stands for the feminine, « (s) » and « (nt) » for the plural, « (eur/euse) » for both genders.
    """

    mark: str
    fr: re.Pattern[str]
    en: re.Pattern[str]
    named_fr: str
    named_en: str
    kinds: frozenset[str]


def _grief(held: Mapping[str, str]) -> Grief:
    fr, en = (re.compile(rf"\b(?:{held[language]})") for language in ("fr", "en"))
    return Grief(f"+{held['mark']}", fr, en, held["named_fr"], held["named_en"], frozenset(held["kinds"].split()))


GRIEFS = tuple(map(_grief, read_yaml(LISTS / "griefs.yaml")))


@lru_cache(maxsize=1)
def kinds() -> dict[str, frozenset[str]]:
    """Kinds of each folded noun of lists/kinds.yaml."""
    held = read_yaml(LISTS / "kinds.yaml")
    found: dict[str, set[str]] = {}
    for kind, nouns in held.items():
        for noun in str(nouns).split():
            found.setdefault(fold(noun), set()).add(str(kind))
    return {noun: frozenset(own) for noun, own in found.items()}


def griefs_in(folded: str, language: str) -> Iterator[tuple[Grief, int, int]]:
    """Each grievance a folded text holds, with its first and last character."""
    for grief in GRIEFS:
        for found in (grief.fr if language == "fr" else grief.en).finditer(folded):
            yield grief, found.start(), found.end()


@lru_cache(maxsize=1 << 16)
def marks(folded: str, language: str) -> frozenset[str]:
    """The marks of the grievances in a folded text."""
    return frozenset(grief.mark for grief, _, _ in griefs_in(folded, language))


def beside(folded: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two spans of a text lie near each other in one sentence, and do not overlap."""
    (_, end), (start, _) = sorted((first, second))
    between = folded[end:start]
    return 0 <= start - end <= NEAR and not _STOP.search(between)


def suits(grief: Grief, lemmas: Sequence[str]) -> bool:
    """Whether a grievance can be said of a noun group, by the kind of its first noun that has one."""
    if not grief.kinds:
        return True
    known = kinds()
    return any(known[one] & grief.kinds for one in lemmas[:1] if one in known)


def french_name(grief: Grief, noun: str, *, female: bool, many: bool) -> str:
    """The name that a noun group and its grievance make, agreed with its first noun."""

    def agreed(found: re.Match[str]) -> str:
        first, second = found.group(1), found.group(2)
        if second is not None:
            return second if female else first
        return first if (female if first == "e" else many) else ""

    linked = f"d'{noun}" if fold(noun)[:1] in "aeiouy" else f"de {noun}"
    return _CHOICE.sub(agreed, grief.named_fr).replace("{de x}", linked).replace("{x}", noun)


def english_name(grief: Grief, noun: str) -> str:
    """The name that a noun group and its grievance make."""
    return grief.named_en.replace("{x}", noun)


@lru_cache(maxsize=1 << 14)
def aggrieved(name: str, language: str) -> bool:
    """Whether a name says what is wrong: a denial, a failure, a refusal, an excess, or a word of blame in the lexicon."""
    low = fold(name)
    own = (grief for grief in marks(low, language) if grief != "+trouble")
    return bool(_DENIES[language].search(low)) or any(True for _ in own) or read(name, language).polarity < 0
