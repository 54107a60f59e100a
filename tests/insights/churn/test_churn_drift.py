"""Drift: false alarms stay at their rate whatever the counts, true shifts are found, the calendar is not called drift."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.churn.drift import (
    FALSE_ALARM,
    FEATURE,
    MISSING,
    MIX,
    SCORE,
    Series,
    compare_counts,
    counts,
    edges_of,
    mix_series,
    psi_limit,
    read,
    scale_series,
    usual,
    watched,
)
from insights.churn.panel import FAMILIES, TERMS, prepare

DRAWS = 1500


@pytest.mark.parametrize("n", [60, 400, 3000, 40_000])
@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.6, 0.25, 0.1, 0.05), (0.1,) * 10])
def test_without_drift_alarms_come_at_their_rate_whatever_n(n, shares):
    rng = np.random.default_rng(n)
    reference, now = rng.multinomial(12 * n, shares, DRAWS), rng.multinomial(n, shares, DRAWS)
    alarms = [compare_counts(a.astype(float), b.astype(float), 0.05).moved for a, b in zip(reference, now, strict=True)]
    assert 0.02 <= np.mean(alarms) <= 0.075


def test_a_fixed_cut_of_a_tenth_would_cry_at_small_n():
    """Why the limit knows n: the mean PSI without drift is (B - 1)(1/N + 1/M)."""
    rng = np.random.default_rng(1)
    pairs = zip(rng.multinomial(1200, (0.1,) * 10, 500), rng.multinomial(100, (0.1,) * 10, 500), strict=True)
    found = [compare_counts(a.astype(float), b.astype(float), 0.05) for a, b in pairs]
    assert np.mean([one.psi for one in found]) == pytest.approx(9 * (1 / 1200 + 1 / 100), rel=0.1)
    assert np.mean([one.psi > 0.1 for one in found]) > 0.2
    assert np.mean([one.moved for one in found]) < 0.08


def test_a_tolerated_shift_is_quiet_and_twice_of_it_is_heard_when_n_is_large():
    small, large = (0.4, 0.6), (0.5, 0.5)
    rng = np.random.default_rng(2)
    told = [
        compare_counts(rng.multinomial(200_000, large) * 1.0, rng.multinomial(12_000, small) * 1.0, 0.01, psi).moved
        for psi in [0.05] * 200
    ]
    assert np.mean(told) < 0.03  # true PSI 0.0405
    far = compare_counts(np.array([100_000.0, 100_000.0]), np.array([4200.0, 7800.0]), 0.01, 0.05)
    assert far.moved


def test_the_limit_falls_to_what_is_tolerated_as_n_grows():
    limits = [psi_limit(12 * n, n, 10, 0.01, 0.05) for n in (100, 1000, 100_000, 10_000_000)]
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] == pytest.approx(0.05, rel=0.02)


def test_bins_without_rows_are_joined_and_one_bin_gives_no_verdict():
    thin = compare_counts(np.array([500.0, 3.0, 2.0]), np.array([40.0, 0.0, 0.0]), 0.05)
    assert (thin.n_bins, thin.moved) == (1, False)
    assert np.isnan(thin.psi)
    assert not compare_counts(np.zeros(3), np.array([1.0, 2.0, 3.0]), 0.05).moved


def test_a_value_that_many_share_has_a_bin_of_its_own():
    values = np.array([0.0] * 70 + [1.0] * 20 + [5.0] * 10)
    assert counts(values, edges_of(values)).tolist() == [70, 20, 10]
    assert counts(np.array([np.nan, 0.0, 9.0, -1.0]), edges_of(values)).tolist() == [2, 0, 1]


def test_a_series_that_follows_the_calendar_raises_no_alarm_and_a_stable_one_does():
    rng = np.random.default_rng(3)
    months = np.repeat(np.arange(12), 2000)
    stable = rng.normal(size=24_000)
    winter = rng.normal(size=24_000) + np.where(np.isin(months, (0, 1, 2)), 2.0, 0.0)
    now = rng.normal(size=2000) + 1.0
    found = read([scale_series(FEATURE, name, values, now, months) for name, values in
                  {"stable": stable, "winter": winter}.items()]).set_index("name")  # fmt: skip
    assert found.loc["stable", "moved"]
    assert found.loc["winter", "tolerated"] > found.loc["stable", "tolerated"]
    assert not found.loc["winter", "moved"]


def test_months_that_always_differ_have_no_limit():
    by_month = np.diag(np.full(12, 500.0)) + 10
    one = Series(FEATURE, "month", by_month, by_month[3], 0.0, 0.0)
    assert usual(by_month) > 1
    assert np.isnan(read([one])["limit"].iloc[0])


def test_the_order_of_rows_changes_nothing(panel):
    rows = prepare(panel)
    reference, now = rows[rows["t0"] < "2026-10-01"], rows[rows["t0"] == "2026-10-31"]
    shuffled = reference.sample(frac=1, random_state=5)
    pd.testing.assert_frame_equal(read(watched(reference, now)), read(watched(shuffled, now)))


def test_what_is_planted_in_a_month_is_what_is_told(panel):
    rows = prepare(panel)
    reference = rows[(rows["t0"] < "2026-10-01") & (rows["t0"] >= "2025-10-01")].reset_index(drop=True)
    now = rows[rows["t0"] == "2026-10-31"].reset_index(drop=True)
    calm = read(watched(reference, now)).set_index(["kind", "name"])
    broken = now.assign(
        n_logins_30d=now["n_logins_30d"] + 4,  # counted twice by a new feed
        csat_last_share=np.nan,  # the survey feed stopped
        irritants_90d=[["IR-0009"] if one else [] for one in now["irritants_90d"]],
    )
    found = read(watched(reference, broken)).set_index(["kind", "name"])
    for key in ((FEATURE, "n_logins_30d"), (FEATURE, "csat_known"), (MIX, MIX)):
        assert not calm.loc[key, "moved"], key
        assert found.loc[key, "moved"], key
    assert found.loc[(MIX, MIX), "lead"] == "IR-0009"
    assert (MISSING, "csat_last_share") in found.index
    assert not found.loc[(FEATURE, "n_unpaid"), "moved"]


def test_a_score_that_moved_is_a_series_of_its_own(panel):
    rows = prepare(panel)
    reference, now = rows[rows["t0"] < "2026-10-01"], rows[rows["t0"] == "2026-10-31"]
    rng = np.random.default_rng(4)
    scores = {"reference": rng.normal(-4, 1, len(reference)), "now": rng.normal(-2, 1, len(now))}
    found = read(watched(reference, now, scores))
    assert found.loc[found["kind"] == SCORE, "moved"].tolist() == [True]


def test_a_reading_of_all_series_cries_seldom_when_nothing_moved():
    rng = np.random.default_rng(6)
    months = np.repeat(np.arange(12), 300)
    cried = 0
    for _ in range(60):
        series = [
            scale_series(FEATURE, str(k), rng.poisson(1 + k % 3, 3600) * 1.0, rng.poisson(1 + k % 3, 300) * 1.0, months)
            for k in range(12)
        ]
        cried += bool(read(series, tolerated=0.0)["moved"].any())
    assert cried / 60 <= 2 * FALSE_ALARM


def test_the_mix_counts_each_irritant_named():
    reference = pd.DataFrame({"irritants_90d": [["A"], ["A", "B"], []]})
    now = pd.DataFrame({"irritants_90d": [["B"], []]})
    mix = mix_series(reference, now, np.array([0, 0, 1]))
    assert mix.names == ("A", "B")
    assert mix.by_month.tolist() == [[2, 1], [0, 0]]
    assert mix.now.tolist() == [0, 1]
    assert (mix.mean_reference, mix.mean_now) == (2 / 3, 0.5)


def test_every_term_is_watched(panel):
    rows = prepare(panel)
    found = read(watched(rows[rows["t0"] < "2026-10-01"], rows[rows["t0"] == "2026-10-31"]))
    assert set(found.loc[found["kind"] == FEATURE, "name"]) == {term.name for term in TERMS}
    assert {term.family for term in TERMS} <= set(FAMILIES)
