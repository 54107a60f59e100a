"""Charts carry the reader's language, the intervals, and a pale unfinished week."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from dashboard import charts
from dashboard.format import Format


@pytest.mark.parametrize(("language", "month", "decimal"), [("fr", "janv.", ","), ("en", "Jan", ".")])
def test_a_chart_speaks_the_reader_s_language(language, month, decimal):
    frame = pd.DataFrame(
        {"week": [date(2026, 10, 19), date(2026, 10, 26)], "n_mentions": [4, 2], "partial": [False, True]}
    )
    chart = charts.weekly(frame, Format(language, "Europe/Paris"), count_title="n", week_title="w", partial_title="p")
    locale = chart["config"]["locale"]
    assert locale["time"]["shortMonths"][0] == month
    assert len(locale["time"]["months"]) == 12
    assert locale["number"]["decimal"] == decimal
    assert chart["encoding"]["color"]["condition"]["value"] == charts.PALE


def test_intervals_keep_the_order_and_show_both_ends():
    frame = pd.DataFrame(
        {"label": ["b", "a"], "value": [2.0, 1.0], "low": [1.0, 0.5], "high": [4.0, 2.0], "shown": ["2", "1"]}
    )
    chart = charts.intervals(frame, Format("fr", "Europe/Paris"), title="t", reading="r")
    bars, points = chart["layer"]
    assert bars["encoding"]["x"]["field"] == "low"
    assert bars["encoding"]["x2"]["field"] == "high"
    assert points["encoding"]["x"]["field"] == "value"
    assert bars["encoding"]["y"]["sort"] == ["b", "a"]


def contrast(one: str, two: str) -> float:
    """WCAG contrast of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_theme_can_be_read_by_everybody(theme):
    """AA: 4.5 to 1 for text, 3 to 1 for marks. Streamlit fades captions to 60 % of the text colour."""
    for background in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        for name in ("textColor", "primaryColor", "linkColor", "redTextColor", "greenTextColor", "orangeTextColor"):
            assert contrast(theme[name], background) >= 4.5, name
        faded = "#" + "".join(
            f"{round(0.6 * int(theme['textColor'][i : i + 2], 16) + 0.4 * int(background[i : i + 2], 16)):02x}"
            for i in (1, 3, 5)
        )
        assert contrast(faded, background) >= 4.5, "captions"
    for colour in (charts.BLUE, charts.VERMILION, charts.GREY):
        assert contrast(colour, theme["backgroundColor"]) >= 3


def test_the_app_is_bound_to_this_machine_and_tells_nobody(config):
    assert config["server"]["address"] == "127.0.0.1"
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"
