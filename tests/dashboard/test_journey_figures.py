"""Figures of stages, first weeks and advisers, from counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.adviser_figures import ALIKE, EARLY, LESS, MORE, UNKNOWN, beside, may_show, quarters
from dashboard.journey_figures import offered_scores, ranked, scored, spots
from dashboard.journey_welcome import compared, irritants_met

SIZES = {"North": 12, "South": 9, "Pair": 2}


def counted(*rows: tuple[str | None, int, int, int, int]) -> pd.DataFrame:
    """Stages: name, heard, complaining, of them without the yearly survey now and before."""
    frame = pd.DataFrame(rows, columns=["name", "n_people", "n_hurt", "n_unasked", "n_unasked_before"])
    return frame.assign(n_feedback=frame["n_people"], n_contacts=0, n_angry=frame["n_hurt"] // 2)


def test_stages_keep_the_given_order_and_the_unnamed_comes_last():
    found = spots(counted((None, 9, 9, 9, 9), ("b", 50, 10, 10, 10), ("a", 40, 30, 30, 30)), ["a", "b"])
    assert found["name"].isna().tolist() == [False, False, True]
    assert found["name"].tolist()[:2] == ["a", "b"]
    assert found["share"].tolist() == [0.75, 0.2, 1.0]
    assert (found["low"] < found["share"]).all() and (found["share"] <= found["high"]).all()
    assert found["rank"].tolist()[:2] == [1, 2] and pd.isna(found["rank"].iloc[2])


def test_a_stage_that_is_silent_now_is_left_out():
    silent = counted(("a", 10, 5, 5, 5), ("b", 0, 0, 0, 8))
    assert spots(silent, ["a", "b"])["name"].tolist() == ["a"]


def test_waves_of_the_yearly_survey_make_no_trend():
    found = spots(counted(("wave", 900, 300, 40, 41), ("real", 200, 120, 120, 30)), ["wave", "real"])
    assert found.set_index("name")["verdict"].to_dict() == {"wave": "steady", "real": "up"}


def test_rank_ranges_overlap_where_counts_do():
    close = ranked(pd.DataFrame({"name": ["a", "b", "c"], "n_hurt": [50, 52, 3]}))
    assert close["rank"].tolist() == [2, 1, 3]
    assert close[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2], [1, 2], [3, 3]]


def daily(stage: str, n: int, positive: int, *, recent: bool, metric: str = "csat", survey: str = "post_call") -> dict:
    return {"journey_stage": stage, "recent": recent, "metric": metric, "survey": survey, "scale": "1-5",
            "numerator": float(positive), "denominator": float(n), "n_positive": positive, "n_negative": 0, "squares": np.nan,
            "denominator_weighted": np.nan, "positive_weighted": np.nan, "negative_weighted": np.nan,
            "weight_squares": np.nan}  # fmt: skip


def test_a_score_with_few_answers_now_is_that_of_the_year():
    rows = pd.DataFrame([daily("a", 40, 20, recent=True), daily("a", 60, 60, recent=False),
                         daily("b", 5, 5, recent=True), daily("b", 45, 20, recent=False),
                         daily("c", 3, 3, recent=False)])  # fmt: skip
    found = scored(rows, "csat", "post_call", "1-5", 30)
    assert found["value"].tolist()[:2] == pytest.approx([50.0, 50.0])
    assert np.isnan(found.loc["c", "value"]) and found.loc["c", "n"] == 3
    assert found["recent"].tolist() == [True, False, False]


def test_the_questionnaire_most_stages_share_comes_first():
    rows = [daily("a", 9, 9, recent=True, metric="nps", survey="relational"), daily("a", 1, 1, recent=True),
            daily("b", 1, 1, recent=True)]  # fmt: skip
    assert offered_scores(pd.DataFrame(rows))[0] == ("csat", "post_call", "1-5")


def fortnight(newly: bool, contacting: int, complaining: int = 20, answers: int = 0) -> dict:
    return {"newly": newly, "fortnight": 0, "n_customers": 1000, "n_contacting": contacting, "n_complaining": complaining,
            "n_left": 1, "n_answers": answers, "n_satisfied": answers // 2}  # fmt: skip


def test_new_customers_are_held_against_those_before():
    found = compared(pd.DataFrame([fortnight(True, 160, answers=40), fortnight(False, 60, answers=29)])).iloc[0]
    assert (found["contact_verdict"], found["complaint_verdict"]) == ("up", "steady")
    assert found["contact_share"] == 0.16 and found["contact_low"] < 0.16 < found["contact_high"]
    assert found["satisfied_share"] == 0.5 and np.isnan(found["satisfied_share_before"])


def test_irritants_of_the_first_weeks_come_in_the_order_they_are_met():
    rows = pd.DataFrame({"irritant_id": ["late", "soon", "rare"], "n_newly": [20, 9, 2], "n_before": [20, 8, 2],
                         "median_day": [60.0, 9.0, 1.0], "newly": 1000, "before": 1000})  # fmt: skip
    found = irritants_met(rows)
    assert found["irritant_id"].tolist() == ["soon", "late"]
    assert found["share"].tolist() == pytest.approx([0.009, 0.02])
    assert irritants_met(rows[rows["irritant_id"] == "rare"]).empty


@pytest.mark.parametrize(
    ("n", "teams", "shown"),
    [
        (5, ["North"], True),
        (4, ["North", "South"], False),
        (9, ["Pair"], False),
        (9, ["other", None], False),
        (9, ["Pair", "South"], True),
    ],
)
def test_no_figure_on_fewer_than_five(n, teams, shown):
    assert may_show(n, teams, SIZES, 5) is shown


def sides() -> pd.DataFrame:
    rows = [("IR-1", 30, 10), ("IR-2", 30, 900), ("IR-3", 20, 2000), ("IR-4", 3, 1), ("IR-5", 0, 3000)]
    frame = pd.DataFrame(rows, columns=["irritant_id", "n_comments", "n_feedback"])
    return frame.assign(n_customers=frame["n_feedback"], teams=[["North", "South"]] * len(frame))


def test_what_advisers_see_first_is_told_apart_from_what_both_say():
    found = beside(sides(), 100, 10_000, SIZES, 5).set_index("irritant_id")
    assert found["verdict"].to_dict() == {"IR-1": EARLY, "IR-2": MORE, "IR-3": ALIKE, "IR-5": LESS, "IR-4": UNKNOWN}
    assert list(found.index)[0] == "IR-1"
    assert found.loc["IR-1", "ratio_low"] > 1 > found.loc["IR-5", "customer_share"]


def test_comments_too_few_to_show_leave_no_number_behind():
    hidden = beside(sides(), 100, 10_000, SIZES, 5).set_index("irritant_id").loc[["IR-4", "IR-5"]]
    assert (
        hidden[["n_comments", "adviser_share", "adviser_share_low", "adviser_share_high", "ratio"]].isna().all().all()
    )
    assert "teams" not in hidden


def test_quarters_of_advisers_need_five_comments_too():
    rows = pd.DataFrame({"voice": ["advisers", "advisers", "customers"], "quarter": ["q1", "q2", "q1"],
                         "n": [20, 20, 500], "n_naming": [4, 6, 2], "teams": [["North"], ["North"], None]})  # fmt: skip
    found = quarters(rows, SIZES, 5)
    assert list(zip(found["voice"], found["quarter"], strict=True)) == [("advisers", "q2"), ("customers", "q1")]
    assert found["value"].tolist() == pytest.approx([30.0, 0.4])
