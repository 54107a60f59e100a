"""Tables from outside: text-typed numbers become numbers, identifiers go, the ladder decides the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.churn.tables import fit_model, model_kind, new_model, probabilities, read_table, typed
from insights.errors import ModelError


def customers(n: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    amount = rng.uniform(10, 100, n)
    leaves = rng.random(n) < 1 / (1 + np.exp(3 - 0.04 * amount))
    return pd.DataFrame(
        {
            "id": [f"X{i:05d}" for i in range(n)],
            "Charges": [f"{value:.2f}".replace(".", ",") if i % 50 else " " for i, value in enumerate(amount)],
            "Plan": rng.choice(["A", "B"], n),
            "Constant": "same",
            "Senior": rng.random(n) < 0.2,
            "Churn": np.where(leaves, "Yes", "No"),
        }
    )


def test_text_typed_numbers_become_numbers() -> None:
    data = read_table(customers(), "Churn", "Yes")
    assert data.x["Charges"].dtype == float
    assert data.x["Charges"].isna().sum() == 8
    assert data.x.columns.tolist() == ["Charges", "Plan", "Senior"]
    assert set(data.dropped) == {"id", "Constant"}
    assert data.y.mean() == pytest.approx((customers()["Churn"] == "Yes").mean())


def test_mostly_words_stay_words() -> None:
    column = typed(pd.Series(["12", "douze", "x", None, ""]))
    assert column.tolist() == ["12", "douze", "x", "(blank)", "(blank)"]


@pytest.mark.parametrize(
    ("target", "positive", "drop", "said"),
    [
        ("Left", "Yes", [], "no column 'Left'"),
        ("Churn", "Oui", [], "never, or always, 'Oui'"),
        ("Churn", "Yes", ["Charges", "Plan", "Senior"], "No column is left"),
        ("Churn", "Yes", ["Colour"], "no column 'Colour'"),
    ],
)
def test_a_table_that_cannot_be_used_is_a_sentence(target: str, positive: str, drop: list[str], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        read_table(customers(), target, positive, drop=drop)


def test_the_ladder() -> None:
    assert (model_kind(500), model_kind(501)) == ("logistic", "ebm")


@pytest.mark.parametrize("kind", ["logistic", "ebm"])
def test_each_kind_learns_and_takes_blanks(kind: str) -> None:
    data = read_table(customers(), "Churn", "Yes", "id")
    model = fit_model(new_model(kind, data.x, seed=1), data.x, data.y)
    p = probabilities(model, data.x)
    assert ((p > 0) & (p < 1)).all()
    assert p.mean() == pytest.approx(data.y.mean(), abs=0.05)
    assert np.corrcoef(p, data.x["Charges"].fillna(55))[0, 1] > 0.5
