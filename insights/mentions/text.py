"""Folding, tokens and fingerprints of customers' words: the one place where spelling is made comparable."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

SENTENCE_END = frozenset({".", "!", "?", ";"})
_SPACES = re.compile(r"\s+")
_EMOJI = "\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55"
_TOKEN = re.compile(
    r"\[[^\]\s]{2,24}\]"  # a redaction token such as [NOM_1]
    r"|(?:qu|jusqu|lorsqu|puisqu|quoiqu|[cdjlmnst])'(?=\w)"
    r"|\d+(?:[.,\u202f\u00a0 ]\d{3}(?!\d))*(?:[.,]\d+)?"
    r"|[^\W\d_]+"
    r"|[!?.;\u2026]+"
    rf"|[{_EMOJI}]"
)
_LETTERS = re.compile(rf"[^\W_]|[{_EMOJI}]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_FILLERS = frozenset({"euh", "heu", "euhh", "hum", "mmh", "uh", "um", "erm"})
_SKIN_AND_JOINERS = re.compile("[\u200b-\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_ENGLISH = ((re.compile(r"\bcan't\b"), "can not"), (re.compile(r"\bwon't\b"), "will not"), (re.compile("n't"), " not"))
_ENGLISH_VERBS = (("'m", " am"), ("'re", " are"), ("'ve", " have"), ("'ll", " will"), ("'d", " would"))


def _fold_table() -> dict[int, str]:
    """One character to one character, so that offsets in the folded text are offsets in the original."""
    table = {ord("\u2019"): "'", ord("\u2018"): "'", ord("`"): "'", ord("\u00b4"): "'", ord("\u02bc"): "'"}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0].lower()
        if len(base) == 1 and base.isalpha():
            table[code] = base
    return table


_FOLD = _fold_table()


def fold(text: str) -> str:
    """The text in lower case without accents, with straight apostrophes; the same length as the input."""
    return text.translate(_FOLD).lower()


def normalise(text: str) -> str:
    """NFKC, casefolded, spaces collapsed: two spellings of one sentence share it. Idempotent."""
    while True:  # casefolding can open a new NFKC form; two or three rounds reach the fixed point
        step = _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
        if step == text:
            return step
        text = step


def text_sha(text: str) -> str:
    """sha256 of the normalised text; joins `embedding`."""
    return hashlib.sha256(normalise(text).encode("utf-8")).hexdigest()


def has_letters(text: str) -> bool:
    """True where something was said: a letter, a digit or an emoji."""
    return _LETTERS.search(text) is not None


def raw_tokens(folded: str) -> list[str]:
    """Words, elided articles, numbers, sentence marks and emoji of a folded text, as written."""
    return _TOKEN.findall(folded)


def tokens(text: str, language: str, expand: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Folded tokens with SMS spelling undone, every sentence mark reduced to one of . ! ? ;

    `expand` maps a token to its spelled-out tokens (lexicon section `expand`).
    """
    folded = _REPEATED.sub(r"\1\1", _SKIN_AND_JOINERS.sub("", fold(unicodedata.normalize("NFC", text))))
    if language != "fr" and "'" in folded:
        for pattern, plain in _ENGLISH:
            folded = pattern.sub(plain, folded)
        for mark, plain in _ENGLISH_VERBS:
            folded = folded.replace(mark, plain)
    if "\u0153" in folded or "\u00e6" in folded:
        folded = folded.replace("\u0153", "oe").replace("\u00e6", "ae")
    out: list[str] = []
    last = ""
    for token in _TOKEN.findall(folded):
        if token in _FILLERS or (token == last and token[0].isalpha()):
            continue  # "euh", and the words that speech repeats
        last = token
        spelled = expand.get(token)
        if spelled is not None:
            out.extend(spelled)
        elif token[0] in "!?.;\u2026":
            out.append("?" if "?" in token else "!" if "!" in token else ";" if token == ";" else ".")
        else:
            out.append(token)
    return out
