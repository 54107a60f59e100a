"""A churn model for a table from outside: one row per customer, no dates, columns of any type.

More than 500 departures: an Explainable Boosting Machine (interpret-core), additive and exact to explain; fewer: an L2
logistic. It tests the model step only: without dates nothing can be said of a forecast.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from insights.errors import ModelError
from insights.intervals import Array

EBM_ABOVE = 500
NUMERIC_SHARE = 0.95  # of the filled cells must read as numbers for a text column to be one
ID_SHARE = 0.5  # a text column with more distinct values than this share of rows names rows, it does not describe them
EBM = {"interactions": 10, "outer_bags": 8}
SHALLOW = {"num_leaves": 6, "learning_rate": 0.035, "n_estimators": 180, "min_child_samples": 40, "reg_lambda": 5.0}
LIGHTGBM: dict[str, dict[str, Any]] = {"lightgbm": SHALLOW, "lightgbm_default": {}}  # METHODS 1.2, fixed beforehand


class Classifier(Protocol):
    """What is fitted and asked for probabilities."""

    def fit(self, x: pd.DataFrame, y: Array) -> object: ...

    def predict_proba(self, x: pd.DataFrame) -> Array: ...


@dataclass(frozen=True)
class TableData:
    """`x`: columns of float or of text (blanks as "(blank)"). `y`: (n,) of 0 and 1. `dropped`: columns left out."""

    x: pd.DataFrame
    y: Array
    dropped: tuple[str, ...]


def read_table(
    frame: pd.DataFrame, target: str, positive: str, id_column: str | None = None, drop: Sequence[str] = ()
) -> TableData:
    """Columns made fit for a model: text-typed numbers become numbers, identifiers and constants are left out.

    A charges column left as text would be one category per amount: 40 times the seconds, and nothing learned.
    Raises ModelError where the target is missing, never varies, or a named column does not exist.
    """
    missing = [name for name in (target, *([id_column] if id_column else []), *drop) if name not in frame.columns]
    if missing:
        raise ModelError(
            f"There is no column {', '.join(map(repr, missing))}: the file has {', '.join(frame.columns)}."
        )
    y = (frame[target].astype(str).str.strip() == positive).to_numpy(float)
    if not 0 < y.mean() < 1:
        values = ", ".join(map(repr, frame[target].astype(str).unique()[:5]))
        raise ModelError(f"Column {target!r} is never, or always, {positive!r}: it holds {values}.")
    named = {target, *drop, *([id_column] if id_column else [])}
    kept = {str(name): typed(frame[name]) for name in frame.columns if name not in named}
    dropped = tuple(name for name, column in kept.items() if _says_nothing(column))
    x = pd.DataFrame({name: column for name, column in kept.items() if name not in dropped})
    if x.empty:
        raise ModelError("No column is left to learn from: every one is an identifier, a constant or was dropped.")
    return TableData(x, y, dropped)


def typed(column: pd.Series) -> pd.Series:
    """The column as float where it holds numbers (decimal comma or point), else as text with "(blank)" for blanks."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype(str)
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float)
    text = column.astype("str").str.strip()
    filled = column.notna() & (text != "")
    numbers = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce")
    if filled.any() and numbers[filled].notna().mean() >= NUMERIC_SHARE:
        return numbers.astype(float)
    return text.where(filled, "(blank)")


def _says_nothing(column: pd.Series) -> bool:
    distinct = column.nunique(dropna=False)
    return bool(distinct < 2 or (not _is_number(column) and distinct > max(20, ID_SHARE * len(column))))


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def model_kind(n_events: int) -> str:
    """ebm above 500 departures, else logistic."""
    return "ebm" if n_events > EBM_ABOVE else "logistic"


def new_model(kind: str, x: pd.DataFrame, seed: int) -> Classifier:
    """An unfitted model of that kind for these columns. Never balanced weights: they wreck probabilities."""
    if kind == "ebm":
        # imported here: it takes seconds, and only tables from outside need it
        from interpret.glassbox import ExplainableBoostingClassifier

        types = ["continuous" if _is_number(x[name]) else "nominal" for name in x.columns]
        model: Classifier = ExplainableBoostingClassifier(random_state=seed, n_jobs=1, feature_types=types, **EBM)
        return model
    pipeline: Classifier = logistic_pipeline(x) if kind == "logistic" else lightgbm_pipeline(x, seed, LIGHTGBM[kind])
    return pipeline


def lightgbm_pipeline(x: pd.DataFrame, seed: int, settings: Mapping[str, Any]) -> Pipeline:
    """LightGBM on numbers as they are and one column per category."""
    from lightgbm import LGBMClassifier

    numbers = [name for name in x.columns if _is_number(x[name])]
    texts = [name for name in x.columns if name not in numbers]
    columns = make_column_transformer(
        ("passthrough", numbers), (OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts)
    )
    fixed: dict[str, Any] = {
        "n_jobs": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
        "random_state": seed,
    }
    return make_pipeline(columns.set_output(transform="pandas"), _without_signs(), LGBMClassifier(**fixed, **settings))


def _without_signs() -> FunctionTransformer:
    """Columns renamed by number: LightGBM refuses signs of JSON in names."""
    return FunctionTransformer(_numbered)


def _numbered(x: pd.DataFrame) -> pd.DataFrame:
    return x.set_axis([f"c{k}" for k in range(x.shape[1])], axis=1)


def logistic_pipeline(x: pd.DataFrame) -> Pipeline:
    """L2 logistic on scaled numbers (blanks at the median) and one column per category."""
    numbers = [name for name in x.columns if _is_number(x[name])]
    texts = [name for name in x.columns if name not in numbers]
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=10), texts),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=2000))


def fit_model(model: Classifier, x: pd.DataFrame, y: Array) -> Classifier:
    """The model, fitted. The EBM's warning that its plots do not show blanks (a bin of their own) is not for us."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Missing values detected", category=UserWarning)
        model.fit(x, y)
    return model


def probabilities(model: Classifier, x: pd.DataFrame) -> Array:
    """(n,) probability of the positive outcome."""
    return np.asarray(model.predict_proba(x)[:, 1], dtype=float)
