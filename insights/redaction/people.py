"""Names of persons by rule: after a cue, by first name, in a signature; and which words only the recogniser decides."""

from __future__ import annotations

import re

from insights.redaction.cues import (
    ADDRESSED,
    ADDRESSED_THEN,
    ALONE,
    AND,
    BEFORE_AND,
    BEHIND,
    CIVIL,
    CIVIL_LOWER,
    CIVIL_WORD,
    NAME_ENDS,
    PERSONAL,
    PRESENTED,
    STRONG,
    SUBJECT,
    TRAILING,
    WEAK,
    WEAK_LOWER,
)
from insights.redaction.lexicon import (
    ACTORS,
    ADJECTIVES,
    CARS,
    COLOURS,
    ENGLISH_CAPITAL,
    EVERYDAY,
    FOREIGN,
    GEMS,
    HARD,
    NEVER_GREETED,
    first_name_kind,
    is_surname,
    not_names,
    places,
    surnames,
)
from insights.redaction.likeness import CERTAIN, Look
from insights.redaction.signatures import inverted, signatures, speakers
from insights.redaction.spans import NOM, Span
from insights.redaction.words import Cue, Word, Words

_ENDED = re.compile(r" ?(?:[.,!?\n]|$|en quoi)")
_PART = re.compile(r"[a-z-]{3,}")
_REFLEXIVE = frozenset(("me", "se", "te"))
_ARTICLES = frozenset(("la", "les"))
_SAINTS = frozenset(("saint", "sainte", "st", "ste", "notre"))
_CONJUNCTIONS = frozenset(
    ("because", "since", "and", "but", "as", "when", "while", "if", "that", "so", "then", "where", "after", "until")
)


def name_spans(words: Words) -> list[Span]:
    """Names found by rule; spans may overlap."""
    found = [*speakers(words.plain), *signatures(words), *_listed(words)]
    plain = words.plain
    after = words.from_offset
    candidates: list[Span | None] = [
        *(_strong(words, after(match.end())) for match in STRONG.finditer(plain)),
        *(_civil(words, match[0].strip(" ."), after(match.end())) for match in CIVIL.finditer(plain)),
        *(_weak(words, after(match.end()), match.end()) for match in WEAK.finditer(plain)),
        *(_unknown(words, after(match.end()), Look.POSSIBLE) for match in WEAK_LOWER.finditer(plain)),
        *(_unknown(words, after(match.end()), Look.LIKELY) for match in BEHIND.finditer(plain)),
        *(_personal(words, after(match.end())) for match in PERSONAL.finditer(plain)),
        *(_addressed(words, after(match.end())) for match in ADDRESSED.finditer(plain)),
        *(_acting(words, match.start()) for match in SUBJECT.finditer(plain)),
        *(_trailed(words, match.start()) for match in TRAILING.finditer(plain)),
        *(_presented(words, match.start()) for match in PRESENTED.finditer(plain)),
    ]
    if words.language == "en":
        found += _pairs(words)
    found += inverted(words)
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
    behind = [words.from_offset(match.end()) for span in named if (match := AND.match(words.plain, span.end))]
    candidates = [_unknown(words, index, Look.LIKELY) or _actor(words, index) for index in behind]
    candidates += [
        _acting(words, match.start()) for span in named if (match := BEFORE_AND.search(words.plain, 0, span.start))
    ]
    return [span for span in candidates if span]


def _actor(words: Words, index: int | None) -> Span | None:
    """An English first name that is a word too, beside another name: "Joao and April"."""
    if index is None or words.language != "en" or words[index].plain not in ACTORS or words[index].brand:
        return None
    return words.span(index, index)


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
    return not word.listed and (len(word.plain) < 4 or word.text.isupper() or words.determined(word) or words.at(word))


# --- after a cue


def _strong(words: Words, index: int | None) -> Span | None:
    """A name certainly follows: only words that can be none are ruled out ("de la part de la MAAF")."""
    if index is None or words[index].text in _ARTICLES or words[index].plain in places():
        return None
    if CIVIL_WORD.fullmatch(words[index].plain):
        return _strong(words, index + 1) if index + 1 < len(words) else None
    first, index = index, words.past_particles(index)
    word = words[index]
    if word.brand or _nobody(word) or not (word.proper or word.listed or words.possible(word) or words.named(word)):
        return None
    whole = word.proper or _foreign(words, first, index) or words.rare(word)
    return words.phrase(index, Cue.CERTAIN, start=first if whole else index)


def _nobody(word: Word) -> bool:
    """A word that can be no name, unless it is also one: "mr may"."""
    return word.void and not word.listed


