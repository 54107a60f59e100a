"""A small corpus written for these tests: four causes in French and English, and its vectors."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from insights.topics.encoder import encoder_for

CAUSES: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "refund": {
        "fr": (
            ("j'attends toujours", "je n'ai jamais reçu", "on me doit encore", "aucune nouvelle pour"),
            ("le remboursement de mon trop-perçu", "mon remboursement", "le remboursement promis"),
            ("depuis le printemps", "malgré mes courriers", "c'est long", "après deux demandes"),
        ),
        "en": (
            ("still waiting for", "I never received", "you owe me"),
            ("my refund", "the refund you promised", "a refund on my account"),
            ("after many letters", "for ages"),
        ),
    },
    "phone": {
        "fr": (
            (
                "trop d'attente au téléphone",
                "une attente au téléphone interminable",
                "personne ne décroche au téléphone",
            ),
            ("pour joindre le service client", "avant d'avoir un conseiller", "à chaque appel"),
            ("c'est pénible", "j'ai raccroché", "en pleine journée", "même le samedi"),
        ),
        "en": (
            ("waiting on the phone", "endless time on hold", "nobody picks up the phone"),
            ("to reach customer service", "before an adviser answers", "every single call"),
            ("it is painful", "so I hung up"),
        ),
    },
    "app": {
        "fr": (
            ("l'espace client est inaccessible", "impossible d'ouvrir l'espace client", "l'espace client plante"),
            ("sur mon portable", "avec mon mot de passe", "quand je me connecte"),
            ("encore une panne", "erreur à la connexion", "page blanche", "rien ne s'affiche"),
        ),
        "en": (
            ("the customer account is down", "I cannot open the customer account", "the customer account crashes"),
            ("on my phone screen", "with my password", "when I log in"),
            ("another outage", "blank page again"),
        ),
    },
    "price": {
        "fr": (
            ("la hausse de prix est énorme", "une nouvelle hausse de prix", "cette hausse de prix me choque"),
            ("sur le kilowattheure", "sur mon contrat", "sans aucun courrier"),
            ("les tarifs s'envolent", "je paie bien plus", "c'est plus cher qu'ailleurs", "le tarif grimpe"),
        ),
        "en": (
            ("the price increase is huge", "another price increase", "this price increase shocks me"),
            ("on each unit of power", "on my contract", "without any letter"),
            ("tariffs go through the roof", "I pay far more"),
        ),
    },
}


@dataclass(frozen=True)
class Corpus:
    texts: list[str]
    languages: list[str]
    causes: list[str]
    vectors: NDArray[np.float32]


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    rows = [
        (" ".join(parts), language, cause)
        for cause, sides in CAUSES.items()
        for language, columns in sides.items()
        for parts in itertools.product(*columns)
    ]
    texts, languages, causes = (list(column) for column in zip(*rows, strict=True))
    return Corpus(texts, languages, causes, encoder_for("use-multilingual")(texts))
