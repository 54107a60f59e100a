"""Where talk ends and the matter begins, and where unmarked speech starts a new clause. Offsets in the folded text.

Written and spoken texts open with stock words ("bonjour", "je suis client chez vous") that carry nothing; speech has no
marks, but in French a subject pronoun after a whole clause starts another one unless a word like "que" announces it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from insights.mentions.lexicon import LANGUAGES, lexicon
from insights.mentions.text import fold

MIN_LEFT, MIN_RIGHT = 4, 5  # words each side of a clause start in unmarked speech
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def one_of(phrases: Iterable[str]) -> str:
    """Alternation of folded phrases, longest first, with free spacing."""
    ordered = sorted({fold(phrase) for phrase in phrases}, key=lambda phrase: (-len(phrase), phrase))
    return "(?:" + "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in ordered) + ")"


@lru_cache(maxsize=len(LANGUAGES))
def _opening(language: str) -> re.Pattern[str]:
    """Fillers, greetings and stock phrases, one after the other, at least one of them no filler."""
    listed = lexicon(language).raw["split"]
    filler, greeting, talk = one_of(listed["fillers"]), one_of(listed["greetings"]), one_of(listed["talk"])
    since = one_of(listed["since"])
    between = r"[\s,.!:;\u2026-]+"
    item = rf"(?:{greeting}|{talk}(?:\s+{since}\s+\S+\s+\S+)?)(?![\w'-])"
    return re.compile(rf"\s*(?:{filler}{between})*{item}(?:{between}(?:{filler}{between})*{item})*{between}(?=\S)")


@lru_cache(maxsize=len(LANGUAGES))
def _onset(language: str) -> tuple[re.Pattern[str], frozenset[str]] | None:
    """A subject with the words that lead up to it, the word before it in group 1; and the words that bind it."""
    listed = lexicon(language).raw["split"]
    if not listed["onsets"]:
        return None
    leads, onsets = one_of(listed["leads"]), one_of(listed["onsets"])
    pattern = re.compile(rf"(?<![\w'-])([^\W_]\S*)\s+(?=((?:{leads}\s+)*{onsets})(?:(?<=')|(?![\w'-])))")
    return pattern, frozenset(fold(word) for word in listed["bound"])


def opening_end(folded: str, start: int, language: str) -> int:
    """Offset where the stock words from `start` on are over; `start` where there are none, or too little follows."""
    found = _opening(language).match(folded, start)
    return found.end() if found and _n_words(folded[found.end() :]) >= MIN_RIGHT else start


def clause_starts(folded: str, start: int, end: int, language: str) -> list[int]:
    """Offsets inside `folded[start:end]` where unmarked speech starts a new clause, in order."""
    rule = _onset(language)
    if rule is None or folded.count(" ", start, end) < MIN_LEFT + MIN_RIGHT - 1:
        return []
    starts: list[int] = []
    last = start
    for match in rule[0].finditer(folded, start, end):
        bound = match.group(1) in rule[1] or match.group(1).endswith("'")
        if (
            not bound
            and _n_words(folded[last : match.end()]) >= MIN_LEFT
            and _n_words(folded[match.end() : end]) >= MIN_RIGHT
        ):
            starts.append(match.end())
            last = match.end()
    return starts


def _n_words(part: str) -> int:
    return len(_WORD.findall(part))
