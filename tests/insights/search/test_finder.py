"""Ranking by words and by meaning on small indexes made in memory, and the index on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insights.errors import ModelError
from insights.search import Finder, Ranked, fused, meaning, parse, postings
from insights.search.finder import Segment
from insights.search.words import text_forms

TEXTS = [
    "la facture est incompréhensible",
    "facture reçue en double, je veux un remboursement de la facture",
    "le technicien n'est pas venu, personne n'a rappelé",
    "aucun rappel du conseiller malgré la promesse de rappel",
    "the bill is wrong",
    "de la coupure de courant en hiver",
    "courant de la semaine, une coupure",
]
AXES = np.eye(8, dtype=np.float32)


def segment(texts: list[str], first: int = 0) -> Segment:
    """Documents with keys 1, 2, ... and a vector of their own each; the later, the newer."""
    n = len(texts)
    keys = np.arange(first + 1, first + n + 1, dtype=np.uint64)
    words = postings.build(text_forms(text, "en" if text.startswith("the") else "fr") for text in texts)
    meanings = meaning.build(keys + np.uint64(100), AXES[first : first + n], np.arange(n), np.arange(n), 0)
    return Segment(keys, keys * np.uint64(7), np.arange(first, first + n, dtype=np.int32), words, meanings)


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder((segment(TEXTS[:3]), segment(TEXTS[3:], 3)), "axes")


def keys(found: Ranked) -> list[int]:
    return [int(key) for key in found.keys]


def test_every_word_must_be_said_and_more_often_ranks_higher(finder: Finder):
    found = finder.by_words(parse("factures"), None, 10)
    assert set(keys(found)) == {1, 2} and found.n_all == 2
    assert keys(finder.by_words(parse("facture remboursement"), None, 10)) == [2]
    assert found.scores[0] > found.scores[1] > 0


def test_a_segment_more_or_less_changes_no_result(finder: Finder):
    whole = Finder((segment(TEXTS),), "axes")
    for text in ("facture", "rappel", '"coupure de courant"', "courant -coupure"):
        one, two = (each.by_words(parse(text), None, 10) for each in (finder, whole))
        assert keys(one) == keys(two)
        assert np.allclose(one.scores, two.scores)


def test_words_in_quotes_stand_together_and_a_minus_leaves_out(finder: Finder):
    assert keys(finder.by_words(parse('"coupure de courant"'), None, 10)) == [6]
    assert set(keys(finder.by_words(parse("coupure courant"), None, 10))) == {6, 7}
    assert keys(finder.by_words(parse('courant -"coupure de courant"'), None, 10)) == [7]
    assert keys(finder.by_words(parse("rappel -promesse"), None, 10)) == [3]


def test_a_phrase_does_not_cross_into_the_next_document():
    apart = Finder((segment(["un courant", "faible ici"]),), "axes")
    assert apart.by_words(parse('"courant faible"'), None, 10).n_all == 0


def test_few_have_all_the_words_then_any_of_them_counts(finder: Finder):
    found, all_words = finder.said(parse("facture technicien"), None, 10)
    assert not all_words and set(keys(found)) == {1, 2, 3}
    found, all_words = finder.said(parse("facture"), None, 10)
    assert all_words and set(keys(found)) == {1, 2}


def test_only_allowed_documents_are_found(finder: Finder):
    allowed = np.array([2, 6], dtype=np.uint64)
    assert keys(finder.by_words(parse("facture"), allowed, 10)) == [2]
    assert set(keys(finder.by_meaning(AXES[0], allowed, 10))) == {2, 6}
    nobody = np.empty(0, np.uint64)
    assert finder.by_words(parse("facture"), nobody, 10).n_all == 0
    assert not len(finder.by_meaning(AXES[0], nobody, 10).keys)


def test_among_equals_the_newest_comes_first():
    same = Finder((segment(["une panne"] * 3), segment(["une panne"] * 3, 3)), "axes")
    assert keys(same.by_words(parse("panne"), None, 4)) == [6, 5, 4, 3]


def test_the_nearest_by_meaning_and_the_text_that_was_near(finder: Finder):
    found = finder.by_meaning(AXES[4] * 0.9 + AXES[1] * 0.3, None, 2)
    assert keys(found) == [5, 2]
    assert list(found.texts) == [105, 102]
    assert found.scores[0] == pytest.approx(0.9, abs=0.01)


def test_what_must_not_be_said_leaves_the_nearest_too(finder: Finder):
    near = finder.by_meaning(AXES[0], None, 7)
    assert set(keys(finder.without(near, parse("x -facture")))) == {3, 4, 5, 6, 7}


def test_merged_rankings_put_first_what_both_found():
    first, second = (Ranked(np.array(k, np.uint64), np.zeros(3, np.int32), np.ones(3, np.float32),
                            np.array(t, np.uint64), 3) for k, t in (([1, 2, 3], [0, 0, 0]), ([4, 2, 5], [9, 8, 7])))  # fmt: skip
    both = fused([first, second], 3)
    assert keys(both)[0] == 2 and int(both.texts[0]) == 8
    assert both.n_all == 5


def test_cells_find_nearly_what_an_exact_search_finds():
    draw = np.random.default_rng(3)
    centres = draw.normal(size=(60, 24))
    rows = centres[draw.integers(0, 60, 20_000)] + 0.6 * draw.normal(size=(20_000, 24))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    place = np.arange(len(rows))
    built = meaning.build(place.astype(np.uint64), rows, place, place, 0)
    assert len(built.arrays["centres"]) > 10
    found = []
    for asked in rows[:40]:
        exact = set(np.argsort(-(rows @ asked))[:10].tolist())
        found.append(len(exact & set(built.nearest(asked, None, 10)[0].tolist())) / 10)
    assert np.mean(found) > 0.93


def test_an_index_is_read_as_it_was_written_and_a_damaged_one_is_a_sentence(finder: Finder, tmp_path: Path):
    one = finder.segments[0]
    one.save(tmp_path / "a")
    again = Finder((Segment.load(tmp_path / "a"),), "axes")
    asked = parse("facture remboursement")
    assert keys(again.by_words(asked, None, 5)) == keys(Finder((one,), "axes").by_words(asked, None, 5))
    assert keys(again.by_meaning(AXES[1], None, 1)) == [2]
    (tmp_path / "a" / "rows.npy").unlink()
    with pytest.raises(ModelError, match="voc index"):
        Segment.load(tmp_path / "a")
    assert Finder.load(tmp_path / "nowhere") is None
