"""What others take for the same work: stock Presidio, pandas, stock BERTopic. Each side runs in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from insights.bench.irritants import _stock_bertopic
from insights.bench.redaction_rivals import stock_presidio
from insights.bench.report import Entry
from insights.errors import ModelError
from insights.lake import open_lake
from insights.redaction import Redactor
from insights.settings import Settings
from insights.steps.assigning import stacked
from insights.topics.fit import fit_topics

Say = Callable[[str], None]
PART = "load"
NEGATIVE = -0.15  # as insights/sql/irritant_weekly.sql
COUNTS = """
SELECT CAST(date_trunc('week', m.occurred_at AT TIME ZONE 'Europe/Paris') AS DATE) AS week, i.irritant_id, count(*) AS n
FROM mention m JOIN mention_irritant i USING (mention_id)
WHERE m.voice = 'customer' AND m.polarity < -0.15 GROUP BY ALL ORDER BY ALL
"""
TEXTS = """
SELECT min(m.text) AS text, min(m.language) AS language, any_value(e.vector) AS vector
FROM mention m JOIN embedding e USING (text_sha) WHERE m.type = 'complaint' AND m.voice = 'customer'
GROUP BY m.text_sha ORDER BY m.text_sha LIMIT $n
"""
VERBATIMS = "SELECT DISTINCT verbatim FROM feedback WHERE language = 'fr' AND kind <> 'call' ORDER BY 1 LIMIT $n"


@dataclass(frozen=True)
class Done:
    """What a piece of work gave, its seconds and processor seconds, and the memory its process grew to."""

    result: Any
    seconds: float
    cpu_seconds: float
    peak_mb: float


def apart(work: Callable[..., Any], *given: Any) -> Done:
    """Run `work` in a fresh process; loading what it imports does not count, what it loads itself does."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_done, work, given).result()


def _done(work: Callable[..., Any], given: tuple[Any, ...]) -> Done:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work(*given)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    return Done(result, seconds, cpu_seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def redacted(texts: Sequence[str]) -> int:
    """Our redaction in one process: how many texts were masked somewhere."""
    return sum(bool(one.counts) for one in Redactor(()).redact(texts, ["fr"] * len(texts)))


def presidio(texts: Sequence[str]) -> int:
    """Stock Presidio on the same texts: how many it would mask somewhere."""
    return sum(bool(one) for one in stock_presidio("fr")(texts, ["fr"] * len(texts)))


def counted(settings: Settings) -> pd.DataFrame:
    """Negative mentions by week and irritant, from the lake."""
    with open_lake(settings, read_only=True) as lake:
        return lake.read(COUNTS)


def counted_by_pandas(folder: str) -> pd.DataFrame:
    """The same from the same tables in Parquet, with pandas alone."""
    mention = pd.read_parquet(Path(folder) / "mention.parquet")
    both = mention.merge(pd.read_parquet(Path(folder) / "mention_irritant.parquet"), on="mention_id")
    both = both[(both["voice"] == "customer") & (both["polarity"] < NEGATIVE)]
    day = both["occurred_at"].dt.tz_convert("Europe/Paris").dt.tz_localize(None).dt.normalize()
    week = (day - pd.to_timedelta(day.dt.dayofweek, unit="D")).rename("week")
    return both.groupby([week, "irritant_id"]).size().rename("n").reset_index()


def grouped(texts: Sequence[str], vectors: NDArray[np.float32], languages: Sequence[str], seed: int) -> int:
    """Our discovery: groups found."""
    return int(fit_topics(list(texts), vectors, list(languages), seed).labels.max()) + 1


def grouped_by_bertopic(texts: Sequence[str], vectors: NDArray[np.float32], seed: int) -> int:
    """Stock BERTopic (UMAP, HDBSCAN) on the same vectors: groups found."""
    return int(_stock_bertopic(texts, vectors)(seed)[0].max()) + 1


def redaction_rate(texts: Sequence[str], data: str, say: Say) -> list[Entry]:
    """Verbatims a processor second, loading included, beside stock Presidio's."""
    ours = apart(redacted, texts)
    name, about = "redaction: verbatims a processor second, loading included", f"{len(texts):,} verbatims, one process"
    try:
        theirs = len(texts) / apart(presidio, texts).cpu_seconds
    except ModelError as error:
        say(f"  {error}: no rival")
        return [Entry(PART, name, len(texts) / ours.cpu_seconds, "", data, about)]
    return [
        Entry(PART, name, len(texts) / ours.cpu_seconds, "", data, about, rival="stock Presidio", rival_value=theirs)
    ]


def aggregates(settings: Settings, data: str) -> list[Entry]:
    """Counts by week and irritant from the lake and by pandas: time, memory, and cells that differ."""
    with tempfile.TemporaryDirectory() as folder:
        with open_lake(settings, read_only=True) as lake:
            for name, columns in (("mention", "mention_id, voice, polarity, occurred_at"), ("mention_irritant", "*")):
                pq.write_table(lake.read_arrow(f"SELECT {columns} FROM {name}"), f"{folder}/{name}.parquet")
            about = f"{lake.scalar('SELECT count(*) FROM mention'):,} mentions"
        ours, theirs = apart(counted, settings), apart(counted_by_pandas, folder)
    sides = [done.result.assign(week=pd.to_datetime(done.result["week"]).dt.date) for done in (ours, theirs)]
    both = sides[0].merge(sides[1], on=["week", "irritant_id"], how="outer", suffixes=("", "_theirs"))
    return [
        Entry(PART, "counts by week and irritant: cells that differ", int((both["n"] != both["n_theirs"]).sum()), "",
              data, about, aim="0", rival="cells of pandas", rival_value=len(sides[1])),
        *_beside("counts by week and irritant", ours, theirs, "pandas", data, about),
    ]  # fmt: skip


def discovery(settings: Settings, n: int, data: str) -> list[Entry]:
    """Groups of the same texts from the same vectors, ours and stock BERTopic's: time and memory."""
    with open_lake(settings, read_only=True) as lake:
        found = lake.read(TEXTS, n=n)
    texts, vectors, languages = list(found["text"]), stacked(found["vector"]), list(found["language"])
    ours = apart(grouped, texts, vectors, languages, settings.seed)
    theirs = apart(grouped_by_bertopic, texts, vectors, settings.seed)
    about = f"{len(texts):,} distinct texts; {ours.result} groups, BERTopic's {theirs.result}"
    return _beside("discovery of groups", ours, theirs, "stock BERTopic", data, about)


def _beside(name: str, ours: Done, theirs: Done, rival: str, data: str, about: str) -> list[Entry]:
    return [
        Entry(PART, f"{name}: {what}", getattr(ours, field), unit, data, about, rival=rival,
              rival_value=getattr(theirs, field))
        for what, field, unit in (("seconds", "seconds", "s"), ("processor seconds", "cpu_seconds", "s"),
                                  ("memory of the process", "peak_mb", "MB"))
    ]  # fmt: skip
