"""E-mails, links, handles, IBANs, plates and IP addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from insights.redaction.contacts import iban_spans
from insights.redaction.text import plain


@pytest.mark.parametrize(
    "address",
    [
        "lea.marquet@example.org",
        "LEA.MARQUET@EXAMPLE.ORG",
        "lea+facture_2025@mail.example.net",
        "l-marquet@société.example",
        "lea.marquet@gmail",
        "lea.marquet @gmail.com",
        "lea.marquet@ example .org",
        "lea point marquet arobase exemple point fr",
        "lea.marquet arobase exemple point fr",
        "lea tiret marquet arobase gmail point com",
        "l e a arobase exemple point fr",
        "lea.marquet[at]example.org",
        "lea dot marquet at example dot com",
        "lea point marquet chez orange point fr",
    ],
)
def test_every_spelling_of_an_email_is_masked(address: str, redact: Callable[..., str]) -> None:
    assert redact(f"mon mail : {address} svp") == "mon mail : [EMAIL_1] svp"


def test_said_and_written_email_are_one(redact: Callable[..., str]) -> None:
    assert redact("Lea@exemple.fr, donc lea arobase exemple point fr") == "[EMAIL_1], donc [EMAIL_1]"


@pytest.mark.parametrize(
    "text",
    [
        "le point de livraison chez vous, et le point relais",
        "I looked at the bill at home. It was wrong",
        "rendez-vous chez moi. Merci",
        "@Lumarelle et @EDF_officiel, allô ?",
        "voir https://www.lumarelle.fr/aide",
    ],
)
def test_what_only_resembles_an_address_stays(text: str, redact: Callable[..., str]) -> None:
    assert redact(text) == text


def test_handles_of_people_and_personal_links_are_masked(redact: Callable[..., str]) -> None:
    assert redact("@Lumarelle demandez à @lea_m37") == "@Lumarelle demandez à [NOM_1]"
    assert redact("suivi https://suivi.example.org/colis?id=88 mort") == "suivi [URL_1] mort"


@pytest.mark.parametrize(
    "iban",
    [
        "FR27 9999 8746 7421 6863 7674 M90",
        "FR2799998746742168637674M90",
        "fr27 9999 8746 7421 6863 7674 m90",
        "fr2799998746742168637674m90",
        "FR27-9999-8746-7421-6863-7674-M90",
        "FR27 99998 74674 21686376 74M 90",
        "GB45 EXMP 1234 5698 7654 32",
    ],
)
def test_ibans_in_any_case_and_grouping(iban: str, redact: Callable[..., str]) -> None:
    assert redact(f"mon rib {iban} voilà") == "mon rib [IBAN_1] voilà"


def test_a_french_iban_with_a_slip_is_still_masked(redact: Callable[..., str]) -> None:
    assert redact("mon rib FR27 9999 8746 7421 6863 7674 M91") == "mon rib [IBAN_1]"


def test_words_are_no_iban() -> None:
    assert iban_spans(plain("l'amende de 135 euros du 12.03.2025 14.04.2025")) == []
    assert iban_spans(plain("le 12 mars 2025 la facture est 2300 kwh de 1180 euros")) == []


@pytest.mark.parametrize("plate", ["AB-123-CD", "ab-123-cd", "AB 123 CD", "AB123CD"])
def test_plates(plate: str, redact: Callable[..., str]) -> None:
    assert redact(f"la plaque {plate}.") == "la plaque [PLAQUE_1]."


def test_old_plates_need_a_cue(redact: Callable[..., str]) -> None:
    assert redact("véhicule immatriculé 4821 VX 37") == "véhicule immatriculé [PLAQUE_1]"
    assert redact("il y a 12 ans 37 fois") == "il y a 12 ans 37 fois"


def test_ip_addresses_but_no_versions(redact: Callable[..., str]) -> None:
    assert redact("mon ip 203.0.113.45 et 2001:db8::8a2e:370:7334") == "mon ip [IP_1] et [IP_2]"
    assert redact("l'appli version 4.12.0.3 plante à 12:30") == "l'appli version 4.12.0.3 plante à 12:30"
