"""Processor time of each step for a thousand rows, and the cores that ten million feedback a day ask of it.

Taken in one process on the demo company's rows, models loaded beforehand. The wall clock plays no part, so that a busy
machine gives the same figures. What does not follow new rows but the whole company (scores, panel) is in `scale_growth`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from insights.bench.report import Entry
from insights.bench.scale_growth import PART
from insights.irritants.assign import Assigner
from insights.lake import Lake, open_lake
from insights.mentions.build import build_mentions
from insights.redaction import Redactor
from insights.settings import Settings
from insights.steps.assigning import assigned_rows, stacked
from insights.steps.enrich import COMMIT, polarity_model
from insights.steps.index import brought_up
from insights.steps.reading import BLAMED
from insights.topics.encoder import encoder_for

Say = Callable[[str], None]
A_DAY, NIGHT_SECONDS = 10_000_000, 8 * 3600
KINDS = {
    "surveys, reviews, posts": "kind IN ('survey', 'review', 'post')",
    "calls and chats": "kind IN ('call', 'chat')",
}
CHOSEN = "SELECT * FROM feedback WHERE verbatim IS NOT NULL AND {kind} ORDER BY hash(feedback_id) LIMIT $n"
OF_THESE = "SELECT * FROM {table} WHERE feedback_id IN (SELECT unnest($ids::VARCHAR[]))"
IRRITANTS = 40  # groups that stand for irritants: an assignment costs what their number makes it cost
WARM = 20  # rows that load the models


@dataclass(frozen=True)
class Step:
    """Processor seconds of `n` rows of feedback."""

    name: str
    seconds: float
    n: int


def entries(source: Settings, n: int, say: Say) -> list[Entry]:
    """Milliseconds a thousand feedback, and the cores for ten million in a night of eight hours."""
    found = []
    with TemporaryDirectory(prefix="voc-scale-") as folder, open_lake(copied(source, Path(folder))) as lake:
        for kind, where in KINDS.items():
            rows = lake.read(CHOSEN.format(kind=where), n=n)
            if len(rows) > WARM:
                found += [(kind, step) for step in _steps(lake, rows)]
        found.append(("all kinds", _index(lake)))
    return [entry for kind, step in found for entry in _told(kind, step, say)]


def copied(source: Settings, folder: Path) -> Settings:
    """Settings of a copy of a company's lake and models, to write in."""
    for part in (source.lake_dir, source.models_dir):
        if part.exists():
            shutil.copytree(part, folder / "data" / part.name)
    return source.model_copy(update={"data_dir": folder / "data"})


def _told(kind: str, step: Step, say: Say) -> list[Entry]:
    cost = 1e6 * step.seconds / step.n
    cores = A_DAY * step.seconds / step.n / NIGHT_SECONDS
    say(f"  {kind}, {step.name}: {cost:,.0f} ms a thousand, {cores:.1f} cores for ten million in a night")
    size = f"{step.n:,} feedback"
    return [
        Entry(PART, f"{kind}, {step.name}: processor a thousand feedback", cost, "ms", "demo company", size),
        Entry(PART, f"{kind}, {step.name}: cores for ten million in 8 h", cores, "", "demo company", size),
    ]


def _steps(lake: Lake, rows: pd.DataFrame) -> list[Step]:
    """Redaction, reading, encoding, assigning and writing of these feedback, in the chain's order."""
    settings, n = lake.settings, len(rows)
    texts, languages = list(rows["verbatim"]), list(rows["language"].fillna("und"))
    turns = lake.read(OF_THESE.format(table="turn"), ids=list(rows["feedback_id"]))
    polarity, encoder = polarity_model(lake, settings), encoder_for(settings.encoder, settings.threads)
    with Redactor(settings.brands) as redactor:
        redactor.redact(texts[:WARM], languages[:WARM])
        _, redacted = _timed(lambda: redactor.redact(texts, languages))
    build_mentions(rows.head(WARM), turns, polarity, settings.competitors)
    encoder(texts[:WARM])
    mentions, read = _timed(lambda: build_mentions(rows, turns, polarity, settings.competitors))
    named = mentions[mentions["type"].isin(BLAMED)].drop_duplicates("text_sha")
    vectors, encoded = _timed(lambda: encoder(list(named["text"])))
    waiting = named.assign(vector=list(vectors))[["mention_id", "language", "vector"]]
    assigner = _assigner(vectors, list(named["language"]), encoder.version, settings.seed)
    assigned, placed = _timed(lambda: assigned_rows(assigner, waiting))
    copies = max(1, COMMIT // n)
    vector = pd.DataFrame({"text_sha": named["text_sha"], "encoder_version": "b", "vector": list(vectors)})
    tables = {
        name: _several(rows, copies)
        for name, rows in (("mention", mentions), ("embedding", vector), ("mention_irritant", assigned))
    }
    _, written = _timed(lambda: _write(lake, tables))
    told = {
        "redaction": redacted, "clauses, polarity, signals": read, "vectors": encoded, "irritants": placed,
    }  # fmt: skip
    return [*(Step(name, seconds, n) for name, seconds in told.items()), Step("writing", written, n * copies)]


def _several(rows: pd.DataFrame, copies: int) -> pd.DataFrame:
    """The rows as many times as one transaction holds them, with ids that are nobody else's."""
    ids = [name for name in ("mention_id", "feedback_id", "text_sha") if name in rows.columns]
    told = [rows.assign(**{name: f"b{k}-" + rows[name] for name in ids}) for k in range(copies)]
    return pd.concat(told, ignore_index=True)


def _assigner(vectors: Any, languages: list[str], encoder: str, seed: int) -> Assigner:
    ids = np.random.default_rng(seed).integers(0, IRRITANTS, len(vectors))
    return Assigner.fit(stacked(pd.Series(list(vectors))), languages, [f"IR-{one:04d}" for one in ids], encoder)


def _write(lake: Lake, tables: dict[str, pd.DataFrame]) -> None:
    with lake.write() as writer:
        for table, rows in tables.items():
            writer.insert_new(table, rows)


def _index(lake: Lake) -> Step:
    with TemporaryDirectory() as folder:
        (n, _, _), seconds = _timed(lambda: brought_up(lake, Path(folder)))
    return Step("search index", seconds, max(1, n))


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work gave, and the processor seconds of this process."""
    begun = time.process_time()
    return work(), time.process_time() - begun
