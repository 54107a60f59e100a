"""Names of persons by rule: after a cue, by first name, in a signature; and which words only the recogniser decides."""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.redaction.cues import (
    ALONE,
    AND,
    BEFORE_AND,
    BEHIND,
    CIVIL,
    CIVIL_LOWER,
    CIVIL_WORD,
    LONE_LINE,
    PRESENTED,
    ROLES,
    SIGNED,
    SPEAKER,
    STRONG,
    SUBJECT,
    TRAILING,
    WEAK,
    WEAK_LOWER,
)
from insights.redaction.lexicon import (
    ADJECTIVES,
    ENGLISH_CAPITAL,
    HARD,
    NEVER_GREETED,
    first_name_kind,
    not_names,
    places,
    surnames,
)
from insights.redaction.likeness import CERTAIN, Look
from insights.redaction.spans import NOM, Span
from insights.redaction.words import Cue, Word, Words

_ENDED = re.compile(r" ?(?:[.,!?\n]|$|en quoi)")
_PART = re.compile(r"[a-z-]{3,}")
_REFLEXIVE = frozenset(("me", "se", "te"))
_ARTICLES = frozenset(("la", "les"))
_SAINTS = frozenset(("saint", "sainte", "st", "ste", "notre"))
_SIGNATURE_WORDS = 3
_SPEAKER_WORDS = 4


def name_spans(words: Words) -> list[Span]:
    """Names found by rule; spans may overlap."""
    found = [*_speakers(words.plain), *_signatures(words), *_listed(words)]
    plain = words.plain
    after = words.from_offset
    candidates: list[Span | None] = [
        *(_strong(words, after(match.end())) for match in STRONG.finditer(plain)),
        *(_civil(words, match[0].strip(" ."), after(match.end())) for match in CIVIL.finditer(plain)),
        *(_weak(words, after(match.end()), match.end()) for match in WEAK.finditer(plain)),
        *(_unknown(words, after(match.end()), Look.POSSIBLE) for match in WEAK_LOWER.finditer(plain)),
        *(_unknown(words, after(match.end()), Look.LIKELY) for match in BEHIND.finditer(plain)),
        *(_acting(words, match.start()) for match in SUBJECT.finditer(plain)),
        *(_trailed(words, match.start()) for match in TRAILING.finditer(plain)),
        *(_presented(words, match.start()) for match in PRESENTED.finditer(plain)),
    ]
    if words.language == "en":
        found += _pairs(words)
    found += _lookalikes(words)
    return [*found, *(span for span in candidates if span)]


def has_open_words(words: Words, spans: list[Span]) -> bool:
    """A capitalised word that may be a name is left unmasked: the recogniser has something to decide."""
    return any(
        word.upper and words.candidate(word) and not any(s.start <= word.start < s.end for s in spans)
        for word in words.all
    )


def accepted(words: Words, start: int, end: int) -> Span | None:
    """The recogniser's person [start, end), trimmed to its name; None when no word of it can carry a name."""
    inside = words.within(start, end)
    while inside and (_no_part(inside[0]) or words.after_article(inside[0])):
        inside.pop(0)
    while inside and _no_part(inside[-1]):
        inside.pop()
    if not inside or any(char.isdigit() or char in "@/\n" for char in words.text[inside[0].start : inside[-1].end]):
        return None
    if words.in_place_name(inside[0]) or inside[0].plain in _SAINTS or (len(inside) == 1 and _slip(words, inside[0])):
        return None
    if not any(word.upper and words.candidate(word) for word in inside):
        return None
    return Span(inside[0].start, inside[-1].end, NOM, words.plain[inside[0].start : inside[-1].end])


def repeated(words: Words, names: list[Span]) -> list[Span]:
    """The same names again, in part, anywhere in the text: "Roche" behind "Julien Roche"."""
    parts = {part for span in names if span.entity == NOM for part in _PART.findall(span.key)} - not_names()
    return [
        words.span(index, index)
        for index, word in enumerate(words.all)
        if word.plain in parts and _same_person(words, index, word)
    ]


def joined(words: Words, names: list[Span]) -> list[Span]:
    """The name on the other side of "et", "puis à", "and then": "merci à Sandra et ghislaine"."""
    named = [span for span in names if span.entity == NOM]
    candidates = [
        _unknown(words, words.from_offset(match.end()), Look.LIKELY)
        for span in named
        if (match := AND.match(words.plain, span.end))
    ]
    candidates += [
        _acting(words, match.start()) for span in named if (match := BEFORE_AND.search(words.plain, 0, span.start))
    ]
    return [span for span in candidates if span]


