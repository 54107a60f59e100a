from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from insights.bench.irritants_sets import Labelled, entries_of, of_demo, one_label, sets

CAUSES = {
    "refund": ("where is", "still waiting for", "I want", "please send"),
    "phone": ("nobody picks up the phone", "endless wait on the phone", "the phone line is dead", "phone queue again"),
}
TEXTS = [
    f"{start} {middle} {end}"
    for cause, starts in CAUSES.items()
    for start, middle, end in itertools.product(
        starts, ("my refund", "that refund") if cause == "refund" else ("today", "at noon"), ("now", "since May", "")
    )
]
LABELS: list[str | None] = ["refund"] * 24 + ["phone"] * 24


def test_entries_of_a_set_carry_rival_interval_and_doubt() -> None:
    labels = [*LABELS[:-4], None, None, None, None]
    found = entries_of(Labelled("own", TEXTS, labels, ["en"] * 48, {"nmi": ">= 0.5"}, seeds=2), ("kmeans",))
    by_name = {one.name: one for one in found}
    assert by_name["NMI"].aim == ">= 0.5"
    assert by_name["NMI"].interval is not None
    assert by_name["NMI"].rival == "K-means at gold k"
    assert by_name["share unclassified"].value <= 0.10
    assert by_name["precision of the never doubted"].value > 0.8
    assert "44 texts, 2 labels" in by_name["NMI"].size


def test_only_tweets_with_one_label_are_judged() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"], "company": "X", "Delivery": [1, 1, None], "Refund": [None, 1, None]})
    assert one_label("X", frame).labels == ["Delivery", None, None]


def test_of_the_demo_only_complaints_are_clustered() -> None:
    frame = pd.DataFrame(
        {"text": list("abc"), "language": "fr", "type": ["complaint", "praise", "complaint"],
         "true_irritant": ["IRR-01", "IRR-02", None]}
    )  # fmt: skip
    found = of_demo(frame, np.eye(3, dtype=np.float32))
    assert (found.texts, found.labels) == (["a", "c"], ["IRR-01", None])
    assert found.vectors is not None
    assert found.vectors.shape == (2, 3)


def test_absent_sets_are_said(tmp_path: Path) -> None:
    said: list[str] = []
    assert list(sets(said.append, tmp_path)) == []
    assert len(said) == 3
    assert all("absent" in line for line in said)
