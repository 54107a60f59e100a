"""Small scored corpora, composed for these tests: praise and complaints of an invented parcel service."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

PLACES = [
    "à Lyon",
    "à Brest",
    "ce matin",
    "hier",
    "pour mon fils",
    "au bureau",
    "chez ma voisine",
    "en juin",
    "le 4 mai",
    "ici",
]
GLAD = [
    "le livreur a souri",
    "mon carton est intact",
    "colis tôt",
    "relais ouvert tard",
    "casier pratique",
    "suivi clair",
]
SORRY = [
    "le carton arrive écrasé",
    "colis parti en Belgique",
    "relais fermé",
    "casier vide",
    "suivi figé",
    "livreur passé en douce",
]
PLAIN = ["je relève mon courrier", "nous habitons au second", "mon numéro de porte est le 12", "la boîte est verte"]


@pytest.fixture(scope="session")
def scored() -> pd.DataFrame:
    """600 distinct texts with `score` on 0..1 and a plain clause in every other one, whatever the score."""
    rows = []
    sides = ((GLAD, 1.0), (SORRY, 0.0))
    for (clauses, score), (number, place), plain in product(sides, enumerate(PLACES), [*PLAIN, ""]):
        for at, clause in enumerate(clauses):
            text = f"{clause} {place}" + (
                f". {plain} {number}" if plain and (at + number) % 2 else f" {plain}"[: 6 * bool(plain)]
            )
            rows.append({"text": text, "language": "fr", "score": score})
    return pd.DataFrame(rows).drop_duplicates("text", ignore_index=True)


@pytest.fixture
def feedback() -> pd.DataFrame:
    """Four feedbacks: a survey comment, a call, an adviser's note, a silent answer."""
    at = pd.Timestamp("2026-03-02 09:00", tz="UTC")
    return pd.DataFrame(
        {
            "feedback_id": ["f-survey", "f-call", "f-note", "f-silent"],
            "kind": ["survey", "call", "employee", "survey"],
            "language": ["fr", "fr", "fr", None],
            "verbatim": [
                "Bonjour, la conseillère était adorable mais l'attente interminable. Je change de fournisseur.",
                "conseiller bonjour client bonjour",
                "le client attend avec moi",
                None,
            ],
            "occurred_at": pd.Series([at] * 4),
            "available_at": pd.Series([at + pd.Timedelta(hours=1)] * 4),
            "customer_id": ["C1", "C2", None, "C3"],
        }
    )


@pytest.fixture
def turns() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "feedback_id": ["f-call"] * 5,
            "turn_no": [1, 2, 3, 4, 5],
            "speaker": ["adviser", "customer", "adviser", "customer", "customer"],
            "text": [
                "je suis désolée de votre attente insupportable",
                "on m'a jamais rappelé",
                "je comprends",
                "très bien",
                "ça sent le gaz dans la cave",
            ],
        }
    )


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
