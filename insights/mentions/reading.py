"""What the lexicon reads in a clause: praise, blame, talk and irony, with negation and emphasis in their place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from insights.mentions.lexicon import Lexicon, Mark, Word, lexicons_for

NEUTRAL_BAND = 0.25  # |polarity| below which a clause is neither complaint nor praise
_SOFTNESS = 3.0  # valence sum s becomes s / sqrt(s^2 + 3): one clear word gives 0.76
_NEGATED_PRAISE, _NEGATED_BLAME = -0.8, -0.4
_UNMET = -1.5  # an expected thing that did not happen
_WINDOW = 3  # words looked back for a negation


@dataclass(frozen=True, slots=True)
class Reading:
    """What one lexicon finds in a clause: sums of valence, and whether it reads as talk or as irony."""

    positive: float = 0.0
    negative: float = 0.0
    neutral: bool = False
    irony: bool = False

    @property
    def talk(self) -> bool:
        """A request, an opening or a closing, with at most a light word of blame in it."""
        return self.neutral and self.negative <= 1.0

    @property
    def total(self) -> float:
        total = self.positive - self.negative
        return 0.2 * total if self.talk else total

    @property
    def polarity(self) -> float:
        """-1..1."""
        return self.total / math.sqrt(self.total**2 + _SOFTNESS)


@lru_cache(maxsize=1 << 16)
def read(text: str, language: str) -> Reading:
    """The reading of a clause; where the language is undecided, of the lexicon that says more; empty for others."""
    readings = [_read_with(lexicon, lexicon.tokens(text)) for lexicon in lexicons_for(language)]
    return max(readings, key=lambda reading: (reading.positive + reading.negative, reading.neutral), default=Reading())


def _read_with(lexicon: Lexicon, tokens: list[str]) -> Reading:
    marks, valence = lexicon.marks, lexicon.valence
    positive = negative = 0.0
    neutral = irony = False
    at = free_from = 0  # words before free_from belong to a phrase: they neither negate nor strengthen again
    while at < len(tokens):
        best: tuple[int, Mark] | None = None
        for end, mark in marks.all_at(tokens, at):
            neutral = neutral or mark.neutral
            if mark.weight is not None and (best is None or end > best[0]):
                best = (end, mark)
        if best is not None and best[1].weight is not None:
            value, irony = best[1].weight, irony or best[1].irony
            at = free_from = max(best[0], at + 1)
        else:
            word = valence(tokens[at])
            value = _in_place(lexicon, word, tokens, at, free_from) if word is not None else 0.0
            at += 1
        if value > 0.0:
            positive += value
        else:
            negative -= value
    return Reading(positive, negative, neutral, irony)


def _in_place(lexicon: Lexicon, word: Word, tokens: list[str], at: int, free_from: int) -> float:
    """Valence of one word in its place: strengthened by the word before, turned by a negation near it."""
    before = tokens[max(at - _WINDOW, free_from) : at]
    negated = _negated(lexicon, before, tokens[at + 1 : at + 2] if word.verb else [])
    if negated:
        turn = _NEGATED_PRAISE if word.value > 0 else _NEGATED_BLAME
        return _UNMET if word.expected else word.value * turn
    return word.value * (lexicon.intensifiers.get(before[-1], 1.0) if before else 1.0)


def _negated(lexicon: Lexicon, before: list[str], after: list[str]) -> bool:
    """A negation stands up to three words before, or right after a verb; `plus` negates only with `ne`."""
    last_stop = max((index for index, token in enumerate(before) if token in ".!?;"), default=-1)
    near = before[last_stop + 1 :]
    if any(token in lexicon.negators for token in near + after):
        return True
    return any(token in lexicon.ne for token in near) and any(
        token in lexicon.negators_with_ne for token in near + after
    )
