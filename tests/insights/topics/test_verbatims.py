from __future__ import annotations

import numpy as np
import pytest

from insights.topics.verbatims import best_verbatims

COMPLAINT = "Mon remboursement n'est toujours pas arrivé sur mon compte"


def best(texts: list[str], near: list[float], n: int = 3) -> list[int]:
    """Best of texts whose nearness to the centre is given; each is as far from the others as it can be."""
    rows = np.zeros((len(texts), len(texts) + 1), dtype=np.float32)
    for at, cosine in enumerate(near):
        rows[at, 0], rows[at, at + 1] = cosine, np.sqrt(1 - cosine**2)
    return best_verbatims(texts, rows, np.arange(len(texts)), n)


@pytest.mark.parametrize(
    "worse",
    [
        "remboursement ?",  # too short
        "MON REMBOURSEMENT N'EST TOUJOURS PAS ARRIVÉ SUR LE COMPTE",
        "[NOM_1] de [LIEU_1] attend [MONTANT_1] de remboursement sur le compte [IBAN_1]",
        "Merci, le remboursement est arrivé très vite, je suis ravie",
        "bande de voleurs, escrocs, honte à vous",
    ],
)
def test_a_readable_complaint_comes_first(worse: str) -> None:
    assert best([worse, COMPLAINT], [0.5, 0.5], 1) == [1]


def test_what_is_far_nearer_still_comes_first() -> None:
    assert best([COMPLAINT, "La facture de clôture me réclame une somme que je ne dois pas"], [0.2, 0.8], 1) == [1]


def test_quotes_are_not_copies_nor_the_same_words() -> None:
    texts = [
        COMPLAINT,
        COMPLAINT + " !!",
        "Mon remboursement n'est pas arrivé sur mon compte joint",
        "Personne ne décroche au service client",
    ]
    assert sorted(best(texts, [0.5, 0.5, 0.5, 0.4])) in ([0, 3], [1, 3], [2, 3])
