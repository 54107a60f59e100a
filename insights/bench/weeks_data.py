"""Texts in the order they were said, for the week-to-week part: two labelled sets in a drawn order, two with their dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.bench.pipeline import bench_settings
from insights.bench.truth import aligned, read_clauses
from insights.lake import open_lake
from insights.mentions.polarity import LexiconPolarity
from insights.mentions.split import split
from insights.topics.encoder import encoder_for
from insights.topics.words import copy_key

Matrix = NDArray[np.float32]
Say = Callable[[str], None]

SHARED = Path(__file__).parents[3] / "shared" / "data"
MAX_TEXTS = 3_000
N_REVIEWS = 900
N_FILES = 6
VECTORS = """
SELECT m.mention_id, m.occurred_at, e.vector FROM mention m JOIN embedding e USING (text_sha) WHERE m.type = 'complaint'
"""


@dataclass(frozen=True)
class Stream:
    """Distinct texts in the order of their dates (n), their encoder vectors (n, d), and people's labels or None."""

    name: str
    texts: list[str]
    languages: list[str]
    vectors: Matrix
    gold: list[str] | None

    @classmethod
    def of(cls, name: str, frame: pd.DataFrame, vectors: Matrix, seed: int, at: str | None = None) -> Self:
        """From columns text, language and, if known, label: near copies out, at most MAX_TEXTS drawn, then in order.

        `at`: the column of the dates; without it the order is drawn.
        """
        draw = np.random.default_rng(seed)
        first = ~frame["text"].map(copy_key).duplicated().to_numpy()
        rows = draw.permutation(np.flatnonzero(first))[:MAX_TEXTS]
        if at is not None:
            rows = np.sort(rows)
            rows = rows[np.argsort(frame[at].to_numpy()[rows], kind="stable")]
        taken = frame.iloc[rows]
        gold = [str(one) for one in taken["label"]] if "label" in taken else None
        return cls(name, list(taken["text"]), list(taken["language"]), vectors[rows], gold)


def streams(say: Say, seed: int = 0) -> Iterator[Stream]:
    """Every stream whose data are here; the others are named and left out."""
    yield from _labelled(say, seed)
    yield from _demo(say, seed)
    yield from _insurance(say, seed)


def _labelled(say: Say, seed: int) -> Iterator[Stream]:
    sets: dict[str, tuple[Sequence[str], str, str, str]] = {
        "fr_wikit_intents": (("training_dataset.csv", "test_dataset.csv"), "utterance", "intent", "fr"),
        "en_banking77": (("test.csv",), "text", "category", "en"),
    }
    for name, (files, text, label, language) in sets.items():
        paths = [SHARED / name / file for file in files]
        if absent := [path for path in paths if not path.exists()]:
            say(f"  {absent[0]} is absent: left out")
            continue
        read = pd.concat([pd.read_csv(path, sep=None, engine="python") for path in paths])
        frame = read[[text, label]].dropna().set_axis(["text", "label"], axis=1).assign(language=language)
        frame["text"] = frame["text"].astype(str)
        yield Stream.of(name, frame, encoder_for("use-multilingual")(list(frame["text"])), seed)


def _demo(say: Say, seed: int) -> Iterator[Stream]:
    """Complaint clauses of the simulated company that truly carry an irritant, from the benchmark's own lake."""
    settings = bench_settings()
    if not (settings.lake_dir / "catalog.sqlite").exists():
        say(f"  {settings.lake_dir} is absent: left out (`make bench PART=demo` makes it)")
        return
    with open_lake(settings, read_only=True) as lake:
        frame = aligned(lake, read_clauses(settings.data_dir)).merge(lake.read(VECTORS), on="mention_id")
    frame = frame[frame["true_irritant"].notna()].rename(columns={"true_irritant": "label"})
    yield Stream.of("demo company", frame, np.stack(frame.pop("vector").to_numpy()), seed, "occurred_at")


def _insurance(say: Say, seed: int) -> Iterator[Stream]:
    """Clauses of French insurance reviews of one or two stars that the lexicon reads as a complaint."""
    paths = sorted((SHARED / "fr_insurance_reviews").glob("avis_*_traduit.xlsx"))[:N_FILES]
    if not paths:
        say(f"  {SHARED / 'fr_insurance_reviews'} is absent: left out")
        return
    reviews = pd.concat([pd.read_excel(path) for path in paths], ignore_index=True)
    reviews = reviews[(reviews["note"] <= 2) & reviews["avis"].notna()]
    reviews = reviews.sample(min(N_REVIEWS, len(reviews)), random_state=seed)
    said = pd.to_datetime(reviews["date_publication"], format="%d/%m/%Y")
    rows = [(span.text, at) for text, at in zip(reviews["avis"], said, strict=True) for span in split(str(text), "fr")]
    frame = pd.DataFrame(rows, columns=["text", "at"]).assign(language="fr")
    frame = frame[LexiconPolarity().score(frame["text"], frame["language"])[0] < 0]
    frame = frame.sample(min(MAX_TEXTS, len(frame)), random_state=seed)
    yield Stream.of("fr_insurance_reviews", frame, encoder_for("use-multilingual")(list(frame["text"])), seed, "at")
