"""What the step reads: declared boxes, unknown starts, only the words of people, each arrival in its own weeks."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.segments import PEOPLE, SCORED, segments

DAY = date(2026, 10, 31)
AT = pd.Timestamp("2026-10-20T10:00:00Z")


def customers(n: int) -> pd.DataFrame:
    """Half without a known start of contract; every other one with electric heating."""
    return pd.DataFrame(
        {
            "customer_id": [f"C{i:04d}" for i in range(n)],
            "as_of": DAY,
            "segment": ["small_business" if i < n // 2 else "household" for i in range(n)],
            "heating": ["electric" if i % 2 else "gas" for i in range(n)],
            "contract_start_on": [None if i < n // 2 else date(2020, 1, 1) for i in range(n)],
            "margin_eur_year": 50.0,
        }
    )


def answers(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One survey answer a customer; the electric ones give 2 of 5, the others 5."""
    ids = [f"f{i:04d}" for i in range(n)]
    feedback = pd.DataFrame(
        {"feedback_id": ids, "source": "s", "source_id": ids, "kind": "survey", "survey": "post_call",
         "customer_id": [f"C{i:04d}" for i in range(n)], "occurred_at": AT, "available_at": AT}
    )  # fmt: skip
    answer = pd.DataFrame(
        {"feedback_id": ids, "question_id": "q", "metric": "csat", "scale": "1-5",
         "value": [2.0 if i % 2 else 5.0 for i in range(n)], "occurred_at": AT, "available_at": AT}
    )  # fmt: skip
    return feedback, answer


@pytest.fixture
def filled(lake: Lake) -> Lake:
    feedback, answer = answers(500)
    with lake.write() as writer:
        writer.insert_new("customer_snapshot", customers(500))
        writer.insert_new("feedback", feedback)
        writer.insert_new("answer", answer)
    return lake


def test_the_low_score_of_a_group_is_told_and_an_unknown_start_is_no_short_time(filled: Lake, ledger: Ledger) -> None:
    known = filled.read(PEOPLE, day=DAY)
    assert set(known.loc[known["tenure"].isna(), "known_days"]) == {365}
    assert segments(filled, ledger, run_id="one").n_in == 500
    told = filled.read("SELECT segment_key, measure, inside, outside, place FROM segment_difference ORDER BY inside")
    assert told["segment_key"].tolist() == ["heating=electric", "heating=gas"]
    assert set(told["measure"]) == {"score:post_call:csat:1-5"}
    assert told["inside"].tolist() == [0.0, 100.0] and told["outside"].tolist() == [100.0, 0.0]
    assert segments(filled, ledger, run_id="two").note["said"] == "nothing new since the last run"


def test_declared_boxes_and_direction_decide_what_counts(filled: Lake, ledger: Ledger) -> None:
    boxes = {"survey": "post_call", "metric": "csat", "scale": "1-5", "lowest": 1.0, "highest": 5.0, "top_from": 1.0,
             "top_to": 2.0, "low_is_good": True}  # fmt: skip
    with filled.write() as writer:
        writer.replace("questionnaire", pd.DataFrame([boxes]))
    found = filled.read(SCORED, since=AT, until=AT + pd.Timedelta(days=1))
    assert set(found["measure"]) == {"score:post_call:csat:1-5 (low is good)"}
    assert found.groupby("value").size().to_dict() == {0.0: 250, 100.0: 250}
    assert found.loc[found["customer_id"] == "C0001", "value"].iloc[0] == 100.0


def test_a_lake_without_customers_has_no_segments(lake: Lake, ledger: Ledger) -> None:
    assert segments(lake, ledger, run_id="one").n_out == 0
    assert lake.counts()["segment_difference"] == 0


def test_cohorts_count_what_happens_in_the_first_ninety_days(lake: Lake, ledger: Ledger) -> None:
    new = customers(60).assign(contract_start_on=date(2026, 4, 2))
    contact = pd.DataFrame(
        {"contact_id": ["k1", "k2", "k3"], "customer_id": ["C0000", "C0000", "C0001"], "channel": "phone",
         "occurred_at": pd.to_datetime(["2026-04-05T09:00Z", "2026-04-07T09:00Z", "2026-09-30T09:00Z"]),
         "available_at": AT}
    )  # fmt: skip
    with lake.write() as writer:
        writer.insert_new("customer_snapshot", new)
        writer.insert_new("contact", contact)
    feedback, answer = answers(1)
    with lake.write() as writer:
        writer.insert_new("feedback", feedback)
        writer.insert_new("answer", answer)
    segments(lake, ledger, run_id="one")
    rows = lake.read("SELECT stage, n_customers, n_contacting FROM welcome_cohort ORDER BY stage")
    assert rows.values.tolist() == [["day_7", 60, 1], ["day_90", 60, 0], ["first_bill", 60, 0]]
