"""Words that are names, words that are none, and the brands that must stay readable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from insights.redaction.text import plain


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DATA = files("insights.redaction") / "data"
_SMS = re.compile(r"(?!mc|sch|chr|phr|thr)(?:j[bcdfghklmnpqrstvwxz]|[cdklpqst]'|[nm]'[aeiouyh]|[^aeiouy]{4})")
_ADVERB = re.compile(r"[a-z]{4,}(?:ment|mant)")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_VOWEL = re.compile("[aeiouy]")
_INVERTED = word_set("il elle on ils elles vous nous je tu ce ci la le les lui moi toi y en t m")


# First names that are countries, towns, months or everyday words with a capital: a capital alone proves nothing.
HARD = word_set(
    "france florence georgia austin chelsea virginia milan lourdes april may june august will mark bill mercedes "
    "noel alexa rose angel max grace hope faith joy art guy rich bob frank jack parker mason hunter grant dean earl "
    "lee ben sam prune marine come prosper honore constant desire blaise luna mars ange parfait "
    "eve clair fidele gloire merveille benediction beni divine divin prudent modeste comfort gift goodness favour promise "
    "miracle praise peace wisdom"
)
# Of these, the ones a capital inside an English sentence makes a name: "I spoke to Will".
ENGLISH_CAPITAL = word_set(
    "will mark bill jack parker mason hunter dean earl lee ben sam guy bob frank max grace hope faith joy angel rose "
    "noel georgia austin chelsea florence"
)
# First names that also stand behind a noun as its adjective: "la conseillère claire et précise".
ADJECTIVES = word_set(
    "claire clair blanche blanc parfaite parfait juste honore constant constante innocent innocente ravi said sage "
    "prudent prudente patience france june may will hope grace faith rich frank grant mark bill long jolie belle "
    "gracieuse candide fidele fortune immaculee martiale souple franc franche summer sunny happy lucky lovely earnest "
    "esperance art max come mars aime desire marine melodie harmonie justice victoire charity mercy merry misty noel avril mai"
)
# No name stands behind an article or a possessive: "la cergap", "mon gestionnaire".
DETERMINERS = word_set(
    "le la les un une des ce cet cette ces du au aux mon ma mes notre nos votre vos leur leurs sa son ses chaque "
    "the a an my your his her our their this that these those"
)
# Not even after "bonjour" or "merci".
NEVER_GREETED = word_set("france may june april august will noel mars come hope grace art")
_PREFIXES = word_set("ait ben bou el al le la de du da dos van von saint sainte mac abd ould o")
# Particles that are no word of French or English: what follows is a surname, whatever its look.
FOREIGN = word_set("van von der el ben bin ibn al ait di da dos mac mc st o")
# Surnames behind "de la", "du", "des": Fatiha de La Tour.
TOPOGRAPHIC = word_set(
    "tour fontaine croix riviere roche foret porte salle haye villette vallee fosse motte grange mare vigne vignes chapelle "
    "barre borde bordes cour serre pierre rue brosse bruyere chesnaye chesnais houssaye saussaye touche ville baume combe "
    "sabliere tremblaye pommeraye rochefoucauld villardiere bois buisson chene chesne fresne moulin mesnil puy plessis parc "
    "pont pre rocher jardin essarts bouays bellay pin tertre val vivier champ champs granges roches forges landes"
)
# French words that can be no name, and in English first names.
ENGLISH_NAMES = word_set("grace ben june noel april")
# Nouns and verbs of every complaint: first names only with a capital or a surname ("not happy with bill").
EVERYDAY = word_set("bill will may art guy hope rich long faith france come mars august noel precise juste")
COLOURS = word_set(
    "beige blanc blanche bleu bleue brun corail doree dore fonce foncee gold grise gris jaune noir noire nude orange pale "
    "poudre poudree rouge vert verte vif black blue brown dark dusty green grey light pink pale red white yellow nude blush"
)
# First names that are stones, plants and spices: a colour behind or before them makes them one.
GEMS = word_set(
    "jade ruby olive sandy rose violet violette amber hazel ginger scarlett coral crystal jasmine iris lilas prune"
)
# First names that are cars behind "my".
CARS = word_set(
    "zoe megane clio mercedes giulia giulietta fabia octavia carina corsa astra fiesta alhambra micra jazz leon sandero"
)
# What an ordinary word that opens a sentence does not do: these are first names there ("Grant never rang").
ACTORS = word_set(
    "mark jack frank grace faith joy grant dean hunter mason parker ben sam bob max lee earl austin georgia chelsea "
    "virginia rose june april summer eve noel angel summer chase"
)
PARTICLES = word_set("de du des d le la les van von der den el ben bin ibn al ait di da dos do mac mc st saint ten o")


def _lines(name: str) -> list[str]:
    content = (_DATA / name).read_text(encoding="utf-8")
    return [line.strip() for line in content.splitlines() if line.strip() and not line.startswith("#")]


def _words(name: str) -> list[str]:
    return [word for line in _lines(name) for word in line.split()]


@lru_cache(maxsize=1)
def first_names() -> dict[str, bool]:
    """First name (plain spelling) to whether it is also an ordinary word."""
    names: dict[str, bool] = {}
    for word in (*_words("first_names.txt"), *_words("first_names_world.txt")):
        bare = word.rstrip("*")
        names[bare] = names.get(bare, False) or word.endswith("*")
    return names


@lru_cache(maxsize=1)
def surnames() -> frozenset[str]:
    return frozenset((*_words("surnames.txt"), *_words("surnames_world.txt")))


@lru_cache(maxsize=1)
def not_names() -> frozenset[str]:
    return frozenset(_words("not_names.txt"))


@lru_cache(maxsize=1)
def places() -> frozenset[str]:
    """Towns, countries, brands and firms that could be taken for a name."""
    return frozenset(_words("places.txt"))


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(_words("common.txt"))


@lru_cache(maxsize=4)
def common_words(language: str) -> frozenset[str]:
    """Every form simplemma's dictionary of a language lists, in plain spelling (about 240,000 for French)."""
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    forms: Any = DefaultDictionaryFactory(cache_max_size=1).get_dictionary(language)
    return frozenset(plain("\n".join(forms)).split("\n"))


