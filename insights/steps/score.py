"""Score: irritants by week, the churn panel, its model and every customer's risk."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

import pandas as pd

from insights.churn.facts import Context
from insights.lake import Lake
from insights.ledger import Ledger
from insights.partitions import partitions
from insights.privacy.objection import forget_scores, refusing
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.churn_models import load_model, model_path, month_model, refused
from insights.steps.panel import calls, complete_through, movers_kept, rows_of, rows_to_learn, scores_of, store
from insights.steps.resolved import registry, seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.weekly import weekly
from insights.steps.window import analysis_day

__all__ = ["load_model", "model_path", "score"]
READS = (
    *("feedback", "answer", "invitation", "contact", "mention", "mention_irritant"),
    *("customer_snapshot", "churn_event"),
)
RULES = "score-3"  # raise it when the same rows give other tables: they are then built anew on the same day
DECLARED_SHARE = "SELECT coalesce(avg((available_basis = 'declared')::INT), 0) FROM feedback"
DEPARTURES = "SELECT cause, count(DISTINCT customer_id) AS n FROM churn_event WHERE learned_on <= $day GROUP BY 1"


def score(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Rebuild what changed; without customers only the weekly irritants."""
    with recorded(lake, run_id, "score") as report:
        objected = refusing(lake, ledger, analysis_day(lake))
        known, called = registry(ledger), calls(ledger)
        reader = seen(lake, ledger, known)
        extra = {
            "objected": sha256(" ".join(sorted(objected)).encode()).hexdigest(),
            **{"registry": reader.sight.version, "rules": RULES, "calls": len(called.customers)},
        }
        read = fingerprint(lake, READS, extra)
        report.note[FINGERPRINT] = read
        if unchanged(lake, "score", read) and not refused(lake.settings, analysis_day(lake)):
            report.note["said"] = "nothing new since the last run"
            return report
        counted = weekly(reader, known)
        day = analysis_day(lake)
        panel = store(lake, reader, day, called, objected)
        report.note["churn_panel"] = n_panel = panel.n_rows
        report.note["slices"] = f"{panel.n_counted} of {panel.n_slices} counted"
        scores = _scores(lake, day, report.note) if n_panel else pd.DataFrame()
        report.n_in = read["counts"]["feedback"]
        with lake.write() as writer:
            report.n_out += n_panel + writer.replace("irritant_weekly", counted)
            report.note["irritant_weekly"] = len(counted)
            report.n_out += writer.replace("churn_score", scores, "scored_on = $day", {"day": day})
            forget_scores(writer, objected)
            report.note["churn_score"] = len(scores)
    return report


def _scores(lake: Lake, day: date, note: dict[str, Any]) -> pd.DataFrame:
    """Score the customers of the scoring day with the month's model (`churn_models.month_model`)."""
    causes = lake.read(DEPARTURES, day=day).set_index("cause")["n"].to_dict()
    moves = movers_kept(lake, day)
    kept = {
        "n_moved": moves.n_moved,
        "n_kept": moves.n_kept,
        "low": float(moves.share.low),
        "high": float(moves.share.high),
    }
    context = Context(lake.scalar(DECLARED_SHARE), causes, complete_through(lake, day), kept if moves.n_moved else {})
    model = month_model(lake.settings, lambda: _learned_from(lake, day), day, context, note)
    with partitions(lake) as over:
        return scores_of(over, lake, model, day)


def _learned_from(lake: Lake, day: date) -> pd.DataFrame:
    """What a model is fitted on: outcomes that are known, and the customers of the day, who are compared with them."""
    return pd.concat([rows_to_learn(lake), rows_of(lake, day)])
