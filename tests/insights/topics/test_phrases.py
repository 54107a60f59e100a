from __future__ import annotations

import pytest

from insights.topics.phrases import MARK, phrases_in, text_key


def forms(text: str, language: str, barred: frozenset[str] = frozenset()) -> set[str]:
    return {phrase.form for phrases in phrases_in([text], language, barred) for phrase in phrases}


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("la facture de régularisation est tombée", "facture de régularisation"),
        ("j'attends le remboursement de mon trop-perçu", "attente du remboursement du trop-perçu"),
        ("le double prélèvement de mars", "double prélèvement"),
        ("aucune réponse à ma réclamation", "aucune réponse à la réclamation"),
        ("toujours pas de facture de clôture", "pas de facture de clôture"),
        ("il est impossible de joindre le service client", "impossible de joindre le service client"),
        ("impossible de vous joindre", "impossible de les joindre"),
        ("je n'ai toujours pas reçu ma facture", "facture pas reçue"),
        ("mon contrat n'a pas été résilié malgré ma demande", "contrat pas résilié"),
        ("je n'arrive pas à ouvrir l'application", "impossible d'ouvrir l'application"),
        ("l'espace client ne fonctionne pas", "espace client qui ne fonctionne pas"),
        ("personne ne répond au téléphone", "personne ne répond au téléphone"),
        ("les tarifs sont trop élevés", "tarifs trop élevés"),
        ("la chambre est petite", "petite chambre"),
        ("ils refusent de rembourser les soins", "refus de rembourser les soins"),
        ("j'ai été prélevé deux fois", "prélevé deux fois"),
        ("je ne suis pas du tout satisfait du prix", "pas satisfait du prix"),
        ("j'ai eu un accident non responsable", "accident non responsable"),
        ("la climatisation ne fonctionnait pas", "climatisation qui ne fonctionne pas"),
        ("une chambre petite", "petite chambre"),
    ],
)
def test_french_phrases_people_would_say(text: str, phrase: str) -> None:
    assert phrase in forms(text, "fr")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("the refund cheque never arrived", "refund cheque not arrived"),
        ("I was charged twice on the same day", "charged twice"),
        ("there is no answer to my complaint", "no answer to complaint"),
        ("I am unable to open the mobile app", "unable to open mobile app"),
        ("my card doesn't work", "card not working"),
        ("the bathroom was too small", "bathroom too small"),
        ("I want to activate my card", "activate card"),
        ("I have not received my refund", "refund not received"),
        ("the room was not clean", "room not clean"),
    ],
)
def test_english_phrases_people_would_say(text: str, phrase: str) -> None:
    assert phrase in forms(text, "en")


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("le service client inexistant", "client inexistant"),  # the end of a longer noun
        ("la cotisation augmente", "cotisation augmente"),  # a verb the tagger takes for an adjective
        ("ma mère n'a jamais reçu son colis", "mère jamais reçue"),  # who did not get it is not what did not come
        ("je ne suis pas satisfait du prix", "satisfait du prix"),  # the contrary of what was said
        ("je n'ai pas pu recevoir la box", "recevoir la box"),
        ("une salle pour le petit", "salle pour le petit"),
    ],
)
def test_fragments_and_contraries_are_no_phrases(text: str, fragment: str) -> None:
    assert fragment not in forms(text, "fr")


def test_brands_tokens_times_and_amounts_are_in_no_phrase() -> None:
    found = forms(
        "Lumarelle a perdu le dossier de [NOM_1] en deux semaines pour 300 euros", "fr", frozenset({"lumarelle"})
    )
    assert found == {"dossier", "dossier perdu"}


def test_a_denial_has_a_key_of_its_own() -> None:
    keys = {phrase.key for phrases in phrases_in(["aucune réponse"], "fr") for phrase in phrases}
    assert keys == {("reponse",), (MARK, "reponse")}
    assert {MARK, "reponse"} <= text_key("Pas de réponse !", "fr")
    assert MARK not in text_key("une réponse rapide", "fr")


def test_a_compound_is_one_word() -> None:
    assert "petit-dejeuner" in text_key("le petit dej était froid", "fr")
    assert "petit-déjeuner" in forms("le petit déjeuner était froid", "fr")