def is_common(word: str, language: str) -> bool:
    """An ordinary word of the language (plain spelling); of either language where it is undecided.

    simplemma lists inflected forms, so adverbs in -ment and words without another form come by rule and list.
    """
    if word in _common() or word in not_names() or _ADVERB.fullmatch(word):
        return True
    languages = (language,) if language in {"fr", "en"} else ("fr", "en")
    return any(_in_dictionary(word, common_words(code)) for code in languages)


def _in_dictionary(word: str, words: frozenset[str]) -> bool:
    """Listed, or of listed parts: "veut-il", "porte-monnaie", not "ait-ahmed"."""
    if word in words or "-" not in word:
        return word in words
    stem, last = word.rsplit("-", 1)
    return (last in _INVERTED or last in words) and (stem in words or all(part in words for part in stem.split("-")))


def first_name_kind(word: str) -> str:
    """`sure`, `ordinary` (also a common word) or `` for a plain word; a double name counts when each part does."""
    names = first_names()
    if word in names:
        return "ordinary" if names[word] else "sure"
    parts = word.split("-")
    return "sure" if len(parts) > 1 and all(part in names for part in parts) else ""


def is_surname(word: str) -> bool:
    """A listed surname, or a double one of listed parts."""
    if word in surnames():
        return True
    parts = word.split("-")
    return len(parts) > 1 and all(part in surnames() or part in _PREFIXES for part in parts)


def could_be_name(word: str, language: str) -> bool:
    """A lower-case word that may stand as a surname behind a cue: listed, or unknown to the dictionary."""
    if word in not_names():
        return False
    if is_surname(word) or first_name_kind(word):
        return True
    return len(word) > 2 and not _SMS.match(word) and _VOWEL.search(word) is not None and not is_common(word, language)


def is_slip(word: str, language: str) -> bool:
    """One letter missing, doubled or swapped makes it an ordinary word: "pocntuel", "savai"."""
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    edits = [left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1]
    edits += [left + right[1:] for left, right in splits if right]
    edits += [left + letter + right for left, right in splits for letter in _LETTERS]
    return any(is_common(edit, language) for edit in edits)


class Brands:
    """The allow-list: brands given by the caller and those of every day."""

    def __init__(self, brands: Sequence[str]) -> None:
        phrases = {plain(name).strip() for name in (*brands, *_lines("brands.txt"))} - {""}
        ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
        self._phrases = re.compile(
            r"(?<!\w)(?:" + "|".join(re.escape(phrase).replace(r"\ ", "[ -]") for phrase in ordered) + r")s?(?!\w)"
        )
        heads = {re.sub(r"\W", "", phrase) for phrase in phrases}
        long = sorted((head for head in heads if len(head) > 2), key=len, reverse=True)
        self.handle = re.compile("|".join(map(re.escape, long)))

    def covers(self, plain_text: str) -> list[tuple[int, int]]:
        """Ranges of the plain text that are brands."""
        return [match.span() for match in self._phrases.finditer(plain_text)]
