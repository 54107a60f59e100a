"""Whether a text can be a label: the tests that keep fragments, empty words, personal data and brands out of names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from insights.mentions.text import fold
from insights.redaction.lexicon import first_names, is_common, places
from insights.topics.names_words import bases, is_cause, is_empty, is_generic, is_mishap
from insights.topics.words import STOPWORDS_EN, STOPWORDS_FR, lemma, word_set

SHORTEST, LONGEST, MOST_WORDS = 4, 60, 9
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ELIDED = re.compile(r"\b(?:qu|jusqu|lorsqu|[cdjlmnst])'", re.IGNORECASE)
_PERSONAL = re.compile(r"[\[\]@#/]|https?:|\d{3,}")
_TITLED = re.compile(r"(?<=[\s'])[A-ZÀ-Ý][^\W\d_]+")
_DENIAL = {
    "fr": word_set("aucun aucune pas jamais sans impossible personne rien refus zero plus"),
    "en": word_set("no not never unable without nobody cannot refusal"),
}
_NONE_OF = word_set("aucun aucune pas sans zero no without")
_NEVER_LAST = {
    "fr": word_set(
        "a à au aux de d du des en sur par avec pour chez dans sous contre sans malgre depuis le la les l un une mon ma "
        "mes son sa ses notre nos votre vos leur leurs ce cet cette ces et ou mais que qui dont est sont etait ai as "
        "avons avez ont avait ete etre avoir ne n pas-de tres plus trop aucun aucune se me te y"
    ),
    "en": word_set(
        "of for to on in with from by at into about without the a an my our your his her their its this that these and "
        "or but is are was were be been have has had do does did not no never too very any some as than it"
    ),
}
_NEVER_FIRST = {
    "fr": word_set("et ou mais que qui dont de d du des au aux est sont ne n se y fuyez fuyer fuir fuit evitez eviter"),
    "en": word_set("and or but of to from by than that which is are was were the a an it"),
}


def faults(label: str, language: str, barred: Iterable[str] = ()) -> tuple[str, ...]:
    """What is wrong with a label in a language (fr, en): () where nothing is.

    length, personal, barred (a brand, a city, a first name), opening, ending, bare (one word that is no cause by itself:
    a participle, an infinitive, a generic noun), contrary (a mishap that did not happen: « aucun accident »), empty (only
    words that blame, praise or fill).
    """
    words = _WORD.findall(fold(label.replace("\u2019", "'")).replace("'", " "))
    said = [word for word in _WORD.findall(_ELIDED.sub(" ", label.lower().replace("\u2019", "'")))]
    meant = [word for word in said if not _small(word, language)]
    denied = bool(set(words) & _DENIAL[language])
    found = {
        "length": not SHORTEST <= len(label) <= LONGEST or len(words) > MOST_WORDS,
        "personal": bool(_PERSONAL.search(label)),
        "barred": _names_someone(label, said, language, frozenset(fold(one) for one in barred)),
        "opening": bool(words) and words[0] in _NEVER_FIRST[language],
        "ending": bool(words) and words[-1] in _NEVER_LAST[language],
        "bare": len(meant) == 1 and not denied and not is_cause(meant[0], language),
        "contrary": denied
        and bool(meant)
        and (_none_of(words, meant, language) or all(is_mishap(word, language) for word in meant)),
        "empty": not _says_something(meant, language, denied=denied),
    }
    return tuple(name for name, holds in found.items() if holds)


def barred_words(brands: Iterable[str]) -> frozenset[str]:
    """Folded brands, and the parts of their names that are no everyday words: « Lumarelle » of « Lumarelle Énergie »."""
    names = [fold(name) for name in brands]
    return frozenset(names) | {part for name in names for part in name.split() if not is_common(part, "")}


def sense(label: str, language: str) -> frozenset[str]:
    """What two labels share when they say the same: lemmas of their meaningful words, and whether they deny."""
    words = _WORD.findall(_ELIDED.sub(" ", label.lower().replace("\u2019", "'")))
    denied = {"\u00ac"} if {fold(word) for word in words} & _DENIAL[language] else set()
    return frozenset({fold(lemma(w, language)) for w in words if not _small(w, language)} | denied)


def _says_something(meant: list[str], language: str, *, denied: bool) -> bool:
    """A word with a meaning of its own, or a broad noun that is judged (« service déplorable »)."""
    empty = [is_empty(word, language) for word in meant]
    broad = [is_generic(word, language) and not void for word, void in zip(meant, empty, strict=True)]
    if any(not void and not wide for void, wide in zip(empty, broad, strict=True)):
        return True
    return any(broad) and any(empty) and not denied


def _none_of(words: list[str], meant: list[str], language: str) -> bool:
    """Whether a label opens by denying a mishap: « aucun sinistre déclaré »."""
    return words[0] in _NONE_OF and is_mishap(meant[0], language)


def _small(word: str, language: str) -> bool:
    stop = STOPWORDS_FR if language == "fr" else STOPWORDS_EN
    return word in stop or fold(word) in _DENIAL[language] or fold(word) in _NEVER_LAST[language]


def _names_someone(label: str, words: list[str], language: str, barred: frozenset[str]) -> bool:
    plain = any(bases(word, language) & barred or _is_name(fold(word), language) for word in words)
    titled = {fold(match.group()) for match in _TITLED.finditer(label)}
    return plain or any(" " in one and one in fold(label) for one in barred) or bool(titled & places())


@lru_cache(maxsize=20_000)
def _is_name(word: str, language: str) -> bool:
    """Whether a folded word is a first name or a place and no everyday word."""
    return (word in first_names() or word in places()) and not is_common(word, language)