def _same_person(words: Words, index: int, word: Word) -> bool:
    titled = index > 0 and words[index - 1].plain in CIVIL_LOWER
    return titled or words.rare(word) or (word.upper and not word.brand and not words.opens(word))


def _no_part(word: Word) -> bool:
    """A greeting, a civility, a brand or a word without capital at the edge of a name."""
    return word.barred or not word.upper or word.plain in CIVIL_LOWER


def _slip(words: Words, word: Word) -> bool:
    """A single unlisted word that is short or opens a sentence: a slip of spelling rather than a name."""
    if words.opens(word) and not first_name_kind(word.plain):
        return words.common(word) or words.look(word) == Look.NONE
    return not word.listed and len(word.plain) < 4


# --- after a cue


def _strong(words: Words, index: int | None) -> Span | None:
    """A name certainly follows: only words that can be none are ruled out ("de la part de la MAAF")."""
    if index is None or words[index].text in _ARTICLES or words[index].plain in places():
        return None
    if CIVIL_WORD.fullmatch(words[index].plain):
        return _strong(words, index + 1) if index + 1 < len(words) else None
    first, index = index, words.past_particles(index)
    word = words[index]
    if word.barred or not (word.proper or words.possible(word) or words.named(word)):
        return None
    return words.phrase(index, Cue.CERTAIN, start=first if word.proper else index)


def _civil(words: Words, civility: str, index: int | None) -> Span | None:
    """Behind a civility: a capitalised word, or one in small letters that is listed or unknown to the dictionary."""
    if index is None:
        return None
    first, index = index, words.past_particles(index)
    word = words[index]
    if word.plain in not_names() or (word.brand and not word.listed):
        return None
    if word.brand:  # madame Renault
        return words.span(index, index)
    if word.proper:
        return words.phrase(index, Cue.LIKELY, start=first) if index == first or words.possible(word) else None
    if word.upper or not (civility in CIVIL_LOWER or words.language == "en"):
        return None
    known = words.possible(word) or words.named(word) if index == first else words.rare(word)
    return words.phrase(index, Cue.LIKELY, start=first) if known else None


def _weak(words: Words, index: int | None, cue_end: int) -> Span | None:
    """A capitalised word that is no ordinary word, or stands where only a name can."""
    if index is None:
        return None
    first = index
    if words[index].upper:
        index = words.past_particles(index)
    word = words[index]
    if not word.upper:
        return words.phrase(index, Cue.LIKELY) if words.look(word) >= Look.LIKELY else None
    if word.brand or not word.proper or word.plain in NEVER_GREETED or words.in_place_name(word):
        return None
    if first_name_kind(word.plain) or not words.common(word) or _alone(words, word, cue_end):
        return words.phrase(index, Cue.LIKELY, start=first)
    return None


def _alone(words: Words, word: Word, cue_end: int) -> bool:
    """Nothing but the name follows "je suis", "bonjour" or a closing formula."""
    cue = ALONE.search(words.plain[max(0, cue_end - 20) : cue_end].rstrip(" "))
    return cue is not None and _ENDED.match(words.plain, word.end) is not None and not words.opens(word)


def _unknown(words: Words, index: int | None, bar: Look) -> Span | None:
    """A word behind "conseillère" or "merci à" that no dictionary knows and looks like a name, or a first name."""
    if index is None:
        return None
    first, index = index, words.past_particles(index)
    word = words[index]
    if word.barred or words.after_article(word) or words.in_place_name(word) or (word.upper and not word.proper):
        return None
    rare = words.look(word) >= bar or (word.listed and words.rare(word))
    ordinary = index == first and not word.upper and word.plain not in HARD and _first_name(words, word)
    return words.phrase(index, Cue.LIKELY) if rare or ordinary else None


def _first_name(words: Words, word: Word) -> bool:
    listed = bool(first_name_kind(word.plain)) and word.plain not in ADJECTIVES
    return listed or words.named(word, CERTAIN)


def _acting(words: Words, end: int) -> Span | None:
    """The first name that ends at the offset `end` and opens the sentence or the clause: "tao m'a aidé"."""
    last = next((at for at, word in enumerate(words.all) if word.end == end), None)
    if last is None or words[last].barred or words.after_article(words[last]) or words.in_place_name(words[last]):
        return None
    word = words[last]
    before = words[last - 1] if last else None
    joined = before is not None and words.adjacent(last - 1)
    if joined and before is not None and (first_name_kind(before.plain) or words.look(before) >= Look.LIKELY):
        return words.span(last - 1, last) if words.possible(word) or words.named(word) else None
    opens = before is None or words.opens(word)
    known = words.look(word) >= (Look.POSSIBLE if opens else Look.LIKELY)
    return words.span(last, last) if known or (opens and _first_name(words, word) and word.plain not in HARD) else None


