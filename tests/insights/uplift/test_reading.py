"""Readings of an experiment: what counts as an outcome, what is too early, and when a measured effect is used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from insights.cases.holdout import CALL, HOLD, Experiment
from insights.uplift.reading import (
    HARMS,
    NOT_SHOWN,
    TOO_EARLY,
    TOO_FEW,
    WORKS,
    measured_cut,
    outcomes,
    read,
)

READ_ON = date(2027, 6, 1)
ENTERED = date(2026, 11, 2)


def experiment():
    return Experiment("HO-0001", datetime(2026, 11, 1, tzinfo=UTC), "ada", 0.5, "s", READ_ON, (0.1,), {})


def entered(n=4, **columns):
    shared = {
        "arm": [CALL, HOLD] * (n // 2),
        "entered_on": ENTERED,
        "horizon_days": 104,
        "segment": "household",
        "stratum": "household/0",
        "probability": np.linspace(0.05, 0.4, n),
    }
    return pd.DataFrame({"customer_id": [f"C{k:04d}" for k in range(n)]}).assign(**(shared | columns))


def happened(*rows, value=False):
    names = ["customer_id", "on", "value"] if value else ["customer_id", "on"]
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows], columns=names)


NOTHING, NO_SCORES = happened(), happened(value=True)


def day(n):
    return ENTERED + timedelta(days=n)


def test_a_departure_counts_after_the_entry_and_within_the_horizon():
    left = happened(("C0000", day(0)), ("C0001", day(1)), ("C0002", day(104)), ("C0003", day(105)))
    found = outcomes(entered(), left, NOTHING, NO_SCORES, day(200))
    assert found["departure"].tolist() == [0, 1, 1, 0]


def test_who_has_not_been_followed_to_the_end_is_not_read_yet():
    late = entered(entered_on=[day(0), day(0), day(1), day(50)])
    assert outcomes(late, NOTHING, NOTHING, NO_SCORES, day(104))["customer_id"].tolist() == ["C0000", "C0001"]
    assert outcomes(late, NOTHING, NOTHING, NO_SCORES, day(103)).empty


def test_the_score_is_the_last_answer_after_less_the_last_before():
    scores = happened(
        ("C0000", day(-400), 2.0), ("C0000", day(0), 6.0), ("C0000", day(20), 9.0), ("C0000", day(30), 8.0),
        ("C0001", day(-5), 3.0), ("C0002", day(9), 7.0), ("C0003", day(-1), 4.0), ("C0003", day(105), 9.0), value=True,
    )  # fmt: skip
    found = outcomes(entered(), NOTHING, NOTHING, scores, day(200))["score"]
    assert found.tolist()[0] == 2.0
    assert found.isna().tolist() == [False, True, True, True]


def ripe(n=2000, called=0.10, held=0.20, seed=1):
    rng = np.random.default_rng(seed)
    rows = outcomes(entered(n), NOTHING, NOTHING, NO_SCORES, READ_ON)
    chance = np.where(rows["arm"] == CALL, called, held)
    return rows.assign(
        departure=(rng.random(n) < chance).astype(float), segment=["household", "small_business"] * (n // 2)
    )


def verdict(rows, today=READ_ON):
    found = read(rows, len(rows), experiment(), today).set_index(["outcome", "segment"])
    return found.loc[("departure", "(all)"), "verdict"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ripe(), WORKS),
        (ripe(called=0.20, held=0.10), HARMS),
        (ripe(called=0.15, held=0.15), NOT_SHOWN),
        (ripe(n=30), TOO_FEW),
    ],
)
def test_the_verdict_follows_the_interval(rows, said):
    assert verdict(rows) == said


def test_before_the_declared_day_every_reading_is_too_early():
    assert verdict(ripe(), READ_ON - timedelta(days=1)) == TOO_EARLY


def test_counts_stand_beside_the_adjusted_means():
    rows = ripe().assign(arm=np.where(np.arange(2000) < 1500, CALL, HOLD))
    found = read(rows, 2345, experiment(), READ_ON)
    whole = found[(found["outcome"] == "departure") & (found["segment"] == "(all)")].iloc[0]
    assert (whole["n_called"], whole["n_held"], whole["n_entered"]) == (1500, 500, 2345)
    assert whole["n_events_called"] == rows.loc[rows["arm"] == CALL, "departure"].sum()
    assert set(zip(found["outcome"], found["segment"], strict=True)) == {
        ("departure", "(all)"), ("complaint", "(all)"), ("score", "(all)"),
        ("departure", "household"), ("departure", "small_business"),
    }  # fmt: skip


def test_nothing_read_yet_is_a_row_that_says_so():
    found = read(ripe().iloc[:0], 0, experiment(), READ_ON - timedelta(days=100))
    assert found["verdict"].unique().tolist() == [TOO_EARLY]
    assert found["n_called"].tolist() == [0, 0, 0]


def test_an_effect_is_used_once_it_was_shown_and_not_before():
    assert measured_cut(read(ripe(), 9, experiment(), READ_ON)) == pytest.approx(0.5, abs=0.15)
    assert measured_cut(read(ripe(called=0.2, held=0.1), 9, experiment(), READ_ON)) < 0
    assert measured_cut(read(ripe(called=0.15, held=0.15), 9, experiment(), READ_ON)) is None
    assert measured_cut(read(ripe(), 9, experiment(), READ_ON - timedelta(days=1))) is None
