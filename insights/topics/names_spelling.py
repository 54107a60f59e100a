"""How a word is usually written in the texts at hand: with its accents, in capitals (ATM, PIN), or with one (Visa)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from insights.mentions.text import fold
from insights.topics.words import cleaned, known_word

MOST = 0.6  # share of a word's uses written so
FEW = 8  # uses of the usual spelling against one that is taken for a slip
OFTEN = 3  # uses
SHOUTED = 0.5  # share of capitals from which a text tells nothing about case
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def spelling(texts: Iterable[str], language: str) -> dict[str, str]:
    """Lower-case word to its usual spelling, for the words whose usual spelling is another."""
    cased: dict[str, Counter[str]] = defaultdict(Counter)
    plain: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        found = list(_WORD.finditer(cleaned(text)))
        letters = [char for char in text if char.isalpha()]
        shouted = sum(char.isupper() for char in letters) > SHOUTED * len(letters)
        for place, match in enumerate(found):
            word = match.group()
            plain[fold(word)][word.lower()] += 1
            if place and not shouted:
                cased[word.lower()][word] += 1
    usual = _capitals(cased)
    for counted in plain.values():
        if len(counted) > 1:
            best = max(counted, key=lambda one: (counted[one], one))
            rare = (one for one in counted if one != best and len(one) > 3)
            usual |= {
                one: best
                for one in rare
                if FEW * counted[one] < counted[best] or (one.isascii() and not known_word(one, language))
            }
    return usual


def _capitals(cased: dict[str, Counter[str]]) -> dict[str, str]:
    found = {}
    for low, counted in cased.items():
        best = max(counted, key=lambda one: (counted[one], one))
        if best != low and counted.total() >= OFTEN and counted[best] >= MOST * counted.total():
            found[low] = best
    return found
