"""Licence plates of France, Britain and elsewhere, written or spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from insights.redaction.lexicon import is_common
from insights.redaction.spans import PLAQUE, Span
from insights.redaction.spoken import NUMBER_WORD

_FR_NEW = re.compile(r"(?<![\w-])[a-hj-np-tv-z]{2}([ -]?)\d{3}\1[a-hj-np-tv-z]{2}(?![\w-])")
_FR_OLD = re.compile(r"(?<![\w-])\d{1,4}([ -]?)[a-z]{2,3}\1(?:\d{2}|2[ab]|9[78]\d)(?![\w-])")
_UK = re.compile(r"(?<![\w-])[a-z]{2}(?:0[1-9]|[1-9]\d) ?[a-z]{3}(?![\w-])")
_UK_SPACED = re.compile(r"(?<![\w-])[a-z]{2} (?:0[1-9]|[12]\d|5[1-9]|6\d|7[0-9]) ?[a-z]{3}(?![\w-])")
_UK_OLD = re.compile(r"(?<![\w-])(?:[a-z]\d{1,3} ?[a-z]{3}|[a-z]{3} ?\d{1,4}[a-z]?|[a-z]{1,3} \d{3,4})(?![\w-])")
_OTHER = re.compile(
    r"(?<![\w-])(?=[a-z \d-]*\d)(?=[\d -]*[a-z])(?:\d[a-z]{3}\d{3}|[a-z]{3}-?\d{3,4}|\d-?[a-z]{3}-?\d{3})(?![\w-])"
)
_LETTER = (
    r"(?:[a-z](?: (?:comme|for|as in|like) [a-z]+)?|alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel"
    r"|india|juliett?|kilo|lima|mike|"
    r"november|oscar|papa|quebec|romeo|sierra|tango|uniform|victor|whiskey|whisky|x-?ray|yankee|zulu)"
)
_NUMBER = rf"(?:\d{{1,3}}|{NUMBER_WORD})"
_J = r"[ ,-]{1,2}"
_SPELLED = (
    re.compile(rf"(?<![\w'])(?:{_LETTER}{_J}){{2}}(?:{_NUMBER}{_J}){{1,6}}{_LETTER}(?:{_J}{_LETTER}){{1,2}}(?![\w'])"),
    re.compile(
        rf"(?<![\w'])(?:{_NUMBER}{_J}){{1,7}}{_LETTER}(?:{_J}{_LETTER}){{1,2}}{_J}{_NUMBER}(?:{_J}{_NUMBER}){{0,3}}(?![\w'])"
    ),
)
_SAID = re.compile(rf"(?<![\w'-])[a-z]{{2}} (?:{_NUMBER}{_J}){{1,5}}[a-z]{{2,3}}(?![\w'-])")
_CUE = re.compile(
    r"(?:plaque|immatricul|\bplates?\b|\bregistration|\breg\b|vehic|voiture|\bauto\b|camion|utilitaire|fourgon"
    r"|remorque|\bmoto\b|scooter|"
    r"motorbike|motorcycle|\bvan\b|\bcars?\b|truck|lorry|caravan|insur|\bassur|stationn|parking|parked|garage"
    r"|\bpv\b|amende|sinistre|"
    r"accident|\btow(?:ed)?\b|clamp|driv|conduc|carte grise|log ?book|\bbadge\b|\bborne\b|charg(?:er|ing|e)\b"
    r"|renault|peugeot|citroen|"
    r"\bclio\b|\bgolf\b|\bford\b|\bfiat\b|toyota|tesla|\bbmw\b|\baudi\b|\bmini\b|dacia|nissan|vauxhall|opel"
    r"|volkswagen|skoda|hyundai|\bkia\b)"
    r"[^\n]{0,45}$"
)
_CUE_SURE = re.compile(r"(?:plaque|immatricul\w*|\bplates?\b|\bregistration\b|\breg\b|carte grise)[^\n.;!?\d]{0,30}$")
_FUNCTION = frozenset(
    [
        "in",
        "on",
        "at",
        "by",
        "of",
        "to",
        "is",
        "it",
        "we",
        "he",
        "my",
        "no",
        "or",
        "so",
        "as",
        "an",
        "be",
        "do",
        "go",
        "if",
        "us",
        "up",
        "am",
        "pm",
        "le",
        "la",
        "de",
        "du",
        "au",
        "et",
        "en",
        "un",
        "ce",
        "il",
        "je",
        "ma",
        "me",
        "sa",
        "se",
        "ta",
        "te",
        "tu",
        "ne",
        "ou",
    ]
)
_SHORT = frozenset(
    [
        "km",
        "kw",
        "kg",
        "mm",
        "cm",
        "ml",
        "cl",
        "go",
        "mo",
        "gb",
        "mb",
        "tb",
        "kb",
        "eu",
        "ch",
        "cv",
        "hp",
        "tv",
        "ht",
        "pc",
        "mg",
        "db",
        "hz",
        "gt",
        "px",
        "mn",
        "min",
        "ans",
        "rpm",
        "kwh",
        "mah",
        "mhz",
        "ghz",
        "fps",
    ]
)
_HINT = re.compile(
    r"plaque|immat|plate|\breg|vehic|voit|\bcar|van\b|insur|assur|camion|moto|truck|lorry|auto|drive|park|garage"
)


_DIGIT = re.compile(r"\d")
_SPELLED_HINT = re.compile(
    r"(?<![\w'])(?!y a)[a-z][ ,-]{1,2}[a-z](?![\w'])|\b(?:alpha|alfa|bravo|charlie|delta|echo|foxtrot|sierra"
    r"|tango|zulu)|\bcomme\b|\bas in\b"
)
_SAID_HINT = re.compile(r"plaque|immatric|\bplate|\bregist|\breg\b|carte grise")


def plate_spans(plain: str, text: str) -> Iterator[Span]:
    """Plates in capitals or hyphens by their shape; in small letters, old and spelled ones only behind a vehicle."""
    if _DIGIT.search(plain):
        for match in _FR_NEW.finditer(plain):
            if (
                match[1] == "-"
                or text[match.start()].isupper()
                or _cued(_CUE, match.start(), plain)
                or _unlike_words(match)
            ):
                yield _span(match)
        for match in _UK.finditer(plain):
            upper = text[match.start() : match.end()].isupper()
            if upper or _cued(_CUE, match.start(), plain) or _unlike_words(match):
                yield _span(match)
        for match in _UK_SPACED.finditer(plain):
            upper = text[match.start() : match.end()].isupper()
            cued = _cued(_CUE, match.start(), plain) and match[0][:2] not in _FUNCTION
            if cued or (upper and _unlike_words(match)):
                yield _span(match)
        for match in _FR_OLD.finditer(plain):
            if re.sub(r"[^a-z]", "", match[0])[:2] not in _FUNCTION and _cued(_CUE, match.start(), plain):
                yield _span(match)
        for rule in (_UK_OLD, _OTHER):
            for match in rule.finditer(plain):
                if _cued(_CUE_SURE, match.start(), plain):
                    yield _span(match)
    if _SPELLED_HINT.search(plain) and _HINT.search(plain):
        for rule in _SPELLED:
            for match in rule.finditer(plain):
                if _cued(_CUE, match.start(), plain):
                    yield _span(match)
    if _SAID_HINT.search(plain):
        for match in _SAID.finditer(plain):
            if _cued(_CUE_SURE, match.start(), plain):
                yield _span(match)


def _unlike_words(match: re.Match[str]) -> bool:
    """No group of letters is a word of either language: "es49 gme", not "du12 mai"."""
    groups = re.findall(r"[a-z]+", match[0])
    return not any(group in _SHORT or is_common(group, "fr") or is_common(group, "en") for group in groups)


def _cued(cue: re.Pattern[str], at: int, plain: str) -> bool:
    return cue.search(plain, max(0, at - 60), at) is not None


def _span(match: re.Match[str]) -> Span:
    return Span(*match.span(), PLAQUE, re.sub(r"\W", "", match[0]))
