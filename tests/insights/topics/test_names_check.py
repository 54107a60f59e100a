from __future__ import annotations

import pytest

from insights.topics.names_check import barred_words, faults, sense


@pytest.mark.parametrize(
    ("label", "language", "fault"),
    [
        ("Compliqué", "fr", "bare"),
        ("Fuir", "fr", "bare"),
        ("Assuré", "fr", "bare"),
        ("Conseiller", "fr", "bare"),
        ("Problème", "fr", "empty"),
        ("Pire déception", "fr", "empty"),
        ("Client de la compagnie", "fr", "empty"),
        ("Jamais déçu", "fr", "empty"),
        ("Aucun accident", "fr", "contrary"),
        ("No complaints", "en", "contrary"),
        ("Remboursement de la", "fr", "ending"),
        ("Réponse qui est", "fr", "ending"),
        ("Et la facture papier", "fr", "opening"),
        ("Dossier de [NOM_1]", "fr", "personal"),
        ("Facture de Marseille", "fr", "barred"),
        ("Facture Lumarelle perdue", "fr", "barred"),
        ("Received", "en", "bare"),
        ("Account", "en", "bare"),
        ("Great experience", "en", "empty"),
        ("Waiting for the", "en", "ending"),
        ("Hotels in Paris", "en", "barred"),
        ("x" * 61, "en", "length"),
    ],
)
def test_a_fragment_is_told(label: str, language: str, fault: str) -> None:
    assert fault in faults(label, language, {"lumarelle"})


@pytest.mark.parametrize(
    ("label", "language"),
    [
        ("Impossible de joindre le service client", "fr"),
        ("Aucune réponse aux mails", "fr"),
        ("Contrat pas résilié malgré la demande", "fr"),
        ("Sans internet", "fr"),
        ("Service client déplorable", "fr"),
        ("Panne", "fr"),
        ("Prélevé deux fois", "fr"),
        ("Charged twice", "en"),
        ("No reply to e-mails", "en"),
        ("Card not working", "en"),
        ("Delay", "en"),
    ],
)
def test_a_good_name_passes(label: str, language: str) -> None:
    assert faults(label, language, {"lumarelle"}) == ()


def test_number_and_article_make_no_other_name_but_denial_does() -> None:
    assert sense("Frais de dossier", "fr") == sense("Les frais du dossier", "fr")
    assert sense("Tarif élevé", "fr") == sense("Tarifs élevés", "fr")
    assert sense("Réponse aux mails", "fr") != sense("Aucune réponse aux mails", "fr")


def test_everyday_parts_of_a_brand_stay_allowed() -> None:
    assert barred_words(["Lumarelle Énergie"]) == {"lumarelle", "lumarelle energie"}
