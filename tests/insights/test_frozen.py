"""Frozen months: when, what is kept, that nothing late changes it, and what is told as a restatement."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_metrics import daily

from insights.contracts import PUBLISHED, RESTATEMENT
from insights.frozen import ALL, figures, frozen_from, frozen_rows, restatements, unpacked
from insights.frozen_reach import first_whole_months
from insights.retention import load_policy
from insights.settings import load_settings

ZONE = "Europe/Paris"
NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)
SEPTEMBER = date(2026, 9, 10)
MIXES = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))


def answers(*mixes: tuple[int, int, int], day: date = SEPTEMBER, **values: object) -> list[dict[str, object]]:
    return [{"answers": mix, "day": day, **values} for mix in mixes]


def frozen(frame: pd.DataFrame, now: datetime = NOW) -> pd.DataFrame:
    return frozen_rows(figures(frame, 30), now, ZONE, 7)


def kept_first(*parts: pd.DataFrame) -> pd.DataFrame:
    """As `insert_new` of the lake does: a key that is there stays as it was."""
    return pd.concat(parts).drop_duplicates(list(PUBLISHED.key), keep="first")


def test_a_month_is_frozen_72_hours_after_its_end_in_the_companys_zone() -> None:
    frame = daily(answers((40, 0, 0)))
    due = datetime(2026, 10, 3, 22, tzinfo=UTC)  # 4 October, midnight in Paris
    assert frozen_from(date(2026, 9, 1), 0, ZONE) == due
    assert frozen(frame, due - timedelta(seconds=1)).empty
    assert len(frozen(frame, due)) == 2  # the whole, and its one segment


def test_contacts_ripen_seven_days_longer() -> None:
    contacts = {"metric": "fcr_7d", "survey": "contacts", "scale": "(none)"}
    frame = daily(answers((40, 9, 0), **contacts))
    assert frozen(frame, datetime(2026, 10, 10, 21, tzinfo=UTC)).empty
    assert len(frozen(frame, datetime(2026, 10, 10, 22, tzinfo=UTC))) == 2


def test_december_ends_with_the_year() -> None:
    assert frozen_from(date(2025, 12, 1), 0, "UTC") == datetime(2026, 1, 4, tzinfo=UTC)


def test_a_row_holds_both_readings_and_their_n() -> None:
    row = frozen(daily([*answers((40, 0, 0), weight=0.5), *answers((0, 0, 20), weight=2.0)])).iloc[0]
    assert (row["publication_id"], row["item"]) == ("month-2026-09", f"nps/relational/0-10/{ALL}")
    value = json.loads(row["value"])
    assert (value["n"], value["value_corrected"]) == (60, pytest.approx(-33.3333))
    assert value["n_effective"] == pytest.approx(60**2 / (40 * 0.25 + 20 * 4))
    assert value["low"] < value["value"] < value["high"]


def test_too_few_answers_are_published_as_no_figure() -> None:
    value = json.loads(frozen(daily(answers((20, 0, 0)))).iloc[0]["value"])
    assert (value["value"], value["n"]) == (None, 20)


@settings(max_examples=12)
@given(st.lists(MIXES, min_size=1, max_size=4), st.lists(MIXES, min_size=0, max_size=4))
def test_late_rows_change_no_frozen_row_and_are_told(
    on_time: list[tuple[int, ...]], late: list[tuple[int, ...]]
) -> None:
    before = daily(answers(*on_time))
    after = daily(answers(*on_time, *late))
    first = frozen(before)
    kept = kept_first(first, frozen(after))
    pd.testing.assert_frame_equal(kept.iloc[: len(first)], first)
    told = restatements(kept, figures(after, 30))
    assert list(told.columns) == list(RESTATEMENT.column_names)
    if sum(map(sum, late)) and sum(map(sum, on_time)):
        whole = told[told["segment"] == ALL].iloc[0]
        assert (whole["n_published"], whole["n_now"]) == (before["denominator"].sum(), after["denominator"].sum())
    else:
        assert told.empty


def test_nothing_changed_is_no_restatement_even_with_fractions() -> None:
    frame = daily(answers((17, 5, 9), (11, 2, 3), weight=1.0 / 3))
    assert restatements(frozen(frame), figures(frame, 30)).empty


def test_weights_that_move_a_little_are_no_news_and_by_a_point_are() -> None:
    def published_then(weight: float) -> pd.DataFrame:
        frame = daily([*answers((40, 0, 0)), *answers((0, 0, 40), channel="sms", weight=weight)])
        return restatements(
            frozen(daily([*answers((40, 0, 0)), *answers((0, 0, 40), channel="sms")])), figures(frame, 30)
        )

    assert published_then(1.005).empty
    assert published_then(1.1)["corrected_now"].iloc[0] == pytest.approx(100 * (40 - 44) / 84)


def test_months_past_their_retention_are_neither_compared_nor_frozen() -> None:
    first = frozen(daily(answers((40, 0, 0))))
    less = figures(daily(answers((20, 20, 0))), 30)
    later, same = {"nps": date(2026, 10, 1)}, {"nps": date(2026, 9, 1)}
    assert restatements(first, less, later).empty
    assert len(restatements(first, less, same)) == 2
    assert frozen_rows(less, NOW, ZONE, 7, later).empty
    assert len(frozen_rows(less, NOW, ZONE, 7, same)) == 2


def test_a_figure_of_which_no_row_is_left_is_told_while_its_month_is_whole() -> None:
    asked = {"metric": "ces", "survey": "onboarding"}
    first = frozen(daily(answers((40, 0, 0), scale="1-5", **asked)))
    turned = figures(daily(answers((0, 40, 0), scale="1-5 (low is good)", **asked)), 30)
    told = restatements(first, turned)
    assert told["scale"].tolist() == ["1-5", "1-5"]
    assert told["n_now"].tolist() == [0, 0]
    assert told["value_now"].isna().all()
    theirs = first.assign(value=[json.dumps(json.loads(one) | {"origin": "imported"}) for one in first["value"]])
    assert restatements(theirs, turned).empty


def test_a_metric_reaches_as_far_back_as_the_shortest_lived_row_it_counts() -> None:
    policy = load_policy(load_settings())
    reach = first_whole_months(policy, date(2026, 10, 31))
    assert reach["fcr_7d_irritant"] == date(2026, 6, 1)  # calls of before 1 May are gone; 183 days
    assert reach["nps"] == reach["first_human"] == date(2023, 12, 1)  # 1,095 days
    assert first_whole_months(policy, date(2026, 10, 29))["fcr_7d_irritant"] == date(2026, 5, 1)


def test_unpacked_prefers_what_the_company_published_itself() -> None:
    ours = frozen(daily(answers((40, 0, 0))))
    theirs = ours.head(1).assign(publication_id="imported-2026-09")
    value = json.loads(theirs["value"].iloc[0]) | {"value": 88.0, "origin": "imported", "decimals": 0}
    both = pd.concat([ours, theirs.assign(value=json.dumps(value))])
    row = unpacked(both).set_index("segment").loc[ALL]
    assert (row["value"], row["origin"]) == (88.0, "imported")
    told = restatements(both, figures(daily(answers((40, 0, 0))), 30))
    assert told[["value_published", "value_now", "origin"]].values.tolist() == [[88.0, 100.0, "imported"]]
