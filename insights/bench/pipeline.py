"""The whole chain on the demo company, in a folder of its own: seconds and memory by step, and agreement with the truth."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from insights.bench.irritants_sets import entries_of, of_demo
from insights.bench.report import Entry
from insights.bench.truth import aligned, read_clauses
from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.intervals import wilson
from insights.lake import Lake, open_lake
from insights.settings import Settings, load_settings
from insights.simulate import write
from insights.steps.assigning import stacked
from insights.steps.score import load_model
from insights.steps.window import analysis_day

Say = Callable[[str], None]
DATA = "demo company"
AS_OF = "2026-10-31"
STEPS = "SELECT * FROM run WHERE step <> 'ingest_file' ORDER BY started_at"
VECTORS = """
SELECT m.mention_id, e.vector FROM mention m JOIN embedding e USING (text_sha) WHERE m.type = 'complaint'
"""


def bench_settings() -> Settings:
    """Settings of the benchmark's own folder, beside the demo's."""
    base = load_settings()
    return load_settings(
        data_dir=base.data_dir / "bench", keys_dir=base.keys_dir / "bench", as_of=AS_OF, transcript_retention_days=1095
    )


def run_chain(settings: Settings, say: Say) -> None:
    """Simulate the demo company and run the real flows on it, once, in a process of their own."""
    if (settings.lake_dir / "catalog.sqlite").exists():
        say(f"  using the lake at {settings.lake_dir} (delete the folder to measure the chain anew)")
        return
    summary = write("demo", settings.data_dir, seed=settings.seed)
    say(f"  simulated {summary.n_feedback} items in {summary.seconds:.1f} s")
    child = {**os.environ, "VOC_DATA_DIR": str(settings.data_dir), "VOC_KEYS_DIR": str(settings.keys_dir)}
    child |= {"VOC_AS_OF": AS_OF, "VOC_TRANSCRIPT_RETENTION_DAYS": "1095"}
    command = [sys.executable, "-m", "flows.everything", str(settings.data_dir / "exports")]
    if subprocess.run(command, env=child, check=False).returncode:
        raise ModelError("The chain failed on the demo company: see the lines above.")


def measure(say: Say) -> list[Entry]:
    """Entries of the part `demo`."""
    settings = bench_settings()
    run_chain(settings, say)
    with open_lake(settings, read_only=True) as lake:
        entries = [*_steps(lake), *_irritants(lake, settings), *_churn(lake, settings)]
    return entries


def _steps(lake: Lake) -> list[Entry]:
    runs = lake.read(STEPS)
    first = runs[runs["run_id"] == runs["run_id"].iloc[0]]
    entries = []
    for row in first.to_dict("records"):
        size = f"{row['n_in']} in"
        entries.append(Entry("demo", f"{row['step']}: seconds", row["seconds"], "s", DATA, size))
        if row["n_in"] and row["step"] in {"ingest", "enrich"}:
            rate = row["n_in"] / max(row["seconds"], 1e-9)
            entries.append(Entry("demo", f"{row['step']}: rows a second", rate, "rows/s", DATA, size))
    total = float(first["seconds"].sum())
    size = f"{lake.counts()['feedback']} feedback"
    entries.append(Entry("demo", "chain: seconds", total, "s", DATA, size, aim="<= 240 (120 is the stretch)"))
    peak = float(first["peak_memory_mb"].max())
    entries.append(Entry("demo", "chain: peak memory of one process", peak, "MB", DATA, size))
    return entries


def _irritants(lake: Lake, settings: Settings) -> list[Entry]:
    """Agreement of the irritants found with those planted, over the clauses that really carry one."""
    mentions = aligned(lake, read_clauses(settings.data_dir))
    found = mentions["type"].isin(["complaint", "suggestion"])
    judged = mentions[(mentions["true_kind"] == "irritant") & found & mentions["irritant_id"].notna()]
    size = f"{len(judged)} clauses, {judged['true_irritant'].nunique()} irritants planted"
    nmi = normalized_mutual_info_score(judged["true_irritant"], judged["irritant_id"])
    ari = adjusted_rand_score(judged["true_irritant"], judged["irritant_id"])
    unclassified = float((judged["irritant_id"] == UNCLASSIFIED).mean())
    beside, (rival_nmi, rival_ari) = "K-means at gold k", _kmeans(lake, judged, settings.seed)
    return [
        Entry("demo", "irritants: NMI with the truth", nmi, "", DATA, size, rival=beside, rival_value=rival_nmi),
        Entry("demo", "irritants: ARI with the truth", ari, "", DATA, size, rival=beside, rival_value=rival_ari),
        Entry("demo", "irritants: share unclassified", unclassified, "", DATA, size, aim="<= 0.10"),
        Entry("demo", "irritants found", judged["irritant_id"].nunique(), "", DATA, size, aim="30 planted"),
        *_shares(mentions, found),
        *_doubt(lake, mentions),
    ]


def _shares(mentions: pd.DataFrame, found: pd.Series) -> list[Entry]:
    """Recall and precision of complaints and of intent to leave, with Wilson intervals."""
    carry, known = mentions["true_kind"] == "irritant", mentions["true_kind"].notna()
    leaves, told = mentions["true_leave"].fillna(False).astype(bool), mentions["leave_intent"]
    entries = []
    for name, hits, base in (
        ("complaint recall: clauses with an irritant read as complaint", carry & found, carry),
        ("complaint precision: complaints that carry an irritant", carry & found, found & known),
        ("leave intent: recall", told & leaves, leaves),
        ("leave intent: precision", told & leaves, told & known),
    ):
        n, k = int(base.sum()), int((hits & base).sum())
        share = wilson(np.array([k]), np.array([n]))
        interval = (float(share.low[0]), float(share.high[0]))
        entries.append(Entry("demo", name, k / max(n, 1), "", DATA, f"{n} clauses", interval=interval))
    return entries


def _doubt(lake: Lake, mentions: pd.DataFrame) -> list[Entry]:
    """What a fit of the demo's complaints leaves out and rescues."""
    vectors = lake.read(VECTORS).drop_duplicates("mention_id").set_index("mention_id")["vector"]
    kept = mentions[mentions["mention_id"].isin(vectors.index)].reset_index(drop=True)
    demo = of_demo(kept, stacked(vectors.loc[kept["mention_id"]]))
    return [replace(entry, part="demo") for entry in entries_of(demo, ("kmeans",))]


