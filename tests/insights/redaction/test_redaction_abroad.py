"""Addresses, numbers and plates of other countries, and what is spelled or said."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("text", "language", "redacted"),
    [
        ("I live at 12 Baker Street, London NW1 6XE", "en", "I live at [ADRESSE_1]"),
        ("we moved to 27 Acacia Road, Leeds", "en", "we moved to [ADRESSE_1]"),
        ("chez moi, Via Roma 12, 20121 Milano", "fr", "chez moi, [ADRESSE_1]"),
        ("Rue de la Loi 16, 1000 Bruxelles", "fr", "[ADRESSE_1]"),
        ("livré lieu-dit Le Bourg, 24200 Sarlat", "fr", "livré [ADRESSE_1]"),
        ("adresse douze rue du moulin trente sept mille tours", "fr", "adresse [ADRESSE_1]"),
        ("number plate ab12cde", "en", "number plate [PLAQUE_1]"),
        ("plaque a b cent vingt trois c d", "fr", "plaque [PLAQUE_1]"),
        ("commande n° 45879", "fr", "commande n° [ID_1]"),
        ("booking ref XK7P2Q", "en", "booking ref [ID_1]"),
        ("NI number qq123456c", "en", "NI number [NIR_1]"),
        ("last four digits 4242", "en", "last four digits [CARTE_1]"),
        (
            "date of birth on the account is 14 February 1951",
            "en",
            "date of birth on the account is [DATE_NAISSANCE_1]",
        ),
        ("jean.dupont (at) gmail (dot) com", "fr", "[EMAIL_1]"),
        ("dupont d u p o n t arobase gmail point com", "fr", "[EMAIL_1]"),
        ("le 06 12 34 euh 56 78", "fr", "le [TEL_1]"),
        ("c'est plus trente trois six douze trente quatre cinquante six soixante dix huit", "fr", "c'est [TEL_1]"),
    ],
)
def test_found(text: str, language: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text, language) == redacted


@pytest.mark.parametrize("text", ["facture n° 2024", "le 36 46", "commande n° 4500 euros", "deux avenues plus loin"])
def test_left(text: str, redact: Callable[..., str]) -> None:
    assert redact(text) == text


def test_an_age_behind_a_car_is_no_plate(redact: Callable[..., str]) -> None:
    text = "voiture assurée depuis plus de 10 ans"
    assert redact(text) == text
