"""Search at one million verbatims: time by words and by meaning beside what one would write first, recall, quality.

Words are searched in the lake of a million verbatims that the dashboard's own benchmark makes (its texts are the demo's
own words). Its clauses repeat, so meaning is measured on a million distinct vectors of their own: each between two of
the demo's and a little beside. The rivals answer the same questions in the same run: DuckDB reading every verbatim for
the words (ILIKE), and numpy comparing every vector in float32.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from insights.bench import search_quality
from insights.bench.dashboard_lake import grow
from insights.bench.report import Entry
from insights.lake import Lake, open_lake
from insights.search import Finder, meaning, parse, postings
from insights.search.finder import Segment
from insights.settings import Settings, load_settings
from insights.simulate.bank import irritants
from insights.steps.index import SEGMENT, brought_up
from insights.topics.vectors import unit

PART = "search"
N, ASKED, K = 1_000_000, 40, 100
LIKE = """
SELECT hash(feedback_id) AS key FROM feedback
WHERE kind <> 'employee' AND len(list_filter($words::VARCHAR[], lambda w: NOT verbatim ILIKE '%' || w || '%')) = 0
ORDER BY occurred_at DESC LIMIT 100
"""
RECENT = "SELECT hash(feedback_id) AS key FROM feedback WHERE kind <> 'employee' AND occurred_at >= $since"
REAL = "SELECT vector FROM embedding ORDER BY text_sha"
Matrix = NDArray[np.float32]
Say = Callable[[str], None]
Milliseconds = tuple[float, float]  # p50, p95


def entries(say: Say) -> list[Entry]:
    """Quality on the demo company, then times at a million."""
    base = load_settings()
    found = search_quality.entries(base, say)
    folder = base.data_dir / "bench_million"
    million = load_settings(data_dir=folder / "data", keys_dir=base.keys_dir / "bench_million")
    if not (base.lake_dir / "catalog.sqlite").exists():
        say("  no demo company below VOC_DATA_DIR: times left out")
        return found
    grow(base, million, say, N)
    return [*found, *word_entries(million, million.search_dir, say), *meaning_entries(base, N, say)]


def word_entries(settings: Settings, folder: Path, say: Say) -> list[Entry]:
    """Build the index of a lake in `folder` and time searches by words, on first use and with a filter."""
    with open_lake(settings, read_only=True) as lake:
        start = time.perf_counter()
        n, n_written, _ = brought_up(lake, folder)
        seconds = time.perf_counter() - start
        finder = Finder.load(folder)
        if finder is None:
            return []
        size = f"{n:,} verbatims"
        texts = [name for one in irritants() for name in (one.label_fr, one.label_en)][:ASKED]
        say(f"  {ASKED} searches by words in {size}")
        ours = timed([partial(finder.said, parse(text), None, K) for text in texts])
        rival = timed([partial(scanned, lake, text) for text in texts[:10]])
        cut = recent(lake)
        filtered = timed([partial(finder.said, parse(text), cut, K) for text in texts])
    rows = [_entry("by words, p50", ours[0], size, "DuckDB ILIKE scan", rival[0]),
            _entry("by words, p95", ours[1], size, "DuckDB ILIKE scan", rival[1]),
            _entry(f"by words under a filter that keeps {len(cut):,}, p95", filtered[1], size)]  # fmt: skip
    if n_written == n:
        rows.append(Entry(PART, "index built from nothing", round(seconds), "s", "million lake", size))
        rows.append(Entry(PART, "index built from nothing, peak memory", peak_mb(), "MB", "million lake", size))
    rows.append(Entry(PART, "index on disk", round(on_disk_mb(folder)), "MB", "million lake", size))
    return rows


def meaning_entries(base: Settings, n: int, say: Say) -> list[Entry]:
    """Time and recall@10 of the nearest by meaning among `n` distinct vectors, beside the exact search in float32."""
    with open_lake(base, read_only=True) as lake:
        real = np.array(lake.read(REAL)["vector"].tolist(), dtype=np.float32)
    size, draw = f"{n:,} vectors of {real.shape[1]}", np.random.default_rng(base.seed)
    say(f"  nearest by meaning among {size}")
    asked = between(real, ASKED, draw)
    with TemporaryDirectory(dir=base.data_dir) as folder:
        finder, vectors = made(real, n, draw, Path(folder))
        ours = timed([partial(finder.by_meaning, one, None, K) for one in asked])
        rival = timed([partial(exact, vectors, one) for one in asked])
        recalls = [np.isin(exact(vectors, one)[:10], _places(finder, one)).mean() for one in asked]
        disk = on_disk_mb(Path(folder))
    return [_entry("by meaning, p50", ours[0], size, "float32 brute force", rival[0]),
            _entry("by meaning, p95", ours[1], size, "float32 brute force", rival[1]),
            Entry(PART, "recall@10 of the exact search", float(np.mean(recalls)), "", "between demo vectors", size,
                  ">= 0.9"),
            Entry(PART, "vectors on disk", round(disk), "MB", "between demo vectors", size, "", None, "float32",
                  round(vectors.nbytes / 1e6))]  # fmt: skip


def timed(calls: Sequence[Callable[[], object]]) -> Milliseconds:
    """p50 and p95 of one call each, in milliseconds; one call before them opens the files."""
    calls[0]()
    spent = []
    for call in calls:
        start = time.perf_counter()
        call()
        spent.append(1000 * (time.perf_counter() - start))
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 95))


def scanned(lake: Lake, text: str) -> object:
    """The rival by words: every verbatim read."""
    return lake.read(LIKE, words=list(parse(text).words))


def recent(lake: Lake) -> NDArray[np.uint64]:
    """Keys of the last quarter's verbatims."""
    since = lake.scalar("SELECT max(occurred_at) - INTERVAL 91 DAY FROM feedback")
    return np.sort(lake.read(RECENT, since=since)["key"].to_numpy(np.uint64))


