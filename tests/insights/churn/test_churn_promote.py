"""The ladder above 500 departures, who is promoted, and last month's model that goes on serving."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_churn import made_panel

from insights.churn import ChurnModel, Parameters, fit
from insights.churn.card import load_card
from insights.churn.design import Design
from insights.churn.logistic import LogisticFit
from insights.churn.panel import prepare
from insights.churn.promote import chosen_kind, refit_is_worse
from insights.churn.select import contest

AS_OF = date(2026, 10, 31)
CARD = Path(__file__).parents[3] / "data" / "reference" / "churn_card.yaml"


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return Parameters(load_card(CARD), capacity=80, draws=60)


@pytest.fixture(scope="module")
def company() -> pd.DataFrame:
    return made_panel()


@pytest.fixture(scope="module")
def model(company: pd.DataFrame, parameters: Parameters) -> ChurnModel:
    return fit(company, parameters, AS_OF, seed=1)


def test_above_500_departures_the_ebm_serves_where_it_is_no_worse(model: ChurnModel, company: pd.DataFrame) -> None:
    assert model.report["n_events"] > 500
    assert model.kind == "ebm" and model.version.startswith("ebm-2026-10-31-")
    assert "next_rung" not in model.report
    whole = model.report["test"]["all"]
    assert {"ebm", "lightgbm", "logistic", "card"} <= set(whole)
    assert whole["ebm"]["pr_auc"] > whole["logistic"]["pr_auc"] > whole["card"]["pr_auc"]
    assert model.report["contests"]["ebm"]["preferred"]
    scored = model.predict(company[company["t0"] == company["t0"].max()])
    assert (scored["probability_low"] < scored["probability"]).all()
    assert (scored["probability"] < scored["probability_high"]).all()
    assert ChurnModel.from_json(model.to_json()).to_json() == model.to_json()


def test_a_refit_that_is_shown_worse_is_not_promoted(
    model: ChurnModel, company: pd.DataFrame, parameters: Parameters
) -> None:
    """The panel of this month is damaged: its columns no longer belong to their customers."""
    rng = np.random.default_rng(4)
    damaged = company.copy()
    features = ["tenure_months", "first_year", "n_logins_30d", "n_complaints_90d", "nps_last"]
    old = damaged["t0"] < date(2026, 3, 1)
    mixed = damaged.loc[old, features].sample(frac=1, random_state=rng.integers(99)).to_numpy()
    damaged.loc[old, features] = pd.DataFrame(mixed, columns=features, index=damaged.index[old]).infer_objects()
    damaged = damaged.astype({name: company[name].dtype for name in features})
    again = fit(damaged, parameters, AS_OF, seed=1, previous=model)
    assert again.report["against_previous"]["keeps_serving"]
    assert "goes on serving" in again.report["why"]
    assert again.version == model.version
    assert again.attribution is not None and again.attribution.current


def test_a_refit_as_good_as_the_last_one_takes_its_place(
    model: ChurnModel, company: pd.DataFrame, parameters: Parameters
) -> None:
    stale = replace(model, version="ebm-2026-09-30-00000000")
    again = fit(company, parameters, AS_OF, seed=1, previous=stale)
    assert not again.report["against_previous"]["keeps_serving"]
    assert again.version == model.version


def ranked(n: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(9)
    risk = rng.normal(size=n)
    return pd.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(n)],
            "t0": np.repeat(pd.to_datetime(["2026-04-30", "2026-05-31", "2026-06-30"]), n // 3),
            "label": (rng.random(n) < 1 / (1 + np.exp(3 - 1.5 * risk))).astype(float),
            "eta_good": 1.5 * risk - 3,
            "eta_same": 1.5 * risk - 3,
            "eta_bad": rng.normal(size=n) - 3,
        }
    )


def test_contest_tells_better_from_worse_from_equal() -> None:
    rows = ranked()
    good, bad = contest(rows, "eta_good", "eta_bad", 1, 60), contest(rows, "eta_bad", "eta_good", 1, 60)
    same = contest(rows, "eta_same", "eta_good", 1, 60)
    assert good.shown_better and good.not_worse and not good.shown_worse
    assert bad.shown_worse and not bad.not_worse and not bad.shown_better
    assert same.not_worse and not same.shown_better and not same.shown_worse


@pytest.mark.parametrize(
    ("logistic", "ebm_is", "lightgbm_is", "serves"),
    [
        ("bad", "good", "same", "ebm"),
        ("good", "bad", "same", "logistic"),
        ("bad", "bad", "good", "lightgbm"),
        ("good", "same", "bad", "ebm"),
    ],
)
def test_the_plainest_model_that_is_no_worse_serves(logistic: str, ebm_is: str, lightgbm_is: str, serves: str) -> None:
    rows = ranked()
    named = {"eta_logistic": logistic, "eta_ebm": ebm_is, "eta_lightgbm": lightgbm_is}
    rows = rows.assign(**{name: rows[f"eta_{one}"] for name, one in named.items()})
    kind, measured = chosen_kind(rows, ("logistic", "lightgbm", "ebm"), 1, 60)
    assert kind == serves
    assert set(measured) == {"ebm", "lightgbm"}
    assert not refit_is_worse(rows, f"eta_{kind}", "eta_bad", 1, 60)[0]


def test_a_model_without_a_forward_twin_stops_nothing(company: pd.DataFrame, parameters: Parameters) -> None:
    few = company[company["customer_id"] < "C00200"]
    none = LogisticFit(np.zeros(1), np.zeros((1, 1)))
    previous = ChurnModel("logistic", AS_OF, "old", parameters.card, {}, Design.learn(prepare(few.head(9))), none)
    model = fit(few, parameters, AS_OF, seed=1, previous=previous)
    assert "against_previous" not in model.report and model.version != "old"
