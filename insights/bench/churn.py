"""Benchmark of the model step on a table with a churn column: five stratified folds, ours beside L2 logistic and LightGBM."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from insights.bench.report import Entry
from insights.churn.evaluate import brier, ece, lift_top_decile, log_loss, pr_auc, roc_auc, slope_and_intercept
from insights.churn.tables import TableData, fit_model, model_kind, new_model, probabilities, read_table
from insights.errors import ModelError
from insights.intervals import Array

FOLDS = 5
LEAK = 0.87  # METHODS 1.2: what an honest model of this table does not reach
LABELS = {"logistic": "L2 logistic", "lightgbm": "LightGBM shallow", "lightgbm_default": "LightGBM default"}
AIMS = {
    "roc_auc": ">= 0.848",
    "pr_auc": ">= 0.665",
    "brier": "<= 0.134",
    "ece": "<= 0.025",
    "lift_top_decile": ">= 2.85",
}
RIVALS = ("logistic", "lightgbm", "lightgbm_default")


def bench_churn(
    frame: pd.DataFrame,
    target: str,
    positive: str,
    id_column: str | None = None,
    drop: Sequence[str] = (),
    seed: int = 0,
    leak_above: float = 1.0,
) -> dict[str, Any]:
    """Figures of ours, of L2 logistic and of LightGBM (shallow, default) on the same five stratified folds.

    Each model's entry holds, per figure, mean, sd and the five fold values, and the seconds of all fits. `paired_auc`
    is ours minus logistic fold by fold. No fold is used to tune anything. `suspects`: models whose
    ROC-AUC passes `leak_above`, more than an honest model of this table reaches. Raises ModelError as `tables.read_table`.
    """
    data = read_table(frame, target, positive, id_column, drop)
    n_events = int(data.y.sum())
    if min(n_events, len(data.y) - n_events) < FOLDS:
        raise ModelError(f"Column {target!r} has only {n_events} rows {positive!r}: five folds need five of each.")
    # by the events a fold trains on, so that bench and use climb the same ladder
    kind = model_kind(n_events * (FOLDS - 1) // FOLDS)
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(data.x, data.y))
    models = {name: _run(data, folds, name, seed) for name in dict.fromkeys((kind, *RIVALS))}
    ours, rival = (np.array(models[name]["roc_auc"]["folds"]) for name in (kind, "logistic"))
    return {
        "n_rows": len(data.y),
        "n_events": n_events,
        "n_columns": data.x.shape[1],
        "dropped": list(data.dropped),
        "base_rate": float(data.y.mean()),
        "ours": kind,
        "models": models,
        "paired_auc": {"mean": float((ours - rival).mean()), "sd": float((ours - rival).std(ddof=1))},
        "suspects": [name for name, entry in models.items() if entry["roc_auc"]["mean"] > leak_above],
    }


def entries(path: Path) -> list[Entry]:
    """Entries of the public Telco table beside each rival; a model above LEAK is named as a suspected leak."""
    found = bench_churn(pd.read_csv(path), "Churn", "Yes", "customerID", leak_above=LEAK)
    ours = found["models"][found["ours"]]
    data, size = path.parent.name, f"{found['n_rows']} customers, five folds"
    rows = [
        Entry("churn", f"{found['ours']}: {name}", one["mean"], "", data, size, aim=AIMS.get(name, ""),
              rival=LABELS[rival], rival_value=found["models"][rival][name]["mean"])
        for name, one in ours.items() if isinstance(one, dict)
        for rival in RIVALS
    ]  # fmt: skip
    rows += [
        Entry("churn", f"{LABELS.get(name, name)}: seconds of five fits", entry["seconds"], "s", data, size)
        for name, entry in found["models"].items()
    ]
    gain = found["paired_auc"]
    named = f"fold by fold, sd {gain['sd']:.4f}"
    rows.append(Entry("churn", f"{found['ours']}: roc_auc over {LABELS['logistic']}", gain["mean"], "", data, named))
    suspects = ", ".join(found["suspects"])
    told = f"ROC-AUC above {LEAK}: {suspects or 'none'}"
    return [*rows, Entry("churn", f"suspected leaks ({told})", len(found["suspects"]), "", data, size, aim="0")]


def _run(data: TableData, folds: list[tuple[Any, Any]], kind: str, seed: int) -> dict[str, Any]:
    started = time.perf_counter()
    per_fold = []
    for train, test in folds:
        model = fit_model(new_model(kind, data.x, seed), data.x.iloc[train], data.y[train])
        per_fold.append(_figures(data.y[test], probabilities(model, data.x.iloc[test])))
    table = pd.DataFrame(per_fold)
    entry: dict[str, Any] = {
        name: {"mean": float(table[name].mean()), "sd": float(table[name].std(ddof=1)), "folds": table[name].tolist()}
        for name in table.columns
    }
    return entry | {"seconds": round(time.perf_counter() - started, 2)}


def _figures(y: Array, p: Array) -> dict[str, float]:
    slope, intercept = slope_and_intercept(y, p)
    return {
        "roc_auc": roc_auc(y, p),
        "pr_auc": pr_auc(y, p),
        "brier": brier(y, p),
        "log_loss": log_loss(y, p),
        "ece": ece(y, p),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "lift_top_decile": lift_top_decile(y, p),
    }
