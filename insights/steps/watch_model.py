"""Watch the churn model: drift of what it sees, what past scores were worth, what each family adds; alerts to the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from insights.alerts import KINDS, Finding, changes, fold_alerts
from insights.churn.ablation import FULL, RIDGE, ablation, forward_folds, nested_scores
from insights.churn.backtest import ALL, TENURE, alarms, backtest, tenure_band
from insights.churn.drift import read, watched
from insights.churn.explain import log_odds
from insights.churn.model import ChurnModel
from insights.churn.panel import lines, prepare
from insights.churn.training import Parameters
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.churn_models import load_model
from insights.steps.panel import BUCKETS, rows_to_learn
from insights.steps.run_log import StepReport, recorded
from insights.steps.window import analysis_day

RULES = "watch-1"
REFERENCE_MONTHS = 12  # each season once
WATCHED_ROWS, DAY_ROWS = 600_000, 200_000  # rows read at most, whole customers by a hash: more say nothing more
NEAR = 0.75  # of the limit: an alert that stands is cleared below it, not at it
DRIFTED, BACKTESTED = "churn.drift:", "churn.backtest:"
OUTCOMES = "outcomes"  # of the note of a run
OUTCOMES_KNOWN = """
SELECT count(label), count(*) FILTER (label), max(t0) FILTER (label IS NOT NULL), (
    SELECT count(*) FROM churn_score s JOIN churn_panel q ON q.customer_id = s.customer_id AND q.t0 = s.scored_on
    WHERE q.label IS NOT NULL
) FROM churn_panel
"""
TABLES = ("churn_drift", "churn_backtest", "churn_ablation")
MATURED = """
SELECT s.customer_id, s.scored_on AS t0, p.gap_days, p.horizon_days, p.segment, p.tenure_months,
    p.label::INT::DOUBLE AS label, s.probability, s.model_kind, 'scored' AS basis
FROM churn_score s JOIN churn_panel p ON p.customer_id = s.customer_id AND p.t0 = s.scored_on
WHERE p.label IS NOT NULL AND s.probability IS NOT NULL
ORDER BY s.scored_on, s.customer_id
"""
SINCE = """
SELECT * FROM churn_panel
WHERE t0 > coalesce((SELECT max(t0) FROM churn_panel WHERE label IS NOT NULL), DATE '0001-01-01') AND t0 <= $day
    AND '0' || substr(md5(customer_id), 1, 3) < $below
ORDER BY t0, customer_id
"""
REGIONS = """
SELECT customer_id, arg_max(region, as_of) AS region FROM customer_snapshot WHERE as_of <= $day GROUP BY customer_id
"""


def watch_model(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Rebuild churn_drift, churn_backtest and churn_ablation where their rows changed; raise and clear alerts."""
    with recorded(lake, run_id, "watch_model") as report:
        day = analysis_day(lake)
        model = load_model(lake.settings, day)
        scored_on = str(lake.scalar("SELECT max(scored_on) FROM churn_score"))
        extra = {"model": model.version if model else "", "scored_on": scored_on, "rules": RULES}
        seen = fingerprint(lake, ("churn_panel", "churn_score", "customer_snapshot"), extra)
        report.note[FINGERPRINT] = seen
        report.n_in = seen["counts"]["churn_panel"]
        if model is None or not report.n_in or unchanged(lake, "watch_model", seen):
            report.note["said"] = "nothing new since the last run" if model else "no model to watch yet"
            return report
        known = prepare(rows_to_learn(lake, WATCHED_ROWS))
        frames = {"churn_drift": drift_rows(known, _since(lake, day), model)}
        report.note[OUTCOMES] = outcomes = _outcomes(lake)
        if not _tested(lake, outcomes):
            frames |= _forward(lake, known, day)
        with lake.write() as writer:
            for name, frame in frames.items():
                report.n_out += writer.replace(name, frame)
                report.note[name] = len(frame)
        found = findings(frames["churn_drift"], lake.read("SELECT * FROM churn_backtest"), model, day)
        raised = tell(ledger, found, near(frames["churn_drift"], day), lake.settings.business_now())
        report.note |= {"out_of_bounds": len(found), "alerts_written": raised}
    return report


