"""Numbers, euros and days as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from dashboard.format import DASH, Format
from dashboard.words import plain, plural

FR, EN = Format("fr", "Europe/Paris"), Format("en", "Europe/Paris")
THIN, HARD = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("french", "english", "expected"),
    [
        (FR.number(-1234.56, 1), EN.number(-1234.56, 1), (f"−1{THIN}234,6", "−1,234.6")),
        (FR.number(3, signed=True), EN.number(-0.2), ("+3", "0")),
        (FR.percent(0.126), EN.percent(0.126), (f"13{THIN}%", "13%")),
        (FR.euros(12345.6), EN.euros(12345.6), (f"12{THIN}300{HARD}€", "€12,300")),
        (FR.ratio(1.63), EN.ratio(1.63), (f"×{HARD}1,6", f"×{HARD}1.6")),
        (FR.interval(1, 2), EN.interval(1, 2), ("1 à 2", "1 to 2")),
        (FR.month(date(2026, 8, 1)), EN.month(date(2026, 8, 1)), ("août 2026", "August 2026")),
        (FR.duration(7300), EN.duration(3 * 86400), (f"2{HARD}heures".replace(HARD, " "), "3 days")),
    ],
)
def test_each_language_writes_its_own_way(french, english, expected):
    assert (french.replace("2\N{NO-BREAK SPACE}heures", "2 heures"), english) == expected


def test_instants_are_shown_in_the_zone_of_the_settings():
    summer, winter = datetime(2026, 7, 1, 22, 30, tzinfo=UTC), pd.Timestamp("2026-12-31T23:30:00Z")
    assert FR.instant(summer) == "02/07/2026 00:30"
    assert EN.instant(winter) == "01/01/2027 00:30"
    assert FR.day(winter) == "01/01/2027"
    assert FR.day(date(2026, 12, 31)) == "31/12/2026"


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT, pd.NA])
def test_what_is_not_known_is_a_dash(missing):
    shown = [FR.number(missing), FR.percent(missing), FR.euros(missing), FR.day(missing), FR.ratio(missing)]
    assert [*shown, FR.interval(missing, 1), FR.instant(missing), FR.month(missing)] == [DASH] * 8


def test_data_in_markdown_stay_data():
    assert plain("**b** <i>x</i> $1$ :red[y] `c` [l](u)") == (r"\*\*b\*\* \<i\>x\</i\> \$1\$ \:red\[y\] \`c\` \[l\](u)")


@pytest.mark.parametrize(("n", "french", "english"), [(0, "un", "n"), (1, "un", "un"), (1.5, "un", "n"), (2, "n", "n")])
def test_each_language_counts_its_own_way(n, french, english):
    assert plural(n, "un", "n", "fr") == french
    assert plural(n, "un", "n", "en") == english