def _trailed(words: Words, end: int) -> Span | None:
    """The name that ends at the offset `end`, with the first name before it: "aurore à l'appareil"."""
    last = next((at for at, word in enumerate(words.all) if word.end == end), None)
    if last is None or not words.possible(words[last]):
        return None
    joined = last > 0 and words.adjacent(last - 1) and not words[last - 1].barred
    return words.span(last - 1 if joined and first_name_kind(words[last - 1].plain) else last, last)


def _presented(words: Words, end: int) -> Span | None:
    """Whatever word stands between a civility and "de la part de": "madame léger de la part de mon mari"."""
    last = next((at for at, word in enumerate(words.all) if word.end == end), 0)
    if last == 0 or words[last].plain in not_names() or words[last - 1].plain not in CIVIL_LOWER:
        return None
    return words.span(last, last)


# --- by first name


def _listed(words: Words) -> list[Span]:
    """Every first name that can be nothing else where it stands, with the surname on either side."""
    return [
        words.phrase(index)
        for index, word in enumerate(words.all)
        if (kind := first_name_kind(word.plain))
        and (_english_capital(words, word) or (not word.barred and _counts(words, index, word, kind)))
    ]


def _english_capital(words: Words, word: Word) -> bool:
    """A first name that a capital inside an English sentence tells from the word: "I spoke to Will"."""
    if words.language != "en" or word.plain not in ENGLISH_CAPITAL or not word.upper or word.text.isupper():
        return False
    return not (word.brand or words.opens(word) or words.in_place_name(word))


def _counts(words: Words, index: int, word: Word, kind: str) -> bool:
    if words.in_place_name(word) or words.after_article(word):
        return False
    if kind == "sure":
        reflexive = index > 0 and words[index - 1].plain in _REFLEXIVE and words.adjacent(index - 1)
        return word.upper or not reflexive  # "je me marie"
    follows = words.adjacent(index)
    if not word.upper:  # an ordinary word in small letters, unless a surname that is none stands behind it
        return follows and words[index + 1].plain in surnames() and words.rare(words[index + 1])
    if follows and words.continues(index, Cue.NONE):
        return True
    return word.plain not in HARD and not words.opens(word) and not word.text.isupper()


def _pairs(words: Words) -> list[Span]:
    """English only, where the recogniser is weak: two capitalised words side by side, neither in the dictionary."""
    return [
        words.phrase(index)
        for index, pair in enumerate(zip(words.all, words.all[1:], strict=False))
        if words.adjacent(index)
        and all(word.upper and not word.text.isupper() and words.candidate(word) for word in pair)
        and not words.in_place_name(pair[0])
    ]


def _is_thing(words: Words, word: Word) -> bool:
    return words.determined(word) or words.in_place_name(word) or words.after_article(word)


def _lookalikes(words: Words) -> list[Span]:
    """Words no dictionary knows whose look alone says name."""
    return [
        words.phrase(index)
        for index, word in enumerate(words.all)
        if words.look(word) == Look.CERTAIN and not _is_thing(words, word)
    ]


# --- by place


def _speakers(plain: str) -> list[Span]:
    """Names in the stamps of a chat log: "(12:40) Sophie Delmas : bonjour"."""
    return [
        Span(*match.span("name"), NOM, match["name"])
        for match in SPEAKER.finditer(plain)
        if not ROLES.search(match["name"]) and len(match["name"].split()) <= _SPEAKER_WORDS
    ]


def _signatures(words: Words) -> Iterator[Span]:
    """A line behind a closing formula, or one that holds a first name or an initial and a surname and nothing else."""
    for rule in (SIGNED, LONE_LINE):
        for match in rule.finditer(words.plain):
            line = words.within(*match.span("name"))
            if not line or len(line) > _SIGNATURE_WORDS or any(word.barred for word in line):
                continue
            initial = len(line[0].text) == 1 and words.possible(line[-1])
            named = len(line) > 1 and (bool(first_name_kind(line[0].plain)) or initial)
            if named or (rule is SIGNED and any(words.possible(word) for word in line)):
                yield Span(line[0].start, line[-1].end, NOM, words.plain[line[0].start : line[-1].end])
