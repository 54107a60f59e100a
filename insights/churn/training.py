"""Fit a churn model: choose, calibrate and test forward in time, then fit again on everything that has matured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from insights.churn import calibrate
from insights.churn.attribution import Attribution
from insights.churn.card import PointsCard, load_card
from insights.churn.design import Design
from insights.churn.evaluate import cluster_codes, figures, log_loss, ranking_figures
from insights.churn.leaks import block_leaks
from insights.churn.logistic import fit_logistic, log_odds, solve
from insights.churn.model import ChurnModel, line_key
from insights.churn.panel import Split, lines, prepare, temporal_split
from insights.churn.select import compare, month_capacity, rung
from insights.intervals import Array
from insights.settings import Settings

RIDGES = (3.0, 10.0, 30.0, 100.0, 300.0)
DEFAULT_RIDGE = 30.0
WORKING_DAYS = 21  # a month's calls = daily calls times these
MIN_SEGMENT_EVENTS = 50
CHURN_CARD = "churn_card.yaml"


@dataclass(frozen=True)
class Parameters:
    """What a fit needs from outside. `capacity`: calls a month. `waivers`: terms allowed above the leak limit."""

    card: PointsCard
    capacity: float = 525.0
    draws: int = 200
    waivers: Sequence[str] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> Parameters:
        """The card of the reference folder and the team's daily calls."""
        return cls(load_card(settings.reference_dir / CHURN_CARD), capacity=settings.daily_calls * WORKING_DAYS)


@dataclass
class Trial:
    """The forward test of one line of business. `tested`: customer_id, t0, segment, label, probability, index."""

    line: tuple[int, int]
    ridge: float
    sigmoid: calibrate.Sigmoid
    tested: pd.DataFrame
    note: dict[str, Any] = field(default_factory=dict)


def fit(
    panel: pd.DataFrame, parameters: Parameters, as_of: date, seed: int, declared_share: float | None = None
) -> ChurnModel:
    """The model that serves at `as_of`: the card, or a logistic that beat it forward in time.

    `panel`: rows of churn_panel; rows with t0 after `as_of` are not read. `declared_share`: share of feedback whose
    available_at rests on a declared delay, for the model card. The same panel and seed give the same model.
    Raises ModelError where a single term alone tells who leaves.
    """
    rows = prepare(panel)
    rows = rows[rows["t0"] <= pd.Timestamp(as_of)].reset_index(drop=True)
    known = rows[rows["label"].notna()].reset_index(drop=True)
    report = _facts(known, as_of, declared_share)
    if rung(report["n_events"]) == "card":
        report["why"] = f"{report['n_events']} departures are known; a fit needs 50."
        return ChurnModel.of_card(parameters.card, as_of, report)
    report["highest_single_auc"] = block_leaks(known, parameters.waivers).head(5).to_dict("records")
    trials = [trial for line in lines(rows) if (trial := _trial(rows, line, parameters)) is not None]
    if not trials:
        report["why"] = "No test month lies far enough behind its training months."
        return ChurnModel.of_card(parameters.card, as_of, report)
    tested = pd.concat([trial.tested for trial in trials], ignore_index=True)
    verdict = compare(tested, "probability", "index", parameters.capacity, seed, parameters.draws)
    report |= {"test": _test_report(trials, parameters.capacity), "against_card": verdict.as_dict()}
    report["lines"] = [trial.note for trial in trials]
    if not verdict.better:
        report["why"] = "The logistic was not shown to find more departures than the card at the team's capacity."
        return ChurnModel.of_card(parameters.card, as_of, report)
    sigmoids = {line_key(*trial.line): trial.sigmoid for trial in trials}
    return _final(known, parameters.card, as_of, report, trials[0].ridge, sigmoids)


def _final(
    known: pd.DataFrame,
    card: PointsCard,
    as_of: date,
    report: dict[str, Any],
    ridge: float,
    sigmoids: dict[str, calibrate.Sigmoid],
) -> ChurnModel:
    design = Design.learn(known)
    x, y = design.matrix(known), known["label"].to_numpy(float)
    fitted = fit_logistic(x, y, cluster_codes(known["customer_id"].to_numpy()), ridge)
    report |= {"ridge": ridge, "n_columns": len(design.names), "n_irritants": len(design.irritants)}
    return ChurnModel.of_logistic(card, as_of, report, design, fitted, sigmoids, Attribution.learn(known))


