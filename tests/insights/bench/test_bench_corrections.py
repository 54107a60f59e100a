from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.bench import corrections
from insights.bench.corrections import Found, Labelled, bench_corrections, f1
from insights.irritants.assign import Assigner
from insights.irritants.learn import Corrections
from insights.topics.encoder import encoder_for
from insights.topics.vectors import unit

CAUSES = {
    "refund": (("j'attends", "je réclame", "où est"), ("mon remboursement", "le remboursement dû", "mon avoir")),
    "phone": (("attente au téléphone", "personne au téléphone", "téléphone occupé"), ("encore", "ce matin", "partout")),
    "app": (
        ("application en panne", "l'application plante", "bug de l'application"),
        ("au login", "ici", "à l'accueil"),
    ),
}
TEXTS = [
    f"{a} {b} {c}" for parts in CAUSES.values() for a, b in itertools.product(*parts) for c in ("hier", "", "vite")
]
LABELS = [cause for cause, parts in CAUSES.items() for _ in range(3 * len(list(itertools.product(*parts))))]


def test_every_figure_is_there_beside_its_rival(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "MANY", 500)
    entries = bench_corrections(TEXTS, LABELS, "made", lambda _: None, seeds=1)
    found = {(entry.name, entry.rival): entry for entry in entries}
    for n in (5, 10):
        assert found[f"code frame, {n} examples an irritant", "nearest centre"].value > 0.8
        assert found[f"code frame, {n} examples an irritant", "logistic regression"].rival_value is not None
    assert ("code frame, labels alone", "logistic regression") not in found
    assert found["discovery, 10 corrections an irritant", "nearness, moved as members"].value > 0.8
    assert {entry.data for entry in entries} == {"made"}
    assert all(np.isfinite(entry.value) for entry in entries)


def test_people_move_a_mention_only_where_it_is_wrong() -> None:
    """Irritants A and B both stand for x, none for z: y stays, x goes to the larger of its two, z to a new one."""
    gold = np.array(["x", "x", "x", "y", "y", "z"], dtype=object)
    ids = np.array(["A", "A", "B", "C", "C", "C"], dtype=object)
    vectors = unit(np.random.default_rng(0).normal(size=(6, 8)))
    told = Labelled(vectors, np.array(["fr"] * 6, dtype=object), gold, {name: vectors[:1] for name in "xyz"})
    found = Found.of(told, ids, np.arange(6))
    assert found.gold_of == {"A": "x", "B": "x", "C": "y"}
    assert found.right(np.arange(6), np.array(["B", "C", "A", "C", "A", "C"], dtype=object)) == [
        "B",
        "A",
        "A",
        "C",
        "C",
        "z",
    ]


def test_f1_counts_what_is_left_unclassified_as_wrong() -> None:
    gold = np.array(["x", "x", "y"], dtype=object)
    assert f1(gold, gold) == 1
    assert f1(gold, np.array(["x", "unclassified", "y"], dtype=object)) == pytest.approx(2 / 3 * 2 / 3 + 1 / 3)


def test_absent_sets_are_left_out_and_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said: list[str] = []
    monkeypatch.setattr(corrections, "SHARED", tmp_path)
    monkeypatch.setenv("VOC_DATA_DIR", str(tmp_path / "data"))
    assert corrections.entries(said.append) == []
    assert len(said) == 3


def test_ten_examples_an_irritant_reach_the_human_level_on_real_questions(shared_data: Path) -> None:
    """The aim of issue 4 on the smaller set, one seed: weighted F1 >= .75 with 10 examples of each of 22 intents."""
    folder = shared_data / "fr_wikit_intents"
    frame = pd.concat(
        [pd.read_csv(folder / name) for name in ("training_dataset.csv", "test_dataset.csv")], ignore_index=True
    ).dropna()
    picked = frame.groupby("intent").sample(20, random_state=0)
    examples, rest = picked.groupby("intent").head(10), picked.groupby("intent").tail(10)
    encoder = encoder_for("use-multilingual")
    told = Corrections.examples(encoder(list(examples["utterance"])), ["fr"] * len(examples), list(examples["intent"]))
    assigner = Assigner.fit(told.vectors[:0], [], [], encoder.version, corrections=told)
    ids, _ = assigner.assign(encoder(list(rest["utterance"])), ["fr"] * len(rest))
    assert f1(rest["intent"].to_numpy(dtype=object), ids) >= 0.75
