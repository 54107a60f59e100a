"""A thing and its grievance make a name; without both in the texts there is none."""

from __future__ import annotations

import numpy as np
import pytest

from insights.topics.labels import label_topics
from insights.topics.names_griefs import GRIEFS, aggrieved, french_name, kinds, marks
from insights.topics.phrases import phrases_in


def joined(text: str, language: str) -> set[str]:
    return {one.form for phrases in phrases_in([text], language) for one in phrases if one.shape == "joined"}


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("le colis a été livré selon vous mais je ne l'ai jamais reçu", "fr", "colis jamais reçu"),
        ("nos cartes vertes ne sont toujours pas arrivées", "fr", "cartes vertes jamais reçues"),
        ("pour la franchise, je trouve le montant excessif", "fr", "franchise trop élevée"),
        ("le relevé d'information, un mois d'attente", "fr", "relevé d'information qui tarde"),
        ("notre expert, on ne l'a jamais vu, il n'est pas venu", "fr", "expert absent"),
        ("le remboursement de mes soins, encore un refus", "fr", "remboursement refusé"),
        ("my parcel was sent last week and it has not arrived", "en", "parcel not received"),
        ("there is a direct debit that I don't recognise", "en", "direct debit not recognised"),
    ],
)
def test_a_thing_and_its_grievance_make_a_name(text: str, language: str, name: str) -> None:
    assert name in joined(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "j'ai reçu le colis hier",  # no grievance
        "le colis est là. Je n'ai jamais reçu de réponse",  # another sentence
        "le conseiller m'a parlé d'une augmentation",  # a person does not rise
    ],
)
def test_no_name_is_made_of_what_was_not_said(text: str) -> None:
    assert not {one for one in joined(text, "fr") if one.startswith(("colis", "conseiller"))}


def test_a_name_agrees_with_its_thing() -> None:
    misled = next(one for one in GRIEFS if one.mark == "+misled")
    assert french_name(misled, "offre", female=True, many=False) == "offre trompeuse"
    assert french_name(misled, "contrats", female=False, many=True) == "contrats trompeurs"
    ended = next(one for one in GRIEFS if one.mark == "+ended")
    assert french_name(ended, "abonnement", female=False, many=False) == "résiliation d'abonnement"


def test_every_grievance_is_said_of_known_kinds() -> None:
    known = set().union(*kinds().values())
    assert len({one.mark for one in GRIEFS}) == len(GRIEFS) > 20
    for one in GRIEFS:
        assert one.kinds <= known, one.mark
        assert "{x}" in one.named_fr or "{de x}" in one.named_fr
        assert "{x}" in one.named_en


@pytest.mark.parametrize(
    ("name", "language", "holds"),
    [
        ("Prêt de véhicule", "fr", False),
        ("Prise en charge", "fr", False),
        ("Prise en charge refusée", "fr", True),
        ("Panne internet", "fr", True),
        ("Aucun remboursement", "fr", True),
        ("Activate card", "en", False),
        ("Transfer declined", "en", True),
    ],
)
def test_a_name_says_what_is_wrong_or_only_of_what(name: str, language: str, holds: bool) -> None:
    assert aggrieved(name, language) is holds


def test_a_topic_is_named_with_its_grievance_only_where_texts_say_it() -> None:
    lost = [
        f"{who} n'a jamais reçu {what} colis" for who in ("il", "elle", "on", "ma mère") for what in ("son", "ce", "le")
    ]
    calm = [f"{who} parle {of} colis" for who in ("il", "elle", "on", "ma mère") for of in ("du", "de ce", "de son")]
    other = [f"le prix {how} {when}" for how in ("augmente", "monte") for when in "abcdef"]
    for own, named in ((lost, True), (calm, False)):
        texts = [*own, *other]
        labels = np.array([0] * len(own) + [1] * len(other))
        found = label_topics(
            texts, ["fr"] * len(texts), labels, keywords={0: ("colis",), 1: ("prix",)}, representatives={}, seed=1
        )  # fmt: skip
        assert ((found[0].label_fr or "") in ("Colis jamais reçu", "Colis pas reçu")) is named


def test_marks_are_of_one_language() -> None:
    assert "+unreceived" in marks("jamais recu", "fr")
    assert "+unreceived" not in marks("jamais recu", "en")
