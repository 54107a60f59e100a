"""Metrics: components are summed, the rate is taken last, few answers give no number."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.contracts import METRIC_DAILY
from insights.errors import ContractError
from insights.metrics import DIMENSIONS, METRICS, summarise

GOLDEN = Path(__file__).parents[1] / "golden" / "metric_daily"


def daily(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of metric_daily, (none) where nothing is said; `weight`: what each answer of the row weighs."""
    blank = dict.fromkeys(DIMENSIONS, "(none)") | {"day": date(2026, 10, 30), "metric": "nps", "survey": "relational"}
    blank["scale"] = "0-10"
    filled = []
    for row in rows:
        up, middle, down = row.pop("answers")  # type: ignore[misc]
        n = up + middle + down
        counts = {"numerator": up - down, "denominator": n, "n_positive": up, "n_negative": down, "squares": None}
        w = float(row.pop("weight", 1.0))  # type: ignore[arg-type]
        weighted = {"numerator_weighted": w * (up - down), "denominator_weighted": w * n, "positive_weighted": w * up}
        weighted |= {"negative_weighted": w * down, "weight_squares": w * w * n}
        filled.append(blank | counts | weighted | row)
    frame = pd.DataFrame(filled)[list(METRIC_DAILY.column_names)]
    return frame.astype({"squares": float, "denominator_weighted": float})


def test_the_rate_is_taken_last() -> None:
    frame = daily([{"answers": (30, 0, 0)}, {"answers": (0, 0, 10), "channel": "sms"}])
    found = summarise(frame, "nps").iloc[0]
    assert found["value"] == pytest.approx(50.0)  # the mean of the two rates would be 0
    assert found["low"] < 50 < found["high"]
    assert (found["n"], found["n_positive"], found["n_negative"]) == (40, 30, 10)


def test_relational_and_transactional_never_mix() -> None:
    frame = daily([{"answers": (40, 0, 0)}, {"answers": (0, 0, 40), "survey": "post_call"}])
    found = summarise(frame, "nps").set_index("survey")["value"]
    assert found.to_dict() == {"relational": 100.0, "post_call": -100.0}


def test_few_answers_give_no_number() -> None:
    found = summarise(daily([{"answers": (20, 5, 4)}]), "nps", min_n=30).iloc[0]
    assert not found["enough"]
    assert np.isnan([found["value"], found["low"], found["high"]]).all()
    assert found["n"] == 29


def test_shares_are_percent_with_wilson_bounds() -> None:
    found = summarise(daily([{"answers": (8, 2, 0), "metric": "csat"}]), "csat", min_n=10).iloc[0]
    assert found["value"] == pytest.approx(80.0)
    assert found["low"] == pytest.approx(49.0, abs=0.1)
    assert found["high"] == pytest.approx(94.3, abs=0.1)


def test_other_metrics_are_left_out() -> None:
    assert summarise(daily([{"answers": (40, 0, 0), "metric": "ces"}]), "nps").empty


def test_weeks_start_on_monday_and_months_on_the_first() -> None:
    frame = daily(
        [{"answers": (40, 0, 0), "day": date(2026, 10, 25)}, {"answers": (0, 0, 40), "day": date(2026, 10, 26)}]
    )
    weeks = summarise(frame, "nps", by=["week"])
    assert list(weeks["week"]) == [date(2026, 10, 19), date(2026, 10, 26)]
    assert list(summarise(frame, "nps", by=["month"])["month"]) == [date(2026, 10, 1)]


def test_by_any_dimension() -> None:
    frame = daily([{"answers": (40, 0, 0), "region": "Nord"}, {"answers": (0, 40, 0), "region": "Sud"}])
    assert summarise(frame, "nps", by=["region"])[["region", "value"]].values.tolist() == [["Nord", 100], ["Sud", 0]]


def test_unknown_names_are_refused() -> None:
    frame = daily([{"answers": (1, 0, 0)}])
    with pytest.raises(ContractError, match="no metric 'fcr'"):
        summarise(frame, "fcr")
    with pytest.raises(ContractError, match="no dimension 'colour'"):
        summarise(frame, "nps", by=["colour"])


answers = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12)


@given(answers, st.randoms())
def test_order_of_rows_does_not_matter_and_bounds_hold(triples: list[tuple[int, int, int]], random: object) -> None:
    frame = daily([{"answers": triple, "region": f"R{i % 3}"} for i, triple in enumerate(triples)])
    shuffled = frame.sample(frac=1, random_state=random.randint(0, 10**6))  # type: ignore[attr-defined]
    found = summarise(frame, "nps", by=["region"], min_n=1)
    pd.testing.assert_frame_equal(found, summarise(shuffled, "nps", by=["region"], min_n=1))
    shown = found[found["enough"]]
    assert ((shown["low"] >= -100) & (shown["low"] <= shown["value"]) & (shown["high"] <= 100)).all()


