"""Scores published before this system: rows of a file become frozen months, refused one by one where they cannot."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from insights.contracts import PUBLISHED
from insights.errors import RowError, SourceError
from insights.frozen import ALL, DECIMALS, FROZEN, IMPORTED, published_row, unpacked
from insights.intervals import wilson
from insights.metrics import ANSWERS, METRICS

NAMES = {
    "month": ("month", "mois", "period", "periode"),
    "metric": ("metric", "metrique", "indicateur", "indicator"),
    "survey": ("survey", "questionnaire", "enquete"),
    "value": ("value", "valeur", "score"),
    "n": ("n", "answers", "reponses", "effectif"),
    "segment": ("segment",),
    "scale": ("scale", "echelle"),
}
NEEDED = ("month", "metric", "survey", "value", "n")
ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2}.*)?")
FRENCH_MONTH = re.compile(r"(?:\d{1,2}/)?(\d{1,2})/(\d{4})")
USUAL_SCALE = {"nps": "0-10", "csat": "1-5", "ces": "1-7"}
NO_SCALE = "(none)"


@dataclass(frozen=True)
class Imported:
    """What an import gives: PUBLISHED rows, how many were known already, and one sentence a refused row."""

    rows: pd.DataFrame
    n_known: int
    refused: tuple[str, ...]


def read_figures(
    frame: pd.DataFrame, name: str, published: pd.DataFrame, scales: Mapping[tuple[str, str], str], now: datetime
) -> Imported:
    """Figures of a table. `published`: PUBLISHED rows. `scales`: scale of a questionnaire's answers by (survey, metric).

    Columns (French or English names, any case): month, metric, survey, value, n, and segment or scale where they say
    something. Raises SourceError when a needed column is missing.
    """
    table = frame.rename(columns=_columns(frame.columns, name))
    before = unpacked(published)
    taken = {_key(row): row["value"] for row in before[before["origin"] != FROZEN].to_dict("records")}
    rows, refused, n_known = [], [], 0
    for line, row in enumerate(table.to_dict("records"), start=2):
        try:
            figure = _figure({str(key): one for key, one in row.items()}, scales, now)
            known = taken.get(_key(figure))
            if known is not None and known != figure["value"]:
                raise RowError(
                    f"{figure['value']:g} differs from {known:g}, imported before: a published figure stays."
                )
        except RowError as error:
            refused.append(f"{name}, row {line}: {error}")
            continue
        n_known += known is not None
        if known is None:
            taken[_key(figure)] = figure["value"]
            rows.append(published_row(figure, IMPORTED, now, None))
    return Imported(pd.DataFrame(rows, columns=list(PUBLISHED.column_names)), n_known, tuple(refused))


def _key(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("month", "metric", "survey", "scale", "segment"))


def _columns(found: Sequence[Any], name: str) -> dict[Any, str]:
    plain = {column: _plain(column) for column in found}
    renamed = {column: ours for ours, names in NAMES.items() for column, said in plain.items() if said in names}
    missing = [ours for ours in NEEDED if ours not in renamed.values()]
    if missing:
        raise SourceError(f"{name}: no column {', '.join(missing)}; it has {', '.join(map(str, found))}.")
    return renamed


def _plain(text: Any) -> str:
    folded = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode()
    return folded.strip().lower()


def _figure(row: Mapping[str, Any], scales: Mapping[tuple[str, str], str], now: datetime) -> dict[str, Any]:
    """One published figure. Raises RowError with what was found."""
    month = _month(row["month"], now)
    metric = _plain(row["metric"])
    if metric not in METRICS:
        raise RowError(f"metric {row['metric']!r} is not one of {', '.join(METRICS)}.")
    entry, survey = METRICS[metric], _text(row["survey"])
    if survey is None:
        raise RowError("no survey is named.")
    value, decimals = _number(row["value"], "value")
    value, decimals = round(value, DECIMALS), min(decimals, DECIMALS)
    if not entry.lowest <= value <= entry.highest:
        raise RowError(f"value {value:g} lies outside {entry.lowest:g} to {entry.highest:g} of {metric}.")
    if entry.unit == "%" and 0 < value <= 1 and "%" not in str(row["value"]):
        raise RowError(
            f"value {value:g} looks like a share of 1, and {metric} is kept in percent: write {100 * value:g}, "
            f"or '{value:g} %' if it is that low."
        )
    n, _ = _number(row["n"], "n")
    if n < 1 or not n.is_integer():
        raise RowError(f"n {row['n']!r} is not a whole number of answers, 1 or more.")
    usual = USUAL_SCALE.get(metric, NO_SCALE) if entry.source == ANSWERS else NO_SCALE
    scale = _text(row.get("scale")) or scales.get((survey, metric), usual)
    figure = {"month": month, "metric": metric, "survey": survey, "scale": scale, "value": value, "n": int(n)}
    if entry.unit == "%":  # of an NPS, value and n do not say the interval: the shares would
        share = wilson(value / 100 * n, n)
        figure |= {"low": 100 * float(share.low), "high": 100 * float(share.high)}
    return figure | {"segment": _text(row.get("segment")) or ALL, "decimals": decimals}


def _month(value: Any, now: datetime) -> date:
    text = str(value).strip()
    iso, french = ISO_MONTH.fullmatch(text), FRENCH_MONTH.fullmatch(text)
    year, number = (int(iso[1]), int(iso[2])) if iso else (int(french[2]), int(french[1])) if french else (0, 0)
    if not 1 <= number <= 12 or year < 1990:
        raise RowError(f"month {text!r} is not a month such as 2026-03 or 03/2026.")
    month = date(year, number, 1)
    if (month.year, month.month) >= (now.year, now.month):
        raise RowError(f"month {text} is not over yet: it will be frozen by itself.")
    return month


def _number(value: Any, name: str) -> tuple[float, int]:
    """A number and its decimals; a decimal comma, a percent sign and a typographic minus are understood."""
    text = str(value).strip().replace("\N{MINUS SIGN}", "-").replace("%", "").replace(",", ".")
    text = re.sub(r"\s", "", text)
    try:
        number = float(text)
    except ValueError:
        raise RowError(f"{name} {value!r} is not a number.") from None
    if not math.isfinite(number):
        raise RowError(f"no {name} is given.")
    kept = text.rstrip("0") if isinstance(value, float) else text
    return number, len(kept.partition(".")[2])


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value).strip()
