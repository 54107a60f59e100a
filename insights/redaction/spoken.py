"""Numbers said in words, as digits: "zéro six trente-neuf" is 0639. French and English.

A run is a stretch of number words and digits with only blanks, commas, hyphens and hesitations between them, as
speech-to-text writes a telephone or meter number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNITS_FR = [
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
]
_UNITS_EN = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
UNITS = {word: number for words in (_UNITS_FR, _UNITS_EN) for number, word in enumerate(words, start=1)}
UNITS |= {"zero": 0, "zeros": 0, "oh": 0, "nought": 0, "naught": 0, "une": 1}
TENS = {"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70}
TENS |= {"huitante": 80, "octante": 80, "nonante": 90, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
TENS |= {"sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
HUNDREDS = {"cent": 100, "cents": 100, "hundred": 100}
THOUSANDS = {"mille": 1000, "mil": 1000, "thousand": 1000}
REPEATS = {"double": 2, "triple": 3, "treble": 3}
_EXTENDABLE_FR = {60, 80}  # soixante-dix, quatre-vingt-dix
_TEEN_FROM, _TEEN_TO = 10, 19

_WORDS = sorted({*UNITS, *TENS, *HUNDREDS, *THOUSANDS, *REPEATS}, key=len, reverse=True)
NUMBER_WORD = "(?:" + "|".join(_WORDS) + ")"
UNITS |= {"o": 0}  # "o seven": inside a run only
_ITEM = rf"(?:{NUMBER_WORD}\b|o\b|\d{{1,6}}(?!\w))"
_FILLER = r"(?:et|puis|ensuite|voila|alors|euh+|heu+|hum|and|then|so|uh+|um+|erm?|hmm+)"
_GAP = rf"(?:[ \n]?[,.;/-]?[ \n]?|[ \n]?\.{{3}}[ \n]?|[ \n,.]{{1,5}}{_FILLER}(?:[ ,]+{_FILLER})?[ \n,.]{{1,5}})"
_RUN = re.compile(rf"(?<!\w){_ITEM}(?:{_GAP}{_ITEM}){{3,}}")
_PART = re.compile(r"[a-z]+|\d+")
_HINTS = (
    "zero",
    "douze",
    "treize",
    "quinze",
    "seize",
    "trois",
    "onze",
    "oh ",
    "vingt",
    "trente",
    "quarante",
    "cinquante",
    "soixante",
    "quatre",
    "cinq",
    "sept",
    "huit",
)
_HINTS_EN = (
    "seven",
    "sixty",
    "ten ",
    "teen",
    "one ",
    "three",
    "four",
    "five",
    "eight",
    "nine",
    "nought",
    "twenty",
    "thirty",
    "double",
    "neuf",
    "deux",
)
_MIN_WORDS = 1


@dataclass(frozen=True, slots=True)
class SpokenRun:
    """Characters [start, end) of the plain text, read as `digits`."""

    start: int
    end: int
    digits: str


def is_said(plain_text: str) -> bool:
    """The text may hold a number in words."""
    return any(hint in plain_text for hint in _HINTS) or any(hint in plain_text for hint in _HINTS_EN)


def spoken_runs(plain_text: str) -> Iterator[SpokenRun]:
    """Runs of at least four number words or digit groups, one of them a word, in the plain text."""
    if not is_said(plain_text):
        return
    for match in _RUN.finditer(plain_text):
        parts = [part for part in _PART.findall(match[0]) if part.isdigit() or part in _VOCABULARY or part == "et"]
        if sum(not part.isdigit() and part != "et" for part in parts) >= _MIN_WORDS:
            yield SpokenRun(match.start(), match.end(), to_digits(parts))


_VOCABULARY = frozenset({*_WORDS, "o"})


def to_digits(parts: list[str]) -> str:
    """The digits of a list of number words and digit groups: each number is written out, one after the other."""
    reader = _Reader()
    for part, after in zip(parts, [*parts[1:], ""], strict=True):
        reader.take(part, after)
    return reader.finish()


class _Reader:
    """Adds words up while they build one number (quatre vingt dix huit), else starts the next."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._value: int | None = None
        self._repeat = 1

    def take(self, part: str, after: str) -> None:
        if part.isdigit():
            self._flush()
            self._out.append(part * self._repeat)
            self._repeat = 1
        elif part in REPEATS:
            self._flush()
            self._repeat = REPEATS[part]
        elif part in HUNDREDS or part in THOUSANDS:
            self._multiply(HUNDREDS.get(part) or THOUSANDS[part])
        elif part == "quatre" and after in {"vingt", "vingts"} and self._value is not None and self._value % 100:
            self._start(UNITS[part])  # quatre vingts quatre vingt deux: 80 82
        elif part in UNITS:
            self._add(UNITS[part])
        elif part in TENS:
            self._add_tens(TENS[part])

    def finish(self) -> str:
        self._flush()
        return "".join(self._out)

    def _flush(self) -> None:
        if self._value is not None:
            self._out.append(str(self._value) * self._repeat)
            self._repeat = 1
        self._value = None

    def _start(self, value: int) -> None:
        self._flush()
        self._value = value

    def _add(self, unit: int) -> None:
        value = self._value
        tail = None if value is None else value % 100
        if tail is None or value is None:
            fits = False
        elif _TEEN_FROM <= unit <= _TEEN_TO:
            fits = tail in _EXTENDABLE_FR or (tail == 0 and value > 0)
        else:
            ten_and_unit = tail == _TEEN_FROM and unit >= 7
            fits = (tail >= 20 and tail % 10 == 0) or (tail == 0 and value > 0) or self._seventy(tail, unit)
            fits = (fits or ten_and_unit) and unit > 0
        if fits and value is not None:
            self._value = value + unit
        else:
            self._start(unit)

    @staticmethod
    def _seventy(tail: int, unit: int) -> bool:
        """soixante dix sept, quatre vingt dix huit."""
        return tail in {70, 90} and unit >= 7

    def _add_tens(self, tens: int) -> None:
        value = self._value
        if value is not None and value % 100 == 4 and tens == 20:
            self._value = value - 4 + 80
        elif value is not None and value >= 100 and value % 100 == 0:
            self._value = value + tens
        else:
            self._start(tens)

    def _multiply(self, factor: int) -> None:
        if self._value is not None and 0 < self._value < factor:
            self._value *= factor
        elif self._value is not None and self._value >= 1000 and factor == 100 and 0 < self._value % 1000 < 10:
            unit = self._value % 1000
            self._value += unit * 99
        elif self._value is not None and self._value >= 1000 and self._value % 1000 == 0 and factor == 100:
            self._value += 100
        else:
            self._start(factor)
