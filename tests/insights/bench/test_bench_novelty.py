"""The trial, the judge and the rival of the novelty benchmark; one real hidden class where the public data are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insights.bench.novelty import Labelled, judged, known_irritants, methods_8, ours, public_sets, split
from insights.contracts import UNCLASSIFIED
from insights.topics.vectors import blend, unit


def made(n: int = 60) -> Labelled:
    """Six classes of n texts, each with words and a place of its own."""
    draw, classes = np.random.default_rng(0), np.repeat(list("abcdef"), n)
    place = {name: row for row, name in enumerate("abcdef")}
    centres = unit(draw.normal(size=(6, 24)))
    vectors = unit(centres[[place[one] for one in classes]] + draw.normal(scale=0.12, size=(6 * n, 24)))
    texts = [f"{one * 4} {' '.join(draw.choice(['vert', 'rouge', 'bleu', 'jaune', 'noir'], 3))}" for one in classes]
    languages = ["fr"] * len(texts)
    return Labelled("made", texts, languages, classes, vectors, blend(texts, vectors, languages, 0))


def test_a_trial_hides_the_class_from_the_history() -> None:
    data = made()
    trial = split(data, "c", 20, 0.2, 0)
    assert trial.hidden.sum() == 20
    assert trial.is_new[trial.hidden].all()
    assert trial.is_new.sum() == 20 + 60
    assert np.array_equal(data.classes[trial.rows] == "c", trial.hidden)
    assert not np.array_equal(trial.rows, split(data, "c", 20, 0.2, 1).rows)


def test_known_irritants_come_from_the_history() -> None:
    data = made()
    trial = split(data, "c", 20, 0.2, 0)
    known = known_irritants(data, trial, 0)
    assert UNCLASSIFIED not in known[~trial.is_new]
    assert np.mean(known[trial.is_new & ~trial.hidden] == UNCLASSIFIED) < 0.3


def test_the_rival_flags_a_whole_new_class_and_nothing_else() -> None:
    data = made()
    trial = split(data, "c", 40, 0.2, 0)
    assert judged(methods_8(data, trial, 0), trial.hidden).found
    assert methods_8(data, split(data, None, 0, 0.2, 0), 0) == []


@pytest.mark.parametrize(
    ("signal", "found"), [(range(5), True), (range(2), False), (range(5, 30), False), (range(15), False)]
)
def test_found_means_half_pure_and_a_fifth_of_the_class(signal: range, found: bool) -> None:
    hidden = np.zeros(40, dtype=bool)
    hidden[[*range(5), *range(30, 40)]] = True
    outcome = judged([np.array(signal)], hidden)
    assert outcome.found is found
    assert outcome.n_signals == 1
    assert outcome.precision == (1.0 if found else 0.0)


def test_an_absent_set_is_said_and_gives_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    assert list(public_sets(said.append, tmp_path)) == []
    assert len(said) == 2
    assert all("absent" in line for line in said)


def test_a_real_hidden_class_is_found(shared_data: Path) -> None:
    data = next(public_sets(print, shared_data))
    trial = split(data, str(np.unique(data.classes)[0]), 40, 0.2, 0)
    found = judged(ours(data, trial, [UNCLASSIFIED] * len(trial.rows), 0), trial.hidden)
    assert found.found
    assert found.precision > 0.7
