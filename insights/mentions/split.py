"""Clauses of a text: the unit that gets one irritant and one polarity. Rules only; no parser, no model.

A clause ends at a sentence mark, before a contrast ("mais", "although") and before an addition ("et en plus").
"et", "alors que", a comma and their like end it only where praise turns into complaint or back. Greetings and closings
stand apart. Speech without marks is split at connectors alone; a clause of more than 60 words is cut at a connector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from insights.mentions.lexicon import LANGUAGES, lexicon
from insights.mentions.openings import MIN_RIGHT, clause_starts, one_of, opening_end
from insights.mentions.reading import read
from insights.mentions.text import fold, has_letters

MAX_WORDS = 60
_SHORT = 3  # a part of at most so many words without a predicate belongs to its neighbour
_CLAUSE = 6  # words each side of a comma needs to be a clause of its own
_TURN = 0.35  # polarity on both sides from which a weak connector parts praise from complaint
_WORD = re.compile(r"\[[^\]\s]+\]|[^\W_]+(?:['-][^\W_]+)*")
_MARK = re.compile(r"[.!?\u2026;]+[\"'\u00bb\u201d)\]]*|[ \t]*[\n\r]+\s*")
_URL = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+")
_EDGE = " \t\r\n,;:-\u2013\u2014\u2022*/|"
_BREAK, _LINK, _TALK = 3, 2, 1  # kind of border: sentence mark, connector, greeting or closing


@dataclass(frozen=True, slots=True)
class Span:
    """A clause: `text[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Rules:
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    soft: re.Pattern[str]
    clause: re.Pattern[str]
    pronoun: re.Pattern[str]
    opener: re.Pattern[str]
    closer: re.Pattern[str]
    abbreviations: frozenset[str]
    predicates: frozenset[str]
    ending: re.Pattern[str] | None


@lru_cache(maxsize=len(LANGUAGES))
def _rules(language: str) -> _Rules:
    listed = lexicon(language).raw["split"]
    edge = r"(?![\w-])"
    strong, comma = one_of(listed["strong"]), one_of(listed["comma"])
    strong = rf"(?!mais\s+(?:d'|de\b|du\b|pour\b)){strong}"
    guard = r"(?<![\w'-])(?<!nothing )(?<!anything )(?<!all )(?<!non )(?<!plus )"
    openers, lead_ins = one_of(listed["openers"]), one_of(listed["lead_ins"])
    ends_in_elision = r"(?:(?<=')|(?![\w-]))"
    return _Rules(
        strong=re.compile(rf"{guard}{strong}{ends_in_elision}|(?<=,)\s*{comma}{edge}"),
        weak=re.compile(rf"(?<![\w'-]){one_of(listed['weak'])}{ends_in_elision}|,(?!\d)"),
        soft=re.compile(rf"(?<![\w'-]){one_of(listed['soft'])}{ends_in_elision}|,(?!\d)"),
        clause=re.compile(rf",\s+(?={one_of(listed['subjects'])}{ends_in_elision})"),
        pronoun=re.compile(rf"{one_of(listed['pronouns'])}{ends_in_elision}"),
        opener=re.compile(
            rf"\s*(?:(?:{openers}(?:\s+@\S+?)?|{lead_ins}\b[^,.!?;:\n]{{0,60}}?)\s*(?:[,!.:;\n]|\bcar\b)\s*)+"
        ),
        closer=re.compile(
            rf"(?<![\w'-])(?<!mes )(?<!la )(?<!my ){one_of(listed['closers'])}{edge}(?=[\s,.!]*(?:\S+[\s,.!]*){{0,4}}$)"
        ),
        abbreviations=frozenset(fold(word) for word in listed["abbreviations"]),
        predicates=frozenset(fold(listed["predicates"]).split()),
        ending=re.compile(rf"[^\W_]{{3,}}{one_of(listed['endings'])}") if listed["endings"] else None,
    )


def split(text: str, language: str) -> list[Span]:
    """Clauses of a text in reading order: inside the text, without overlap, together holding every letter.

    `language` is `fr` or `en`; any other is split at sentence marks only. A text without a letter, a digit or an
    emoji has none.
    """
    if not has_letters(text):
        return []
    folded = fold(text)
    rules = _rules(language) if language in LANGUAGES else None
    borders = _borders(text, folded, rules, language)
    parts = _parts(len(text), borders)
    if rules is not None:
        parts = _turns(text, folded, parts, language, rules)
    if rules is not None:
        parts = [piece for part in parts for piece in _beside(folded, part, rules)]
        parts = [piece for part in parts for piece in _unmarked(folded, part, rules, language)]
    parts = _glue(folded, parts, rules, language)
    parts = [piece for part in parts for piece in _cut(folded, part, rules)]
    spans = (_trim(text, start, end) for start, end, _ in parts)
    return [span for span in spans if has_letters(span.text)] or [_trim(text, 0, len(text))]


_Part = tuple[int, int, int]  # start, end, kind of the border it begins at


def _borders(text: str, folded: str, rules: _Rules | None, language: str) -> dict[int, int]:
    """Offset where a part begins -> kind of border."""
    borders: dict[int, int] = {}
    closed = [(match.start(), match.end()) for match in _URL.finditer(folded)] if "." in folded or "@" in folded else []
    for match in _MARK.finditer(folded):
        if not any(start <= match.start() < end - 1 for start, end in closed) and _ends_sentence(
            text, folded, match, rules
        ):
            borders[match.end()] = _BREAK
    if rules is None:
        return borders
    for match in rules.strong.finditer(folded):
        start = match.end() - len(match.group().lstrip())
        borders.setdefault(start, _LINK)
    for line in [0, *(at for at, kind in borders.items() if kind == _BREAK and "\n" in folded[at - 1 : at + 1])]:
        opener = rules.opener.match(folded, line)
        over = opening_end(folded, opener.end() if opener else line, language)
        if line < over < len(text):
            borders[over] = _TALK
    closer = rules.closer.search(folded, max(0, len(text) - 120))
    if closer and len(_WORD.findall(folded[: closer.start()])) > _SHORT:
        borders[closer.start()] = _TALK
    return borders


def _ends_sentence(text: str, folded: str, match: re.Match[str], rules: _Rules | None) -> bool:
    mark, start, end = match.group(), match.start(), match.end()
    if mark.strip() == "" or len(mark) > 1 or mark in "!?;\u2026":
        return True
    following = text[end : end + 1]
    before = re.search(r"([^\W_]+)$", folded[max(0, start - 12) : start])
    word = before.group(1) if before else ""
    if following and not following.isspace():
        return (
            following.isupper() and len(word) > 1 and not text[start - 1 : start].isupper() and not following.isdigit()
        )
    abbreviated = rules is not None and word in rules.abbreviations and end < len(text.rstrip())
    return not abbreviated


def _parts(length: int, borders: dict[int, int]) -> list[_Part]:
    starts = [0, *sorted(start for start in borders if 0 < start < length)]
    return [(start, end, borders.get(start, _BREAK)) for start, end in zip(starts, [*starts[1:], length], strict=True)]


def _turns(text: str, folded: str, parts: list[_Part], language: str, rules: _Rules) -> list[_Part]:
    """Parts cut where the sign of the words changes across a weak connector."""
    out: list[_Part] = []
    waiting = list(reversed(parts))
    while waiting:
        start, end, kind = waiting.pop()
        cut = _turn(text, folded, start, end, language, rules)
        if cut:
            waiting.append((cut, end, _LINK))
        out.append((start, cut or end, kind))
    return out


def _turn(text: str, folded: str, start: int, end: int, language: str, rules: _Rules) -> int:
    """Offset of the first weak connector between praise and complaint, or 0."""
    found = [match.start() for match in rules.weak.finditer(folded, start + 1, end)]
    if not found:
        return 0
    whole = read(_trim(text, start, end).text, language)  # the clause as it will be scored: remembered by `read`
    if min(whole.positive, whole.negative) < 1.0 or whole.irony:
        return 0
    for at in found:
        left, right = read(text[start:at], language), read(text[at:end], language)
        if left.irony or right.irony:
            continue
        if left.polarity * right.polarity < 0 and min(abs(left.polarity), abs(right.polarity)) >= _TURN:
            return at
    return 0


def _beside(folded: str, part: _Part, rules: _Rules) -> list[_Part]:
    """A part, cut at the commas that stand between two whole clauses: a subject after it, a predicate on both sides."""
    start, end, kind = part
    pieces: list[_Part] = []
    for comma in rules.clause.finditer(folded, start, end):
        left, right = folded[start : comma.start()], folded[comma.end() : end].partition(",")[0]
        if _stands(left, rules) and (_stands(right, rules) or _speaks(right, rules)):
            pieces.append((start, comma.end(), kind))
            start, kind = comma.end(), _LINK
    return [*pieces, (start, end, kind)]


def _unmarked(folded: str, part: _Part, rules: _Rules, language: str) -> list[_Part]:
    """A part without a mark inside, cut where unmarked speech starts a new clause behind a whole one."""
    start, end, kind = part
    pieces: list[_Part] = []
    for at in clause_starts(folded, start, end, language):
        if any(_is_predicate(word, rules) for word in _WORD.findall(folded[start:at])):
            pieces.append((start, at, kind))
            start, kind = at, _LINK
    return [*pieces, (start, end, kind)]


def _speaks(part: str, rules: _Rules) -> bool:
    """A pronoun as subject needs no verb from the list to be a clause."""
    return len(_WORD.findall(part)) >= MIN_RIGHT and rules.pronoun.match(part) is not None


def _stands(part: str, rules: _Rules) -> bool:
    words = _WORD.findall(part)
    return len(words) >= _CLAUSE and any(_is_predicate(word, rules) for word in words)


def _is_predicate(word: str, rules: _Rules) -> bool:
    bare = word.partition("'")[2] or word
    return word in rules.predicates or bare in rules.predicates or bool(rules.ending and rules.ending.fullmatch(bare))


def _glue(folded: str, parts: list[_Part], rules: _Rules | None, language: str) -> list[_Part]:
    """Parts too small to say anything joined to a neighbour: the one before, else the one after."""
    stands = [kind_next == _TALK for _, _, kind_next in parts[1:]] + [False]
    out: list[_Part] = []
    carried = -1  # start of a first part that waits for the next one
    for index, (own_start, end, own_kind) in enumerate(parts):
        start, kind = (carried, parts[0][2]) if carried >= 0 else (own_start, own_kind)
        carried = -1
        greeting = kind == _TALK or stands[index]
        if greeting or _says_something(folded[start:end], kind, rules, language):
            out.append((start, end, kind))
        elif out:
            out[-1] = (out[-1][0], end, out[-1][2])
        elif index + 1 < len(parts):
            carried = start
        else:
            out.append((start, end, kind))
    return out


def _says_something(part: str, kind: int, rules: _Rules | None, language: str) -> bool:
    words = _WORD.findall(part)
    if len(words) < 2:
        return False
    if len(words) > _SHORT or rules is None:
        return True
    if any(_is_predicate(word, rules) for word in words):
        return kind == _BREAK or len(words) > 2 or read(part, language).total != 0
    return read(part, language).total != 0


def _cut(folded: str, part: _Part, rules: _Rules | None) -> list[_Part]:
    """A part of at most MAX_WORDS words, or its pieces, cut before the last connector that fits."""
    start, end, kind = part
    words = [match.start() for match in _WORD.finditer(folded, start, end)]
    if len(words) <= MAX_WORDS:
        return [part]
    out: list[_Part] = []
    while len(words) > MAX_WORDS:
        latest = words[MAX_WORDS]
        earliest = words[MAX_WORDS // 3]
        marks = [m.start() for m in rules.soft.finditer(folded, earliest, latest + 1)] if rules is not None else []
        at = max((mark for mark in marks if mark <= latest), default=latest)
        out.append((start, at, kind))
        start, kind = at, _LINK
        words = [word for word in words if word >= at]
    return [*out, (start, end, kind)]


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return Span(start, end, text[start:end])
