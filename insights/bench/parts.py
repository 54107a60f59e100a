"""The parts of the project's own benchmark. A part whose data are absent says so and gives no figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from insights.bench import (
    alarm_ring,
    alarms,
    assigning,
    bilingual,
    callbacks,
    churn_ablation,
    churn_leaks,
    churn_saas,
    churn_scale,
    clauses,
    corrections,
    dashboard,
    digest,
    drivers,
    edits,
    faults,
    hot_callback,
    intake,
    irritants_sets,
    labels,
    load,
    mailing,
    novelty,
    outbox,
    pipeline,
    proof,
    scale,
    scores,
    search,
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
    """The public Telco table beside its rivals, then the demo company's forward months beside the true hazard."""
    from insights.bench import churn as telco
    from insights.bench import churn_demo

    path = SHARED / "churn_telco_ibm" / "WA_Fn-UseC_-Telco-Customer-Churn.csv"
    found = telco.entries(path) if _present(path, say) else []
    return [*found, *churn_demo.entries(say)]


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
    "search": search.entries,
    "segments": segments.entries,
    "drivers": drivers.entries,
    "churn": churn,
    "churn-ablation": churn_ablation.entries,
    "churn-leaks": churn_leaks.entries,
    "churn-saas": churn_saas.entries,
    "churn-scale": churn_scale.entries,
    "callbacks": callbacks.entries,
    "redaction": redaction,
    "sources": sources,
    "intake": intake.measure,
    "hot-callback": hot_callback.entries,
    "outbox": outbox.entries,
    "mailing": mailing.entries,
    "faults": faults.entries,
    "digest": digest.entries,
    "alarms": alarms.entries,
    "alarm-ring": alarm_ring.entries,
    "proof": proof.entries,
    "dashboard": dashboard.entries,
    "load": load.entries,
    "scale": scale.entries,
}
