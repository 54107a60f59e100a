"""Reading on one process, on two of this machine, and on Dask clusters of one and of two workers: seconds and equality.

Processor seconds are those of all processes together; wall seconds say something only on a machine that does nothing else.
What the caller itself spends is the serial part: with it, the speed-up on free cores follows from processor seconds alone
(all of the first arrangement over the second's caller and the share of each worker), which noise does not spoil.
A start is the time until workers have loaded their models, which a standing cluster has behind it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from insights.bench.load_meter import Meter
from insights.bench.report import Entry
from insights.bench.scale_costs import copied
from insights.bench.scale_growth import PART
from insights.lake import open_lake
from insights.partitions import Partitions, cut, partitions
from insights.settings import Settings
from insights.steps.enrich import polarity_model
from insights.steps.reading import Read, read_part
from insights.topics.encoder import encoder_for

Say = Callable[[str], None]
WORDS = """
SELECT feedback_id FROM feedback WHERE verbatim IS NOT NULL AND kind <> 'call' ORDER BY hash(feedback_id) LIMIT $n
"""
MEMORY = "2.5GB"  # of a Dask worker: above it, Dask starts the worker anew
WARM = 1  # parts a process reads before the clock starts


@dataclass(frozen=True)
class Timed:
    """What one arrangement took, and what it read."""

    seconds: float
    cpu_seconds: float
    caller_seconds: float  # of `cpu_seconds`, those of the process that maps
    peak_mb: float
    mentions: pd.DataFrame
    vectors: pd.DataFrame


def entries(source: Settings, n: int, say: Say) -> list[Entry]:
    """Speed-up from one to two processes, here and on Dask, and whether all read the same."""
    size = f"{n:,} feedback other than calls, parts of {max(100, n // 16):,}"
    found: dict[str, Timed] = {}
    with TemporaryDirectory(prefix="voc-scale-") as folder:
        settings = _unread(source, Path(folder), max(100, n // 16))
        for name, workers, cluster in (
            ("one process", 1, False), ("two processes", 2, False),
            ("Dask, one worker", 1, True), ("Dask, two workers", 2, True),
        ):  # fmt: skip
            found[name] = _timed(settings, n, workers, cluster)
            one = found[name]
            say(f"  {name}: {one.seconds:.1f} s, {one.cpu_seconds:.1f} s of processor, {one.peak_mb:,.0f} MB")
    return [*_seconds(found, size), *_equal(found, size)]


def _seconds(found: dict[str, Timed], size: str) -> list[Entry]:
    data = "demo company"
    made = [
        Entry(PART, f"reading, {name}: {unit}", value, kind, data, size)
        for name, one in found.items()
        for unit, value, kind in (
            ("wall s", one.seconds, "s"), ("processor s", one.cpu_seconds, "s"), ("peak memory", one.peak_mb, "MB"),
        )
    ]  # fmt: skip
    for name, first, second in (("processes", "one process", "two processes"),
                                ("Dask workers", "Dask, one worker", "Dask, two workers")):  # fmt: skip
        one, two = found[first], found[second]
        speedup, more = one.seconds / two.seconds, two.cpu_seconds / one.cpu_seconds
        shared = (two.cpu_seconds - two.caller_seconds) / 2
        free = one.cpu_seconds / (two.caller_seconds + shared)
        serial = two.caller_seconds / two.cpu_seconds
        made.append(
            Entry(PART, f"speed-up, one to two {name}: wall", speedup, "", data, size, f"2; {os.cpu_count()} cores")
        )
        made.append(Entry(PART, f"speed-up, two {name}: from processor seconds", free, "", data, size, "2"))
        made.append(Entry(PART, f"serial share of the caller, two {name}", serial, "", data, size))
        made.append(Entry(PART, f"processor of two {name} over one", more, "", data, size, "1"))
    return made


def _equal(found: dict[str, Timed], size: str) -> list[Entry]:
    first, *others = found.values()
    labels = all(one.mentions.equals(first.mentions) for one in others)
    matrices = [np.vstack(one.vectors["vector"]) for one in (first, *others)]
    far = max(float(np.abs(one - matrices[0]).max()) for one in matrices[1:])
    return [
        Entry(
            PART, "all arrangements: clauses and labels equal (1: yes)", float(labels), "", "demo company", size, "1"
        ),
        Entry(PART, "all arrangements: largest difference of a vector", far, "", "demo company", size, "<= 1e-6"),
    ]


def _unread(source: Settings, folder: Path, rows: int) -> Settings:
    """A copy of the company whose texts have no vector yet."""
    settings = copied(source, folder).model_copy(update={"partition_rows": rows})
    with open_lake(settings) as lake, lake.write() as writer:
        writer.execute("DELETE FROM embedding")
    return settings


def _timed(settings: Settings, n: int, workers: int, cluster: bool) -> Timed:
    with ExitStack() as stack:
        address = stack.enter_context(_cluster(workers)).scheduler_address if cluster else ""
        own = settings.model_copy(update={"workers": workers, "dask_address": address})
        lake = stack.enter_context(open_lake(own))
        over = stack.enter_context(partitions(lake))
        ids = lake.read_arrow(WORDS, n=n).column(0).to_pylist()
        polarity, parts = polarity_model(lake, own), cut(ids, own.partition_rows)
        _warmed(over, polarity, parts, workers)
        with Meter() as meter:
            begun = time.process_time()
            read = list(over.map(read_part, polarity, parts))
            caller = time.process_time() - begun
    mentions, vectors = (_together(read, name) for name in ("mentions", "vectors"))
    first = vectors.drop_duplicates("text_sha").sort_values("text_sha", ignore_index=True)
    return Timed(meter.seconds, meter.cpu_seconds, caller, meter.peak_mb, mentions, first)


def _warmed(over: Partitions, polarity: Any, parts: list[Any], workers: int) -> None:
    """Every process has loaded its models."""
    encoder_for("use-multilingual")(["un texte"])
    list(over.map(read_part, polarity, [parts[0][:20]] * (2 * workers * WARM)))


def _together(read: list[Read], name: str) -> pd.DataFrame:
    return pd.concat([getattr(one, name).to_pandas() for one in read], ignore_index=True)


def _cluster(workers: int) -> Any:
    """Processes on loopback, as `dask worker` would start them elsewhere."""
    import distributed

    local: Any = distributed.LocalCluster
    return local(n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, memory_limit=MEMORY)
