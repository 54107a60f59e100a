"""Numbers, euros and days as a French or an English reader writes them. What is not known is written as a dash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from insights.digest.words import three_figures

DASH = "—"
LOCALES = {"fr": "fr_FR", "en": "en_GB"}
EURO_PATTERNS = {"fr": "#,##0\N{NO-BREAK SPACE}¤", "en": "¤#,##0"}
PERCENT_ENDS = {"fr": "\N{NARROW NO-BREAK SPACE}%", "en": "%"}


def missing(value: Any) -> bool:
    """True for None, NaN, NaT and NA."""
    return value is None or bool(pd.isna(value))


def known(value: Any) -> bool:
    """True for a text or a number that says something: neither missing nor empty."""
    return not missing(value) and value != ""


def decimals_pattern(decimals: int) -> str:
    return "#,##0." + "0" * decimals if decimals else "#,##0"


@dataclass(frozen=True)
class Format:
    """Formatting for one language (fr or en) and one time zone. Instants are UTC and shown in the zone."""

    language: str
    timezone: str

    @property
    def locale(self) -> str:
        return LOCALES[self.language]

    def number(self, value: Any, decimals: int = 0, *, signed: bool = False) -> str:
        """1234.5 -> `1 234,5` or `1,234.5`."""
        if missing(value):
            return DASH
        rounded = round(float(value), decimals)
        sign = "\N{MINUS SIGN}" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + format_decimal(abs(rounded), decimals_pattern(decimals), locale=self.locale)

    def percent(self, share: Any, decimals: int = 0, *, signed: bool = False) -> str:
        """0.125 -> `12 %` or `12%`; signed: `+12 %`."""
        if missing(share):
            return DASH
        sign = "\N{MINUS SIGN}" if round(share, decimals + 2) < 0 else "+" if signed and share > 0 else ""
        pattern = decimals_pattern(decimals) + PERCENT_ENDS[self.language]
        return sign + format_percent(abs(float(share)), pattern, locale=self.locale)

    def euros(self, value: Any) -> str:
        """12345.6 -> `12 300 €` or `€12,300`: three figures, as in the digest, never more precise than an estimate."""
        if missing(value):
            return DASH
        pattern = EURO_PATTERNS[self.language]
        amount = three_figures(float(value))
        text = format_currency(abs(amount), "EUR", pattern, locale=self.locale, currency_digits=False)
        return ("\N{MINUS SIGN}" if amount < 0 else "") + text

    def cents(self, value: Any) -> str:
        """6.2 -> `6,20 €` or `€6.20`: what one call costs or brings."""
        if missing(value):
            return DASH
        return ("\N{MINUS SIGN}" if value < 0 else "") + format_currency(abs(value), "EUR", locale=self.locale)

    def ratio(self, value: Any) -> str:
        """1.63 -> `x 1,6`, with a real multiplication sign."""
        return DASH if missing(value) else f"×\N{NO-BREAK SPACE}{self.number(value, 1)}"

    def points(self, value: Any) -> str:
        """-2.34 -> `−2,3`: points of a score, signed."""
        return self.number(value, 1, signed=True)

    def interval(self, low: Any, high: Any, show: Any = None) -> str:
        """`12 à 34` or `12 to 34`; `show` formats each end (default: a whole number)."""
        if missing(low) or missing(high):
            return DASH
        show = show or self.number
        return f"{show(low)} {'à' if self.language == 'fr' else 'to'} {show(high)}"

    def day(self, value: Any) -> str:
        """`31/10/2026`, in both languages (day first)."""
        return DASH if missing(value) else format_date(self.local_day(value), "dd/MM/yyyy", locale=self.locale)

    def short_day(self, value: Any) -> str:
        """`31 oct.` or `31 Oct`."""
        return DASH if missing(value) else format_skeleton("MMMd", self.local_day(value), locale=self.locale)

    def long_day(self, value: Any) -> str:
        """`samedi 31 octobre` or `Saturday 31 October`."""
        return DASH if missing(value) else format_date(self.local_day(value), "EEEE d MMMM", locale=self.locale)

    def month(self, value: Any) -> str:
        """`octobre 2026`."""
        return DASH if missing(value) else format_skeleton("yMMMM", self.local_day(value), locale=self.locale)

    def days(self, values: Iterable[Any]) -> list[date]:
        """Dates of a column: DuckDB's DATE comes back as dates or as instants at midnight."""
        return [self.local_day(value) for value in values]

    def instant(self, value: Any) -> str:
        """`31/10/2026 19:00`, in the zone of the settings."""
        if missing(value):
            return DASH
        return format_datetime(self.local(value), "dd/MM/yyyy HH:mm", locale=self.locale)

    def duration(self, seconds: float) -> str:
        """`3 heures`, `2 jours`: one unit, rounded."""
        return format_timedelta(timedelta(seconds=abs(seconds)), threshold=1.2, locale=self.locale)

    def local(self, value: Any) -> datetime:
        """An instant in the zone of the settings; a naive one is UTC."""
        instant: datetime = pd.Timestamp(value).to_pydatetime(warn=False)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(ZoneInfo(self.timezone))

    def local_day(self, value: Any) -> date:
        """A date as it is; an instant as the day it falls on in the zone."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        stamp = pd.Timestamp(value)
        return self.local(value).date() if stamp.tzinfo else stamp.date()
