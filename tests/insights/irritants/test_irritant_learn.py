from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.assign import Assigner
from insights.irritants.learn import Corrections, still_members
from insights.topics.vectors import unit

CAUSES, D = 6, 48
CENTRES = unit(np.random.default_rng(99).normal(size=(CAUSES, D)))


def texts(n: int, seed: int, noise: float = 0.12) -> tuple[np.ndarray, list[str], np.ndarray]:
    """`n` texts of each of six causes: vectors, languages, true ids T0 ... T5."""
    draw = np.random.default_rng(seed)
    own = np.repeat(np.arange(CAUSES), n)
    vectors = unit(CENTRES[own] + noise * draw.normal(size=(len(own), D)))
    return vectors, ["fr"] * len(own), np.array([f"T{one}" for one in own], dtype=object)


VECTORS, LANGUAGES, TRUE = texts(30, 0)
FOUND = np.where(np.isin(TRUE, ["T0", "T1"]), "T0", TRUE)  # the fit took two causes for one
NEAR = Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "encoder-1")
TEST, TEST_LANGUAGES, TEST_TRUE = texts(40, 1)


def told(rows: np.ndarray, to: np.ndarray, seed: int = 2) -> Corrections:
    """Corrections of fresh texts: `rows` of a new draw of 20 texts a cause."""
    vectors, languages, _ = texts(20, seed)
    shown, _ = NEAR.assign(vectors[rows], [languages[row] for row in rows])
    return Corrections(vectors[rows], ("fr",) * len(rows), tuple(to), tuple(shown))


def right(assigner: Assigner, cause: str) -> float:
    own = cause == TEST_TRUE
    return float(np.mean(assigner.assign(TEST[own], ["fr"] * int(own.sum()))[0] == cause))


def test_no_correction_is_nearness_to_the_byte() -> None:
    nothing = Corrections(VECTORS[:0], (), (), ())
    same = Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "encoder-1", corrections=nothing)
    assert same.version == NEAR.version
    assert same.head is None
    found, shares = NEAR.assign(TEST, TEST_LANGUAGES)
    near = NEAR.centre.apply(TEST, TEST_LANGUAGES) @ NEAR.centres.T
    placed = found != UNCLASSIFIED
    assert np.array_equal(found[placed], np.array(NEAR.irritant_ids, dtype=object)[near.argmax(axis=1)][placed])


def test_corrections_take_over_as_they_grow_and_leave_the_others_alone() -> None:
    """T1 does not exist for nearness; people move its texts out of T0, first one, then ten."""
    shares = []
    for n in (0, 1, 10):
        rows = np.concatenate([np.arange(20, 20 + n), np.arange(0, n)]).astype(int)  # texts of T1, confirmations of T0
        to = np.array(["T1"] * n + ["T0"] * n, dtype=object)
        learned = Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "encoder-1", corrections=told(rows, to)) if n else NEAR
        shares.append(right(learned, "T1"))
        assert min(right(learned, f"T{one}") for one in (2, 3, 4, 5)) >= 0.9
    assert shares[0] == 0.0
    assert shares[0] < shares[2]
    assert shares[2] > 0.85
    assert right(learned, "T0") > 0.85


def test_many_corrections_of_one_irritant_do_not_swallow_its_neighbours() -> None:
    rows = np.arange(20, 40)
    learned = Assigner.fit(VECTORS, LANGUAGES, list(TRUE), "e", corrections=told(rows, np.array(["T1"] * 20)))
    before = Assigner.fit(VECTORS, LANGUAGES, list(TRUE), "e")
    for cause in ("T0", "T2", "T3", "T4", "T5"):
        assert right(learned, cause) >= right(before, cause) - 0.05


@pytest.mark.parametrize("n", [1, 3, 5])
def test_examples_of_a_code_frame_are_enough_without_members(n: int) -> None:
    vectors, languages, true = texts(n, 3, noise=0.05)
    learned = Assigner.fit(
        VECTORS[:0], [], [], "encoder-1", corrections=Corrections.examples(vectors, languages, list(true))
    )
    found, confidence = learned.assign(TEST, TEST_LANGUAGES)
    assert learned.irritant_ids == tuple(f"T{one}" for one in range(CAUSES))
    assert np.mean(found == TEST_TRUE) > 0.85
    assert ((confidence >= 0) & (confidence <= 1)).all()


def test_confirmations_of_nearness_leave_nearness_in_place() -> None:
    """Noisy texts whose irritant is the nearest one, and people who confirm five of each: believed in full, what is
    learned would move a tenth of all assignments (.88 stay); held-out confirmations say that there is nothing to learn."""
    vectors, languages, true = texts(60, 0, noise=0.4)
    near = Assigner.fit(vectors, languages, list(true), "e")
    names = np.array(near.irritant_ids, dtype=object)
    near = Assigner.fit(vectors, languages, list(names[near.scores(vectors, languages).best]), "e")
    fresh, _, _ = texts(5, 50, noise=0.4)
    shown = tuple(names[near.scores(fresh, ["fr"] * len(fresh)).best])
    said = Corrections(fresh, ("fr",) * len(fresh), shown, shown)
    members = list(names[near.scores(vectors, languages).best])
    learned = Assigner.fit(vectors, languages, members, "e", corrections=said)
    test, spoken, _ = texts(100, 90, noise=0.4)
    assert np.mean(learned.scores(test, spoken).best == near.scores(test, spoken).best) > 0.95


