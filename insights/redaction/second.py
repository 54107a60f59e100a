"""The second opinion: Presidio's own recognisers and the check digits, by another hand than our rules.

The redactor takes what they find on top of its own rules; the residual scan asks them again about the finished text.
Presidio's e-mail recogniser would look a list of domains up on the network: here every address it matches counts, and
nothing is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import phonenumbers

from insights.redaction.numbers import is_card, is_company, is_nir, is_phone, phone_key
from insights.redaction.spans import CARTE, EMAIL, IBAN, ID, NIR, TEL, Span

if TYPE_CHECKING:
    from presidio_analyzer import PatternRecognizer

_MANY_DIGITS = re.compile(r"\d(?:\D{0,3}\d){7}")
_CHAIN = re.compile(r"(?<![\w])\+?\d(?:[ .\-/]{0,2}\d){7,24}(?!\w)")
_REGIONS = ("FR", "BE", "CH", "GB", "US")


@lru_cache(maxsize=1)
def _presidio() -> tuple[tuple[PatternRecognizer, str], ...]:
    """Presidio's recognisers and the entity each stands for, built once a process."""
    from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, EmailRecognizer, IbanRecognizer

    class OfflineEmail(EmailRecognizer):
        def validate_result(self, pattern_text: str) -> bool:
            return "@" in pattern_text

    return ((OfflineEmail(), EMAIL), (IbanRecognizer(), IBAN), (CreditCardRecognizer(), CARTE))


def second_opinion(text: str, plain: str) -> list[Span]:
    """E-mails, IBANs, cards, telephones, NIR and company numbers as Presidio and the check digits see them."""
    mail, digits = "@" in plain, _MANY_DIGITS.search(plain) is not None
    if not mail and not digits:
        return []
    found: list[Span] = []
    for recogniser, entity in _presidio():
        if mail if entity == EMAIL else digits:
            found += _asked(recogniser, entity, text if entity == EMAIL else plain.upper())
    if digits:
        found += _telephones(plain)
        found += _checked(plain)
    return found


def _asked(recogniser: Any, entity: str, text: str) -> Iterator[Span]:
    for result in recogniser.analyze(text, recogniser.supported_entities, None):
        value = re.sub(r"[ .-]", "", text[result.start : result.end])
        yield Span(result.start, result.end, entity, value if entity == IBAN else value.lower())


def _telephones(plain: str) -> Iterator[Span]:
    """Valid telephone numbers of France, then of its neighbours and the English-speaking world."""
    for region in _REGIONS:
        strict = phonenumbers.Leniency.VALID if region == "FR" else phonenumbers.Leniency.STRICT_GROUPING
        for match in phonenumbers.PhoneNumberMatcher(plain, region, leniency=strict):
            national = str(match.number.national_number)
            key = "0" + national if match.number.country_code == 33 else national
            yield Span(match.start, match.end, TEL, key)


def _checked(plain: str) -> Iterator[Span]:
    """Whole chains of digits that are a telephone or pass a check."""
    for match in _CHAIN.finditer(plain):
        digits = re.sub(r"\D", "", match[0])
        entity = _entity(digits)
        if entity:
            yield Span(match.start(), match.end(), entity, phone_key(digits) if entity == TEL else digits)


def _entity(digits: str) -> str | None:
    if is_phone(digits):
        return TEL
    if is_nir(digits):
        return NIR
    if len(digits) in {9, 14} and is_company(digits):
        return ID
    return CARTE if is_card(digits) else None
