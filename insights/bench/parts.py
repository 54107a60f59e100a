"""The parts of the project's own benchmark. A part whose data are absent says so and gives no figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from insights.bench import pipeline
from insights.bench.report import Entry

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


def irritant_entries(part: str, data: str, size: str, found: dict[str, object], aims: dict[str, str]) -> list[Entry]:
    """Entries of one run of `bench_irritants`."""
    ours, rival = _side(found, "ours"), _side(found, "kmeans")
    named = {
        "nmi": "NMI",
        "ari": "ARI",
        "n_topics": "topics",
        "share_unclassified": "share unclassified",
        "seconds": "seconds",
    }
    aims = {**{key: f">= {value}" for key, value in aims.items()}, "share_unclassified": "<= 0.10"}
    return [
        Entry(part, label, float(ours[key]), "s" if key == "seconds" else "", data, size, aim=aims.get(key, ""),
              rival="K-means at gold k" if key in rival else "", rival_value=rival.get(key))
        for key, label in named.items() if key in ours
    ]  # fmt: skip


def _side(found: dict[str, object], name: str) -> dict[str, float]:
    """Means of one side, whatever is nested below it."""
    side = found.get(name, {})
    pairs = side.items() if isinstance(side, dict) else ()
    return {key: float(value["mean"] if isinstance(value, dict) else value) for key, value in pairs}


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
}
