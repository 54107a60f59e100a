from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.errors import ModelError
from insights.irritants.trend import trend_split

IDS = st.sampled_from(["IR-1", "IR-2", "IR-3", None])


def test_a_moved_border_is_the_models_part_and_more_mentions_are_the_customers() -> None:
    # base: 10 mentions, 6 read as A then; the new model reads 8 of them as A. Now: 12, of which it reads 9 as A.
    is_now = [False] * 10 + [True] * 12
    before = ["A"] * 6 + ["B"] * 4 + ["A"] * 7 + ["B"] * 5
    after = ["A"] * 8 + ["B"] * 2 + ["A"] * 9 + ["B"] * 3
    rows = trend_split(is_now, before, after).set_index("irritant_id")
    assert rows.loc["A"].tolist() == [6, 8, 9, 3, 1, 2]
    assert rows.loc["B"].tolist() == [4, 2, 3, -1, 1, -2]


def test_rates_are_taken_by_the_size_of_each_period() -> None:
    rows = trend_split([True] * 4 + [False] * 4, ["A"] * 8, ["A"] * 8, base_size=4.0)
    assert rows[["seen_now", "base", "customers", "model"]].iloc[0].tolist() == [4, 1, 3, 0]


def test_a_birth_grows_by_its_customers_and_what_was_merged_away_by_none() -> None:
    is_now = [False] * 5 + [True] * 5
    rows = trend_split(is_now, ["OLD"] * 10, ["OLD"] * 2 + ["NEW"] * 3 + ["NEW"] * 5).set_index("irritant_id")
    assert rows.loc["NEW", ["customers", "model"]].tolist() == [2, 3]
    merged = trend_split(is_now, ["OLD"] * 10, ["INTO"] * 10).set_index("irritant_id")
    assert merged.loc["OLD", ["customers", "model"]].tolist() == [0, -5]


@given(st.lists(st.tuples(st.booleans(), IDS, IDS), max_size=60), st.integers(1, 9), st.integers(1, 9))
def test_the_parts_sum_to_the_change_people_see(
    rows: list[tuple[bool, str | None, str | None]], now: int, base: int
) -> None:
    is_now, before, after = ([row[part] for row in rows] for part in range(3))
    found = trend_split(is_now, before, after, now_size=now, base_size=base)
    assert found["change"].tolist() == pytest.approx((found["seen_now"] - found["seen_before"]).tolist(), abs=1e-9)
    assert (found["change"] == found["customers"] + found["model"]).all()
    assert found["seen_now"].sum() * now == pytest.approx(sum(is_now))
    assert found["seen_before"].sum() * base == pytest.approx(len(rows) - sum(is_now))


@given(st.lists(st.tuples(st.booleans(), IDS), max_size=60))
def test_the_same_model_has_no_part(rows: list[tuple[bool, str | None]]) -> None:
    ids = [row[1] for row in rows]
    assert (trend_split([row[0] for row in rows], ids, ids)["model"] == 0).all()


def test_periods_without_size_and_lists_of_other_lengths_are_refused() -> None:
    with pytest.raises(ModelError, match="one a mention"):
        trend_split([True], ["A"], [])
    with pytest.raises(ModelError, match="size 0"):
        trend_split([True], ["A"], ["A"], base_size=0)
