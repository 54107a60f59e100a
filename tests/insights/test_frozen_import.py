"""Past published scores: understood in French and English, refused by row with the reason, never overwritten."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from insights.contracts import PUBLISHED
from insights.errors import SourceError
from insights.frozen_import import Imported, read_figures

NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)
NOTHING = pd.DataFrame(columns=list(PUBLISHED.column_names))
GOOD = {"month": "2024-03", "metric": "nps", "survey": "relational", "value": -8, "n": 240}


def read(rows: list[dict[str, object]], published: pd.DataFrame = NOTHING) -> Imported:
    return read_figures(pd.DataFrame(rows), "past.csv", published, {("onboarding", "ces"): "1-5"}, NOW)


def value(found: Imported, place: int = 0) -> dict[str, object]:
    return dict(json.loads(found.rows["value"].iloc[place]))


def test_a_row_becomes_a_frozen_month() -> None:
    found = read([GOOD])
    assert found.refused == ()
    row = found.rows.iloc[0]
    assert (row["publication_id"], row["item"]) == ("imported-2024-03", "nps/relational/0-10/(all)")
    assert value(found) | {"value": -8, "n": 240, "origin": "imported", "decimals": 0} == value(found)
    assert value(found)["low"] is None  # value and n do not say an NPS's interval


def test_french_headers_months_and_numbers_are_understood() -> None:
    found = read(
        [{"Mois": "01/03/2024", "Indicateur": "CSAT", "Enquête": "post_call", "Valeur": "74,5 %", "Réponses": "1 200"}]
    )
    assert found.refused == ()
    told = value(found)
    assert (told["month"], told["value"], told["n"], told["decimals"]) == ("2024-03-01", 74.5, 1200, 1)
    assert told["low"] == pytest.approx(72.0, abs=0.1)


def test_a_segment_and_the_scale_of_the_questionnaire_are_kept() -> None:
    found = read([GOOD | {"segment": "household"}, GOOD | {"metric": "ces", "survey": "onboarding", "value": 70}])
    assert found.rows["item"].tolist() == ["nps/relational/0-10/household", "ces/onboarding/1-5/(all)"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"month": "March"}, "month 'March' is not a month"),
        ({"month": "2024-13"}, "is not a month"),
        ({"month": "2026-10"}, "is not over yet"),
        ({"metric": "nsp"}, "metric 'nsp' is not one of nps, csat"),
        ({"survey": " "}, "no survey is named"),
        ({"value": "good"}, "value 'good' is not a number"),
        ({"value": None}, "no value is given"),
        ({"value": 140}, "value 140 lies outside -100 to 100"),
        ({"n": 0}, "n 0"),
        ({"n": 12.5}, "is not a whole number of answers"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_with_its_reason(change: dict[str, object], reason: str) -> None:
    found = read([GOOD | {"month": "2024-02"}, GOOD | change])
    assert len(found.rows) == 1
    assert len(found.refused) == 1
    assert found.refused[0].startswith("past.csv, row 3: ")
    assert reason in found.refused[0]


def test_a_published_figure_stays() -> None:
    first = read([GOOD]).rows
    again = read([GOOD], first)
    assert (len(again.rows), again.n_known, again.refused) == (0, 1, ())
    other = read([GOOD | {"value": -9}], first)
    assert other.rows.empty
    assert "-9 differs from -8, imported before" in other.refused[0]
    assert "differs from" in read([GOOD, GOOD | {"value": -9}]).refused[0]


def test_the_same_file_twice_changes_nothing_whatever_its_decimals() -> None:
    rows = [GOOD | {"metric": "csat", "survey": "post_call", "value": 223 / 300 * 100, "n": 300}]
    first = read(rows)
    assert (value(first)["value"], value(first)["decimals"]) == (74.3333, 4)
    again = read(rows, first.rows)
    assert (len(again.rows), again.n_known, again.refused) == (0, 1, ())


def test_a_share_of_one_is_no_percentage_unless_it_says_so() -> None:
    share = GOOD | {"metric": "csat", "survey": "post_call"}
    found = read([share | {"value": 0.745}, share | {"value": 1}])
    assert found.rows.empty
    assert "write 74.5, or '0.745 %'" in found.refused[0]
    assert len(found.refused) == 2
    kept = read([share | {"value": "0,7 %"}, GOOD | {"value": 0.5}, share | {"value": 0, "month": "2024-02"}])
    assert [value(kept, place)["value"] for place in range(3)] == [0.7, 0.5, 0]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SourceError, match=r"past.csv: no column n; it has month"):
        read([{key: one for key, one in GOOD.items() if key != "n"}])


def test_months_as_dates_of_a_spreadsheet() -> None:
    for month in (date(2024, 3, 1), pd.Timestamp("2024-03-01"), "2024-03-01 00:00:00", "03/2024"):
        assert value(read([GOOD | {"month": month}]))["month"] == "2024-03-01"
