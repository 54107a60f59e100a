"""What goes with a low score: the planted order comes back, scales stay apart, a customer counts once."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from insights.contracts import DRIVER
from insights.drivers import ALL_SURVEYS, MIN_NAMED, drivers, headline

UNTIL = date(2026, 10, 31)
Frames = tuple[pd.DataFrame, pd.DataFrame]


def company(n: int, seed: int, gap: float = 2.5, survey: str = "relational", metric: str = "nps") -> Frames:
    """Mentions and answers of n customers: naming IR-0001 costs `gap` points of 0-10, IR-0002 half of it, IR-0003 none."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"{survey}{i}" for i in range(n)])
    named = rng.random((n, 3)) < 0.25
    level = rng.normal(7, 1.8, n) - named @ np.array([gap, gap / 2, 0.0])
    top, low = (10, 0) if metric == "nps" else (5, 1)
    value = np.clip(np.round(level if metric == "nps" else 1 + level / 2.5), low, top)
    answers = pd.DataFrame(
        {
            **{"feedback_id": ids, "customer_id": [f"C{i}" for i in range(n)], "metric": metric},
            **{"scale": f"{low}-{top}", "value": value, "survey": survey},
            "occurred_at": pd.Timestamp("2026-09-01", tz="UTC"),
            "segment": rng.choice(["household", "small_business"], n),
        }
    )
    rows = [(ids[i], f"IR-000{k + 1}", -0.6) for i, k in zip(*np.nonzero(named), strict=True)]
    rows += [(one, None, 0.5) for one in ids]
    return pd.DataFrame(rows, columns=["feedback_id", "irritant_id", "polarity"]), answers


def found_in(frames: Frames, draws: int = 60, **kept: str) -> pd.DataFrame:
    found = drivers(*frames, 1, UNTIL, draws=draws)
    for name, value in kept.items():
        found = found[found[name] == value]
    return found.set_index("irritant_id")


def test_the_planted_effects_come_back_in_points_of_the_scale() -> None:
    found = found_in(company(1500, seed=1))
    assert tuple(found.reset_index()[list(DRIVER.column_names)].columns) == DRIVER.column_names
    assert found.loc["IR-0001", "points"] == pytest.approx(-2.5, abs=0.4)
    assert found.loc["IR-0002", "points"] == pytest.approx(-1.25, abs=0.35)
    assert found.loc["IR-0003", "points_low"] < 0 < found.loc["IR-0003", "points_high"]
    assert found.loc["IR-0001", "odds_high"] < found.loc["IR-0002", "odds_ratio"] < 1
    assert found["rank"].tolist() == [1, 2, 3]
    assert found.loc["IR-0001", "rank_high"] == 1
    assert (found["shapley_low"] <= found["shapley_share"]).all()
    assert found["shapley_share"].sum() <= 1 + 1e-9


def test_ninety_percent_intervals_cover_at_their_level() -> None:
    inside = []
    for seed in range(24):
        found = found_in(company(200, seed=seed, gap=0.0), draws=2)
        inside += (((found["points_low"] <= 0) & (found["points_high"] >= 0))[found["points"].notna()]).tolist()
    assert 0.82 <= np.mean(inside) <= 0.97


def test_three_complaints_count_once_and_order_does_not_matter() -> None:
    mentions, answers = company(300, seed=2)
    one = drivers(mentions, answers, 3, UNTIL, draws=20)
    thrice = pd.concat([mentions] * 3).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(one, drivers(thrice, answers.sample(frac=1, random_state=2), 3, UNTIL, draws=20))


def test_a_customer_who_answers_thrice_in_a_quarter_counts_once_with_the_last_answer() -> None:
    mentions, answers = company(300, seed=2)
    earlier = answers.assign(
        feedback_id="e" + answers["feedback_id"], value=0.0, occurred_at=pd.Timestamp("2026-07-02", tz="UTC")
    )
    silent = mentions.assign(feedback_id="e" + mentions["feedback_id"], irritant_id=None)
    both = drivers(pd.concat([mentions, silent]), pd.concat([answers, earlier]), 3, UNTIL, draws=5)
    assert (both["n_answers"] == 300).all()
    alone = drivers(mentions, answers, 3, UNTIL, draws=5)
    assert both.set_index("irritant_id")["n_named"].to_dict() == alone.set_index("irritant_id")["n_named"].to_dict()


