"""Index: verbatims that have been enriched can be searched by words and by meaning; what left the lake leaves the index.

The index lies below data/search in segments that stand by themselves. New verbatims make a new segment; one that holds
a verbatim which changed or left is written anew; small ones are put together.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from insights.errors import LakeError
from insights.keys import replace_file
from insights.lake import Lake
from insights.ledger import Ledger
from insights.search import meaning, postings
from insights.search.finder import MANIFEST, VERSION, Segment, manifest
from insights.search.words import text_forms
from insights.steps.run_log import StepReport, recorded
from insights.topics.encoder import encoder_for

SEGMENT = 100_000  # verbatims a segment: bounds the memory of a build
SMALL, MANY = 20_000, 8  # so many segments smaller than this are put together
Keys = NDArray[np.uint64]

SEARCHED = """
SELECT hash(feedback_id) AS key, hash(feedback_id, verbatim) AS content FROM feedback
WHERE kind <> 'employee' AND verbatim IS NOT NULL AND feedback_id IN (SELECT feedback_id FROM mention)
ORDER BY occurred_at, feedback_id
"""
UNTIL = """
SELECT max(ingested_at) AS until FROM feedback
WHERE kind <> 'employee' AND verbatim IS NOT NULL AND feedback_id IN (SELECT feedback_id FROM mention)
"""
DOCUMENTS = """
SELECT hash(feedback_id) AS key, hash(feedback_id, verbatim) AS content, verbatim, coalesce(language, 'und') AS language,
    datediff('day', DATE '1970-01-01', occurred_at::DATE)::INTEGER AS day
FROM feedback WHERE hash(feedback_id) IN (SELECT unnest($keys::UBIGINT[])) ORDER BY occurred_at, feedback_id
"""
CLAUSES = """
SELECT DISTINCT hash(m.feedback_id) AS key, hash(m.text_sha) AS text
FROM mention m JOIN embedding e ON e.text_sha = m.text_sha AND e.encoder_version = $encoder
WHERE m.voice = 'customer' AND hash(m.feedback_id) IN (SELECT unnest($keys::UBIGINT[]))
"""
VECTORS = """
SELECT hash(e.text_sha) AS text, e.vector FROM embedding e
WHERE e.encoder_version = $encoder AND e.text_sha IN (
    SELECT text_sha FROM mention WHERE voice = 'customer' AND hash(feedback_id) IN (SELECT unnest($keys::UBIGINT[]))
) ORDER BY e.text_sha
"""


def index(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Bring the search index up to the lake; a second run writes nothing."""
    with recorded(lake, run_id, "index") as report:
        report.n_in, report.n_out, report.note = brought_up(lake, lake.settings.search_dir)
    return report


def brought_up(lake: Lake, folder: Path) -> tuple[int, int, dict[str, int]]:
    """The index in `folder` as the lake is now: verbatims in it, verbatims written, and what was done to segments."""
    with alone(lake, folder):
        told = _usable(lake, folder)
        wanted = lake.read_arrow(SEARCHED)
        keys, contents = (wanted.column(name).to_numpy() for name in ("key", "content"))
        kept, missing = _plan(folder, told, keys, contents)
        cuts = range(0, len(missing), SEGMENT)
        if not told or missing.size or len(kept) < len(told["segments"]):
            made = [_segment(lake, folder, missing[at : at + SEGMENT]) for at in cuts]
            _switch(lake, folder, [*kept, *made], len(keys))
    return len(keys), len(missing), {"segments_kept": len(kept), "segments_written": len(cuts)}


