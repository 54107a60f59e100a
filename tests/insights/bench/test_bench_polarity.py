"""Polarity scored on labelled files: labels read, figures right, columns named when missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insights.bench.polarity import labels, macro_f1, read_labelled, score, score_file
from insights.errors import SourceError
from insights.mentions.polarity import LexiconPolarity

GLAD, SORRY = (
    ["accueil charmant", "colis impeccable", "rien à redire"],
    ["accueil lamentable", "suivi nul", "personne ne répond"],
)


def test_labels_are_read_in_words_and_in_scores() -> None:
    assert labels(["positif", "Négatif", "neutre", 1, 0, "-1"]).tolist() == [1, -1, 0, 1, -1, -1]
    assert labels(["1", "2", "3", "5", ""], bounds=(2, 4)).tolist() == [-1, -1, 0, 1, 0]


@pytest.mark.parametrize(
    ("given", "signs"),
    [
        (["1", "2", "3", "4", "5"], [-1, -1, 0, 1, 1]),
        (["4/5", "1/5", "3/5", "★★", "5 étoiles"], [1, -1, 0, -1, 1]),
        (["0", "6", "8", "9", "10"], [-1, -1, 0, 1, 1]),
        (["4,5", "1,0", "3,0", "bof", ""], [1, -1, 0, 0, 0]),
    ],
)
def test_stars_and_usual_scales_need_no_bounds(given: list[str], signs: list[int]) -> None:
    assert labels(given).tolist() == signs


@pytest.mark.parametrize(
    ("content", "text", "label"),
    [
        ('avis;note\n"poli; rapide";5\nnul;1\n'.encode("cp1252"), "avis", "note"),
        ('note\tavis\n5\tpoli " rapide\n1\tnul, très\n'.encode(), "avis", "note"),
        ("5,poli\n1,déçu\n".encode(), "1", "0"),
        ('avis,note\n"poli, rapide",5\n"nul",1\n'.encode("utf-8-sig"), "avis", "note"),
    ],
)
def test_separators_encodings_and_missing_headers_are_found(
    tmp_path: Path, content: bytes, text: str, label: str
) -> None:
    path = tmp_path / "notes.csv"
    path.write_bytes(content)
    frame = read_labelled(path, text, label)
    assert frame[label].tolist() == ["5", "1"]
    assert frame[text].str.startswith(("poli", "nul", "déçu")).all()


def test_accuracy_and_f1_count_what_was_right() -> None:
    truth = np.array([1, 1, -1, -1, -1, 1, 0])  # one of each side is labelled against its words
    found = score(LexiconPolarity(), [*GLAD, *SORRY, "rien"], truth, ["fr"] * 7)
    assert (found.n, found.n_positive, found.n_left_out) == (6, 3, 1)
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.accuracy_low < found.accuracy < found.accuracy_high
    assert found.macro_f1 == pytest.approx(2 / 3)
    assert found.version == LexiconPolarity().version


def test_macro_f1_is_the_mean_of_both_signs() -> None:
    gold = np.array([True, True, True, False])
    assert macro_f1(gold, np.array([True, True, True, True])) == pytest.approx((6 / 7 + 0) / 2)


def test_one_sign_alone_cannot_be_scored() -> None:
    with pytest.raises(SourceError, match="both signs"):
        score(LexiconPolarity(), GLAD, np.array([1, 1, 1]))


def test_a_file_is_scored_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "notes.tsv"
    path.write_text(
        "avis\tnote\n" + "".join(f"{t}\t5\n" for t in GLAD) + "".join(f"{t}\t1\n" for t in SORRY), encoding="utf-8"
    )
    assert score_file(LexiconPolarity(), path, "avis", "note", bounds=(2, 4)).accuracy == 1.0
    with pytest.raises(SourceError, match="no column 'stars'; it has: avis, note"):
        score_file(LexiconPolarity(), path, "avis", "stars")
    with pytest.raises(SourceError, match="cannot be read"):
        score_file(LexiconPolarity(), tmp_path / "none.csv", "avis", "note")