def _foreign(words: Words, first: int, index: int) -> bool:
    """A particle such as "van der" stands in [first, index)."""
    return any(words[at].plain in FOREIGN for at in range(first, index))


def _civil(words: Words, civility: str, index: int | None) -> Span | None:
    """Behind a civility: a capitalised word, or one in small letters that is listed or unknown to the dictionary."""
    if index is None:
        return None
    first, index = index, words.past_particles(index)
    word = words[index]
    if _nobody(word) or (word.brand and not word.listed) or (first and words[first - 1].brand):
        return None
    if word.brand:  # madame Renault
        return words.span(index, index)
    if word.proper:
        sure = index == first or words.possible(word) or _foreign(words, first, index)
        return words.phrase(index, Cue.LIKELY, start=first) if sure else None
    if word.plain in not_names():
        return words.span(index, index)
    if word.upper or not (civility in CIVIL_LOWER or words.language == "en"):
        return None
    known = words.possible(word) or words.named(word) if index == first else words.rare(word)
    known = known or _foreign(words, first, index)
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


def _personal(words: Words, index: int | None) -> Span | None:
    """A first name that is an ordinary word too, with a surname behind it or nothing that could go on the sentence."""
    if index is None or words[index].brand or not first_name_kind(words[index].plain):
        return None
    word = words[index]
    if word.plain in places() or words.in_place_name(word):
        return None
    if words.adjacent(index) and not words.opens(words[index + 1]):
        at = words.past_particles(index + 1)
        behind = words[at]
        if behind.barred:
            pass
        elif is_surname(behind.plain) or words.look(behind) > Look.NONE or (at > index + 1 and words.rare(behind)):
            return words.span(index, at)
    ends = word.plain not in EVERYDAY and not word.void and NAME_ENDS.match(words.plain, word.end)
    return words.phrase(index, Cue.LIKELY) if ends else None


def _addressed(words: Words, index: int | None) -> Span | None:
    """The first name behind "okay" and before "let me"."""
    if index is None or words[index].barred or words.language != "en":
        return None
    word = words[index]
    known = first_name_kind(word.plain) and word.plain not in EVERYDAY
    return words.span(index, index) if known and ADDRESSED_THEN.match(words.plain, word.end) else None


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
    if words.language == "en" and word.plain in ACTORS and (opens or _clause(words, last)):
        return words.span(last, last)
    return words.span(last, last) if known or (opens and _first_name(words, word) and word.plain not in HARD) else None


def _clause(words: Words, index: int) -> bool:
    """The word opens a clause: behind a comma or "because"."""
    before = words[index - 1]
    return words.text[before.end : words[index].start] == ", " or before.plain in _CONJUNCTIONS


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
    if words.in_place_name(word) or words.after_article(word) or _colour_or_car(words, index, word):
        return False
    if words.strange and (not word.upper or words.opens(word)):
        return False
    if words.adjacent(index) and words.initial(words[index + 1]) and not words.opens(words[index + 1]):
        return True
    if kind == "sure":
        reflexive = index > 0 and words[index - 1].plain in _REFLEXIVE and words.adjacent(index - 1)
        return word.upper or not reflexive  # "je me marie"
    follows = words.adjacent(index)
    if not word.upper:  # an ordinary word in small letters, unless a surname that is none stands behind it
        return follows and _surname_for_sure(words, words[index + 1])
    if follows and words.continues(index, Cue.NONE):
        return True
    return word.plain not in HARD and not words.opens(word) and not word.text.isupper()


def _colour_or_car(words: Words, index: int, word: Word) -> bool:
    """ "jade green", "my Zoe"."""
    if word.plain in GEMS and words.adjacent(index) and words[index + 1].plain in COLOURS:
        return True
    return word.plain in CARS and words.determined(word)


def _surname_for_sure(words: Words, word: Word) -> bool:
    """No dictionary knows the word, and it is a surname or looks like one."""
    if first_name_kind(word.plain) == "sure" and not word.barred:
        return True
    if word.plain in surnames():
        return words.rare(word) or words.named(word)
    return words.look(word) >= Look.LIKELY


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
    """Words no dictionary knows whose look alone says name, two together or one with an initial that rather do."""
    return [
        words.phrase(index)
        for index, word in enumerate(words.all)
        if (look := words.look(word))
        and (look == Look.CERTAIN or _paired(words, index, look))
        and not _is_thing(words, word)
    ]


def _paired(words: Words, index: int, look: Look) -> bool:
    """ "preya krishnamurty", "adaeze w."."""
    if not words.adjacent(index):
        return False
    behind = words[index + 1]
    if words.initial(behind) and not words.opens(behind):
        return True
    other = words.look(behind)
    return max(look, other) >= Look.LIKELY and all(words.named(each) for each in (words[index], behind))
