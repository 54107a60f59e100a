"""A small language for phrases with gaps, used by every list of the lexicon, read into flat phrases.

    a|b        either word               stem*      any word that begins so
    @name      one of a named list       <n>        a number, in digits or letters
    ..         up to 3 words             ...  ....  up to 6, up to 12 (never across a sentence mark)
    (a b|c)    either sequence           x? (..)?   may be missing
    $          the end of the clause or of the sentence

`insights/mentions/matching.py` finds them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from insights.errors import SettingsError
from insights.mentions.text import SENTENCE_END, fold

END = "$"
NUMBER_WORDS = frozenset(
    [
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
        "vingt",
        "trente",
        "quarante",
        "cinquante",
        "soixante",
        "cent",
        "mille",
        "two",
        "three",
        "four",
        "five",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "fifteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "hundred",
        "thousand",
    ]
)
_PART = re.compile(r"\(|\)\??|[^\s()|]+\?(?=[\s()|]|$)|[^\s()|]+|\|")
_GAPS = {"..": 3, "...": 6, "....": 12}
_MAX_EXPANSIONS = 400


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a phrase: a word of `words`, a word that begins with one of `stems`, a number, or a gap."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    number: bool = False
    gap: int = 0

    def accepts(self, token: str) -> bool:
        return (
            token in self.words
            or (bool(self.stems) and token.startswith(self.stems))
            or (self.number and is_number(token))
        )


def is_number(token: str) -> bool:
    return token[0].isdigit() or token in NUMBER_WORDS


Phrase = tuple[Element, ...]
Tokeniser = Callable[[str], Sequence[str]]


class _Parser:
    """Recursive descent over one line; every method returns the phrases that the part stands for."""

    def __init__(self, line: str, sets: Mapping[str, Sequence[str]], tokenise: Tokeniser) -> None:
        self.line, self.sets, self.tokenise = line, sets, tokenise
        self.parts = _PART.findall(fold(line))
        self.at = 0

    def phrases(self) -> list[Phrase]:
        found = self._alternatives()
        if self.at != len(self.parts):
            raise SettingsError(f"Lexicon: this phrase has an unmatched parenthesis: {self.line!r}.")
        return found

    def _peek(self) -> str:
        return self.parts[self.at] if self.at < len(self.parts) else ""

    def _alternatives(self) -> list[Phrase]:
        """Inside parentheses `|` parts sequences; outside it parts words and is read by `_word`."""
        found = self._sequence()
        while self._peek() == "|":
            self.at += 1
            found = found + self._sequence()
        return found

    def _sequence(self) -> list[Phrase]:
        choices: list[list[Phrase]] = []
        while self._peek() and self._peek() != "|" and not self._peek().startswith(")"):
            choices.append(self._item())
        joined = [tuple(itertools.chain(*combination)) for combination in itertools.product(*choices)]
        if len(joined) > _MAX_EXPANSIONS:
            raise SettingsError(
                f"Lexicon: this phrase stands for {len(joined)} phrases; write it as two: {self.line!r}."
            )
        return joined

    def _item(self) -> list[Phrase]:
        if self._peek() == "(":
            self.at += 1
            found = self._alternatives()
            close = self._peek()
            if not close.startswith(")"):
                raise SettingsError(f"Lexicon: this phrase has an unmatched parenthesis: {self.line!r}.")
            self.at += 1
            if () in found:
                raise SettingsError(
                    f"Lexicon: an alternative of this phrase may be empty; write (..)? instead: {self.line!r}."
                )
            merged = _merge_single(found)
            return [*merged, ()] if close == ")?" else merged
        part = self.parts[self.at]
        self.at += 1
        optional = part.endswith("?") and len(part) > 1
        phrase = self._word(part[:-1] if optional else part)
        return [phrase, ()] if optional else [phrase]

    def _word(self, part: str) -> Phrase:
        if part in _GAPS:
            return (Element(gap=_GAPS[part]),)
        if part == "<n>":
            return (Element(number=True),)
        if part == END:
            return (Element(words=SENTENCE_END | {END}),)
        if part.startswith("@"):
            if part[1:] == "comp":
                return (Element(words=frozenset({COMPETITOR})),)
            if part[1:] not in self.sets:
                raise SettingsError(f"Lexicon: the list {part} is not defined (used in {self.line!r}).")
            return (_either([fold(str(word)) for word in self.sets[part[1:]]]),)
        if part.endswith("*"):
            return (_either([part]),)
        words = [part] if part.endswith("'") else list(self.tokenise(part))
        return tuple(Element(words=frozenset({word})) for word in words or [part])


COMPETITOR = "competitorx"  # stands in the tokens for any name of the reference list


def _either(words: Iterable[str]) -> Element:
    listed = list(words)
    return Element(
        words=frozenset(word for word in listed if not word.endswith("*")),
        stems=tuple(sorted(word[:-1] for word in listed if word.endswith("*"))),
    )


def _merge_single(found: list[Phrase]) -> list[Phrase]:
    """Alternatives of one word each become one element: `(a|b|c d)` is two phrases, not three."""
    single = [phrase[0] for phrase in found if len(phrase) == 1 and not phrase[0].gap]
    rest = [phrase for phrase in found if len(phrase) != 1 or phrase[0].gap]
    if not single:
        return rest
    merged = Element(
        words=frozenset().union(*(element.words for element in single)),
        stems=tuple(sorted({stem for element in single for stem in element.stems})),
        number=any(element.number for element in single),
    )
    return [(merged,), *rest]


def parse(line: str, sets: Mapping[str, Sequence[str]], tokenise: Tokeniser) -> list[Phrase]:
    """All flat phrases one line stands for. Raises SettingsError naming the line that cannot be read."""
    spaced = re.sub(r"(?<![\s(|])\|(?![\s)])", "|", line)
    found = _Parser(_group_bare_alternatives(spaced), sets, tokenise).phrases()
    phrases = list(dict.fromkeys(phrase for phrase in found if phrase))
    for phrase in phrases:
        if phrase[0].gap or phrase[-1].gap:
            raise SettingsError(f"Lexicon: a phrase can neither begin nor end with a gap: {line!r}.")
    return phrases


_BARE = re.compile(r"[^\s()|]+(?:\|[^\s()|]+)+\??")


def _group_bare_alternatives(line: str) -> str:
    """`a|b c` outside parentheses means `(a|b) c`."""
    out, depth, at = [], 0, 0
    while at < len(line):
        character = line[at]
        depth += (character == "(") - (character == ")")
        bare = _BARE.match(line, at) if depth == 0 and (at == 0 or line[at - 1].isspace()) else None
        if bare:
            body = bare.group()
            out.append(f"({body.removesuffix('?')}){'?' if body.endswith('?') else ''}")
            at = bare.end()
        else:
            out.append(character)
            at += 1
    return "".join(out)
