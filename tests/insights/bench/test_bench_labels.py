from __future__ import annotations

import numpy as np
import pytest

from insights.bench.labels import _figures
from insights.topics.encoder import encoder_for

TEXTS = [
    "mon remboursement n'arrive pas",
    "où est mon remboursement",
    "le téléphone sonne dans le vide",
    "personne au téléphone",
]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({0: "Remboursement pas arrivé", 1: "Personne ne répond au téléphone"}, (0.0, 0.0, 1.0, 1.0, 1.0)),
        ({0: "Personne ne répond au téléphone", 1: "Remboursement pas arrivé"}, (0.0, 0.0, 1.0, 0.0, 0.0)),
        ({0: "Problème", 1: "Problèmes"}, (0.0, 1.0, 0.5, 0.0, 0.5)),
        ({0: "Demande de remboursement", 1: "Personne ne répond au téléphone"}, (0.5, 0.0, 1.0, 1.0, 1.0)),
    ],
)
def test_figures_of_right_swapped_and_empty_names(names: dict[int, str], expected: tuple[float, ...]) -> None:
    encoder = encoder_for("use-multilingual")
    found = _figures(
        names,
        {0: "fr", 1: "fr"},
        TEXTS,
        ["fr"] * 4,
        encoder(TEXTS),
        np.array([0, 0, 1, 1]),
        np.arange(4),
        encoder,
        set(),
    )
    assert found[:4] == expected[:4]
    assert found[4] == expected[4] or names[0] == "Problème"
