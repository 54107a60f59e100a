"""A company's code frame in the shapes people keep it in, and what is refused of it."""

from __future__ import annotations

import pytest

from insights.errors import SourceError
from insights.irritants.frame import read_frame

HEADERS = ("Libellé", "Définition", "Exemples", "PO")


def test_french_headers_examples_and_several_rows_of_one_cause() -> None:
    rows = [
        dict(zip(HEADERS, row, strict=True))
        for row in (
            ("Attente au téléphone", "Plus de 5 min", "20 min d'attente | ça sonne", "Plateaux"),
            ("ATTENTE AU TELEPHONE", None, "personne ne répond", None),
            (float("nan"), "", None, None),
        )
    ]
    (found,) = read_frame(rows, "plan.xlsx")
    assert (found.label_fr, found.label_en, found.definition) == ("Attente au téléphone", None, "Plus de 5 min")
    assert found.examples == ("20 min d'attente", "ça sonne", "personne ne répond")
    assert (found.owner, found.rows) == ("Plateaux", (2, 3))


def test_both_languages_and_one_label_of_either() -> None:
    rows = [{"label_fr": "Remboursement en retard", "label_en": "Late refund", "Family": "Paiement"}]
    (found,) = read_frame(rows, "frame.csv")
    assert (found.label_fr, found.label_en, found.theme) == ("Remboursement en retard", "Late refund", "Paiement")
    (english,) = read_frame([{"label": "The app keeps logging me out"}], "frame.csv")
    assert (english.label_fr, english.label_en) == (None, "The app keeps logging me out")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"code": 1, "owner": "x"}], "no column holds the label"),
        ([], "no column holds the label"),
        ([{"label": "Ok"}, {"label": "Attente"}], "row 2: the name 'Ok' is not of 3 to 80"),
        ([{"label": "Attente", "code": 1}, {"label": None, "code": 2}], "row 3: it has no label"),
        ([{"label": None}], "no row with a label"),
        ([{"label": "Attente", "theme": "IT"}], "row 2: the name 'IT' is not of 3 to 80"),
    ],
)
def test_a_bad_frame_is_refused_whole_and_by_row(rows: list[dict[str, object]], said: str) -> None:
    with pytest.raises(SourceError, match=r"frame\.csv") as error:
        read_frame(rows, "frame.csv")
    assert said in str(error.value)
