"""The verbatims that stand for a topic: near its centre, unlike one another, complaints a reader understands at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insights.mentions.reading import read
from insights.mentions.text import fold
from insights.topics.vectors import unit
from insights.topics.words import copy_key

Matrix = NDArray[np.float32]

N_BEST = 3
POOL = 60  # nearest texts looked at
TOO_ALIKE = 0.85
SAME_WORDS = 0.6  # share of words two quotes may have in common
FEWEST, MOST = 5, 30  # words of a comfortable quote
LONGEST = 220  # characters of one
BLAME = 0.08  # for a text that complains, of the nearness a text can have
_TOKEN = re.compile(r"\[[A-ZÀ-Ü_]+(?:_\d+)?\]")
_WORDS = re.compile(r"[^\W\d_]+")
_INSULTS = re.compile(
    r"\b(?:merde\w*|putain|bordel|connard\w*|encul\w*|fdp|pute|couille\w*|branl\w*|chier|gueule|voleurs?|escrocs?|salauds?"
    r"|incapables?|nuls?|honte|honteux|lamentable|scandaleux|shit\w*|fuck\w*|bastard\w*|crap|thieves|crooks)\b"
)


def best_verbatims(texts: Sequence[str], rows: Matrix, members: NDArray[np.int64], n: int = N_BEST) -> list[int]:
    """Up to `n` row numbers among `members`. `rows` (n texts, d) of unit length, centred by language.

    Of the nearest texts, those that complain, of 5 to 30 words, without insults or redaction tokens, come first. Fewer come
    back where the members are copies of one another.
    """
    centre = unit(rows[members].mean(axis=0, keepdims=True))[0]
    near = rows[members] @ centre
    length = np.array([_comfort(texts[member]) for member in members])
    pool = np.lexsort((members, -(near + length)))[:POOL]
    merit = {int(members[at]): float(near[at]) + float(length[at]) + _tone(texts[members[at]]) for at in pool.tolist()}
    chosen: list[int] = []
    for row in sorted(merit, key=lambda one: (-merit[one], one)):
        if len(chosen) < n and not any(_alike(texts, rows, row, other) for other in chosen):
            chosen.append(row)
    return chosen


def _comfort(text: str) -> float:
    """Bonus up to 0.15 for a comfortable length, less for each redaction token and for shouting."""
    n_words = len(_WORDS.findall(text))
    length = min(1.0, n_words / FEWEST) if n_words <= MOST else max(0.0, 1 - (n_words - MOST) / MOST)
    letters = [char for char in text if char.isalpha()]
    shouting = sum(char.isupper() for char in letters) > 0.5 * len(letters)
    long = len(text) > LONGEST
    return 0.15 * length * length - 0.05 * len(_TOKEN.findall(text)) - 0.1 * (shouting + long)


def _tone(text: str) -> float:
    """Bonus for a text that complains, malus for one that praises and for insults in a text that says little else."""
    polarity = read(text, "und").polarity
    insults = len(_INSULTS.findall(fold(text)))
    return BLAME * float(np.sign(polarity)) * -1.0 - 0.3 * insults / max(len(_WORDS.findall(text)) / FEWEST, 1.0)


def _alike(texts: Sequence[str], rows: Matrix, row: int, other: int) -> bool:
    if float(rows[row] @ rows[other]) >= TOO_ALIKE or copy_key(texts[row]) == copy_key(texts[other]):
        return True
    one, two = (set(_WORDS.findall(fold(texts[at]))) for at in (row, other))
    return len(one & two) >= SAME_WORDS * max(min(len(one), len(two)), 1)
