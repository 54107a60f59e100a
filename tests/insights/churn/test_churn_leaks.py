"""No future row changes a feature, a column that knows the future is found, shuffled labels teach nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.churn import ChurnModel, Parameters, fit
from insights.churn.card import load_card
from insights.churn.leaks import (
    FEATURES,
    block_leaks,
    check_time_travel,
    features_hash,
    lead_times,
    shuffled_labels,
    single_feature_auc,
)
from insights.churn.panel import prepare
from insights.errors import ModelError

Tables = dict[str, pd.DataFrame]
MONTHS = [month.date() for month in pd.date_range("2024-10-31", "2026-10-31", freq="ME")]
CARD = Path(__file__).parents[3] / "data" / "reference" / "churn_card.yaml"
HELD_LATE = ("feedback", "answer", "contact", "invitation", "mention", "customer_snapshot")


def some(tables: Tables, n: int = 500) -> Tables:
    """The tables of the first customers."""
    ids = sorted(tables["customer_snapshot"]["customer_id"].unique())[:n]
    kept = {name: frame[frame["customer_id"].isin(ids)] for name, frame in tables.items() if "customer_id" in frame}
    named = tables["mention_irritant"]
    return kept | {"mention_irritant": named[named["mention_id"].isin(kept["mention"]["mention_id"])]}


def until(tables: Tables, cut: pd.Timestamp) -> Tables:
    """What the sources held at `cut`."""
    held = {name: tables[name][tables[name]["available_at"] < cut] for name in HELD_LATE}
    events = tables["churn_event"]
    learned = (pd.to_datetime(events["learned_on"]).dt.tz_localize("UTC") < cut) & (events["available_at"] < cut)
    named = tables["mention_irritant"]
    return held | {
        "churn_event": events[learned],
        "mention_irritant": named[named["mention_id"].isin(held["mention"]["mention_id"])],
    }


@pytest.fixture(scope="module")
def few(company: Tables) -> Tables:
    return some(company)


def held_panels(tables: Tables, build: Callable[..., pd.DataFrame], months: list[date], **leak: Any) -> pd.DataFrame:
    """The panel of each month from what the sources held at its end, and not a row more."""
    cuts = {t0: pd.Timestamp(t0, tz="UTC") + pd.Timedelta(days=1) for t0 in months}
    return pd.concat(
        [build(until(tables, cut), first_t0=t0, last_t0=t0, **leak) for t0, cut in cuts.items()], ignore_index=True
    )


def test_time_travel_gives_identical_bytes_at_every_t0(few: Tables, make_panel: Callable[..., pd.DataFrame]) -> None:
    tables = some(few, 80)
    now = make_panel(tables)
    then = held_panels(tables, make_panel, MONTHS)
    assert now["t0"].nunique() == len(MONTHS) == 25
    assert now["n_negative_365d"].sum() > 0 and now["days_since_contact"].notna().any()
    assert features_hash(now) == features_hash(then)
    check_time_travel(now, then)


LEAKS = {
    # a late answer, counted by the day it was given
    "nps_last": (
        "JOIN slices s ON greatest(a.day, a.held_on) <= s.t0 AND a.day",
        "JOIN slices s ON a.day <= s.t0 AND a.day",
    ),
    # a late transcript, counted by the day of the call
    "n_negative_365d": (
        "bool_or(e.competitor) AS competitor_365d\n    FROM said_days e\n    JOIN slices s ON greatest(e.day, e.held_on)",
        "bool_or(e.competitor) AS competitor_365d\n    FROM said_days e\n    JOIN slices s ON e.day",
    ),
    # a picture used before the CRM held it
    "usage_change_share": ("p.as_of >= s.t0 - 100 AND p.held_on <= s.t0", "p.as_of >= s.t0 - 100"),
    # contacts up to thirty days after t0: those of the departure itself
    "n_contacts_30d": (
        "JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 365\n    GROUP BY ALL\n),\ncomplaint_days",
        "JOIN slices s ON e.day <= s.t0 + 30 AND e.day > s.t0 - 365\n    GROUP BY ALL\n),\ncomplaint_days",
    ),
    # who has left by now is taken out of the months before
    "customers": ("WHERE d.known_on <= b.t0 AND d.learned_on", "WHERE d.learned_on"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_put_into_the_sql_is_caught(few: Tables, make_panel: Callable[..., pd.DataFrame], leak: str) -> None:
    tables, months = some(few, 300), [date(2025, 3, 31), date(2025, 9, 30)]
    now = make_panel(tables, LEAKS[leak], first_t0=months[0], last_t0=months[1])
    now = now[now["t0"].isin([pd.Timestamp(t0) for t0 in months]) | now["t0"].isin(months)]
    then = held_panels(tables, make_panel, months, swap=LEAKS[leak])
    with pytest.raises(ModelError, match=rf"2025-03-31.*{leak}"):
        check_time_travel(now, then)


@given(
    days=st.integers(0, 400),
    late=st.integers(0, 60),
    polarity=st.floats(-1, -0.2),
    value=st.integers(0, 10),
    irritant=st.sampled_from(["IR-0001", "IR-0009"]),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_row_held_after_t0_changes_no_feature(
    few: Tables,
    make_panel: Callable[..., pd.DataFrame],
    days: int,
    late: int,
    polarity: float,
    value: int,
    irritant: str,
) -> None:
    t0 = date(2025, 9, 30)
    held = pd.Timestamp(t0, tz="UTC") + pd.Timedelta(days=1 + late)
    happened = held - pd.Timedelta(days=days)  # it may have happened long before: it was not held
    window = {"first_t0": t0, "last_t0": t0}
    before = make_panel(few, **window)
    who = before["customer_id"].iloc[0]
    common = {"customer_id": who, "occurred_at": happened, "available_at": held, "feedback_id": "new"}
    new: dict[str, dict[str, object]] = {
        "feedback": common | {"source": "test", "kind": "ticket"},
        "mention": common
        | {"mention_id": "new", "unit_no": 1, "text": "je pars chez Boréval", "voice": "customer", "polarity": polarity}
        | {"effort": True, "leave_intent": True},
        "answer": common | {"question_id": "q", "metric": "nps", "scale": "0-10", "value": float(value)},
        "contact": {key: common[key] for key in ("customer_id", "occurred_at", "available_at")} | {"contact_id": "new"},
        "invitation": {"invitation_id": "new", "customer_id": who, "sent_at": happened, "available_at": held},
        "mention_irritant": {"mention_id": "new", "irritant_id": irritant, "confidence": 1.0},
    }
    more = few | {name: pd.concat([few[name], pd.DataFrame([row])], ignore_index=True) for name, row in new.items()}
    pd.testing.assert_frame_equal(before[list(FEATURES)], make_panel(more, **window)[list(FEATURES)])


def test_the_same_row_held_in_time_does_change_them(few: Tables, make_panel: Callable[..., pd.DataFrame]) -> None:
    t0 = date(2025, 9, 30)
    window = {"first_t0": t0, "last_t0": t0}
    before = make_panel(few, **window).set_index("customer_id")["n_contacts_30d"]
    who = before.index[0]
    at = pd.Timestamp(t0, tz="UTC")
    row = {"contact_id": "new", "customer_id": who, "occurred_at": at, "available_at": at}
    more = few | {"contact": pd.concat([few["contact"], pd.DataFrame([row])], ignore_index=True)}
    after = make_panel(more, **window).set_index("customer_id")["n_contacts_30d"]
    assert after[who] == before[who] + 1


def fitted(panel: pd.DataFrame) -> ChurnModel:
    return fit(panel, Parameters(load_card(CARD), capacity=100, draws=40), date(2026, 10, 31), seed=3)


def test_shuffled_labels_teach_the_real_fit_nothing(panel: pd.DataFrame) -> None:
    # departures enough for a test's figures, too few for the costly models
    recent = panel[(panel["customer_id"] < "C001500") & (pd.to_datetime(panel["t0"]) > pd.Timestamp(2025, 8, 1))]
    shuffled = shuffled_labels(recent, seed=11)
    block = fitted(shuffled).report["test"]["all"]
    n_events, n_rest = block["n_events"], block["n"] - block["n_events"]
    error = np.sqrt((block["n"] + 1) / (12 * n_events * n_rest))  # of an AUC without any signal (Mann and Whitney 1947)
    assert abs(block["logistic"]["roc_auc"] - 0.5) < 3 * error < 0.15
    assert fitted(recent).report["test"]["all"]["logistic"]["roc_auc"] > 0.5 + 3 * error, "else it shows nothing"


def test_shuffling_keeps_the_departures_of_each_month_and_line(panel: pd.DataFrame) -> None:
    shuffled = shuffled_labels(panel, seed=5)
    left = panel.sort_values(["t0", "customer_id"], ignore_index=True)
    counts = [frame.groupby(["t0", "gap_days"])["label"].sum().tolist() for frame in (left, shuffled)]
    assert counts[0] == counts[1]
    assert (shuffled["label"].isna() == left["label"].isna()).all()
    assert (shuffled["label"] != left["label"])[left["label"].notna()].sum() > 100


def test_a_column_of_after_the_departure_blocks_the_real_fit(
    few: Tables, make_panel: Callable[..., pd.DataFrame]
) -> None:
    rows = make_panel(few)
    rows["n_contacts_30d"] = np.where(rows["label"].fillna(False), 3, rows["n_contacts_30d"].clip(upper=1))
    with pytest.raises(ModelError, match=r"n_contacts_30d \(AUC"):
        fitted(rows)
    waived = Parameters(load_card(CARD), capacity=100, draws=40, waivers=["n_contacts_30d"])
    assert fit(rows, waived, date(2026, 10, 31), seed=3).report["highest_single_auc"][0]["name"] == "n_contacts_30d"


def test_an_irritant_that_names_the_departure_blocks_the_fit(panel: pd.DataFrame) -> None:
    rows = prepare(panel)
    rows = rows[rows["label"].notna()].reset_index(drop=True)
    rows["irritants_90d"] = [["IR-CANCEL"] if label else [] for label in rows["label"]]
    with pytest.raises(ModelError, match=r"irritant:IR-CANCEL \(AUC 1.00\)"):
        block_leaks(rows)


def test_a_column_that_knows_the_future_blocks_the_fit(panel: pd.DataFrame) -> None:
    rows = prepare(panel)
    rows = rows[rows["label"].notna()].copy()
    assert block_leaks(rows)["auc"].max() < 0.9
    rows["n_contacts_30d"] = np.where(rows["label"] == 1, 3, 0)  # calls made to cancel, dated before the cancellation
    with pytest.raises(ModelError, match=r"n_contacts_30d \(AUC 1.00\)"):
        block_leaks(rows)
    table = block_leaks(rows, waivers=["n_contacts_30d"])
    assert table.iloc[0]["name"] == "n_contacts_30d"


def test_single_feature_auc_counts_both_directions(panel: pd.DataFrame) -> None:
    rows = prepare(panel)
    rows = rows[rows["label"].notna()].copy()
    rows["n_logins_30d"] = np.where(rows["label"] == 1, 0, 5)
    table = single_feature_auc(rows).set_index("name")
    assert table.loc["n_logins_30d", "auc"] == 1.0
    assert table["auc"].ge(0.5).all()


def test_lead_times_of_words_about_leaving() -> None:
    said = pd.DataFrame(
        {
            "customer_id": list("aabcd"),
            "said_on": ["2025-01-01", "2025-01-20", "2025-01-01", "2025-01-01", "2025-01-19"],
        }
    )
    left = pd.DataFrame(
        {"customer_id": ["a", "b", "d", "d"], "learned_on": ["2025-01-20", "2025-12-20", "2025-01-20", "2025-02-01"]}
    )
    found = lead_times(said, left).set_index("days")
    assert found.loc[["0", "1-7", "15-30", "over 180", "never"], "n_said"].tolist() == [1, 1, 1, 1, 1]
    assert found["n_said"].sum() == 5
    assert found["n_customers"].sum() == 5


def test_words_of_the_cancellation_reach_no_row_that_teaches(
    few: Tables, make_panel: Callable[..., pd.DataFrame]
) -> None:
    """A call to cancel on the day the departure is learned, or up to the gap before it, changes no labelled row."""
    left = few["churn_event"].query("cause == 'chosen'").reset_index(drop=True)
    before = pd.to_timedelta(np.arange(len(left)) % 15, unit="D")
    said_at = (pd.to_datetime(left["learned_on"]) - before).dt.tz_localize("UTC") + pd.Timedelta(hours=9)
    words = (
        few["mention"]
        .iloc[[0] * len(left)]
        .assign(
            mention_id=[f"CANCEL{i}" for i in range(len(left))],
            **{"customer_id": left["customer_id"].to_numpy(), "leave_intent": True, "text": "je résilie pour Boréval"},
            **{"occurred_at": said_at.to_numpy(), "available_at": said_at.to_numpy()},
        )
    )
    more = few | {"mention": pd.concat([few["mention"], words], ignore_index=True)}
    quiet, told = make_panel(few), make_panel(more)
    labelled = quiet["label"].notna()
    pd.testing.assert_frame_equal(quiet[labelled], told[labelled])
    assert told["n_leave_intent_30d"].sum() > quiet["n_leave_intent_30d"].sum(), "the words are in the panel"
