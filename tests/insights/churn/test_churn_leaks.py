"""No future row changes a feature, a column that knows the future is found, shuffled labels teach nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.churn.design import Design
from insights.churn.evaluate import Ranking, cluster_bootstrap, cluster_codes
from insights.churn.leaks import block_leaks, single_feature_auc
from insights.churn.logistic import log_odds, solve
from insights.churn.panel import prepare, temporal_split
from insights.contracts import CHURN_PANEL
from insights.errors import ModelError

Tables = dict[str, pd.DataFrame]
OUTCOME = ["label", "event"]
FEATURES = [name for name in CHURN_PANEL.column_names if name not in OUTCOME]
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
    learned = pd.to_datetime(events["learned_on"]).dt.tz_localize("UTC") < cut
    named = tables["mention_irritant"]
    return held | {
        "churn_event": events[learned],
        "mention_irritant": named[named["mention_id"].isin(held["mention"]["mention_id"])],
    }


@pytest.fixture(scope="module")
def few(company: Tables) -> Tables:
    return some(company)


@pytest.mark.parametrize("t0", [date(2025, 3, 31), date(2025, 12, 31)])
def test_time_travel_gives_identical_features(few: Tables, make_panel: Callable[..., pd.DataFrame], t0: date) -> None:
    cut = pd.Timestamp(t0, tz="UTC") + pd.Timedelta(days=1)
    then = make_panel(until(few, cut), first_t0=t0, last_t0=t0)[FEATURES]
    now = make_panel(few, first_t0=t0, last_t0=t0)[FEATURES]
    assert len(now) > 50
    assert now["n_negative_365d"].sum() > 0
    pd.testing.assert_frame_equal(then, now)


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
    pd.testing.assert_frame_equal(before[FEATURES], make_panel(more, **window)[FEATURES])


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


def test_shuffled_labels_give_half(panel: pd.DataFrame) -> None:
    rows = prepare(panel)
    rng = np.random.default_rng(11)
    known = rows["label"].notna().to_numpy()
    # whole customers are shuffled: months of one customer go together, as in the real labels
    of = rows.loc[known].groupby("customer_id")["label"].max()
    shuffled = dict(zip(of.index, rng.permutation(of.to_numpy()), strict=True))
    rows.loc[known, "label"] = rows.loc[known, "customer_id"].map(shuffled)
    split = temporal_split(rows, (14, 90))
    assert split is not None
    # a customer's months share a label: half of the customers teach, the other half tell
    even = rows["customer_id"].str[-1].astype(int) % 2 == 0
    train, test = rows[split.train & even], rows[split.test & ~even]
    design = Design.learn(train)
    score = log_odds(design.matrix(test), solve(design.matrix(train), train["label"].to_numpy(float), 30.0))
    ranking = Ranking(test["label"].to_numpy(float), score)
    found = cluster_bootstrap(cluster_codes(test["customer_id"]), ranking.roc_auc, seed=1)
    assert found.low < 0.5 < found.high


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
