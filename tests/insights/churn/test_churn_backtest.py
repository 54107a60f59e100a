"""What past scores were worth: a right model passes, a wrong one is told in its own way, few departures say nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from insights.churn.backtest import alarms, backtest, seen_over_told, slope_error, tenure_band
from insights.churn.evaluate import slope_and_intercept


def scored(n: int, months: int, seed: int, base: float = -3.5, spread: float = 1.0) -> pd.DataFrame:
    """Customers over months with a true log-odds `eta`; whoever leaves, leaves once."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0, spread, n)
    parts = []
    gone = np.zeros(n, dtype=bool)
    for t0 in pd.date_range("2026-01-31", periods=months, freq="ME"):
        eta = base + own + rng.normal(0, 0.2, n)
        label = (rng.random(n) < expit(eta)) & ~gone
        part = pd.DataFrame(
            {
                "customer_id": [f"C{i:05d}" for i in range(n)],
                **{"t0": t0, "gap_days": 14, "horizon_days": 90, "basis": "scored", "model_kind": "logistic"},
                "segment": "household",
                "tenure": np.where(np.arange(n) % 2, "under_1", "over_3"),
                "region": np.where(np.arange(n) < 40, "Corse", "Bretagne"),
                **{"eta": eta, "label": label.astype(float)},
            }
        )
        parts.append(part[~gone])
        gone |= label
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def months() -> pd.DataFrame:
    rows = scored(6000, 3, seed=1)
    return rows.assign(probability=expit(rows["eta"]))


def whole(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["dimension"] == "all"]


def test_a_model_that_tells_the_truth_raises_no_alarm(months):
    found = whole(backtest(months, 200, 0))
    assert len(found) == 3
    assert [alarms(row, 0.75) for row in found.to_dict("records")] == [[], [], []]
    assert found["slope_low"].le(1).all()
    assert found["slope_high"].ge(1).all()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda eta: eta - 1.0, "foretold_too_few"),
        (lambda eta: eta + 1.0, "foretold_too_many"),
        (lambda eta: -3.0 + 3.0 * (eta + 3.5), "slope"),
        (lambda eta: -3.2 + 0.2 * np.sin(99 * eta), "ranking"),
    ],
)
def test_each_way_of_being_wrong_has_its_name(months, change, code):
    wrong = months.assign(probability=expit(change(months["eta"])))
    newest = whole(backtest(wrong, 200, 0)).to_dict("records")[-1]
    assert code in alarms(newest, 0.75)


def test_few_departures_give_counts_and_no_figure(months):
    table = backtest(months, 200, 0)
    corsica = table[(table["dimension"] == "region") & (table["value"] == "Corse")].iloc[0]
    assert corsica["n_events"] < 50
    assert not corsica["enough"]
    assert np.isnan(corsica["recall_at_capacity"])
    assert alarms(corsica.to_dict(), 0.75) == []
    brittany = table[table["value"] == "Bretagne"].iloc[0]
    assert brittany["n_months"] == 3
    assert 0 < brittany["recall_at_capacity"] < 1


def test_recall_and_precision_share_the_calls_of_the_whole_line(months):
    table = backtest(months, 200, 0)
    parts = table[table["dimension"] == "tenure"]
    assert parts["n_called"].sum() == pytest.approx(600)
    caught = (parts["recall_at_capacity"] * parts["n_events"]).sum()
    every = whole(table)
    assert caught == pytest.approx((every["recall_at_capacity"] * every["n_events"]).sum())
    assert every["precision_at_capacity"].to_numpy() == pytest.approx(
        (every["recall_at_capacity"] * every["n_events"] / 200).to_numpy()
    )


def test_the_order_of_rows_changes_nothing(months):
    shuffled = months.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(backtest(months, 200, 0), backtest(shuffled, 200, 0))


def test_intervals_hold_the_truth_as_often_as_they_say():
    inside, held = 0, 0
    for seed in range(60):
        rows = scored(1500, 2, seed=100 + seed, base=-2.5)
        y, p = rows["label"].to_numpy(float), expit(rows["eta"].to_numpy(float))
        clusters = pd.factorize(rows["customer_id"], sort=True)[0]
        _, low, high = seen_over_told(y, p, clusters)
        inside += low <= 1 <= high
        slope, _ = slope_and_intercept(y, p)
        held += abs(slope - 1) <= 1.96 * slope_error(y, p, slope, clusters)
    assert 0.85 <= inside / 60 <= 1.0
    assert 0.85 <= held / 60 <= 1.0


def test_two_lines_of_business_are_never_pooled(months):
    other = months.assign(horizon_days=180, customer_id="B" + months["customer_id"])
    table = whole(backtest(pd.concat([months, other]), 200, 0))
    assert sorted(table["horizon_days"].unique()) == [90, 180]
    assert len(table) == 6


def test_tenure_bands_have_no_hole():
    told = tenure_band(pd.Series([0.0, 11.9, 12.0, 36.0, 400.0, np.nan]))
    assert told.tolist() == ["under_1", "under_1", "1_to_3", "over_3", "over_3", "unknown"]