def between(real: Matrix, n: int, draw: np.random.Generator) -> Matrix:
    """(n, d) unit vectors, each between two real ones and a little beside."""
    one, two = (real[draw.integers(0, len(real), n)] for _ in range(2))
    noise = draw.normal(size=(n, real.shape[1])).astype(np.float32) / np.sqrt(real.shape[1])
    return unit(one + 0.5 * two + 0.3 * noise)


def made(real: Matrix, n: int, draw: np.random.Generator, folder: Path) -> tuple[Finder, Matrix]:
    """An index of n vectors written in segments below `folder`, and the (n, d) vectors; key i + 1 is vector i."""
    parts, segments = [], []
    for first in range(0, n, SEGMENT):
        vectors = between(real, min(SEGMENT, n - first), draw)
        keys = np.arange(first + 1, first + len(vectors) + 1, dtype=np.uint64)
        place = np.arange(len(vectors))
        days = np.zeros(len(vectors), dtype=np.int32)
        words = postings.build([] for _ in keys)
        Segment(keys, keys, days, words, meaning.build(keys, vectors, place, place, 0)).save(folder / str(first))
        segments.append(Segment.load(folder / str(first)))
        parts.append(vectors)
    return Finder(tuple(segments), "bench"), np.concatenate(parts)


def exact(vectors: Matrix, one: NDArray[np.float32]) -> NDArray[np.int64]:
    """The rival by meaning: places of the K nearest of all vectors."""
    cosines = vectors @ one
    best = np.argpartition(-cosines, K)[:K]
    return best[np.argsort(-cosines[best])]


def _places(finder: Finder, one: NDArray[np.float32]) -> NDArray[np.int64]:
    return finder.by_meaning(one, None, 10).keys.astype(np.int64) - 1


def on_disk_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _entry(name: str, value: float, size: str, rival: str = "", beside: float | None = None) -> Entry:
    data = "million lake" if "words" in name else "between demo vectors"
    return Entry(PART, name, round(value, 1), "ms", data, size, "< 1000 first, < 200 then", None, rival, beside)