def test_scales_are_never_merged_and_csat_is_pooled_with_the_questionnaire_held_fixed() -> None:
    """Those asked after a call are happier and name IR-0003 more often: within a questionnaire it costs nothing."""
    parts = [company(400, 3), company(300, 4, survey="post_call", metric="csat")]
    calls = company(300, 5, survey="welcome", metric="csat")
    more = pd.DataFrame({"feedback_id": calls[1]["feedback_id"], "irritant_id": "IR-0003", "polarity": -0.6})
    parts.append((pd.concat([calls[0], more.head(200)]), calls[1].assign(value=(calls[1]["value"] + 1).clip(upper=5))))
    mentions, answers = (pd.concat([part[side] for part in parts]) for side in (0, 1))
    answers["customer_id"] = answers["feedback_id"]
    found = drivers(mentions, answers, 1, UNTIL, draws=5)
    surveys = set(zip(found["survey"], found["metric"], strict=True))
    assert surveys == {("relational", "nps"), ("post_call", "csat"), ("welcome", "csat"), (ALL_SURVEYS, "csat")}
    assert tuple(found.loc[0, ["survey", "metric"]]) == ("relational", "nps")
    pooled = found[found["survey"] == ALL_SURVEYS].set_index("irritant_id")
    assert pooled.loc["IR-0003", "points_low"] < 0 < pooled.loc["IR-0003", "points_high"]
    assert set(headline(found)["metric"]) == {"nps"}


def test_the_only_satisfaction_questionnaire_comes_before_a_few_reviews() -> None:
    def row(survey: str, metric: str, n: int, irritant: str = "IR-0001", scale: str = "1-5") -> dict[str, object]:
        given = {"survey": survey, "metric": metric, "scale": scale, "irritant_id": irritant, "n_named": n}
        return given | {"points": -float(n)}

    alone = pd.DataFrame(
        [row("review", "csat", 12), row("post_call", "csat", 500), row("form", "ces", 900, scale="1-7")]
    )
    assert headline(alone)[["survey", "n_named"]].to_numpy().tolist() == [["post_call", 500]]
    several = pd.concat([alone, pd.DataFrame([row("welcome", "csat", 700), row(ALL_SURVEYS, "csat", 60)])])
    assert headline(several)["survey"].tolist() == [ALL_SURVEYS]
    with_nps = pd.concat([several, pd.DataFrame([row("relational", "nps", 11, scale="0-10")])])
    assert headline(with_nps)["survey"].tolist() == ["relational"]


def test_of_two_answers_of_one_feedback_the_later_question_counts_in_any_order() -> None:
    mentions, answers = company(300, seed=2)
    twice = pd.concat([answers.assign(question_id="q1", value=0.0), answers.assign(question_id="q2")])
    turned = twice.iloc[::-1]
    first, second = (drivers(mentions, one, 3, UNTIL, draws=5) for one in (twice, turned))
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(first, drivers(mentions, answers, 3, UNTIL, draws=5))


def test_few_customers_give_no_number_and_no_answers_no_row() -> None:
    mentions, answers = company(400, seed=5)
    rare = answers["feedback_id"].head(MIN_NAMED - 1)
    some = pd.DataFrame({"feedback_id": rare, "irritant_id": "IR-0009", "polarity": -0.6})
    found = found_in((pd.concat([mentions, some]), answers), draws=5)
    assert found.loc["IR-0009", "n_named"] == MIN_NAMED - 1
    assert found.loc["IR-0009", ["points", "odds_ratio", "shapley_share", "rank"]].isna().all()
    assert drivers(mentions, answers.head(0), 1, UNTIL).empty
    assert drivers(mentions.head(0), answers, 1, UNTIL).empty
    small = company(40, seed=5)
    assert found_in(small, draws=5)["points"].isna().all()


def test_answers_without_words_or_against_their_words_are_left_out() -> None:
    mentions, answers = company(300, seed=4)
    silent = answers.head(20).assign(feedback_id=[f"S{i}" for i in range(20)], customer_id=[f"S{i}" for i in range(20)])
    one = drivers(mentions, answers, 3, UNTIL, draws=5)
    pd.testing.assert_frame_equal(one, drivers(mentions, pd.concat([answers, silent]), 3, UNTIL, draws=5))
    doubtful = mentions.assign(score_contradicts=mentions["feedback_id"].isin(answers["feedback_id"].head(3)))
    assert (drivers(doubtful, answers, 3, UNTIL, draws=5)["n_answers"] == 297).all()


def test_an_upside_down_scale_is_turned() -> None:
    mentions, answers = company(500, seed=6)
    turned = answers.assign(metric="ces", scale="0-10 (low is good)", value=10 - answers["value"])
    upright = answers.assign(metric="ces")
    given, same = (found_in((mentions, one), draws=5)["points"] for one in (turned, upright))
    assert given.to_numpy() == pytest.approx(same.to_numpy())