def _trial(rows: pd.DataFrame, line: tuple[int, int], parameters: Parameters) -> Trial | None:
    split = temporal_split(rows, line)
    if split is None or not 0 < rows.loc[split.train, "label"].sum() < split.train.sum():
        return None
    ridge, sigmoid = _tune(rows, split)
    train, test = rows[split.train], rows[split.test]
    design = Design.learn(train)
    beta = solve(design.matrix(train), train["label"].to_numpy(float), ridge)
    probability = 1 / (1 + np.exp(-sigmoid.apply(log_odds(design.matrix(test), beta))))
    tested = test[["customer_id", "t0", "segment", "label"]].assign(
        probability=probability, index=parameters.card.index(test)
    )
    months = [month.date().isoformat() for month in split.test_months]
    note = {
        "gap_days": line[0],
        "horizon_days": line[1],
        "ridge": ridge,
        "calibration": {"slope": sigmoid.slope, "intercept": sigmoid.intercept},
        "train_until": train["t0"].max().date().isoformat(),
        "n_train_rows": len(train),
        "n_train_events": int(train.loc[train["label"] == 1, "customer_id"].nunique()),
        "test_months": months,
    }
    return Trial(line, ridge, sigmoid, tested, note)


def _tune(rows: pd.DataFrame, split: Split) -> tuple[float, calibrate.Sigmoid]:
    """Ridge with the lowest log loss on the tuning months, and the sigmoid they ask for."""
    learn, tune = rows[split.learn], rows[split.tune]
    y_tune = tune["label"].to_numpy(float)
    y = learn["label"].to_numpy(float)
    if not 0 < y.sum() < len(y) or not 0 < y_tune.sum() < len(y_tune):
        return DEFAULT_RIDGE, calibrate.Sigmoid()
    design = Design.learn(learn)
    x, x_tune = design.matrix(learn), design.matrix(tune)
    best: tuple[float, float, Array] | None = None
    beta: Array | None = None
    for ridge in sorted(RIDGES, reverse=True):  # from stiff to loose, each starting where the last ended
        beta = solve(x, y, ridge, beta)
        eta = log_odds(x_tune, beta)
        loss = log_loss(y_tune, 1 / (1 + np.exp(-eta)))
        if best is None or loss < best[0]:
            best = (loss, ridge, eta)
    assert best is not None
    n_events = int(tune.loc[tune["label"] == 1, "customer_id"].nunique())
    return best[1], calibrate.learn(y_tune, best[2], n_events)


def _facts(known: pd.DataFrame, as_of: date, declared_share: float | None) -> dict[str, Any]:
    return {
        "as_of": as_of.isoformat(),
        "first_t0": known["t0"].min().date().isoformat() if len(known) else None,
        "last_t0": known["t0"].max().date().isoformat() if len(known) else None,
        "n_rows": len(known),
        "n_customers": int(known["customer_id"].nunique()),
        "n_events": int(known.loc[known["label"] == 1, "customer_id"].nunique()),
        "declared_available_share": declared_share,
    }


def _test_report(trials: Sequence[Trial], capacity: float) -> dict[str, Any]:
    """Figures of the largest line over its test months, of each of these months and of each segment over its own.

    Lines differ in horizon, so their probabilities are never pooled. Each block stands beside base rate and card.
    """
    main = trials[0].tested
    tested = pd.concat([trial.tested for trial in trials], ignore_index=True)
    return {
        "all": _block(main, capacity),
        "months": {t0.date().isoformat(): _block(part, capacity) for t0, part in _by(main, "t0")},
        "segments": {str(name): _block(part, capacity) for name, part in _by(tested, "segment")},
    }


def _by(tested: pd.DataFrame, key: str) -> Iterator[tuple[Any, pd.DataFrame]]:
    for value in sorted(tested[key].unique()):
        yield value, tested[tested[key] == value]


def _block(part: pd.DataFrame, capacity: float) -> dict[str, Any]:
    y, p = part["label"].to_numpy(float), part["probability"].to_numpy(float)
    n_months = part["t0"].nunique()
    calls = month_capacity(capacity, round(len(part) / n_months)) * n_months
    block: dict[str, Any] = {"n": len(part), "n_events": int(y.sum()), "base_rate": float(y.mean()), "capacity": calls}
    if y.sum() < MIN_SEGMENT_EVENTS:
        block["note"] = "not enough departures for stable figures"
    return block | {
        "logistic": figures(y, p, calls),
        "card": ranking_figures(y, part["index"].to_numpy(float), calls),
    }
