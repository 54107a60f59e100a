from __future__ import annotations

import pytest

from insights.topics.phrases import DENIED, english_phrases, french_phrases, text_key


def forms(text: str, language: str, barred: frozenset[str] = frozenset()) -> set[str]:
    mine = french_phrases if language == "fr" else english_phrases
    return {phrase.form for phrases in mine([text], barred) for phrase in phrases}


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("la facture de régularisation est tombée", "facture de régularisation"),
        ("j'attends le remboursement de mon trop-perçu", "remboursement du trop-perçu"),
        ("le double prélèvement de mars", "double prélèvement"),
        ("aucune réponse à ma réclamation", "aucune réponse à la réclamation"),
        ("toujours pas de facture de clôture", "pas de facture de clôture"),
        ("il est impossible de joindre le service client", "impossible de joindre le service client"),
        ("je n'ai jamais reçu la facture", "jamais reçu la facture"),
        ("je n'arrive pas à ouvrir l'application", "impossible d'ouvrir l'application"),
        ("l'espace client ne fonctionne pas", "espace client qui ne fonctionne pas"),
    ],
)
def test_french_phrases_people_would_say(text: str, phrase: str) -> None:
    assert phrase in forms(text, "fr")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("the refund cheque never arrived", "refund cheque"),
        ("I was charged twice on the same day", "charged twice"),
        ("there is no answer to my complaint", "no answer to complaint"),
        ("I am unable to open the mobile app", "unable to open mobile app"),
    ],
)
def test_english_phrases_people_would_say(text: str, phrase: str) -> None:
    assert phrase in forms(text, "en")


def test_brands_tokens_times_and_amounts_are_in_no_phrase() -> None:
    found = forms(
        "Lumarelle a perdu le dossier de [NOM_1] en deux semaines pour 300 euros", "fr", frozenset({"lumarelle"})
    )
    assert found == {"dossier"}


def test_a_denial_has_a_key_of_its_own() -> None:
    keys = {phrase.key for phrases in french_phrases(["aucune réponse"]) for phrase in phrases}
    assert keys == {("reponse",), (DENIED, "reponse")}
    assert {DENIED, "reponse"} <= text_key("Pas de réponse !", "fr")
    assert DENIED not in text_key("une réponse rapide", "fr")
