"""What typing and speech recognition do to words: accents lost, typos, capitals, homophones, repeated words."""

from __future__ import annotations

import unicodedata
from random import Random

_KEYS = {
    "a": "zq", "e": "rz", "i": "uo", "o": "ip", "u": "yi", "s": "dq", "r": "et", "t": "ry", "n": "b,", "l": "km",
    "c": "vx", "d": "sf", "m": "lp", "p": "om", "v": "cb", "g": "fh", "f": "dg",
}  # fmt: skip
HOMOPHONES = {
    "linky": "linkie", "enedis": "énedice", "kilowattheure": "kilo watt heure", "kilowattheures": "kilo watt heures",
    "grdf": "g r d f", "c'est": "ses", "ces": "c'est", "et": "est", "on": "ont", "sa": "ça", "ça": "sa",
    "espace": "espèce", "relevé": "relever", "payé": "payer", "appelé": "appeler", "facturé": "facturer",
    "prélevé": "prélever", "compte": "conte", "voie": "voix", "mois": "moi", "fois": "foi", "dû": "du", "mais": "mes",
    "index": "un dex", "échéancier": "les chéancier", "rappelé": "rappeler", "quand": "qu'en", "sans": "s'en",
    "prix": "pris", "contrat": "contra", "clients": "client", "heures": "heure", "euros": "euro",
}  # fmt: skip
_FILLERS = ("euh", "euh", "ben", "hein", "enfin", "quoi", "voilà")
EMOJI = ("😡", "🙄", "👏", "😤", "🤦", "😠")


def strip_accents(text: str) -> str:
    """The text without its accents; length and other signs stay."""
    table = {ord(c): unicodedata.normalize("NFD", c)[0] for c in set(text) if ord(c) in _ACCENTED}
    return text.translate(table)


_ACCENTED = frozenset(ord(c) for c in "àâäéèêëîïôöùûüçÀÂÄÉÈÊËÎÏÔÖÙÛÜÇ")


def _typo(rng: Random, word: str) -> str:
    """One slip of the fingers: a letter swapped, dropped, doubled or hit beside."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    draw = rng.random()
    if draw < 0.35:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if draw < 0.65:
        return word[:at] + word[at + 1 :]
    if draw < 0.8:
        return word[:at] + word[at] + word[at:]
    beside = _KEYS.get(word[at].lower(), "")
    return word[:at] + rng.choice(beside) + word[at + 1 :] if beside else word


def typed(rng: Random, text: str, register: str) -> str:
    """Typing slips: one in 22 words in SMS, one in 60 elsewhere."""
    rate = 1 / 22 if register == "sms" else 1 / 60
    n_words = text.count(" ") + 1
    if rng.random() > rate * n_words * 1.3:  # most clauses are clean: one draw decides before the words are looked at
        return text
    words = text.split(" ")
    at = rng.randrange(n_words)
    if words[at].isalpha():
        words[at] = _typo(rng, words[at])
    return " ".join(words)


_DROPPED = str.maketrans({",": "", ".": "", "!": "", "?": "", ";": "", ":": "", "«": "", "»": "", "…": "", "-": " "})


def spoken(rng: Random, text: str, error_share: float = 0.08) -> str:
    """What speech recognition makes of a clause: no capitals, no signs, fillers, repeats, homophones, lost words."""
    out: list[str] = []
    for word in text.lower().translate(_DROPPED).split():
        draw = rng.random()
        if draw > error_share:
            out.append(word)
        elif word in HOMOPHONES and draw < error_share * 0.8:
            out.append(HOMOPHONES[word])
        elif draw < error_share * 0.35:
            out += [word, word]
        elif draw < error_share * 0.62:
            out += [rng.choice(_FILLERS), word]
        elif draw < error_share * 0.75 and len(word) <= 3:
            continue
        else:
            out.append(word)
    return " ".join(out)
