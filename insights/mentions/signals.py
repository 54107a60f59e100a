"""What a clause signals beside its polarity: intent to leave, effort, urgency, a competitor, a suggestion, a question.

The phrases of the lexicon are looked for in folded words; those under `block` are the false friends that silence a signal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from insights.mentions.lexicon import LANGUAGES, Lexicon, lexicon, lexicons_for
from insights.mentions.matching import ElementIndex, said
from insights.mentions.phrases import COMPETITOR, END, Element, Phrase
from insights.mentions.text import fold

URGENCIES = ("safety", "medical", "infant", "cut_off", "distress")  # the first that fires is kept
SUGGESTION, QUESTION, NEUTRAL, COMPLAINT, PRAISE = "suggestion", "question", "neutral", "complaint", "praise"
_CACHE = 200_000


@dataclass(frozen=True, slots=True)
class Signals:
    """Signals of one clause. `type` is suggestion, question or neutral; polarity decides complaint and praise."""

    effort: bool = False
    leave_intent: bool = False
    urgency: str | None = None
    type: str = NEUTRAL
    competitor: str | None = None


NOTHING = Signals()


class _Rules:
    """The phrases of one language by their anchors.

    The anchor of a phrase is its rarest place: of thousands of phrases only those whose anchor is said are tried.
    """

    def __init__(self, source: Lexicon) -> None:
        self.starts = tuple(tuple(source.tokens(start)) for start in source.raw["question"]["starts"])
        self.named = [
            (name, phrase) for name, lines in _named_phrases(source) for phrase in dict.fromkeys(source.phrases(lines))
        ]
        self.anchors = ElementIndex(_anchor(phrase) for _, phrase in self.named)
        self.asked = lru_cache(maxsize=_CACHE)(self.anchors.accepting)

    def fired(self, tokens: list[str]) -> frozenset[str]:
        """Names of the lists that match the clause."""
        found: set[str] = set()
        for place in {place for token in tokens for place in self.asked(token)}:
            name, phrase = self.named[place]
            if name not in found and said(phrase, tokens):
                found.add(name)
        return frozenset(found)


def _named_phrases(source: Lexicon) -> Iterable[tuple[str, list[str]]]:
    for section in ("leave", "effort", "suggestion", "question"):
        for part in ("fire", "block"):
            if part in source.raw[section]:
                yield f"{section}.{part}", source.raw[section][part]
    for kind, lines in source.raw["urgency"].items():
        yield f"urgency.{kind}", lines


def _anchor(phrase: Phrase) -> Element:
    """The place of a phrase that customers' words hold least often: few possible words, long ones, no number."""
    places = [element for element in phrase if not element.gap and END not in element.words]
    return min(places, key=lambda e: (e.number, len(e.words) > 12, -min(map(len, [*e.words, *e.stems]), default=0)))


@lru_cache(maxsize=len(LANGUAGES))
def _rules(language: str) -> _Rules:
    return _Rules(lexicon(language))


@lru_cache(maxsize=8)
def _competitor_pattern(names: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]] | None:
    """Matches any name in folded text; and folded name -> name as listed."""
    listed = {fold(name.strip()): name.strip() for name in names if name.strip()}
    if not listed:
        return None
    longest_first = sorted(listed, key=lambda name: (-len(name), name))
    return re.compile(r"(?<![\w])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w])"), listed


def signals(text: str, language: str, competitors: Sequence[str] = ()) -> Signals:
    """Signals of one clause. A language without rules of its own is read with the French and the English ones."""
    folded = fold(text)
    named = _competitor_pattern(tuple(competitors))
    match = named[0].search(folded) if named else None
    competitor = named[1][match.group()] if named and match else None
    marked = named[0].sub(COMPETITOR, folded) if named and match else folded
    found: frozenset[str] = frozenset()
    asks = False
    for source in lexicons_for(language):
        tokens = source.tokens(marked)
        found |= _rules(source.language).fired(tokens)
        asks = asks or _asks(tokens, _rules(source.language))
    if not (found or asks or competitor):
        return NOTHING
    return Signals(
        effort=_fires(found, "effort"),
        leave_intent=_fires(found, "leave"),
        urgency=_urgency(found),
        type=SUGGESTION if _fires(found, "suggestion") else QUESTION if asks or "question.fire" in found else NEUTRAL,
        competitor=competitor,
    )


def _fires(found: frozenset[str], section: str) -> bool:
    return f"{section}.fire" in found and f"{section}.block" not in found


def _urgency(found: frozenset[str]) -> str | None:
    """The gravest kind. A false friend silences all but danger: a false alarm costs less than a missed leak."""
    kinds = URGENCIES[:1] if "urgency.block" in found else URGENCIES
    return next((kind for kind in kinds if f"urgency.{kind}" in found), None)


def _asks(tokens: list[str], rules: _Rules) -> bool:
    """A question mark at the end, or a question word at the beginning."""
    spoken = [token for token in tokens if token not in ".!;"]
    if spoken and spoken[-1] == "?":
        return True
    return any(tuple(tokens[: len(start)]) == start for start in rules.starts)
