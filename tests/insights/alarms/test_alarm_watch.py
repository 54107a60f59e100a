"""The baseline says what an ordinary week is, bursts and holidays apart, and the thresholds keep their budget."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from streams import RATES, START, later, outage, posts, quiet

from insights.alarms import COMPANY, POOLED, RULE, Budget, WatchModel, fit_watch, public_holidays
from insights.alarms.cusum import alarms, levels, path
from insights.alarms.dispersion import Dispersion
from insights.alarms.hours import WEEK, cell, cells, minutes_of
from insights.alarms.null import quiet_weeks
from insights.alarms.thresholds import drift_rates, level_prior, rehearse, set_thresholds
from insights.errors import ModelError

UNTIL = later(56)
UTC_RULE = replace(RULE, zone="UTC")


def fitted(frame: pd.DataFrame, **more: object) -> WatchModel:
    return fit_watch(frame, UNTIL, **{"rule": UTC_RULE, **more})  # type: ignore[arg-type]


def weekly(model: WatchModel, name: str = POOLED) -> np.ndarray:
    return np.array(model.series[name].rates[:WEEK])


def test_the_week_is_found_again() -> None:
    found = weekly(fitted(quiet("IR-1", 12, 8, 1)), "IR-1")
    assert found.sum() == pytest.approx(12 * WEEK, rel=0.03)
    assert np.abs(found / (12 * RATES[:WEEK]) - 1).mean() < 0.15


def test_a_rare_series_borrows_the_week_of_its_parent() -> None:
    day, night = quiet("parent's day", 6, 8, 1), quiet("night", 6, 8, 2)
    night["at"] += timedelta(hours=12)
    rare = quiet("rare", 0.05, 8, 3)
    frame = pd.concat([day, night, rare])
    near = weekly(fitted(frame, parents={"rare": "T", "parent's day": "T"}), "rare")
    far = weekly(fitted(frame, parents={"rare": "T", "night": "T"}), "rare")
    real = RATES[:WEEK]
    assert np.corrcoef(near, real)[0, 1] > 0.9 > np.corrcoef(far, real)[0, 1]


def test_what_is_masked_or_bursts_is_no_baseline() -> None:
    calm = quiet("IR-1", 2, 8, 1)
    burst = outage("IR-1", later(30, 3), 200, 20)
    clean, dirty = fitted(calm), fitted(pd.concat([calm, burst]))
    assert weekly(dirty).sum() == pytest.approx(weekly(clean).sum(), rel=0.02)
    assert dirty.series["IR-1"].thresholds[0] == pytest.approx(clean.series["IR-1"].thresholds[0], rel=0.25)
    slow = outage("IR-1", later(10), 300, 600)  # two days of a little more, that no burst shows
    span = (later(10), later(13))
    assert weekly(fitted(pd.concat([calm, slow]))).sum() > 1.05 * weekly(clean).sum()
    assert weekly(fitted(pd.concat([calm, slow]), masked=[span])).sum() == pytest.approx(weekly(clean).sum(), rel=0.03)
    assert weekly(fitted(pd.concat([calm, slow]), masked={"IR-1": [span]}), "IR-1").sum() < 1.03 * weekly(clean).sum()


def test_a_holiday_has_its_own_row() -> None:
    frame = quiet("IR-1", 4, 8, 1)
    free = [day for day in public_holidays(date(2026, 1, 1), date(2026, 12, 31)) if day.month == 4] or [
        date(2026, 4, 6)
    ]
    shut = START.date() + timedelta(days=20)  # a Sunday in the data, said to be a holiday and hardly posted on
    thin = frame[~(frame["at"].dt.date == shut)]
    found = fitted(thin, holidays=[shut, *free])
    assert sum(found.series[POOLED].rates[WEEK:]) < 0.8 * weekly(found)[-24:].sum()
    assert len(free) == 1  # Easter Monday
    assert [day.isoformat() for day in free] == ["2026-04-06"]


@given(st.integers(0, 24 * 365 * 3))
@trials(max_examples=60)
def test_one_hour_has_the_cell_it_has_among_many(hour: int) -> None:
    since = 480_000 + hour
    free = (date(2025, 5, 1), date(2026, 7, 14), date(2026, 12, 25))
    assert cell(since, free, "Europe/Paris") == cells(np.array([since]), free, "Europe/Paris")[0]


def test_hours_are_local_on_both_sides_of_a_clock_change() -> None:
    winter, summer = (int(pd.Timestamp(text, tz="Europe/Paris").timestamp()) // 3600 for text in
                      ("2026-03-27 09:00", "2026-03-30 09:00"))  # fmt: skip
    assert [cell(winter, (), "Europe/Paris"), cell(summer, (), "Europe/Paris")] == [4 * 24 + 9, 9]


def test_roughness_is_measured() -> None:
    rough = Dispersion(0.15, 0.2, 0.15)
    found = fitted(quiet("IR-1", 20, 8, 4, rough)).series["IR-1"].spread
    smooth = fitted(quiet("IR-1", 20, 8, 4)).series["IR-1"].spread
    assert found.day == pytest.approx(0.15, abs=0.1)
    assert found.hour == pytest.approx(0.2, abs=0.07)
    assert found.replies == pytest.approx(0.15, abs=0.06)
    assert max(smooth.day, smooth.hour, smooth.replies) < 0.03


@pytest.mark.parametrize(("rate", "authors"), [(0.5, 1), (2.0, 5), (12.0, 1)])
def test_quiet_weeks_ring_as_often_as_the_budget_says(rate: float, authors: int) -> None:
    rule, spread = replace(UTC_RULE, min_authors=authors), Dispersion(0.05, 0.05, 0.1)
    rates = RATES * rate
    limit = set_thresholds({"IR-1": rates}, {"IR-1": spread}, Budget(0.5, shared=False), rule, 0)["IR-1"]
    weeks = 120
    other = rehearse("others", rates, spread, 0.5, rule, 99)
    minutes = quiet_weeks(rates, spread, weeks, np.random.default_rng(5))
    base = np.tile(rates[:WEEK], weeks)
    level = levels(np.bincount(minutes // 60, minlength=base.size).astype(float), base, level_prior(spread), rule)
    found = path(minutes, drift_rates(base, level, rule), rule.ratios[0])
    rung = alarms((found,), limit, authors, rule.cooldown_minutes)
    again = alarms(other.paths, limit, authors, rule.cooldown_minutes)
    assert 0.2 < rung.size / weeks < 0.95
    assert again.size / other.weeks < 0.95


def test_a_shared_budget_is_spent_in_all_not_by_each() -> None:
    rates = {f"IR-{n}": RATES * 2 for n in range(6)}
    spreads = dict.fromkeys(rates, Dispersion(0.05, 0.05, 0.1))
    shared = set_thresholds(rates, spreads, Budget(1.0, shared=True), UTC_RULE, 0)
    alone = set_thresholds(rates, spreads, Budget(1.0, shared=False), UTC_RULE, 0)
    assert all(shared[name][0] > alone[name][0] for name in rates)
    rung = 0
    for name, limit in shared.items():
        quiet = rehearse(f"other {name}", rates[name], spreads[name], 0.3, UTC_RULE, 7)
        rung += alarms(quiet.paths, limit, 5, 120).size / quiet.weeks
    assert rung < 1.8


def test_what_rare_series_cannot_use_goes_to_the_others() -> None:
    spreads = {f"rare {n}": Dispersion() for n in range(9)} | {"busy": Dispersion()}
    rates = {name: RATES * (6.0 if name == "busy" else 0.01) for name in spreads}
    ten = set_thresholds(rates, spreads, COMPANY, UTC_RULE, 0)["busy"][0]
    one = set_thresholds({"busy": rates["busy"]}, spreads, COMPANY, UTC_RULE, 0)["busy"][0]
    tenth = set_thresholds({"busy": rates["busy"]}, spreads, Budget(0.1, shared=True), UTC_RULE, 0)["busy"][0]
    assert ten == pytest.approx(one, rel=0.05)
    assert tenth > ten


def test_later_posts_change_nothing_and_the_model_is_plain_json() -> None:
    frame = quiet("IR-1", 2, 10, 1)
    found = fitted(frame, holidays=[date(2026, 1, 25)], series=["IR-9"])
    assert found == fitted(frame[frame["at"] < pd.Timestamp(UNTIL)], holidays=[date(2026, 1, 25)], series=["IR-9"])
    assert WatchModel.of(json.loads(json.dumps(found.as_json()))) == found
    assert {"IR-1", "IR-9", POOLED} == set(found.series)
    with pytest.raises(ModelError, match="version"):
        WatchModel.of({**found.as_json(), "version": 0})


def test_a_company_without_history_is_watched_too() -> None:
    found = fitted(quiet("IR-1", 2, 1, 1).head(0), series=["IR-1"])
    assert all(np.isfinite(one.rates).all() and min(one.thresholds) > 0 for one in found.series.values())


def test_the_order_of_rows_does_not_matter() -> None:
    frame = pd.concat([quiet("IR-1", 2, 8, 1), posts("IR-2", np.arange(50) * 977, "x")])
    assert fitted(frame) == fitted(frame.sample(frac=1, random_state=3))
    assert minutes_of(frame["at"]).dtype == np.int64
