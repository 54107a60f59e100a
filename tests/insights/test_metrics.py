"""Metrics: components are summed, the rate is taken last, few answers give no number."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.contracts import METRIC_DAILY
from insights.errors import ContractError
from insights.metrics import DIMENSIONS, METRICS, summarise


def daily(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of metric_daily, (none) where nothing is said."""
    blank = dict.fromkeys(DIMENSIONS, "(none)") | {"day": date(2026, 10, 30), "metric": "nps", "survey": "relational"}
    filled = []
    for row in rows:
        up, middle, down = row.pop("answers")  # type: ignore[misc]
        counts = {"numerator": up - down, "denominator": up + middle + down, "n_positive": up, "n_negative": down}
        filled.append(blank | counts | row)
    return pd.DataFrame(filled)[list(METRIC_DAILY.column_names)]


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


def test_every_entry_says_what_it_counts_in_both_languages() -> None:
    assert set(METRICS) == {"nps", "csat", "ces"}
    for name, entry in METRICS.items():
        assert entry.name == name
        assert all((entry.label("fr"), entry.label("en"), entry.numerator, entry.denominator))
        assert entry.better in {"up", "down"}
        assert entry.lowest < entry.highest
