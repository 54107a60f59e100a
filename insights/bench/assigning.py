"""Seconds to give 100,000 new clauses their irritants, beside the seconds their encoding takes on the same core."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from insights.bench.report import Entry
from insights.bench.truth import read_clauses
from insights.irritants.assign import Assigner
from insights.simulate import write
from insights.topics.encoder import encoder_for
from insights.topics.vectors import unit

N_CLAUSES = 100_000
N_ENCODED = 2_000
N_IRRITANTS, N_MEMBERS = 60, 50
DATA = "drawn around encoded clauses"


def entries(say: Callable[[str], None]) -> list[Entry]:
    """Encoding is measured on real sentences and scaled; assignment on all 100,000 vectors."""
    encoder = encoder_for("use-multilingual")
    texts = _sentences()
    encoder(texts[:50])
    begun = time.perf_counter()
    base = encoder(texts)
    encoding = (time.perf_counter() - begun) * N_CLAUSES / len(texts)
    draw = np.random.default_rng(0)
    centres = base[draw.choice(len(base), N_IRRITANTS, replace=False)]
    assigner = _assigner(centres, draw)
    near = centres[draw.integers(0, N_IRRITANTS, N_CLAUSES)] + draw.normal(0, 0.03, (N_CLAUSES, base.shape[1]))
    clauses = unit(near)
    begun = time.perf_counter()
    rows, _, _ = assigner.assign_rows(clauses, ["fr"] * N_CLAUSES)
    seconds = time.perf_counter() - begun
    say(f"  {len(rows)} rows for {N_CLAUSES} clauses")
    size = f"{N_CLAUSES:,} clauses, {N_IRRITANTS} irritants"
    return [
        Entry("assigning", "seconds to encode", encoding, "s", "small demo company", f"{len(texts)} measured, scaled"),
        Entry("assigning", "seconds to assign", seconds, "s", DATA, size),
        Entry("assigning", "assignment as a share of encoding", seconds / encoding, "", DATA, size, "<= 0.1"),
    ]  # fmt: skip


def _sentences() -> list[str]:
    with TemporaryDirectory() as folder:
        write("small", Path(folder))
        return list(read_clauses(Path(folder))["text"].drop_duplicates().head(N_ENCODED))


def _assigner(centres: np.ndarray[tuple[int, int], np.dtype[np.float32]], draw: np.random.Generator) -> Assigner:
    ids = np.repeat([f"IR-{n:04d}" for n in range(1, N_IRRITANTS + 1)], N_MEMBERS)
    members = unit(np.repeat(centres, N_MEMBERS, axis=0) + draw.normal(0, 0.03, (len(ids), centres.shape[1])))
    return Assigner.fit(members, ["fr"] * len(ids), list(ids), "bench")
