"""Words of a clause for counting: lemmas without function words, and the key under which near copies are one text."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from insights.mentions.text import fold

LISTS = Path(__file__).parent / "lists"


def word_list(name: str) -> frozenset[str]:
    """Words of one file of insights/topics/lists; its first line says what they are for."""
    lines = (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def word_set(words: str) -> frozenset[str]:
    """The words of one line."""
    return frozenset(words.split())


STOPWORDS_FR, STOPWORDS_EN = word_list("stopwords_fr"), word_list("stopwords_en")
STOPWORDS = STOPWORDS_FR | STOPWORDS_EN

_NOISE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+|\[[A-ZÀ-Ü_]+(?:_\d+)?\]")
_ELISION = re.compile(r"\b(?:qu|jusqu|lorsqu|puisqu|quoiqu|[cdjlmnst])'", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBER = re.compile(r"\d[\d .,\u00a0\u202f]*")
_NOT_KEY = re.compile(r"[^a-z0]+")
_FILLERS = frozenset(
    {"euh", "heu", "hum", "mmh", "ben", "bah", "hein", "quoi", "donc", "alors", "voila", "uh", "um", "erm"}
)


def cleaned(text: str) -> str:
    """The text without addresses, handles and redaction tokens, with straight apostrophes."""
    return _NOISE.sub(" ", text.replace("\u2019", "'"))


@lru_cache(maxsize=200_000)
def lemma(word: str, language: str) -> str:
    """Dictionary form of one lower-case word; the word itself in a language without dictionary here."""
    if language not in ("fr", "en"):
        return word
    import simplemma

    return str(simplemma.lemmatize(word, lang=language)).lower()


def content_words(text: str, language: str) -> list[str]:
    """Lemmas of the words that carry meaning, in reading order."""
    stop = {"fr": STOPWORDS_FR, "en": STOPWORDS_EN}.get(language, STOPWORDS)
    found = _WORD.findall(_ELISION.sub(" ", cleaned(text).lower()))
    return [base for word in found if word not in stop and (base := lemma(word, language)) not in stop]


def copy_key(text: str) -> str:
    """What near copies share: case, accents, punctuation, figures, hesitations and doubled words left out."""
    kept: list[str] = []
    for word in _NOT_KEY.sub(" ", _NUMBER.sub(" 0 ", fold(cleaned(text)))).split():
        if word not in _FILLERS and (not kept or kept[-1] != word):
            kept.append(word)
    return " ".join(kept) or text.strip().lower()


@lru_cache(maxsize=50_000)
def known_word(word: str, language: str) -> bool:
    """Whether a dictionary of the language has the word; function words and elided ones count as known."""
    import simplemma

    plain = _ELISION.sub("", word.lower()).strip("'")
    return len(plain) < 3 or plain in STOPWORDS or simplemma.is_known(plain, lang="fr" if language == "fr" else "en")
