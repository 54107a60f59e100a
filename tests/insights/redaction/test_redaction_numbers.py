"""Telephone, card, NIR, company, meter and reference numbers: what is masked and what must stay readable."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from insights.redaction.numbers import is_card, is_company, is_nir, is_phone, number_spans, phone_key
from insights.redaction.spans import merge
from insights.redaction.text import plain


def entities(text: str) -> list[tuple[str, str]]:
    folded = plain(text)
    return [(span.entity, text[span.start : span.end]) for span in merge(number_spans(folded), text)]


@pytest.mark.parametrize(
    "written",
    [
        "06 39 98 12 47",
        "0639981247",
        "06.39.98.12.47",
        "06-39-98-12-47",
        "06/39/98/12/47",
        "06 39 98-12.47",
        "0 6 3 9 9 8 1 2 4 7",
        "+33 6 39 98 12 47",
        "+33 (0)6 39 98 12 47",
        "0033 6 39 98 12 47",
        "+33639981247",
        "01 99 00 45 12",
    ],
)
def test_every_way_to_write_a_telephone_is_masked(written: str, redact: Callable[..., str]) -> None:
    assert redact(f"rappelez au {written} svp") == "rappelez au [TEL_1] svp"


def test_a_telephone_glued_to_a_word_is_masked(redact: Callable[..., str]) -> None:
    assert redact("tel0639981247 merci") == "tel[TEL_1] merci"


def test_one_telephone_written_in_three_ways_has_one_number(redact: Callable[..., str]) -> None:
    text = "le 06 39 98 12 47 ou +33 (0)6 39 98 12 47 ou 0033639981247, sinon 01 99 00 45 12"
    assert redact(text) == "le [TEL_1] ou [TEL_1] ou [TEL_1], sinon [TEL_2]"


def test_two_telephones_side_by_side_and_a_postcode(redact: Callable[..., str]) -> None:
    assert redact("06 39 98 12 47 06 39 98 12 48 37000 Tours") == "[TEL_1] [TEL_2] [ADRESSE_1]"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("numéro de sécu 1 76 06 71 775 532 14", [("NIR", "1 76 06 71 775 532 14")]),
        ("mon nir 176067177553214", [("NIR", "176067177553214")]),
        ("née en Corse 2 85 05 2A 004 005 96", [("NIR", "2 85 05 2A 004 005 96")]),
        ("carte 4970 1000 0000 0428", [("CARTE", "4970 1000 0000 0428")]),
        ("carte qui se termine par 4242", [("CARTE", "4242")]),
        ("SIRET 973 223 589 00399", [("ID", "973 223 589 00399")]),
        ("SIREN 732829320", [("ID", "732829320")]),
        ("PRM 30001846275193", [("ID", "30001846275193")]),
        ("mon point de livraison 19 438 275 610 482", [("ID", "19 438 275 610 482")]),
        ("PCE GI042317", [("ID", "GI042317")]),
        ("référence client 4 217 880 356", [("ID", "4 217 880 356")]),
        ("My customer number is 4 171 333 349. 7% more", [("ID", "4 171 333 349")]),
        ("dossier n° 2025-118-4471", [("ID", "2025-118-4471")]),
        ("commande634536", [("ID", "634536")]),
        ("colis XT044128663FR", [("ID", "XT044128663FR")]),
        ("contract LUM-4402817", [("ID", "LUM-4402817")]),
    ],
)
def test_numbers_with_a_check_or_a_cue(text: str, found: list[tuple[str, str]]) -> None:
    assert entities(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "une régul de 1 180 € et 2 300 kWh",
        "de 89 à 164 euros en 2023, 2024 et 2025",
        "commande 2024 2025 2026",
        "le 12/03/2025 à 12h30, puis le 12.03.2025 14.04.2025",
        "index 045 812 puis 046 123 et 047 001 kWh",
        "au tarif de 0,2516 puis 0,2738 € le kWh",
        "ma facture de 1 234 567 euros",
        "le 3646 et le 18",
        "reçu ma commande le 03/07",
        "en 10/15 jours, 50 000 km",
    ],
)
def test_amounts_dates_and_readings_stay(text: str) -> None:
    assert entities(text) == []


def test_checks() -> None:
    assert is_phone("0639981247") and is_phone("33639981247") and not is_phone("0039981247")
    assert is_nir("176067177553214") and not is_nir("176067177553215")
    assert is_card("4970100000000428") and not is_card("4970100000000427")
    assert is_company("732829320") and is_company("35600000000048") and not is_company("732829321")
    assert phone_key("0033639981247") == phone_key("330639981247") == "0639981247"
