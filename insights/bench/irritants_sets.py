"""The part `irritants` of the benchmark: every labelled set at hand, beside K-means at gold k and stock BERTopic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.bench.irritants import bench_irritants
from insights.bench.report import Entry

SHARED = Path(__file__).parents[3] / "shared" / "data"
PART = "irritants"
SEEDS = 5
NOT_TOPICS = {"Unnamed: 0", "main_tweet_id", "tweet_id", "in_response_to_tweet_id", "response_tweet_id", "created_at",
              "author_id", "inbound", "text", "company"}  # fmt: skip
NAMED = {
    "nmi": "NMI",
    "ari": "ARI",
    "n_topics": "topics",
    "share_unclassified": "share unclassified",
    "seconds": "seconds",
    "docs_per_second": "texts a second",
}
DOUBT = {
    "precision_never_doubted": "precision of the never doubted",
    "precision_rescued": "precision of the rescued",
    "share_rescued": "share rescued",
    "unlabelled_left_out": "share unclassified of texts without a true irritant",
}
RIVALS = {"kmeans": "K-means at gold k", "bertopic": "stock BERTopic"}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Labelled:
    """A set to judge on: `labels` None for texts that carry no label, `aims` by figure, `vectors` where they are known."""

    name: str
    texts: list[str]
    labels: list[str | None]
    languages: list[str]
    aims: dict[str, str] = field(default_factory=dict)
    vectors: NDArray[np.float32] | None = None
    seeds: int = SEEDS


def entries(say: Say) -> list[Entry]:
    """Figures of every set that is present; an absent one is said and left out."""
    return [entry for one in sets(say) for entry in entries_of(one)]


def entries_of(one: Labelled, rivals: tuple[str, ...] = ("kmeans", "bertopic")) -> list[Entry]:
    """Our figures, each once beside each rival that has it, and what doubt did. Rivals run once: they are slow."""
    found = bench_irritants(
        one.texts, one.labels, one.seeds, languages=one.languages, rivals=rivals, vectors=one.vectors, rival_seeds=1
    )
    told = sum(label is not None for label in one.labels)
    size = f"{told} texts, {found['n_labels']} labels, {one.seeds} seeds (rivals 1)"
    aims = {"share_unclassified": "<= 0.10", **one.aims}
    made = [_entry(one.name, size, key, found, rival, aims) for rival in rivals for key in NAMED]
    doubt = found["doubt"]
    return made + [
        Entry(PART, label, doubt[key], "", one.name, size, rival="never doubted" if key == "precision_rescued" else "",
              rival_value=doubt["precision_never_doubted"] if key == "precision_rescued" else None)
        for key, label in DOUBT.items() if key in doubt
    ]  # fmt: skip


def _entry(name: str, size: str, key: str, found: dict[str, Any], rival: str, aims: dict[str, str]) -> Entry:
    value, sd = _mean_sd(found["ours"][key])
    interval = None if sd is None else (value - sd, value + sd)
    beside = _mean_sd(found[rival][key])[0]
    unit = "s" if key == "seconds" else ""
    return Entry(PART, NAMED[key], value, unit, name, size, aims.get(key, ""), interval, RIVALS[rival], beside)


def _mean_sd(value: Any) -> tuple[float, float | None]:
    return (float(value["mean"]), float(value["sd"])) if isinstance(value, dict) else (float(value), None)


def sets(say: Say, folder: Path = SHARED) -> Iterator[Labelled]:
    """The real sets below `folder`, one brand of tweets after another; absent ones are said."""
    wikit = _read(folder, "fr_wikit_intents", ("training_dataset.csv", "test_dataset.csv"), say)
    if wikit is not None:
        yield _columns("fr_wikit_intents", wikit, "utterance", "intent", "fr", {"nmi": ">= 0.80", "ari": ">= 0.597"})
    banking = _read(folder, "en_banking77", ("test.csv",), say)
    if banking is not None:
        yield _columns("en_banking77", banking, "text", "category", "en", {"nmi": ">= 0.80", "ari": ">= 0.347"})
    tweets = sorted((folder / "en_twcs_labeled").glob("*-inbound.xlsx"))
    if not tweets:
        say(f"  {folder / 'en_twcs_labeled'} is absent: left out")
    for path in tweets:
        yield one_label(path.name.split("-")[1], pd.read_excel(path))


def one_label(brand: str, frame: pd.DataFrame) -> Labelled:
    """Tweets of one brand; the label of those to which people gave exactly one, None for the others."""
    topics = [name for name in frame.columns if name not in NOT_TOPICS]
    given = frame[topics].fillna(0).to_numpy(dtype=np.float64) > 0
    labels = [topics[int(row.argmax())] if row.sum() == 1 else None for row in given]
    return Labelled(f"en_twcs_labeled {brand}", list(frame["text"].astype(str)), labels, ["en"] * len(frame))


def of_demo(mentions: pd.DataFrame, vectors: NDArray[np.float32], seeds: int = 1) -> Labelled:
    """Clauses read as complaints: columns text, language, type, true_irritant (missing: none); vectors (n, d)."""
    rows = (mentions["type"] == "complaint").to_numpy()
    kept = mentions[rows]
    labels = [one if isinstance(one, str) else None for one in kept["true_irritant"]]
    return Labelled("demo company", list(kept["text"]), labels, list(kept["language"]), {}, vectors[rows], seeds)


def _read(folder: Path, name: str, files: tuple[str, ...], say: Say) -> pd.DataFrame | None:
    paths = [folder / name / file for file in files]
    if absent := [path for path in paths if not path.exists()]:
        say(f"  {absent[0]} is absent: left out")
        return None
    return pd.concat([pd.read_csv(path, sep=None, engine="python") for path in paths])


def _columns(name: str, frame: pd.DataFrame, text: str, label: str, language: str, aims: dict[str, str]) -> Labelled:
    kept = frame.dropna(subset=[text, label])
    labels: list[str | None] = list(kept[label].astype(str))
    return Labelled(name, list(kept[text].astype(str)), labels, [language] * len(kept), aims)
