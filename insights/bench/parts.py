"""The parts of the project's own benchmark. A part whose data are absent says so and gives no figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from insights.bench import (
    assigning,
    bilingual,
    clauses,
    corrections,
    drivers,
    edits,
    intake,
    irritants_sets,
    labels,
    novelty,
    pipeline,
    proof,
    scores,
    segments,
    weeks,
)
from insights.bench.report import Entry
from insights.settings import load_settings

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
Say = Callable[[str], None]


def _present(path: Path, say: Say) -> bool:
    if not path.exists():
        say(f"  {path} is absent: left out")
    return path.exists()


def redaction(say: Say) -> list[Entry]:
    """Redaction on the gold sets and on real text, beside stock Presidio and stock spaCy."""
    from insights.bench.redaction_report import redaction_entries
    from insights.redaction import Redactor

    settings = load_settings()
    with Redactor(settings.brands) as redactor:
        return redaction_entries(redactor.spans, settings, SHARED, say)


def sources(say: Say) -> list[Entry]:
    """Every real payload read twice: writes docs/sources_measured.json; `voc reference` makes the table of it."""
    from insights.bench.sources import TRIALS, measure, write

    found = measure(TRIALS, say)
    if found:
        write(found)
    return [
        Entry("sources", f"{one.source}: rows in", one.n_in, "", one.payload, f"{one.n_read} read",
              rival="more at the second reading", rival_value=one.n_again)
        for one in found
    ]  # fmt: skip


def churn(say: Say) -> list[Entry]:
    """The model step on the public Telco table, beside L2 logistic on the same folds."""
    from insights.bench.churn import bench_churn

    path = SHARED / "churn_telco_ibm" / "WA_Fn-UseC_-Telco-Customer-Churn.csv"
    if not _present(path, say):
        return []
    found = bench_churn(pd.read_csv(path), "Churn", "Yes", "customerID")
    ours, rival = found["models"][found["ours"]], found["models"]["logistic"]
    aims = {
        "roc_auc": ">= 0.848",
        "pr_auc": ">= 0.665",
        "brier": "<= 0.134",
        "ece": "<= 0.025",
        "lift_top_decile": ">= 2.85",
    }
    size = f"{found['n_rows']} customers, five folds"
    return [
        Entry("churn", f"{found['ours']}: {name}", entry["mean"], "", "churn_telco_ibm", size, aim=aims.get(name, ""),
              rival="L2 logistic", rival_value=rival[name]["mean"])
        for name, entry in ours.items() if isinstance(entry, dict)
    ]  # fmt: skip


PARTS: dict[str, Callable[[Say], list[Entry]]] = {
    "demo": pipeline.measure,
    "irritants": irritants_sets.entries,
    "bilingual": bilingual.entries,
    "labels": labels.entries,
    "weeks": weeks.entries,
    "novelty": novelty.entries,
    "clauses": clauses.entries,
    "corrections": corrections.entries,
    "assigning": assigning.entries,
    "edits": edits.entries,
    "scores": scores.entries,
    "segments": segments.entries,
    "drivers": drivers.entries,
    "churn": churn,
    "redaction": redaction,
    "sources": sources,
    "intake": intake.measure,
    "proof": proof.entries,
}
