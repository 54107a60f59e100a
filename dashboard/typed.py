"""Printed columns read back as numbers and days, so that a file can be counted with even where a page gave texts only."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pandas as pd

from dashboard.format import DASH

DECIMAL = {"fr": ",", "en": "."}
NOTHING = ("", DASH, "–")
BLANKS = dict.fromkeys(map(ord, " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"))
DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
INSTANT = re.compile(r"\d{2}/\d{2}/\d{4} \d{2}:\d{2}")
NUMBER = {
    "fr": re.compile(r"[×x]?([+\N{MINUS SIGN}-]?)(0|[1-9]\d*)(,\d+)?([%€]?)"),
    "en": re.compile(r"[×x]?([+\N{MINUS SIGN}-]?)€?(0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(\.\d+)?(%?)"),
}


class NotTypedError(ValueError):
    """A text that is neither a number nor a day."""


def typed(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    """The frame with each column of texts as numbers, days or instants where all of them are; shares from 0 to 1."""
    return pd.DataFrame({name: _column(frame[name], language) for name in frame.columns})


def _column(column: pd.Series, language: str) -> pd.Series:
    if not (pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)):
        return column
    try:
        read = [value_of(value, language) for value in column]
    except NotTypedError:
        return column
    return column if all(value is None for value in read) else pd.Series(read, index=column.index, dtype=object)


def value_of(text: Any, language: str) -> float | int | date | datetime | None:
    """`1 234,5`, `12 %` (0.12), `12 300 €`, `×1,6`, `31/10/2026`; None for a dash. Raises NotTypedError for other texts."""
    if text is None or text is pd.NA or (isinstance(text, float) and pd.isna(text)):
        return None
    if not isinstance(text, str):
        raise NotTypedError(text)
    if text.strip() in NOTHING:
        return None
    if DAY.fullmatch(text):
        return date(int(text[6:]), int(text[3:5]), int(text[:2]))
    if INSTANT.fullmatch(text):
        return pd.to_datetime(text, format="%d/%m/%Y %H:%M").to_pydatetime()  # printed in the zone of the settings
    found = NUMBER[language].fullmatch(text.translate(BLANKS))
    if not found:
        raise NotTypedError(text)
    return _number(*found.groups(), share=found.group(4) == "%")


def _number(sign: str, whole: str, part: str | None, _unit: str, *, share: bool) -> float | int:
    decimals = len(part) - 1 if part else 0
    size = float(whole.replace(",", "") + "." + (part[1:] if part else "0"))
    value = -size if sign in ("-", "\N{MINUS SIGN}") else size
    if share:
        return round(value / 100, decimals + 2)
    return value if part else int(value)
