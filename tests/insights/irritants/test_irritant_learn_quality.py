from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.assign import Assigner
from insights.irritants.learn import Corrections
from insights.irritants.learn_bounds import reach
from insights.irritants.learn_confidence import fitted, several
from insights.irritants.learn_look import OUTSIDE, UNDECIDED, worth_a_look
from insights.irritants.learn_quality import folds, held_back_f1, weighted_f1
from insights.topics.vectors import unit

CENTRES = unit(np.random.default_rng(1).normal(size=(4, 32)))


def texts(n: int, seed: int, noise: float = 0.16) -> tuple[np.ndarray, list[str], np.ndarray]:
    """`n` texts of each of four causes."""
    own = np.repeat(np.arange(4), n)
    vectors = unit(CENTRES[own] + noise * np.random.default_rng(seed).normal(size=(len(own), 32)))
    return vectors, ["fr"] * len(own), np.array([f"T{one}" for one in own], dtype=object)


VECTORS, LANGUAGES, TRUE = texts(25, 0)
FOUND = np.where(TRUE == "T1", "T0", TRUE)  # two causes taken for one
NEAR = Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "e")


def corrections(n: int, seed: int = 3) -> Corrections:
    vectors, languages, true = texts(n, seed)
    return Corrections(vectors, tuple(languages), tuple(true), tuple(NEAR.assign(vectors, languages)[0]))


def test_held_back_corrections_show_what_was_learned() -> None:
    found = held_back_f1(VECTORS, LANGUAGES, list(FOUND), corrections(12), "e")
    assert found.f1 > 0.85
    assert found.nearness_f1 < 0.75
    assert found.gain_low > 0
    assert found.f1_low <= found.f1 <= found.f1_high
    assert (found.n, found.n_corrections, found.folds) == (48, 48, 5)
    assert 12 <= found.n_moves < 48
    assert held_back_f1(VECTORS, LANGUAGES, list(FOUND), corrections(12), "e") == found


def test_corrections_that_say_nothing_new_show_no_gain() -> None:
    """Random irritants cannot be learned: what is held back is not known from the rest."""
    told = corrections(12)
    lost = tuple(np.random.default_rng(0).permutation(np.array(told.to_ids, dtype=object)))
    found = held_back_f1(
        VECTORS, LANGUAGES, list(FOUND), Corrections(told.vectors, told.languages, lost, told.to_ids), "e"
    )
    assert found.f1 < 0.5


def test_held_back_texts_are_hidden_even_when_they_are_members() -> None:
    """Labels drawn at random, on the members themselves: knowing them by heart would give an F1 of 1."""
    lost = np.random.default_rng(0).permutation(TRUE)
    told = Corrections(VECTORS, tuple(LANGUAGES), tuple(lost), tuple(FOUND))
    assert held_back_f1(VECTORS, LANGUAGES, list(lost), told, "e").nearness_f1 < 0.5


def test_without_members_nearness_knows_nothing() -> None:
    found = held_back_f1(VECTORS[:0], [], [], corrections(5), "e")
    assert found.nearness_f1 == 0
    assert found.f1 > 0.8


def test_payload_is_plain_and_carries_human_agreement() -> None:
    payload = held_back_f1(VECTORS, LANGUAGES, list(FOUND), corrections(4), "e").payload()
    assert json.loads(json.dumps(payload)) == payload
    assert (payload["same_coder"], payload["two_coders_low"], payload["two_coders_high"]) == (0.9, 0.7, 0.85)


def test_too_few_corrections_are_refused() -> None:
    with pytest.raises(ModelError, match="too few to hold any back"):
        held_back_f1(VECTORS, LANGUAGES, list(FOUND), corrections(2), "e")


def test_folds_deal_each_irritant_out_evenly() -> None:
    ids = ["A"] * 10 + ["B"] * 5
    fold = folds(ids, 0)
    assert np.bincount(fold[:10], minlength=5).tolist() == [2] * 5
    assert np.bincount(fold[10:], minlength=5).tolist() == [1] * 5


