"""What to fix first: the costly irritant before the loud one, ranks with their doubt, weak signals apart."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.churn import ChurnModel, Parameters, fit
from insights.churn.card import load_card
from insights.contracts import DRIVER, PRIORITY
from insights.drivers import drivers
from insights.priorities import rank

AS_OF = date(2026, 10, 31)
CARD = Path(__file__).parents[3] / "data" / "reference" / "churn_card.yaml"
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def model(panel: pd.DataFrame) -> ChurnModel:
    return fit(panel, Parameters(load_card(CARD), capacity=100, draws=60), AS_OF, seed=1)


@pytest.fixture(scope="module")
def mentions(company: Tables) -> pd.DataFrame:
    joined = company["mention"].merge(company["mention_irritant"], on="mention_id", how="left")
    return joined[joined["occurred_at"] >= pd.Timestamp("2025-11-01", tz="UTC")]


@pytest.fixture(scope="module")
def weekly() -> pd.DataFrame:
    return weeks({"IR-0001": [40, 40, 40, 40, 20, 20, 20, 20], "IR-0003": [5] * 8})


def weeks(counts: dict[str, list[int]], exposed: int = 100) -> pd.DataFrame:
    """Rows of irritant_weekly, the newest week first in each list, the week of 26 October 2026 being the newest."""
    rows = [
        {"week": date(2026, 10, 26) - timedelta(weeks=age), "irritant_id": irritant, "segment": "household"}
        | {"brand": "(none)", "channel_group": "phone", "n_mentions": n, "n_customers": n}
        | {"n_heard": exposed, "n_contacts": 0, "n_active": 0}
        for irritant, listed in counts.items()
        for age, n in enumerate(listed)
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def driver(mentions: pd.DataFrame, company: Tables) -> pd.DataFrame:
    return drivers(mentions, company["answer"], 1, AS_OF, draws=20)


@pytest.fixture(scope="module")
def ranked(
    panel: pd.DataFrame, model: ChurnModel, mentions: pd.DataFrame, driver: pd.DataFrame, weekly: pd.DataFrame
) -> pd.DataFrame:
    return rank(panel, model, mentions, driver, weekly, AS_OF, seed=1, draws=400)


def test_rows_are_those_of_the_contract(ranked: pd.DataFrame, model: ChurnModel) -> None:
    assert tuple(ranked.columns) == PRIORITY.column_names
    assert ranked["rank"].tolist() == [1, 2, 3, 4]
    assert set(ranked["week"]) == {date(2026, 10, 26)}
    assert set(ranked["basis"]) == {"eur"}
    assert set(ranked["model_version"]) == {model.version}
    assert (ranked["rank_low"] <= ranked["rank"]).all() and (ranked["rank"] <= ranked["rank_high"]).all()
    assert (ranked["value_at_risk_low_eur"] <= ranked["value_at_risk_eur"]).all()
    assert (ranked["value_at_risk_eur"] <= ranked["value_at_risk_high_eur"]).all()
    assert ranked["top3_probability"].between(0, 1).all()
    assert ranked["top3_probability"].sum() == pytest.approx(3.0)
    assert ranked["tie"].tolist() == sorted(ranked["tie"]) and ranked["tie"].iloc[0] == 1


def test_the_parts_of_a_customer_never_exceed_the_risk_of_the_customer(
    panel: pd.DataFrame, model: ChurnModel, mentions: pd.DataFrame, driver: pd.DataFrame, weekly: pd.DataFrame
) -> None:
    """A single customer who names all four: the euros add up to less than the expected loss."""
    newest = panel[pd.to_datetime(panel["t0"]) == pd.to_datetime(panel["t0"]).max()]
    one = newest.head(1).assign(irritants_90d=[["IR-0001", "IR-0002", "IR-0003", "IR-0004"]])
    found = rank(one, model, mentions, driver, weekly, AS_OF, seed=1, draws=20)
    loss = float(model.predict(one)["expected_loss_eur"].iloc[0])
    assert 0 < found["value_at_risk_eur"].sum() <= loss


def test_the_costly_comes_before_the_loud(ranked: pd.DataFrame) -> None:
    by_id = ranked.set_index("irritant_id")
    assert by_id["n_mentions"].idxmax() == "IR-0003"
    assert by_id.loc["IR-0001", "rank"] == 1
    assert by_id.loc["IR-0003", "value_at_risk_eur"] < by_id.loc["IR-0001", "value_at_risk_eur"]
    assert by_id.loc["IR-0001", "value_at_risk_low_eur"] > 0
    assert by_id.loc["IR-0001", "top3_probability"] > 0.95


def test_where_no_customer_names_an_irritant_nothing_is_ranked_by_euros(
    panel: pd.DataFrame, model: ChurnModel, mentions: pd.DataFrame, driver: pd.DataFrame, weekly: pd.DataFrame
) -> None:
    silent = panel.assign(irritants_90d=pd.Series([[]] * len(panel), index=panel.index, dtype=object))
    found = rank(silent, model, mentions, driver, weekly, AS_OF, seed=1, draws=100)
    assert set(found["basis"]) == {"volume_severity"} and found["value_at_risk_eur"].isna().all()
    assert (found["rank_low"] < found["rank_high"]).any()


def test_the_score_effect_is_joined(ranked: pd.DataFrame) -> None:
    by_id = ranked.set_index("irritant_id")
    assert by_id.loc["IR-0001", "nps_effect"] < -1
    assert by_id.loc["IR-0001", "effect_metric"] == "nps" and by_id.loc["IR-0001", "effect_scale"] == "0-10"
    assert by_id.loc["IR-0001", "nps_effect_high"] < 0


def test_the_same_seed_and_any_order_give_the_same_rows(
    panel: pd.DataFrame, model: ChurnModel, mentions: pd.DataFrame, driver: pd.DataFrame, weekly: pd.DataFrame
) -> None:
    frames = (panel, mentions, driver, weekly)
    one = rank(panel, model, mentions, driver, weekly, AS_OF, seed=5, draws=50)
    mixed = [frame.sample(frac=1, random_state=3) for frame in frames]
    other = rank(mixed[0], model, mixed[1], mixed[2], mixed[3], AS_OF, seed=5, draws=50)
    pd.testing.assert_frame_equal(one, other)


def reviews(n: int = 300) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(2)
    irritant = rng.choice(["IR-0001", "IR-0002", "IR-0003"], n, p=[0.2, 0.5, 0.3])
    severity = pd.Series(irritant).map({"IR-0001": -0.9, "IR-0002": -0.8, "IR-0003": -0.2}).to_numpy()
    mentions = pd.DataFrame(
        {
            "mention_id": [f"M{i}" for i in range(n)],
            "feedback_id": [f"F{i}" for i in range(n)],
            "customer_id": pd.Series([None] * n, dtype="str"),
            "irritant_id": irritant,
            "polarity": severity,
            "occurred_at": pd.Timestamp("2026-10-20", tz="UTC"),
        }
    )
    return mentions, pd.DataFrame(columns=list(DRIVER.column_names))


def test_without_customers_volume_times_severity_ranks(weekly: pd.DataFrame) -> None:
    mentions, driver = reviews()
    found = rank(None, None, mentions, driver, weekly, AS_OF, seed=1, draws=200)
    assert found["irritant_id"].tolist() == ["IR-0002", "IR-0001", "IR-0003"]
    assert set(found["basis"]) == {"volume_severity"}
    assert found["value_at_risk_eur"].isna().all() and found["model_version"].isna().all()
    assert (found["n_customers"] == 0).all()
    assert found["rank_low"].iloc[0] == found["rank_high"].iloc[0] == 1


def test_weak_signals_come_last_and_never_in_the_top(weekly: pd.DataFrame) -> None:
    mentions, driver = reviews()
    few = mentions.head(9).assign(irritant_id="IR-0009", polarity=-1.0, mention_id=[f"W{i}" for i in range(9)])
    found = rank(None, None, pd.concat([mentions, few]), driver, weekly, AS_OF, seed=1, draws=100)
    last = found.iloc[-1]
    assert (last["irritant_id"], last["n_mentions"], last["rank"]) == ("IR-0009", 9, 4)
    assert last["weak_signal"] and last["top3_probability"] == 0
    assert not found["weak_signal"].iloc[:-1].any()
    alone = rank(None, None, few, driver, weekly, AS_OF, seed=1, draws=100)
    assert alone["top3_probability"].tolist() == [0.0]


def test_only_negative_known_and_recent_mentions_count(weekly: pd.DataFrame) -> None:
    mentions, driver = reviews(60)
    other = [
        mentions.assign(mention_id="praise" + mentions["mention_id"], polarity=0.5),
        mentions.assign(mention_id="old" + mentions["mention_id"], occurred_at=pd.Timestamp("2026-08-02", tz="UTC")),
        mentions.assign(mention_id="next" + mentions["mention_id"], occurred_at=pd.Timestamp("2026-11-01", tz="UTC")),
        mentions.assign(mention_id="none" + mentions["mention_id"], irritant_id="unclassified"),
    ]
    one = rank(None, None, mentions, driver, weekly, AS_OF, seed=1, draws=20)
    more = rank(None, None, pd.concat([mentions, *other]), driver, weekly, AS_OF, seed=1, draws=20)
    assert one["n_mentions"].tolist() == more["n_mentions"].tolist()
    assert rank(None, None, mentions.head(0), driver, weekly, AS_OF, seed=1).empty


def test_a_card_has_no_euros(
    panel: pd.DataFrame, model: ChurnModel, mentions: pd.DataFrame, driver: pd.DataFrame, weekly: pd.DataFrame
) -> None:
    card = ChurnModel.of_card(model.card, AS_OF, {})
    found = rank(panel, card, mentions, driver, weekly, AS_OF, seed=1, draws=20)
    assert set(found["basis"]) == {"volume_severity"}
    assert found["irritant_id"].iloc[0] == "IR-0003"  # the loudest, as no model knows better


def test_an_irritant_born_lately_takes_the_common_effect(
    panel: pd.DataFrame, model: ChurnModel, mentions: pd.DataFrame, driver: pd.DataFrame, weekly: pd.DataFrame
) -> None:
    new = mentions["irritant_id"].replace({"IR-0004": "IR-0077"})
    lists = [["IR-0077" if one == "IR-0004" else one for one in row] for row in panel["irritants_90d"]]
    renamed = panel.assign(irritants_90d=pd.Series(lists, index=panel.index, dtype=object))
    found = rank(renamed, model, mentions.assign(irritant_id=new), driver, weekly, AS_OF, seed=1, draws=200)
    row = found.set_index("irritant_id").loc["IR-0077"]
    assert row["value_at_risk_eur"] > 0
    assert row["value_at_risk_low_eur"] < row["value_at_risk_eur"] < row["value_at_risk_high_eur"]


def test_a_negative_margin_is_shown_as_zero_with_its_interval(
    panel: pd.DataFrame, model: ChurnModel, mentions: pd.DataFrame, driver: pd.DataFrame, weekly: pd.DataFrame
) -> None:
    assert model.attribution is not None
    beta = model.attribution.fitted.beta.copy()
    beta[1 + model.attribution.design.names.index("irritant:IR-0003")] = -3.0
    fitted = type(model.attribution.fitted)(beta, model.attribution.fitted.covariance)
    turned = ChurnModel(
        model.kind,
        model.as_of,
        model.version,
        model.card,
        model.report,
        model.design,
        model.fitted,
        model.sigmoids,
        type(model.attribution)(model.attribution.design, fitted),
    )
    found = rank(panel, turned, mentions, driver, weekly, AS_OF, seed=1, draws=100).set_index("irritant_id")
    assert found.loc["IR-0003", "value_at_risk_eur"] == 0.0
    assert found.loc["IR-0003", "value_at_risk_low_eur"] < 0
    assert found.loc["IR-0003", "rank"] == 4