def test_to_nothing_teaches_what_to_leave_alone() -> None:
    """Texts about something else lie near T5; people say "nothing" of ten of them."""
    draw = np.random.default_rng(5)
    elsewhere = unit(CENTRES[5] + 0.9 * unit(np.random.default_rng(6).normal(size=(1, D))))
    strange = unit(elsewhere + 0.05 * draw.normal(size=(60, D)))
    before, _ = NEAR.assign(strange, ["fr"] * 60)
    assert np.mean(before == UNCLASSIFIED) < 0.3
    said = Corrections(strange[:10], ("fr",) * 10, (UNCLASSIFIED,) * 10, tuple(before[:10]))
    learned = Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "encoder-1", corrections=said)
    after, _ = learned.assign(strange[10:], ["fr"] * 50)
    assert np.mean(after == UNCLASSIFIED) > 0.8
    assert right(learned, "T5") > 0.85


def test_the_last_word_on_a_text_counts() -> None:
    twice = Corrections(TEST[[0, 0, 1]], ("fr",) * 3, ("T0", "T3", "T0"), ("T2", "T0", None))
    kept = twice.last_words()
    assert (kept.to_ids, kept.from_ids) == (("T3", "T0"), ("T0", None))
    assert twice.resolved(lambda one: "T4" if one == "T3" else one).to_ids == ("T0", "T4", "T0")


def test_a_corrected_text_is_no_member_of_what_it_was() -> None:
    """Every text of T5 is corrected to T4 or to nothing: T5 has no text left, so nothing can be given to it."""
    own = np.flatnonzero(FOUND == "T5")
    to = ("T4",) * 20 + (UNCLASSIFIED,) * (len(own) - 20)
    said = Corrections(VECTORS[own], ("fr",) * len(own), to, ("T5",) * len(own))
    ids = still_members(VECTORS, list(FOUND), said)
    assert set(ids[own]) == {UNCLASSIFIED}
    assert np.array_equal(np.delete(ids, own), np.delete(FOUND, own))
    assert "T5" not in Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "e", corrections=said).irritant_ids


def test_learned_is_saved_read_and_versioned(tmp_path: Path) -> None:
    rows = np.arange(20, 30)
    learned = Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "e", corrections=told(rows, np.array(["T1"] * 10)))
    again = Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "e", corrections=told(rows, np.array(["T1"] * 10)))
    learned.save(tmp_path)
    loaded = Assigner.load(tmp_path)
    assert learned.version.startswith("learned-")
    assert learned.version == again.version == loaded.version
    assert np.array_equal(loaded.assign(TEST, TEST_LANGUAGES)[0], learned.assign(TEST, TEST_LANGUAGES)[0])
    fewer = Assigner.fit(VECTORS, LANGUAGES, list(FOUND), "e", corrections=told(rows[1:], np.array(["T1"] * 9)))
    assert fewer.version != learned.version


def test_corrections_of_unequal_length_are_refused() -> None:
    with pytest.raises(ModelError, match="unequal length"):
        Corrections(TEST[:2], ("fr",), ("T0", "T1"), (None, None))


def test_two_rows_only_where_irritants_are_near_equal() -> None:
    vectors, languages, true = texts(30, 0, noise=0.25)
    known = Assigner.fit(vectors, languages, list(true), "e")
    both = known.centre.means[:1] + unit(known.centres[[2]] + known.centres[[3]])
    strange = known.centre.means[:1] + np.linalg.svd(known.centres)[2][-1:]  # at right angles to every irritant
    vectors = np.concatenate([TEST[:1], both, strange]).astype(np.float32)
    row, ids, confidence = known.assign_rows(vectors, ["fr"] * 3)
    assert sorted(ids[row == 1]) == ["T2", "T3"]
    assert confidence[row == 1].sum() <= 1
    assert (row.tolist().count(0), row.tolist().count(2)) == (1, 1)
    assert ids[row == 2].tolist() == [UNCLASSIFIED]
    first = np.unique(row, return_index=True)[1]
    single, sure = known.assign(vectors, ["fr"] * 3)
    assert np.array_equal(ids[first], single)
    assert np.allclose(confidence[first], sure)


def test_a_registry_of_one_irritant_learns_too() -> None:
    own = TRUE == "T3"
    said = Corrections(TEST[:2], ("fr", "fr"), ("T3", UNCLASSIFIED), ("T3", "T3"))
    one = Assigner.fit(VECTORS[own], ["fr"] * int(own.sum()), ["T3"] * int(own.sum()), "e", corrections=said)
    row, ids, confidence = one.assign_rows(TEST[:2], ["fr", "fr"])
    assert one.irritant_ids == ("T3",)
    assert row.tolist() == [0, 1]
    assert ids[1] == UNCLASSIFIED
    assert ((confidence >= 0) & (confidence <= 1)).all()


def test_no_text_gives_no_row() -> None:
    row, ids, confidence = NEAR.assign_rows(VECTORS[:0], [])
    assert (len(row), len(ids), len(confidence)) == (0, 0, 0)
