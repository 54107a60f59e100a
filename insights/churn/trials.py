"""The forward test: every kind of model, learned on what had closed, on the last matured months of a line of business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.churn.boosted import fit_boosted
from insights.churn.calibrate import Calibration, judge
from insights.churn.card import PointsCard
from insights.churn.design import Design
from insights.churn.ebm import BAGS, fit_ebm
from insights.churn.evaluate import cluster_codes
from insights.churn.fitted import Fitted
from insights.churn.logistic import fit_logistic, log_odds, solve
from insights.churn.model import Twin, line_key
from insights.churn.panel import temporal_split
from insights.churn.sample import customer_folds, sampled
from insights.intervals import Array

RIDGES = (10.0, 30.0, 100.0, 300.0)
DEFAULT_RIDGE = 30.0
RIDGE_FOLDS = 3
LADDER = {"card": (), "logistic": ("logistic",), "ebm": ("logistic", "lightgbm", "ebm")}


@dataclass
class Trial:
    """One line's forward test. `tested`: customer_id, t0, segment, tenure_months, label, index and one column of
    log-odds per kind (`eta_<kind>`). `twins`: the models that gave them."""

    line: tuple[int, int]
    ridge: float
    twins: Mapping[str, Twin]
    tested: pd.DataFrame
    note: dict[str, Any]

    @property
    def key(self) -> str:
        """The line's name in a stored model."""
        return line_key(*self.line)

    def calibration(self, kind: str) -> Calibration:
        """How well one kind is calibrated on the test months."""
        customers = cluster_codes(self.tested["customer_id"].to_numpy())
        return judge(self.tested["label"].to_numpy(float), self.tested[eta(kind)].to_numpy(float), customers)


def eta(kind: str) -> str:
    """Column of one kind's log-odds."""
    return f"eta_{kind}"


def fit_kind(kind: str, known: pd.DataFrame, design: Design, seed: int, ridge: float = DEFAULT_RIDGE) -> Fitted:
    """One kind of model on prepared rows with known labels. The costly ones learn from a sample of customers."""
    if kind == "logistic":
        customers = cluster_codes(known["customer_id"].to_numpy())
        return fit_logistic(design.matrix(known), known["label"].to_numpy(float), customers, ridge)
    kept, weight = sampled(known, seed)
    rows = known.iloc[kept]
    folds = customer_folds(rows["customer_id"].to_numpy(), BAGS, seed)
    fit = fit_ebm if kind == "ebm" else fit_boosted
    return fit(design.raw(rows), rows["label"].to_numpy(float), weight, folds, design.monotone, seed)


def run_trial(
    rows: pd.DataFrame, line: tuple[int, int], card: PointsCard, kinds: Sequence[str], seed: int
) -> Trial | None:
    """The forward test of one line of business; None where its history is too short."""
    split = temporal_split(rows, line)
    if split is None or not 0 < rows.loc[split.train, "label"].sum() < split.train.sum():
        return None
    train, test = rows[split.train].reset_index(drop=True), rows[split.test].reset_index(drop=True)
    design = Design.learn(train)
    y = train["label"].to_numpy(float)
    ridge = crossed_ridge(design.matrix(train), y, train["customer_id"].to_numpy(), seed)
    twins: dict[str, Twin] = {kind: (design, fit_kind(kind, train, design, seed, ridge)) for kind in kinds}
    tested = test[["customer_id", "t0", "segment", "tenure_months", "label"]].assign(
        index=card.index(test), **{eta(kind): fitted.log_odds(design, test) for kind, (_, fitted) in twins.items()}
    )
    note = {
        "gap_days": line[0],
        "horizon_days": line[1],
        "ridge": ridge,
        "train_until": train["t0"].max().date().isoformat(),
        "n_train_rows": len(train),
        "n_train_events": int(train.loc[train["label"] == 1, "customer_id"].nunique()),
        "test_months": [month.date().isoformat() for month in split.test_months],
    }
    return Trial(line, ridge, {kind: (d, f.without_bags()) for kind, (d, f) in twins.items()}, tested, note)


def with_scores(trials: Sequence[Trial], rows: pd.DataFrame, twins: Mapping[str, Twin], column: str) -> pd.DataFrame:
    """The test rows of all lines that `twins` knows, with their log-odds in `column`."""
    found = []
    for trial in trials:
        if trial.key not in twins:
            continue
        design, fitted = twins[trial.key]
        keys = trial.tested[["customer_id", "t0"]]
        test = keys.merge(rows, on=["customer_id", "t0"], how="left", validate="one_to_one")
        found.append(trial.tested.assign(**{column: fitted.log_odds(design, test)}))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def crossed_ridge(x: Array, y: Array, customer_ids: NDArray[np.object_], seed: int) -> float:
    """The ridge of the logistic with the lowest log loss on customers it did not learn from.

    Folds of customers over all training months: three months alone would say 10 one month and 300 the next (demo
    company), and a ridge too stiff is a slope above 1.
    """
    folds = customer_folds(customer_ids, RIDGE_FOLDS, seed)
    losses = dict.fromkeys(RIDGES, 0.0)
    for fold in range(RIDGE_FOLDS):
        kept, beta = folds != fold, None
        if not 0 < y[kept].sum() < kept.sum():
            return DEFAULT_RIDGE
        for ridge in sorted(RIDGES, reverse=True):  # from stiff to loose, each starting where the last ended
            beta = solve(x[kept], y[kept], ridge * (1 - 1 / RIDGE_FOLDS), beta)
            found = log_odds(x[~kept], beta)
            losses[ridge] += float(np.sum(np.logaddexp(0, found) - y[~kept] * found))
    return min(losses, key=lambda ridge: losses[ridge])
