"""Measure: who answered, weights, metrics by day, frozen months. Everything a score needs, rebuilt when its rows changed."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pandas as pd

from insights.lake import Lake
from insights.lake.lake import Reader
from insights.lake.queries import sql
from insights.ledger import Ledger
from insights.questionnaires import FILE, load_questionnaires, questionnaire_rows
from insights.steps.changed import FINGERPRINT, fingerprint, last_note, unchanged
from insights.steps.freeze import freeze_months
from insights.steps.promises import judged, refresh_promises
from insights.steps.resolved import seen
from insights.steps.run_log import StepReport, recorded
from insights.weighting import VARIABLES, Before, weights_since

READS = ("feedback", "answer", "invitation", "contact", "mention", "mention_irritant", "customer_snapshot")
WEIGHTS = f"SELECT * FROM cell_weight ORDER BY survey, month, {', '.join(VARIABLES)}"
VERSION = 4  # of the tables made here: another one makes them anew


def measure(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Rebuild the tables of the scores and freeze the months that are due."""
    with recorded(lake, run_id, "measure") as report:
        reader = seen(lake, ledger)
        cases = judged(refresh_promises(lake, ledger))  # a case that is only open moves no metric
        extra: dict[str, Any] = {"cases": _told(cases)} if len(cases) else {}
        extra |= {"registry": reader.sight.version, "version": VERSION, "least": lake.settings.min_answers}
        read = fingerprint(lake, READS, extra | {"declared": _declared(lake)})
        report.note[FINGERPRINT] = read
        report.n_in = read["counts"]["feedback"]
        if unchanged(lake, "measure", read):
            report.note["said"] = "nothing new since the last run"
            return report
        report.n_out = weigh_and_count(lake, reader, report.note, _before(lake, read))
        frozen = freeze_months(lake)
        report.note |= {"frozen": frozen.n_frozen, "restated": frozen.n_restated}
    return report


def weigh_and_count(lake: Lake, reader: Reader, note: dict[str, Any], before: Before | None = None) -> int:
    """Write questionnaire, response_cell, not_asked, cell_weight, response_weight and metric_daily; returns the rows written.

    Each table reads those before it, so that they are committed one after the other; the weights with the cells they are
    made of. `before`: cells and weights of the last run, where its rules were the same: months unchanged since keep theirs.
    """
    declared = load_questionnaires(lake.settings.reference_dir)
    written = _replace(lake, "questionnaire", questionnaire_rows(declared))
    cells, not_asked = lake.read(sql("response_cell")), lake.read(sql("not_asked"))
    weights, counted = weights_since(cells, {one.survey: one.stands_for for one in declared}, before)
    with lake.write() as writer:
        for name, rows in (("response_cell", cells), ("not_asked", not_asked), ("cell_weight", weights)):
            written += writer.replace(name, rows)
    note["weighted_months"] = len(weights.drop_duplicates(["survey", "month"]))
    note["weighted_now"] = counted
    note["not_converged"] = len(weights[~weights["converged"].astype(bool)].drop_duplicates(["survey", "month"]))
    for name in ("response_weight", "metric_daily"):
        rows = reader.read_arrow(sql(name))
        with lake.write() as writer:
            note[name] = writer.replace_arrow(name, rows)
        written += note[name]
    return written


def _before(lake: Lake, read: Mapping[str, Any]) -> Before | None:
    """Cells and weights as stored; None where the last run had other rules or other declarations, or never was."""
    ruled = ("version", "declared")
    last = last_note(lake, "measure").get(FINGERPRINT, {})
    if any(last.get(name) != read[name] for name in ruled):
        return None
    return Before(lake.read("SELECT * FROM response_cell"), lake.read(WEIGHTS))


def _replace(lake: Lake, name: str, rows: pd.DataFrame) -> int:
    with lake.write() as writer:
        return writer.replace(name, rows)


def _told(cases: pd.DataFrame) -> str:
    """What tells one state of the promises from another."""
    return sha256(cases.to_csv(index=False).encode()).hexdigest()


def _declared(lake: Lake) -> str:
    """What tells one version of the declared questionnaires from another."""
    path = lake.settings.reference_dir / FILE
    return sha256(path.read_bytes()).hexdigest() if path.exists() else ""
