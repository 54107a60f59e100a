"""Fit a churn model: test every kind forward in time, choose, then fit again on everything that has matured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from insights.churn.attribution import Attribution
from insights.churn.calibrate import Calibration
from insights.churn.card import PointsCard, load_card
from insights.churn.design import Design
from insights.churn.facts import Context, facts, rung_ahead
from insights.churn.figures import forward_report
from insights.churn.leaks import block_leaks
from insights.churn.model import ChurnModel
from insights.churn.panel import lines, prepare
from insights.churn.promote import chosen_kind, refit_is_worse
from insights.churn.select import CARD_BELOW, compare, rung
from insights.churn.trials import LADDER, Trial, eta, fit_kind, run_trial, with_scores
from insights.settings import Settings

WORKING_DAYS = 21  # a month's calls = daily calls times these
CHURN_CARD = "churn_card.yaml"
NOTHING_ELSE = Context()


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


def fit(
    panel: pd.DataFrame,
    parameters: Parameters,
    as_of: date,
    seed: int,
    context: Context = NOTHING_ELSE,
    previous: ChurnModel | None = None,
) -> ChurnModel:
    """The model that serves at `as_of`: the card, or the best kind of its rung that beat the card forward in time.

    `panel`: rows of churn_panel; rows with t0 after `as_of` are not read. `context`: for the model card.
    `previous`: last month's model, which goes on serving where the new one is shown worse on the last matured months.
    The same input and seed give the same model.
    Raises ModelError where a single term alone tells who leaves.
    """
    rows = prepare(panel)
    rows = rows[rows["t0"] <= pd.Timestamp(as_of)].reset_index(drop=True)
    known = rows[rows["label"].notna()].reset_index(drop=True)
    report = facts(known, as_of, context)
    kinds = LADDER[rung(report["n_events"])]
    if not kinds:
        report["why"] = f"{report['n_events']} departures are known; a fit needs {CARD_BELOW}."
        return ChurnModel.of_card(parameters.card, as_of, report | rung_ahead(report))
    report |= rung_ahead(report)
    report["highest_single_auc"] = block_leaks(known, parameters.waivers).head(5).to_dict("records")
    found = (run_trial(rows, line, parameters.card, kinds, seed) for line in lines(rows))
    trials = [trial for trial in found if trial is not None]
    if not trials:
        report["why"] = "No test month lies far enough behind its training months."
        return ChurnModel.of_card(parameters.card, as_of, report)
    return _decide(rows, known, trials, kinds, parameters, as_of, seed, report, previous)


def _decide(
    rows: pd.DataFrame,
    known: pd.DataFrame,
    trials: list[Trial],
    kinds: Sequence[str],
    parameters: Parameters,
    as_of: date,
    seed: int,
    report: dict[str, Any],
    previous: ChurnModel | None,
) -> ChurnModel:
    """Kind, calibration and promotion, all on the test months; then the fit that serves."""
    tested = pd.concat([trial.tested for trial in trials], ignore_index=True)
    kind, contests = chosen_kind(tested, kinds, seed, parameters.draws)
    calibrations = {trial.key: trial.calibration(kind) for trial in trials}
    report |= forward_report(trials, kinds, kind, parameters.capacity)
    report |= {"served": kind, "contests": contests, "lines": _lines(trials, calibrations)}
    verdict = compare(tested, eta(kind), "index", parameters.capacity, seed, parameters.draws)
    report["against_card"] = verdict.as_dict()
    keeps = _previous_keeps(rows, trials, kind, verdict.better, previous, parameters, seed, report)
    if keeps and previous is not None:
        return replace(previous, report=report, attribution=Attribution.learn(known))
    if not verdict.better:
        report["why"] = f"The {kind} was not shown to find more departures than the card at the team's capacity."
        return ChurnModel.of_card(parameters.card, as_of, report)
    design = Design.learn(known)
    ridge = trials[0].ridge
    fitted = fit_kind(kind, known, design, seed, ridge)
    report |= {"ridge": ridge, "n_columns": len(design.names), "n_irritants": len(design.irritants)}
    sigmoids = {key: one.sigmoid for key, one in calibrations.items()}
    forward = {trial.key: trial.twins[kind] for trial in trials}
    return ChurnModel.of_fitted(
        parameters.card, as_of, report, design, fitted, sigmoids, Attribution.learn(known), forward
    )


def _previous_keeps(
    rows: pd.DataFrame,
    trials: list[Trial],
    kind: str,
    beats_card: bool,
    previous: ChurnModel | None,
    parameters: Parameters,
    seed: int,
    report: dict[str, Any],
) -> bool:
    """Whether last month's model goes on serving; what was measured goes into the report."""
    if previous is None or not previous.forward:
        return False
    both = with_scores(trials, rows, previous.forward, "eta_previous")
    if both.empty:
        return False
    worse, measured = refit_is_worse(both, eta(kind), "eta_previous", seed, parameters.draws)
    if not worse and not beats_card:
        old = compare(both, "eta_previous", "index", parameters.capacity, seed, parameters.draws)
        worse = old.better
    report["against_previous"] = measured | {"version": previous.version, "keeps_serving": worse}
    if worse:
        report["why"] = f"The refit was not shown as good as {previous.version}, which goes on serving."
    return worse


def _lines(trials: Sequence[Trial], calibrations: dict[str, Calibration]) -> list[dict[str, Any]]:
    return [trial.note | {"calibration": calibrations[trial.key].as_dict()} for trial in trials]
