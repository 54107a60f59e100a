"""EBM and LightGBM: what is stored scores the same, terms are exact, folds are of customers, the sample counts right."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_churn import made_panel

from insights.churn.additive import jackknife
from insights.churn.design import Design
from insights.churn.ebm import fit_ebm, tables_of
from insights.churn.fitted import Fitted, fitted_from_dict
from insights.churn.panel import prepare
from insights.churn.sample import customer_folds, sampled
from insights.churn.trials import fit_kind


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return prepare(made_panel(600))


@pytest.fixture(scope="module")
def design(rows: pd.DataFrame) -> Design:
    return Design.learn(rows)


@pytest.fixture(scope="module", params=["ebm", "lightgbm", "logistic"])
def fitted(request: pytest.FixtureRequest, rows: pd.DataFrame, design: Design) -> Fitted:
    return fit_kind(request.param, rows, design, seed=1)


def test_terms_and_intercept_sum_to_the_log_odds(fitted: Fitted, design: Design, rows: pd.DataFrame) -> None:
    some = rows.head(400)
    total = fitted.intercept + fitted.terms(design, some).sum(axis=1)
    assert total == pytest.approx(fitted.log_odds(design, some), abs=1e-9)


def test_what_is_stored_gives_the_same_scores_to_the_last_bit(
    fitted: Fitted, design: Design, rows: pd.DataFrame
) -> None:
    rows = rows.head(400)
    again = fitted_from_dict(fitted.kind, json.loads(json.dumps(fitted.as_dict())))
    assert (again.log_odds(design, rows) == fitted.log_odds(design, rows)).all()
    assert (again.error(design, rows) == fitted.error(design, rows)).all()
    assert (again.terms(design, rows) == fitted.terms(design, rows)).all()
    assert again.digest() == fitted.digest()
    bare = fitted.without_bags()
    assert (bare.log_odds(design, rows) == fitted.log_odds(design, rows)).all()
    assert len(json.dumps(bare.as_dict())) <= len(json.dumps(fitted.as_dict()))


def test_the_same_rows_and_seed_give_the_same_model(fitted: Fitted, design: Design, rows: pd.DataFrame) -> None:
    assert fit_kind(fitted.kind, rows, design, seed=1).digest() == fitted.digest()


def test_an_unknown_score_speaks_through_its_known_column(fitted: Fitted, design: Design, rows: pd.DataFrame) -> None:
    some, names = rows.head(400), list(design.names)
    unknown = some["nps_last"].isna().to_numpy()
    assert unknown.any()
    assert np.abs(fitted.terms(design, some)[unknown, names.index("nps_last")]).max() < 1e-9


def test_the_jump_is_found_and_more_complaints_never_lower_the_risk(
    fitted: Fitted, design: Design, rows: pd.DataFrame
) -> None:
    one = rows.head(1).assign(tenure_months=30.0, first_year=False, n_complaints_90d=0)
    at_jump = one.assign(tenure_months=12.5)
    assert float(fitted.log_odds(design, at_jump)[0] - fitted.log_odds(design, one)[0]) > 0.5
    if fitted.kind == "logistic":
        return
    many = pd.concat([one.assign(n_complaints_90d=n) for n in range(6)], ignore_index=True)
    assert (np.diff(fitted.log_odds(design, many)) >= -1e-12).all()


def library(x: np.ndarray, y: np.ndarray, **settings: Any) -> Any:
    from interpret.glassbox import ExplainableBoostingClassifier

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Missing values detected", category=UserWarning)
        return ExplainableBoostingClassifier(
            n_jobs=1, random_state=1, outer_bags=2, feature_types=["continuous"] * x.shape[1], **settings
        ).fit(x, y)


class Bare:
    """A design of bare columns."""

    names = ("a", "b", "c", "d")

    def raw(self, rows: np.ndarray) -> np.ndarray:
        return rows


def test_the_tables_say_what_the_library_says() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 4))
    x[:, 2], x[:, 3] = rng.integers(0, 4, 2000), 1.0
    x[rng.random(2000) < 0.2, 1] = np.nan
    y = (rng.random(2000) < 1 / (1 + np.exp(2 - x[:, 0] - x[:, 2] * (x[:, 0] > 0)))).astype(int)
    model = library(x, y, interactions=2, max_bins=16, max_interaction_bins=8, max_rounds=300)
    tables = tables_of(model, range(4))
    assert {len(table.columns) for table in tables.tables} == {1, 2}
    new = rng.normal(size=(3000, 4)) * 3
    new[rng.random(3000) < 0.1] = np.nan
    new[:50, 0] = model.bins_[0][0][4]  # on an edge
    assert tables.log_odds(Bare(), new) == pytest.approx(model.decision_function(new), abs=1e-12)  # type: ignore[arg-type]


def test_a_column_without_any_value_is_left_out(rows: pd.DataFrame) -> None:
    x = np.column_stack([rows["n_logins_30d"].to_numpy(float), np.full(len(rows), np.nan)])
    folds = customer_folds(rows["customer_id"].to_numpy(), 2, 1)
    model = fit_ebm(
        x, rows["label"].to_numpy(float), np.ones(len(rows)), folds, [0, 0], 1, max_rounds=20, interactions=0
    )
    assert [table.columns for table in model.tables] == [(0,)]


def test_months_of_one_customer_stand_in_one_fold(rows: pd.DataFrame) -> None:
    folds = pd.Series(customer_folds(rows["customer_id"].to_numpy(), 8, 1))
    assert folds.groupby(rows["customer_id"].to_numpy()).nunique().max() == 1
    assert sorted(folds.unique()) == list(range(8))


def test_the_sample_gives_back_exact_counts(rows: pd.DataFrame) -> None:
    kept, weight = sampled(rows, seed=1, max_rows=1500)
    part = rows.iloc[kept].assign(weight=weight)
    assert len(part) < len(rows) / 2
    cells = ["t0", "left"]
    left = rows.groupby("customer_id")["label"].transform("max")
    counted = rows.assign(left=left).groupby(cells).size()
    found = part.assign(left=left.iloc[kept]).groupby(cells)["weight"].sum()
    assert found.to_numpy() == pytest.approx(counted[found.index].to_numpy())  # exact wherever one was drawn
    assert weight.sum() == pytest.approx(len(rows), rel=0.005)
    rate = np.average(part["label"], weights=part["weight"])
    assert rate == pytest.approx(rows["label"].mean(), rel=0.1)  # never balanced
    whole = rows.groupby("customer_id").size()
    assert (part.groupby("customer_id").size() == whole[part["customer_id"].unique()].sort_index()).all()
    everything, ones = sampled(rows, seed=1, max_rows=10**9)
    assert len(everything) == len(rows) and (ones == 1).all()


def test_the_jackknife_of_means_is_the_error_of_a_mean() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(8, 500))
    left_out = np.vstack([np.delete(values, k, axis=0).mean(axis=0) for k in range(8)])
    assert jackknife(left_out) == pytest.approx(values.std(axis=0, ddof=1) / np.sqrt(8))