@pytest.mark.parametrize("name", METRICS)
def test_every_entry_says_what_it_counts_in_both_languages_and_has_a_golden_row(name: str) -> None:
    entry = METRICS[name]
    assert entry.name == name
    assert all((entry.label("fr"), entry.label("en"), entry.numerator, entry.denominator))
    assert entry.better in {"up", "down"}
    assert entry.unit in {"points", "%", "min", "h"}
    assert entry.lowest < entry.highest
    golden = pd.read_csv(GOLDEN / "expected.csv")
    assert name in set(golden["metric"]), f"add a row of {name} to {GOLDEN}/expected.csv"


def test_no_golden_row_counts_what_no_entry_names() -> None:
    assert set(pd.read_csv(GOLDEN / "expected.csv")["metric"]) == set(METRICS)


def test_scales_of_one_questionnaire_are_never_merged() -> None:
    frame = daily(
        [
            {"answers": (40, 0, 0), "metric": "ces", "scale": "1-5", "survey": "post_call"},
            {"answers": (0, 40, 0), "metric": "ces", "scale": "1-7", "survey": "post_call"},
        ]
    )
    assert summarise(frame, "ces")[["scale", "value"]].values.tolist() == [["1-5", 100.0], ["1-7", 0.0]]


def test_the_corrected_score_stands_beside_the_raw_one_with_its_effective_n() -> None:
    frame = daily([{"answers": (60, 0, 0), "weight": 0.5}, {"answers": (0, 0, 40), "weight": 1.75, "channel": "sms"}])
    found = summarise(frame, "nps").iloc[0]
    assert found["value"] == pytest.approx(20.0)
    assert found["value_corrected"] == pytest.approx(100 * (30 - 70) / 100)
    assert found["n_effective"] == pytest.approx(100**2 / (60 * 0.25 + 40 * 1.75**2))
    assert found["high_corrected"] - found["low_corrected"] > found["high"] - found["low"]


def test_one_answer_without_a_weight_leaves_the_group_uncorrected() -> None:
    frame = daily([{"answers": (60, 0, 0)}, {"answers": (0, 0, 40), "channel": "sms"}])
    frame.loc[1, ["denominator_weighted", "positive_weighted", "negative_weighted", "weight_squares"]] = np.nan
    whole, parts = summarise(frame, "nps").iloc[0], summarise(frame, "nps", ["channel"]).set_index("channel")
    assert np.isnan([whole["value_corrected"], whole["low_corrected"], whole["n_effective"]]).all()
    assert parts.loc["(none)", "value_corrected"] == 100
    assert np.isnan(parts.loc["sms", "value_corrected"])


def test_a_mean_keeps_its_spread() -> None:
    minutes = np.array([1.0, 2.0, 4.0, 5.0] * 10)
    frame = daily([{"answers": (0, 40, 0), "metric": "first_human", "survey": "contacts", "scale": "(none)"}])
    frame[["numerator", "squares"]] = [[minutes.sum(), (minutes**2).sum()]]
    found = summarise(frame, "first_human").iloc[0]
    half = 2.0227 * minutes.std(ddof=1) / np.sqrt(40)  # Student's quantile of 39 degrees of freedom
    assert found["value"] == pytest.approx(3.0)
    assert (found["low"], found["high"]) == (pytest.approx(3 - half, abs=1e-3), pytest.approx(3 + half, abs=1e-3))
    assert np.isnan(found["value_corrected"])


@settings(max_examples=25)
@given(answers, st.floats(0.2, 5.0))
def test_scaling_all_weights_changes_nothing(triples: list[tuple[int, int, int]], factor: float) -> None:
    rows = [{"answers": triple, "weight": 0.5 + i % 3} for i, triple in enumerate(triples)]
    frame = daily([dict(row) for row in rows])
    scaled = daily([row | {"weight": factor * row["weight"]} for row in rows])  # type: ignore[operator]
    columns = ["value_corrected", "low_corrected", "high_corrected", "n_effective"]
    one, other = (summarise(each, "nps", min_n=1)[columns] for each in (frame, scaled))
    pd.testing.assert_frame_equal(one, other, rtol=1e-6, atol=1e-6)
    shown = one.dropna()
    assert ((shown["low_corrected"] >= -100) & (shown["high_corrected"] <= 100)).all()
    assert (shown["n_effective"] <= sum(map(sum, triples)) + 1e-6).all()