@contextmanager
def alone(lake: Lake, folder: Path) -> Iterator[None]:
    """Nobody else writes the index in `folder`: an erasure holds this too, so that no build puts old words back.

    Raises LakeError when a build, which may take minutes, lasts twice as long as the lake waits for a writer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "write.lock", timeout=2 * lake.lock_seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise LakeError(
            f"The search index is being written for over {lock.timeout:.0f} s. Wait for it, then ask again."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _usable(lake: Lake, folder: Path) -> Mapping[str, Any]:
    """What the index says of itself; empty where there is none, or one of another encoder."""
    told = manifest(folder)
    return told if told and told["encoder"] == _encoder(lake) else {}


def _encoder(lake: Lake) -> str:
    return encoder_for(lake.settings.encoder, lake.settings.threads).version


def _plan(folder: Path, told: Mapping[str, Any], keys: Keys, contents: Keys) -> tuple[list[str], Keys]:
    """Segments that stay as they are, and the keys of all other verbatims, oldest first."""
    there = np.sort(contents)
    good: dict[str, Keys] = {}
    for name in told.get("segments", ()):
        held = _contents(folder / name)
        if held is not None and np.isin(held, there).all():
            good[name] = held
    small = [name for name, held in good.items() if len(held) < SMALL]
    if len(small) >= MANY:
        good = {name: held for name, held in good.items() if name not in small}
    indexed = np.concatenate([*good.values(), np.empty(0, np.uint64)])
    return list(good), keys[~np.isin(contents, indexed)]


def _contents(segment: Path) -> Keys | None:
    """The verbatims a segment was made from; None where it is gone (an erasure) or damaged."""
    try:
        held: Keys = np.load(segment / "contents.npy", mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return held


def _segment(lake: Lake, folder: Path, keys: Keys) -> str:
    """Write the segment of these verbatims; returns its name."""
    found = lake.read_arrow(DOCUMENTS, keys=keys.tolist())
    texts, languages = found.column("verbatim").to_pylist(), found.column("language").to_pylist()
    words = postings.build(text_forms(text, language) for text, language in zip(texts, languages, strict=True))
    own, contents, days = (found.column(name).to_numpy() for name in ("key", "content", "day"))
    name = uuid4().hex[:12]
    Segment(own, contents, days, words, _meanings(lake, own)).save(folder / name)
    return name


def _meanings(lake: Lake, own: Keys) -> meaning.Meanings:
    encoder = _encoder(lake)
    found = lake.read_arrow(VECTORS, keys=own.tolist(), encoder=encoder)
    texts = found.column("text").to_numpy()
    vectors = _matrix(found.column("vector"))
    said = lake.read_arrow(CLAUSES, keys=own.tolist(), encoder=encoder)
    pairs = (_places(texts, said.column("text").to_numpy()), _places(own, said.column("key").to_numpy()))
    return meaning.build(texts, vectors, *pairs, lake.settings.seed)


def _places(known: Keys, wanted: Keys) -> NDArray[np.int64]:
    """Where each of `wanted` stands in `known`, which has all of them."""
    order = np.argsort(known)
    return order[np.searchsorted(known[order], wanted)] if len(wanted) else np.empty(0, np.int64)


def _matrix(vectors: pa.ChunkedArray) -> NDArray[np.float32]:
    """(n, d) of a column of lists; (0, 1) without any."""
    if not len(vectors):
        return np.empty((0, 1), np.float32)
    flat = pa.concat_arrays([chunk.flatten() for chunk in vectors.chunks]).to_numpy()
    return np.asarray(flat, np.float32).reshape(len(vectors), -1)


def _switch(lake: Lake, folder: Path, segments: Sequence[str], n_docs: int) -> None:
    """Readers find the new segments from now on; what is no part of them any more is deleted."""
    until = lake.scalar(UNTIL)
    told = {
        "version": VERSION,
        "encoder": _encoder(lake),
        "segments": list(segments),
        "n_docs": n_docs,
        "until": until.isoformat() if until is not None else None,
        "made_at": datetime.now(UTC).isoformat(),
        "snapshot": lake.snapshot_id(),
    }
    replace_file(folder / MANIFEST, json.dumps(told).encode())
    for path in folder.iterdir():
        if path.is_dir() and path.name not in segments:
            shutil.rmtree(path)
