"""The churn bench: same folds for both models, figures a person can compare; Telco against METHODS when it is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.bench.churn import bench_churn
from insights.errors import ModelError


def table(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {"x": x, "z": rng.normal(size=n), "left": np.where(rng.random(n) < 1 / (1 + np.exp(1.5 - x)), "1", "0")}
    )


def test_bench_gives_both_models_on_the_same_folds() -> None:
    found = bench_churn(table(600), "left", "1", seed=3)
    assert found["ours"] == "logistic"
    entry = found["models"]["logistic"]
    assert len(entry["roc_auc"]["folds"]) == 5
    assert entry["roc_auc"]["mean"] == pytest.approx(np.mean(entry["roc_auc"]["folds"]))
    assert 0.65 < entry["roc_auc"]["mean"] < 0.85
    assert {"pr_auc", "brier", "ece", "calibration_slope", "lift_top_decile", "seconds"} <= set(entry)
    assert found["paired_auc"]["mean"] == 0.0
    assert set(found["models"]) == {"logistic", "lightgbm", "lightgbm_default"}
    assert found["models"]["lightgbm"]["log_loss"]["mean"] < found["models"]["lightgbm_default"]["log_loss"]["mean"]
    assert found["suspects"] == []
    suspects = bench_churn(table(600), "left", "1", seed=3, leak_above=0.5)["suspects"]
    assert set(suspects) == set(found["models"])
    again = bench_churn(table(600), "left", "1", seed=3)
    assert again["models"]["logistic"]["roc_auc"] == entry["roc_auc"]


def test_too_few_events_are_a_sentence() -> None:
    frame = table(50).assign(left=["1"] * 3 + ["0"] * 47)
    with pytest.raises(ModelError, match="only 3 rows '1'"):
        bench_churn(frame, "left", "1")


def test_telco_logistic_is_where_methods_put_it(shared_data: Path) -> None:
    """The small version of `make bench`: one model, 7,043 real rows (the EBM figures stand in docs/benchmark.md)."""
    path = shared_data / "churn_telco_ibm" / "WA_Fn-UseC_-Telco-Customer-Churn.csv"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    frame = pd.read_csv(path)
    # without 1,400 of the 1,869 leavers the ladder stays at the logistic, and the folds stay quick
    leavers = frame.index[frame["Churn"] == "Yes"][469:]
    found = bench_churn(frame.drop(index=leavers), "Churn", "Yes")
    assert found["ours"] == "logistic"
    assert found["dropped"] == ["customerID"]
    assert 0.82 < found["models"]["logistic"]["roc_auc"]["mean"] < 0.87
