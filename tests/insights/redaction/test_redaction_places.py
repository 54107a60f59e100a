"""Addresses and dates of birth."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("j'habite 12 bis rue des Tilleuls, 37000 Tours depuis juin", "j'habite [ADRESSE_1] depuis juin"),
        ("j'habite 12 rue des tilleuls 37000 tours", "j'habite [ADRESSE_1]"),
        ("au 17 avenue Jean Jaurès, appartement 12, 31000 Toulouse.", "au [ADRESSE_1]."),
        ("Résidence Les Acacias, 3 rue Paul Bert, 69003 Lyon", "[ADRESSE_1]"),
        ("4 impasse du Vieux Moulin 86100 Châtellerault", "[ADRESSE_1]"),
        ("12 rue du 8 mai 1945 75010 Paris", "[ADRESSE_1]"),
        ("au vingt-quatre rue des lilas à côté", "au [ADRESSE_1] à côté"),
        ("livrer à 01000 Bourg-en-Bresse", "livrer à [ADRESSE_1]"),
        ("mon code postal est 37000", "mon code postal est [ADRESSE_1]"),
    ],
)
def test_french_addresses(text: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("I live at 27 Baker Street, London NW1 6XE now", "I live at [ADRESSE_1] now"),
        ("we live at 24 mill lane near the station", "we live at [ADRESSE_1] near the station"),
        ("send it to 742 Evergreen Terrace, Springfield, IL 62704", "send it to [ADRESSE_1]"),
    ],
)
def test_english_addresses(text: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text, "en") == redacted


@pytest.mark.parametrize(
    "text",
    [
        "nous habitons dans une rue calme à Tours",
        "une maison de 110 mètres carrés, 2 places de parking",
        "il m'a facturé 37000 euros",
        "g envoyé mon relevé 4 fois et ct tjrs estimé",
        "110 square metres and 2 days on the road",
    ],
)
def test_no_address(text: str, redact: Callable[..., str]) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("je suis née le 14/02/1951 à Brest", "je suis née le [DATE_NAISSANCE_1] à Brest"),
        ("né(e) le 3 avril 1978", "né(e) le [DATE_NAISSANCE_1]"),
        ("Date de naissance : 07.11.1949.", "Date de naissance : [DATE_NAISSANCE_1]."),
        ("je suis né le quatorze février mille neuf cent cinquante et un", "je suis né le [DATE_NAISSANCE_1]"),
        ("I was born on 14 February 1951", "I was born on [DATE_NAISSANCE_1]"),
        ("date of birth: 07/11/1949", "date of birth: [DATE_NAISSANCE_1]"),
    ],
)
def test_dates_of_birth(text: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text) == redacted


def test_other_dates_stay(redact: Callable[..., str]) -> None:
    text = "je ne paie plus depuis le 14/02/2025, appel du 3 avril 2025"
    assert redact(text) == text