def _kmeans(lake: Lake, judged: pd.DataFrame, seed: int) -> tuple[float, float]:
    """NMI and ARI of K-means with the true number of irritants on the same vectors."""
    both = judged.merge(lake.read(VECTORS), on="mention_id")
    if both.empty:
        return float("nan"), float("nan")
    labels = KMeans(both["true_irritant"].nunique(), n_init=3, random_state=seed).fit_predict(stacked(both["vector"]))
    truth = both["true_irritant"]
    return normalized_mutual_info_score(truth, labels), adjusted_rand_score(truth, labels)


def _churn(lake: Lake, settings: Settings) -> list[Entry]:
    """Forward figures of the model card, beside the points card in the same months."""
    model = load_model(settings, analysis_day(lake))
    if model is None:
        return []
    card = model.model_card()
    test: dict[str, Any] = card.get("test", {})
    return [
        Entry("demo", f"churn: {name}", value, "", DATA, size, aim=aim, rival="points card", rival_value=rival)
        for name, value, size, aim, rival in churn_figures(test)
    ]


def churn_figures(test: dict[str, Any]) -> list[tuple[str, float, str, str, float | None]]:
    """(name, value, size, aim, the card's value) of the last test months together, from the model card."""
    whole = test.get("all", {})
    ours, rival = whole.get(test.get("served", "logistic"), {}), whole.get("card", {})
    size = f"{whole.get('n')} customer-months, {whole.get('n_events')} departures, {len(test.get('months', {}))} months"
    aims = {"calibration_slope": "0.9 to 1.1", "slope": "0.9 to 1.1", "ece": "<= 0.03"}
    return [(name, float(value), size, aims.get(name, ""), rival.get(name)) for name, value in ours.items()]