def test_weighted_f1_by_hand() -> None:
    assert weighted_f1(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])) == pytest.approx(0.75 * 0.8 + 0.25 * 2 / 3)


def test_weighted_f1_is_that_of_scikit_learn() -> None:
    truth, found = np.random.default_rng(0).integers(0, 5, (2, 60))
    found[:20] = truth[:20]
    assert weighted_f1(truth, found) == pytest.approx(f1_score(truth, found, average="weighted", zero_division=0))


def test_looks_are_undecided_or_outside_distinct_and_the_same_each_time() -> None:
    members, languages, true = texts(40, 0, noise=0.3)
    near = Assigner.fit(members, languages, list(np.where(true == "T1", "T0", true)), "e")
    between = unit(CENTRES[[2]] + CENTRES[[3]] + 0.1 * np.random.default_rng(4).normal(size=(15, 32)))
    strange = unit(-CENTRES.sum(axis=0, keepdims=True) + 0.1 * np.random.default_rng(5).normal(size=(15, 32)))
    sure = texts(20, 6, noise=0.1)[0]
    vectors = np.concatenate([sure, between, strange, between[:1]]).astype(np.float32)
    looks = worth_a_look(near, vectors, ["fr"] * len(vectors), 6)
    rows = [one.row for one in looks]
    assert len(set(rows)) == 6
    assert sum(row >= len(sure) for row in rows) >= 4
    assert looks[0].row >= len(sure)
    assert {one.reason for one in looks} == {UNDECIDED, OUTSIDE}
    assert all((one.irritant_id == UNCLASSIFIED) == (one.reason == OUTSIDE) for one in looks)
    assert looks == worth_a_look(near, vectors, ["fr"] * len(vectors), 6)
    known = Corrections.examples(vectors[rows], ["fr"] * 6, ["T0"] * 6)
    again = worth_a_look(near, vectors, ["fr"] * len(vectors), 6, known)
    assert {vectors[one.row].tobytes() for one in again}.isdisjoint(vectors[row].tobytes() for row in rows)


def test_nothing_to_look_at_gives_nothing() -> None:
    assert worth_a_look(NEAR, VECTORS[:0], [], 5) == []
    assert worth_a_look(NEAR, VECTORS, LANGUAGES, 0) == []
    assert len(worth_a_look(NEAR, VECTORS[:3], LANGUAGES[:3], 10)) == 3


def test_temperature_follows_how_often_the_first_is_right() -> None:
    """Scores .1 apart, right four times in five: the share of the first must come to .8."""
    scores = np.tile([0.1, 0.0], (100, 1))
    codes = np.repeat([0, 1], [80, 20]).astype(np.int64)
    t = fitted(scores, codes, np.ones(100))
    assert 1 / (1 + np.exp(-0.1 / t)) == pytest.approx(0.8, abs=0.01)


def test_confidence_of_new_texts_is_how_often_they_are_right() -> None:
    vectors, languages, true = texts(150, 8, noise=0.25)
    learned = Assigner.fit(*texts(40, 9, noise=0.25)[:2], list(texts(40, 9)[2]), "e")
    found, confidence = learned.assign(vectors, languages)
    placed = found != UNCLASSIFIED
    assert np.mean(confidence[placed]) == pytest.approx(np.mean(found[placed] == true[placed]), abs=0.06)


def test_several_keeps_near_equals_above_their_thresholds_only() -> None:
    shares = np.array(
        [[0.40, 0.35, 0.20, 0.05], [0.40, 0.35, 0.20, 0.05], [0.25, 0.25, 0.25, 0.25], [0.9, 0.1, 0.0, 0.0]]
    )
    enough = np.array([[True] * 4, [True, False, True, True], [True] * 4, [True] * 4])
    assert several(shares, enough).sum(axis=1).tolist() == [2, 1, 3, 1]


def test_reach_of_one_text_and_of_many() -> None:
    assert reach(1, 0.25) == pytest.approx(0.5)
    assert reach(10_000, 0.25) == pytest.approx(1.0, abs=1e-3)
