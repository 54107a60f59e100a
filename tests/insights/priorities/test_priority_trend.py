"""Growth for as many customers and contacts: neither a survey wave nor what is read moves it; shuffled weeks are quiet."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from insights.priorities.trend import DOWN, STEADY, UNKNOWN, UP, _verdicts, last_week, trend

SATURDAY, SUNDAY = date(2026, 10, 31), date(2026, 11, 1)
NEWEST = date(2026, 10, 26)
WEEKS = 26


def weeks(
    counts: dict[str, list[int]], group: str = "phone", heard: list[int] | int = 100, contacts: int = 0, active: int = 0
) -> pd.DataFrame:
    """Rows of irritant_weekly, the newest week first in each list."""
    rows = []
    for irritant, listed in counts.items():
        for age, n in enumerate(listed):
            read = heard if isinstance(heard, int) else heard[age]
            rows.append(
                {
                    **{"week": NEWEST - timedelta(weeks=age), "irritant_id": irritant, "segment": "household"},
                    **{"brand": "(none)", "channel_group": group, "n_mentions": n, "n_customers": n},
                    **{"n_heard": read, "n_contacts": contacts, "n_active": active},
                }
            )
    return pd.DataFrame(rows)


def test_growth_and_fall_are_told_with_their_interval() -> None:
    frame = weeks({"IR-0001": [40] * 4 + [15] * 22, "IR-0002": [10] * 4 + [25] * 22, "IR-0003": [20] * 26})
    found = trend(frame, SUNDAY).set_index("irritant_id")
    assert found["trend_verdict"].to_dict() == {"IR-0001": UP, "IR-0002": DOWN, "IR-0003": STEADY}
    assert 1.8 < found.loc["IR-0001", "trend_ratio"] < 2.7 and found.loc["IR-0001", "trend_low"] > 1
    assert found.loc["IR-0003", "trend_low"] < 1 < found.loc["IR-0003", "trend_high"]
    assert (found["trend_weeks"] == 4).all()


def test_a_lasting_change_is_seen_over_eight_weeks() -> None:
    slow = [4, 3, 5, 4, 4, 3, 4, 5] + [1, 2, 1, 1, 2, 1, 0, 2, 1, 1, 2, 1, 1, 1, 2, 1, 1, 2]
    found = trend(weeks({"IR-0001": slow, "IR-0002": [10] * 26}), SUNDAY).set_index("irritant_id")
    assert tuple(found.loc["IR-0001", ["trend_verdict", "trend_weeks"]]) == (UP, 8)
    assert tuple(found.loc["IR-0002", ["trend_verdict", "trend_weeks"]]) == (STEADY, 4)


def test_a_survey_wave_does_not_move_a_trend() -> None:
    """Five times as many answers in the last weeks, and five times as many that name each irritant."""
    calls = weeks({"IR-0001": [10] * 26, "IR-0002": [10] * 26}, contacts=500, active=1000)
    wave = weeks({"IR-0001": [50] * 4 + [10] * 22, "IR-0002": [50] * 4 + [10] * 22}, "survey", [500] * 4 + [100] * 22)
    found = trend(pd.concat([calls, wave]), SUNDAY)
    assert set(found["trend_verdict"]) == {STEADY}
    assert found["trend_ratio"].to_numpy() == pytest.approx(1.0, abs=0.05)


def test_more_calls_on_one_pain_is_growth_and_more_calls_read_is_not() -> None:
    """Twice the calls, all on IR-0001, seen by contacts; in the other company twice the share of calls is read."""
    grown = weeks({"IR-0001": [30] * 4 + [10] * 22, "IR-0002": [10] * 26}, heard=[120] * 4 + [100] * 22, active=1000)
    grown["n_contacts"] = np.where(pd.to_datetime(grown["week"]) >= pd.Timestamp(2026, 10, 5), 600, 500)
    found = trend(grown, SUNDAY).set_index("irritant_id")["trend_verdict"]
    assert found.to_dict() == {"IR-0001": UP, "IR-0002": STEADY}
    read = weeks({"IR-0001": [20] * 4 + [10] * 22, "IR-0002": [20] * 4 + [10] * 22}, heard=[200] * 4 + [100] * 22,
                 contacts=500, active=1000)  # fmt: skip
    assert set(trend(read, SUNDAY)["trend_verdict"]) == {STEADY}


@pytest.mark.parametrize("missing", ["n_contacts", "n_active"])
@pytest.mark.parametrize("group", ["phone", "public"])
def test_weeks_without_contacts_or_customers_move_nothing(missing: str, group: str) -> None:
    """The feed of contacts, or the CRM, begins in the last four weeks: as many words, heard as often."""
    frame = weeks({"IR-0001": [30] * 26, "IR-0002": [20] * 26}, group, contacts=500, active=1000)
    frame.loc[pd.to_datetime(frame["week"]) < pd.Timestamp(2026, 10, 5), missing] = 0
    found = trend(frame, SUNDAY)
    assert found["trend_ratio"].to_numpy() == pytest.approx(1.0, abs=0.01)
    assert set(found["trend_verdict"]) == {STEADY}


def test_a_verdict_asks_for_an_interval_without_one() -> None:
    rows = {"judged": True, "trend_p": 1e-4, "trend_low": [0.98, 1.2, 0.3, 0.3], "trend_high": [2.1, 2.0, 0.9, 1.02]}
    assert _verdicts(pd.DataFrame(rows)).tolist() == [STEADY, UP, DOWN, STEADY]


def test_six_days_are_not_measured_by_the_customers_of_seven() -> None:
    frame = weeks({"IR-0001": [60, 70, 70, 70] + [70] * 22}, "public", heard=[86] + [100] * 25, active=1000)
    assert trend(frame, SATURDAY)["trend_ratio"].iloc[0] == pytest.approx(1.0, abs=0.001)
    assert trend(frame, SUNDAY)["trend_ratio"].iloc[0] < 0.99


def test_a_group_read_in_one_period_only_compares_nothing() -> None:
    calls = weeks({"IR-0001": [10] * 26})
    posts = weeks({"IR-0001": [60] * 4}, "public")
    assert trend(pd.concat([calls, posts]), SUNDAY)["trend_verdict"].tolist() == [STEADY]


def test_shuffled_weeks_are_called_up_or_down_in_at_most_a_tenth() -> None:
    rng = np.random.default_rng(5)
    told = 0
    for _ in range(60):
        counts = {f"IR-{k:04d}": rng.poisson(3 + k, WEEKS).tolist() for k in range(12)}
        told += trend(weeks(counts), SUNDAY)["trend_verdict"].isin([UP, DOWN]).any()
    assert told / 60 <= 0.15  # 10 % nominal, 60 shuffles


def test_bursts_widen_the_doubt() -> None:
    rng = np.random.default_rng(6)
    steady = trend(weeks({"IR-0001": [14] * 4 + [8] * 22}), SUNDAY).iloc[0]
    bursts = (rng.gamma(0.4, 1 / 0.4, 22) * 8).astype(int).tolist()
    bursting = trend(weeks({"IR-0001": [1, 2, 1, 52, *bursts]}), SUNDAY).iloc[0]
    assert steady["trend_p"] < bursting["trend_p"]


def test_weak_and_rare_have_a_ratio_and_no_verdict() -> None:
    frame = weeks({"IR-0001": [40] * 4 + [15] * 22, "IR-0002": [1, 0, 1, 0] + [0] * 22, "unclassified": [9] * 26})
    found = trend(frame, SUNDAY, weak=["IR-0001"]).set_index("irritant_id")
    assert found["trend_verdict"].to_dict() == {"IR-0001": UNKNOWN, "IR-0002": UNKNOWN}
    assert found["trend_ratio"].notna().all()


def test_a_week_counts_once_six_days_have_passed() -> None:
    assert last_week(date(2026, 10, 31)) == NEWEST
    assert last_week(date(2026, 10, 30)) == NEWEST - timedelta(days=7)
    frame = weeks({"IR-0001": [0, 20, 20, 20, 20, *[20] * 21]})
    assert trend(frame, date(2026, 10, 27))["trend_ratio"].iloc[0] == pytest.approx(1.0, abs=0.02)


def test_order_of_rows_does_not_matter_and_nothing_is_empty() -> None:
    frame = weeks({"IR-0001": [12, 9, 14, 8] * 6, "IR-0002": [5, 6, 4, 7] * 6})
    pd.testing.assert_frame_equal(trend(frame, SUNDAY), trend(frame.sample(frac=1, random_state=1), SUNDAY))
    assert trend(frame.head(0), SUNDAY).empty
    assert trend(weeks({"unclassified": [0, 0]}), SUNDAY).empty
