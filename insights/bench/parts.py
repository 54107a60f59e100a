"""The parts of the project's own benchmark. A part whose data are absent says so and gives no figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from insights.bench import intake, pipeline
from insights.bench.report import Entry
from insights.settings import load_settings

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
Say = Callable[[str], None]


def _present(path: Path, say: Say) -> bool:
    if not path.exists():
        say(f"  {path} is absent: left out")
    return path.exists()


def irritants(say: Say) -> list[Entry]:
    """Agreement with human labels on the real sets, beside K-means at the gold number on the same vectors."""
    from insights.bench.irritants import bench_irritants

    sets = {
        "fr_wikit_intents": (("training_dataset.csv", "test_dataset.csv"), "utterance", "intent", "0.762", "0.597"),
        "en_banking77": (("test.csv",), "text", "category", "0.717", "0.347"),
    }
    entries = []
    for name, (files, text, label, nmi, ari) in sets.items():
        paths = [SHARED / name / file for file in files]
        if not all(_present(path, say) for path in paths):
            continue
        frame = pd.concat([pd.read_csv(path, sep=None, engine="python") for path in paths]).dropna(subset=[text, label])
        found = bench_irritants(list(frame[text].astype(str)), list(frame[label].astype(str)), seeds=5)
        size = f"{len(frame)} texts, {frame[label].nunique()} labels, 5 seeds"
        entries += irritant_entries("irritants", name, size, found, {"nmi": nmi, "ari": ari})
    return entries


NAMED = {
    "nmi": "NMI",
    "ari": "ARI",
    "n_topics": "topics",
    "share_unclassified": "share unclassified",
    "seconds": "seconds",
    "docs_per_second": "texts a second",
}


def irritant_entries(part: str, data: str, size: str, found: dict[str, Any], aims: dict[str, str]) -> list[Entry]:
    """Entries of one run of `bench_irritants`; the interval is mean plus and minus one deviation over the seeds."""
    ours, rival = found["ours"], found.get("kmeans", {})
    aims = {**{key: f">= {value}" for key, value in aims.items()}, "share_unclassified": "<= 0.10"}
    entries = []
    for key, label in NAMED.items():
        mean, sd = _mean_sd(ours, key)
        interval = (mean - sd, mean + sd) if sd is not None else None
        unit = "s" if key == "seconds" else ""
        beside = ("K-means at gold k", _mean_sd(rival, key)[0]) if key in rival else ("", None)
        entries.append(Entry(part, label, mean, unit, data, size, aims.get(key, ""), interval, *beside))
    return entries


def _mean_sd(side: dict[str, Any], key: str) -> tuple[float, float | None]:
    """Mean of a figure over the seeds, and its deviation where there is one."""
    value = side[key]
    return (float(value["mean"]), float(value["sd"])) if isinstance(value, dict) else (float(value), None)


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
    "irritants": irritants,
    "churn": churn,
    "redaction": redaction,
    "sources": sources,
    "intake": intake.measure,
}
