"""Borders, leave labels and opinions: counted by hand on small cases, and the label file holds places only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.bench.boundaries import against_truth, compare, gaps
from insights.bench.clause_truth import _places, with_truth
from insights.bench.clauses import mixed_pieces
from insights.bench.leave_labels import LABELS, PLACES, entries, labelled_clauses

KEY = {"feedback_id": "f1", "turn_no": -1}


def test_a_border_is_right_within_a_few_characters() -> None:
    true = gaps([(0, 10), (14, 30), (31, 40)])
    found = compare([(true, gaps([(0, 12), (13, 24), (25, 40)]))])
    assert (found.n_true, found.n_found, found.n_hit, found.n_right) == (2, 2, 2, 2)
    assert compare([(true, gaps([(0, 18), (20, 40)]))]).recall == 0.5
    far = compare([(true, gaps([(0, 21), (23, 40)]))])
    assert (far.precision, far.recall) == (0.0, 0.0)


def test_borders_outside_what_the_truth_covers_are_not_judged() -> None:
    truth = pd.DataFrame([{**KEY, "start": 20, "end": 30}, {**KEY, "start": 32, "end": 50}])
    mentions = pd.DataFrame(
        [{**KEY, "start_char": a, "end_char": b} for a, b in ((0, 10), (11, 19), (20, 30), (32, 50), (60, 70))]
    )
    found = against_truth(mentions.iloc[:4], truth)
    assert (found.n_hit, found.n_found) == (1, 1)
    assert against_truth(mentions.iloc[[3]], truth).n_hit == 0


def test_a_redacted_clause_lies_between_its_neighbours() -> None:
    whole = "Bonjour, je suis [NOM_1]. Le colis manque."
    assert _places(whole, ["Bonjour,", "je suis Anna Roy", "Le colis manque"]) == [(0, 8), (9, 24), (26, 41)]
    assert _places("[NOM_1] [TEL_1] fin", ["Anna", "0102", "fin"])[:2] == [None, None]


def test_a_mention_takes_the_truth_that_fills_most_of_it() -> None:
    told = {"kind": "x", "irritant_id": None, "polarity": 0.0, "leave_intent": False, "sarcasm": False, "urgency": None}
    truth = pd.DataFrame([{**KEY, **told, "start": 0, "end": 4}, {**KEY, **told, "kind": "y", "start": 5, "end": 20}])
    mentions = pd.DataFrame(
        [
            {**KEY, "mention_id": "a", "start_char": 0, "end_char": 20},
            {**KEY, "mention_id": "b", "start_char": 40, "end_char": 50},
        ]
    )
    assert with_truth(mentions, truth)["true_kind"].fillna("-").tolist() == ["y", "-"]


def test_opinions_of_both_signs_are_told_apart_by_clause() -> None:
    text = "the soup is great but the staff is rude"
    apart = [(4, 8, "positive"), (26, 31, "negative")]
    assert mixed_pieces(text, apart) == [False, False]
    assert mixed_pieces("great soup rude staff", [(6, 10, "positive"), (16, 21, "negative")]) == [True]


def test_leave_labels_hold_places_only() -> None:
    labels = pd.read_csv(LABELS)
    assert list(labels.columns) == ["set", "file", "row", "start", "end", "stratum", "weight", "label"]
    assert len(labels) == 300
    assert set(labels["set"]) == set(PLACES)
    assert (labels["end"] > labels["start"]).all()
    assert (labels.groupby("stratum").size() == 150).all()
    assert not labels.duplicated(["set", "file", "row", "start"]).any()


def test_absent_sets_are_said_and_left_out(tmp_path: Path) -> None:
    said: list[str] = []
    assert entries("clauses", tmp_path, said.append) == []
    assert "left out" in said[0]


def test_labelled_places_hold_clauses_of_a_real_set(shared_data: Path, tmp_path: Path) -> None:
    if not (shared_data / "fr_hotel_reviews").is_dir():
        pytest.skip("fr_hotel_reviews is absent: the places of its labels cannot be read")
    (tmp_path / "fr_hotel_reviews").symlink_to(shared_data / "fr_hotel_reviews")
    rows = labelled_clauses(tmp_path)
    assert len(rows) == 40
    assert np.array_equal(rows["clause"].str.len().to_numpy(), (rows["end"] - rows["start"]).to_numpy())
