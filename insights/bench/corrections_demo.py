"""Corrections on the simulated company: what its truth says of the irritants found, of confidence, of mentions in two rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from insights.bench.corrections import PART, Found, Labelled, found_entries
from insights.bench.pipeline import bench_settings
from insights.bench.report import Entry
from insights.bench.truth import aligned, read_clauses
from insights.churn.evaluate import ece
from insights.contracts import UNCLASSIFIED
from insights.irritants.assign import Assigner
from insights.lake import open_lake
from insights.steps.assigning import stacked
from insights.topics.encoder import encoder_for

DATA = "demo company"
SEEDS = 2
EACH = 10  # corrections an irritant
NOTHING = 100  # clauses of no irritant that people say belong nowhere
VECTORS = """
SELECT m.mention_id, e.vector FROM mention m JOIN embedding e USING (text_sha) WHERE e.encoder_version = $encoder
"""


def entries(say: Callable[[str], None]) -> list[Entry]:
    """Entries of the part `corrections` on the lake of the part `demo`; none before that part has run."""
    settings = bench_settings()
    if not (settings.lake_dir / "catalog.sqlite").exists():
        say(f"  {settings.lake_dir} is absent: run the part `demo` first; left out")
        return []
    with open_lake(settings, read_only=True) as lake:
        mentions = aligned(lake, read_clauses(settings.data_dir)).drop_duplicates("mention_id")
        vectors = lake.read(VECTORS, encoder=encoder_for(settings.encoder, settings.threads).version)
    frame = mentions.merge(vectors, on="mention_id")
    frame = frame[frame["irritant_id"].notna() & frame["true_kind"].notna()].reset_index(drop=True)
    truth = frame["true_irritant"].where(frame["true_kind"] == "irritant", UNCLASSIFIED).to_numpy(dtype=object)
    vectors_of = stacked(frame["vector"])
    spoken, ids = frame["language"].to_numpy(dtype=object), frame["irritant_id"].to_numpy(dtype=object)
    real = (truth != UNCLASSIFIED) & (ids != UNCLASSIFIED)
    named = {str(name): vectors_of[:1] for name in sorted(set(truth[real]))}
    told = Labelled(vectors_of[real], spoken[real], truth[real], named)
    say(f"  {DATA}: {int(real.sum())} clauses of {len(named)} irritants, {int((~real).sum())} of none")
    size = f"{int(real.sum())} clauses, {len(named)} irritants planted, {SEEDS} seeds"
    others = Labelled(vectors_of[~real], spoken[~real], truth[~real], {})
    return [
        *found_entries(told, ids[real], DATA, size, SEEDS, say),
        *_judged(told, ids[real], size),
        *_nowhere(told, ids[real], others, ids[~real]),
    ]


def _judged(told: Labelled, ids: NDArray[np.object_], size: str) -> list[Entry]:
    """Calibration before and after corrections, and mentions in several rows, of one half of the clauses."""
    pool, judged = told.halves(0)
    found = Found.of(told, ids, pool)
    near = found.fit()
    learned = found.fit(found.correct(told.first(pool, EACH), near))
    before, after = _calibration(found, near, judged), _calibration(found, learned, judged)
    row, given, _ = learned.assign_rows(told.vectors[judged], told.spoken(judged))
    right = np.array([found.gold_of.get(one, one) for one in given], dtype=object) == told.gold[judged][row]
    several = np.bincount(row, minlength=len(judged)) > 1
    first = right[np.unique(row, return_index=True)[1]]
    one_of = np.bincount(row, weights=right, minlength=len(judged)) > 0
    about = f"{int(several.sum())} of {len(judged)} clauses"
    return [
        Entry(PART, f"calibration error, {EACH} corrections an irritant", after, "", DATA, size, "<= 0.05",
              rival="without corrections", rival_value=before),
        Entry(PART, "mentions in two or three rows", float(several.mean()), "", DATA, size),
        Entry(PART, "of these, the truth is among them", float(one_of[several].mean()), "", DATA, about,
              rival="the truth is the first", rival_value=float(first[several].mean())),
    ]  # fmt: skip


def _calibration(found: Found, assigner: Assigner, judged: NDArray[np.int64]) -> float:
    told = found.labelled
    ids, confidence = assigner.assign(told.vectors[judged], told.spoken(judged))
    right = np.array([found.gold_of.get(one, one) for one in ids], dtype=object) == told.gold[judged]
    placed = ids != UNCLASSIFIED
    return ece(right[placed].astype(float), confidence[placed])


def _nowhere(told: Labelled, ids: NDArray[np.object_], others: Labelled, other_ids: NDArray[np.object_]) -> list[Entry]:
    """What "this belongs nowhere" brings on clauses of no irritant, which were members before, and costs on the others."""
    pool, judged = told.halves(0)
    drawn = np.random.default_rng(0).permutation(len(others.gold))
    members, rest = drawn[: len(drawn) // 2], drawn[len(drawn) // 2 :]
    found = Found.of(told, ids, pool)
    vectors = np.concatenate([told.vectors[pool], others.vectors[members]])
    spoken = told.spoken(pool) + others.spoken(members)
    known = [*ids[pool], *other_ids[members]]
    near = Assigner.fit(vectors, spoken, known, "bench")
    said = members[:NOTHING]
    nowhere = others.told(said, [UNCLASSIFIED] * len(said), list(other_ids[said]))
    moved = found.correct(told.first(pool, EACH), near)
    learned = Assigner.fit(vectors, spoken, known, "bench", corrections=moved.then(nowhere))

    def left(assigner: Assigner, which: Labelled, rows: NDArray[np.int64]) -> float:
        return float(np.mean(assigner.assign(which.vectors[rows], which.spoken(rows))[0] == UNCLASSIFIED))

    name = f'"belongs nowhere" said of {NOTHING} clauses'
    return [
        Entry(PART, f"{name}: others of no irritant left alone", left(learned, others, rest), "", DATA,
              f"{len(rest)} clauses", rival="without", rival_value=left(near, others, rest)),
        Entry(PART, f"{name}: clauses of an irritant left alone", left(learned, told, judged), "", DATA,
              f"{len(judged)} clauses", "<= 0.10", rival="without", rival_value=left(near, told, judged)),
    ]  # fmt: skip
