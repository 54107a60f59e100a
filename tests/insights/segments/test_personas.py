"""Differences become personas, those in trouble first; cohorts count each customer once."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from insights.segments.cohorts import welcome
from insights.segments.personas import IRRITANT, RISK, personas, without_echoes

FOUND = pd.DataFrame(
    [
        ("heating=electric", "heating", "electric", None, None, "risk", 500, 500, 0.05, 0.02, 0.03),
        ("heating=electric", "heating", "electric", None, None, "irritant:IR-1", 500, 500, 0.10, 0.02, 0.08),
        ("region=west", "region", "west", None, None, "score:relational:nps", 300, 90, -30.0, 0.0, -30.0),
        ("region=east", "region", "east", None, None, "risk", 400, 400, 0.01, 0.03, -0.02),
        ("a=x & b=y", "a", "x", "b", "y", "irritant:IR-2", 120, 120, 0.20, 0.05, 0.15),
    ],
    columns=["segment_key", "dimension", "value", "dimension_2", "value_2", "measure", "n_customers", "n_known",
             "inside", "outside", "difference"],
).assign(low=0.0, high=0.0, p_value=[0.001, 0.002, 0.001, 0.001, 0.004])  # fmt: skip
MARGINS = pd.Series({"heating=electric": 40_000.0, "region=west": 20_000.0, "region=east": 30_000.0, "a=x & b=y": 9.0})


def test_the_persona_that_loses_most_margin_stands_first_and_the_content_last() -> None:
    told = personas(FOUND, MARGINS)
    assert [one.segment_key for one in told] == ["heating=electric", "region=west", "a=x & b=y", "region=east"]
    first, last = told[0], told[-1]
    assert first.excess_loss_eur == pytest.approx(1_200.0)
    assert [one.measure for one in first.of_kind(IRRITANT)] == ["irritant:IR-1"]
    assert last.excess_loss_eur == pytest.approx(-600.0) and not last.of_kind(RISK)[0].worse
    assert told[2].terms == (("a", "x"), ("b", "y"))
    assert told[1].excess_loss_eur is None and told[1].differences[0].worse


def test_a_segment_of_the_same_customers_is_an_echo() -> None:
    told = personas(FOUND, MARGINS)
    keys = [one.segment_key for one in told]
    overlap = pd.DataFrame(0.1, index=keys, columns=keys)
    overlap.loc["a=x & b=y", "heating=electric"], overlap.loc["heating=electric", "a=x & b=y"] = 1.0, 0.3
    assert [one.segment_key for one in without_echoes(told, overlap)] == keys, "a part is no echo"
    overlap.loc["heating=electric", "a=x & b=y"] = 0.9
    assert "a=x & b=y" not in [one.segment_key for one in without_echoes(told, overlap)]


def test_cohorts_count_customers_once_and_wait_until_a_stage_is_over() -> None:
    people = pd.DataFrame({"customer_id": ["a", "b", "c"], "started_on": [date(2026, 1, 5)] * 2 + [date(2026, 3, 30)]})
    said = pd.DataFrame(
        [
            ("a", date(2026, 1, 7), "contact", None, None, None),
            ("a", date(2026, 1, 9), "contact", None, None, None),
            ("a", date(2026, 1, 10), "answer", "welcome 1-5", True, None),
            ("b", date(2026, 1, 11), "answer", "welcome 1-5", True, None),
            ("b", date(2026, 1, 13), "answer", "post_call 1-5", False, None),
            ("b", date(2026, 2, 1), "departure", None, None, None),
            ("b", date(2026, 1, 12), "complaint", None, None, "IR-1"),
            ("zz", date(2026, 1, 12), "complaint", None, None, "IR-1"),
            ("c", date(2026, 12, 12), "contact", None, None, None),
        ],
        columns=["customer_id", "happened_on", "what", "survey", "satisfied", "irritant_id"],
    )
    rows = welcome(people, said, date(2026, 6, 1)).set_index("stage")
    assert set(rows.index) == {"day_7", "first_bill"}, "the third customer's 90 days are not over"
    assert rows.loc["day_7", ["n_customers", "n_contacting", "n_complaining", "n_answers", "n_satisfied"]].tolist() == [
        3, 1, 1, 2, 2
    ]  # fmt: skip
    assert rows.loc["first_bill", "n_left"] == 1
    assert set(rows["survey"]) == {"welcome 1-5"}, "questionnaires are never mixed"
    assert pd.isna(rows.loc["day_7", "satisfied_share"]), "two answers are no share"
    assert rows.loc["day_7", "top_irritant_id"] is None, "one customer is no tendency"