def _outcomes(lake: Lake) -> list[str]:
    """What the forward tests rest on: the known outcomes of the panel, the matured scores, and the rules."""
    found = lake.read(OUTCOMES_KNOWN).iloc[0].astype(str).tolist()
    return [RULES, *found]


def _tested(lake: Lake, outcomes: list[str]) -> bool:
    """Whether the newest run that tested anything tested the same outcomes."""
    notes = lake.read("SELECT note FROM run WHERE step = 'watch_model' ORDER BY started_at DESC")["note"]
    told = next((one for note in notes if (one := json.loads(note).get(OUTCOMES))), None)
    return bool(told == outcomes)


def drift_rows(known: pd.DataFrame, since: pd.DataFrame, model: ChurnModel) -> pd.DataFrame:
    """Rows of churn_drift: every month end after the model's training window, and the scoring day, against its last year.

    `known`: prepared rows with an outcome; `since`: prepared rows of later days. Empty where either is.
    """
    months = np.sort(known["t0"].unique())[-REFERENCE_MONTHS:]
    reference = known[known["t0"].isin(months)].reset_index(drop=True)
    if reference.empty or since.empty:
        return pd.DataFrame()
    before = log_odds(model, reference)
    frames = []
    for t0 in np.sort(since["t0"].unique()):
        now = since[since["t0"] == t0].reset_index(drop=True)
        frame = read(watched(reference, now, {"reference": before, "now": log_odds(model, now)}))
        frames.append(frame.assign(t0=pd.Timestamp(t0).date()))
    first, last = (pd.Timestamp(month).date() for month in (months[0], months[-1]))
    names = {"limit": "limit_psi", "lead_reference": "lead_reference_share", "lead_now": "lead_now_share"}
    found = pd.concat(frames, ignore_index=True).rename(columns=names)
    return found.assign(reference_from=first, reference_to=last, model_version=model.version)


def _since(lake: Lake, day: date) -> pd.DataFrame:
    """Prepared rows of the days after the last one with a known outcome, of as many customers as are needed."""
    n = int(lake.scalar("SELECT count(*) FROM churn_panel WHERE t0 = $day", day=day))
    kept = BUCKETS if n <= DAY_ROWS else max(1, int(BUCKETS * DAY_ROWS / n))
    return prepare(lake.read(SINCE, day=day, below=f"{kept:04x}"))


def _forward(lake: Lake, rows: pd.DataFrame, day: date) -> dict[str, pd.DataFrame]:
    """churn_backtest (scores given then; where none was, replayed with what was known then) and churn_ablation."""
    settings = lake.settings
    parts, added = [], pd.DataFrame()
    for place, line in enumerate(lines(rows)):
        folds = forward_folds(rows, line)
        if not place:
            scored = nested_scores(rows, folds)
            added = _ablation_rows(scored, settings.seed)
        else:
            scored = nested_scores(rows, folds, steps=(FULL,))
        if len(scored):
            parts.append(scored.assign(probability=scored[FULL], basis="replayed", model_kind="logistic"))
    matured = _matured(lake, parts, day)
    if matured.empty:
        return {"churn_backtest": pd.DataFrame(), "churn_ablation": added}
    capacity = Parameters.from_settings(settings).capacity
    tested = backtest(matured, capacity, settings.seed)
    return {"churn_backtest": tested.assign(t0=tested["t0"].dt.date), "churn_ablation": added}


