"""Printed figures are read back as what they are, and everything else is left alone."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from dashboard.format import Format
from dashboard.typed import NotTypedError, typed, value_of

FORMATS = {language: Format(language, "Europe/Paris") for language in ("fr", "en")}


@pytest.mark.parametrize("language", FORMATS)
@pytest.mark.parametrize("value", [0, 7, -7, 1234, 1234567])
def test_what_the_pages_print_comes_back(language, value):
    fmt = FORMATS[language]
    assert value_of(fmt.number(value), language) == value
    assert value_of(fmt.number(value / 10, 1), language) == pytest.approx(value / 10)
    assert value_of(fmt.points(value), language) == value
    assert value_of(fmt.ratio(abs(value)), language) == abs(value)
    assert value_of(fmt.percent(value / 100), language) == pytest.approx(value / 100)
    assert value_of(fmt.euros(value), language) == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize("language", FORMATS)
def test_days_instants_and_dashes(language):
    fmt = FORMATS[language]
    assert value_of(fmt.day(date(2026, 10, 31)), language) == date(2026, 10, 31)
    assert str(value_of(fmt.instant("2026-10-31T18:00Z"), language)) == "2026-10-31 19:00:00"
    assert value_of("—", language) is None and value_of(None, language) is None


@pytest.mark.parametrize("text", ["IR-0001", "0012", "12 à 34", "▲ en hausse × 1,8", "3 heures", "1,2,3", "x"])
def test_other_texts_are_no_figures(text):
    with pytest.raises(NotTypedError):
        value_of(text, "fr")


def test_a_column_is_read_only_where_every_cell_can_be():
    frame = pd.DataFrame({"a": ["12 %", "—"], "b": ["12", "douze"], "c": ["—", "—"], "d": [1.5, 2.5]})
    read = typed(frame, "fr")
    assert read["a"].tolist() == [0.12, None]
    assert read["b"].tolist() == ["12", "douze"] and read["c"].tolist() == ["—", "—"]
    assert read["d"].dtype == "float64"
