"""What a template's placeholders are filled with: never a name, an address, an account or an exact amount."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from string import Formatter

from babel.dates import format_timedelta
from babel.numbers import format_decimal

from insights.i18n import translator

FACTS = ("company", "team", "product", "delay", "amount_range")
AMOUNT = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[   .]\d{3})+|\d+)(?:[.,]\d{1,2})? ?(?:€|euros?\b|eur\b|e\b)", re.IGNORECASE
)
BEFORE = re.compile(r"€ ?(\d{1,3}(?:,\d{3})+|\d+)")
EDGES = (0, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
LOCALES = {"fr": "fr_FR", "en": "en_GB"}


@dataclass(frozen=True)
class Filled:
    """A template with its facts. `missing`: placeholders left for the adviser, marked by brackets in the text."""

    text: str
    missing: tuple[str, ...] = ()


def fill(template: str, facts: Mapping[str, str | None], language: str) -> Filled:
    """The template with its facts; one that is not known becomes a bracketed word for the adviser to complete."""
    parts: list[str] = []
    missing: list[str] = []
    for literal, name, _spec, _conversion in Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            known = facts.get(name)
            parts.append(known or f"[{gap(name, language)}]")
            missing += [] if known or name in missing else [name]
    return Filled("".join(parts).strip(), tuple(missing))


def gap(name: str, language: str) -> str:
    """What the adviser completes, in the language of the reply."""
    _ = translator(language)
    words = {
        "company": _("name of the company"),
        "team": _("name of the team"),
        "product": _("name of the offer"),
        "delay": _("delay"),
        "amount_range": _("amount"),
    }
    return words[name]


def amount_range(texts: Iterable[str], language: str) -> str | None:
    """`entre 500 et 1 000 €`: the band of the largest amount in euros that was said; None when there is none."""
    found = [_number(hit) for text in texts for pattern in (AMOUNT, BEFORE) for hit in pattern.findall(text)]
    inside = [amount for amount in found if 0 < amount <= EDGES[-1]]
    if not inside:
        return None
    low, high = next((low, high) for low, high in pairwise(EDGES) if max(inside) <= high)
    sentence = translator(language)("between {low} and {high}")
    return sentence.format(low=_number_words(low, language), high=_euros(high, language))


def delay(since: datetime | None, now: datetime, language: str) -> str | None:
    """`3 jours`: how long the customer has waited, in whole days (one at least); None when it is not known."""
    if since is None or since > now:
        return None
    days = max((now - since).days, 1)
    return str(format_timedelta(timedelta(days=days), granularity="day", threshold=2, locale=LOCALES[language]))


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _number_words(amount: int, language: str) -> str:
    """French names the unit once, behind the second figure."""
    return str(format_decimal(amount, locale=LOCALES["fr"])) if language == "fr" else _euros(amount, language)


def _euros(amount: int, language: str) -> str:
    shown = format_decimal(amount, locale=LOCALES[language])
    return f"{shown} €" if language == "fr" else f"€{shown}"