def _matured(lake: Lake, replayed: list[pd.DataFrame], day: date) -> pd.DataFrame:
    """Scored customers with a known outcome and their dimensions; a month scored then is not replayed."""
    given = lake.read(MATURED)
    given = given.assign(t0=pd.to_datetime(given["t0"]))
    frames = [given] if len(given) else []
    for frame in replayed:
        line = given[
            (given["gap_days"] == frame["gap_days"].iloc[0]) & (given["horizon_days"] == frame["horizon_days"].iloc[0])
        ]
        frames.append(frame[~frame["t0"].isin(line["t0"].unique())])
    if not frames:
        return given
    columns = [*given.columns]
    found = pd.concat([frame[columns] for frame in frames], ignore_index=True)
    found[TENURE] = tenure_band(found["tenure_months"])
    found = found.merge(lake.read(REGIONS, day=day), on="customer_id", how="left", validate="many_to_one")
    return found.sort_values(["t0", "customer_id"], kind="stable", ignore_index=True)


def _ablation_rows(scored: pd.DataFrame, seed: int) -> pd.DataFrame:
    entries = pd.DataFrame(ablation(scored, seed))
    if entries.empty:
        return entries
    steps = list(dict.fromkeys(entries["step"]))
    return entries.assign(
        place=[1 + steps.index(step) for step in entries["step"]],
        n_rows=len(scored),
        n_events=int(scored["label"].sum()),
        first_t0=scored["t0"].min().date(),
        last_t0=scored["t0"].max().date(),
        model_kind=f"logistic, ridge {RIDGE:g}",
    )


def findings(drifted: pd.DataFrame, tested: pd.DataFrame, model: ChurnModel, day: date) -> list[Finding]:
    """What is out of bounds: series that moved on the scoring day, and the newest matured month of each line."""
    found = []
    if len(drifted):
        moved = drifted[drifted["moved"].astype(bool) & (drifted["t0"] == day)]
        for row in moved.to_dict("records"):
            found.append(Finding(f"{DRIFTED}{row['kind']}:{row['name']}", f"drift_{row['kind']}", _facts(row)))
    if len(tested):
        months = tested[tested["dimension"] == ALL].sort_values("t0")
        for (gap, horizon), own in months.groupby(["gap_days", "horizon_days"]):
            row = own.to_dict("records")[-1]
            promised = _promised(model) if row["basis"] == "scored" else None
            for code in alarms(row, promised):
                found.append(Finding(f"{BACKTESTED}{gap}+{horizon}:{code}", code, _facts(row)))
    return found


def near(drifted: pd.DataFrame, day: date) -> list[str]:
    """Subjects within a quarter of their limit on the scoring day."""
    if drifted.empty:
        return []
    close = drifted[(drifted["t0"] == day) & (drifted["psi"] > NEAR * drifted["limit_psi"])]
    return [f"{DRIFTED}{kind}:{name}" for kind, name in zip(close["kind"], close["name"], strict=True)]


def tell(ledger: Ledger, found: list[Finding], still: list[str], at: datetime) -> int:
    """Write what changed since the last run; returns the events written. The same findings again write nothing."""
    known = fold_alerts(ledger.events(KINDS))
    rows = [
        row
        for prefix in (DRIFTED, BACKTESTED)
        for row in changes(known, [one for one in found if one.subject.startswith(prefix)], still, prefix, at)
    ]
    return ledger.append_many(rows)


def _promised(model: ChurnModel) -> float | None:
    """ROC-AUC of the model's own forward test, where its report has one."""
    block = model.report.get("test", {}).get("all", {}) if isinstance(model.report.get("test"), Mapping) else {}
    own = block.get(model.kind)
    return float(own["roc_auc"]) if isinstance(own, Mapping) and "roc_auc" in own else None


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values that JSON holds; what is not known is left out."""
    facts: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or (isinstance(value, float) and np.isnan(value)):
            continue
        if isinstance(value, bool | np.bool_):
            facts[name] = bool(value)
        elif isinstance(value, int | float | np.integer | np.floating):
            facts[name] = round(float(value), 6) if isinstance(value, float | np.floating) else int(value)
        else:
            facts[name] = str(value)
    return facts
