"""All rules but the recogniser, on one text, each behind a look that costs next to nothing."""

from __future__ import annotations

import re

from insights.redaction.abroad import abroad_spans, spelled_spans
from insights.redaction.births import birth_spans
from insights.redaction.contacts import contact_spans, iban_spans, ip_spans
from insights.redaction.lexicon import Brands
from insights.redaction.numbers import number_spans
from insights.redaction.places import address_spans
from insights.redaction.plates import plate_spans
from insights.redaction.said import spoken_spans
from insights.redaction.second import second_opinion
from insights.redaction.spans import TOKEN, Span, outside_tokens
from insights.redaction.special import special_spans

_SPELLED_HINT = re.compile(r"(?<![\w'])[a-z][ .,-]{1,2}[a-z][ .,-]{1,2}[a-z](?![\w'])|\b[a-z] (?:comme|for|as in) ")
_DIGIT = re.compile(r"\d")
_FOUR_DIGITS = re.compile(r"\d(?:\D{0,3}\d){3}")
_BIRTH_HINT = re.compile(
    r"\b(?:nees?\b|nes?(?: ?[(:./-]|,? (?:\d|le |en |un |a |vers |du |premier|deux|trois|quatre|cinq|six|sept|huit|neuf"
    r"|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente))|naissance|birth|born\b|b[ -]?day\b|d ?o ?b\b|ddn\b"
    r"|d\.o\.b|anniversaire)"
)


def rule_spans(text: str, plain: str, brands: Brands) -> list[Span]:
    """Spans of every rule except names, in any order, tokens left alone. `plain` is `text` in plain spelling."""
    found = contact_spans(plain, text, brands.handle)
    found += spoken_spans(plain)
    if _BIRTH_HINT.search(plain):
        found += birth_spans(plain)
    digits = _DIGIT.search(plain) is not None
    found += address_spans(plain, text)
    if digits:
        found += ip_spans(plain)
    if digits and _FOUR_DIGITS.search(plain):
        found += iban_spans(plain)
        found += number_spans(plain)
    found += plate_spans(plain, text)
    found += abroad_spans(plain)
    if _SPELLED_HINT.search(plain):
        found += spelled_spans(plain)
    found += special_spans(plain)
    found += second_opinion(text, plain)
    return protect(found, text)


def protect(spans: list[Span], text: str) -> list[Span]:
    """The spans without the tokens the text already holds."""
    if "[" not in text or not TOKEN.search(text):
        return spans
    return [piece for span in spans for piece in outside_tokens(span, text)]
