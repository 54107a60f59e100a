"""Numbers said in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from insights.redaction.spoken import spoken_runs, to_digits
from insights.redaction.text import plain


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("zéro six trente-neuf quatre-vingt-dix-huit vingt et un zéro huit", "0639982108"),
        ("zéro un quatre vingt dix neuf zéro zéro quarante cinq douze", "0199004512"),
        ("zéro six soixante et onze quatre vingts quatre vingt deux zéro un", "0671808201"),
        ("zéro six euh trente-neuf quatre-vingt-dix-huit 12 47", "0639981247"),
        ("mille neuf cent cinquante et un", "1951"),
        ("oh six three nine nine eight two one double four", "0639982144"),
        ("septante deux nonante neuf zéro trois huitante", "72990380"),
    ],
)
def test_digits_of_spoken_numbers(said: str, digits: str) -> None:
    assert [run.digits for run in spoken_runs(plain(said))] == [digits]


def test_to_digits_writes_numbers_one_after_the_other() -> None:
    assert to_digits(["trois", "cent", "douze", "zero", "4"]) == "31204"


@pytest.mark.parametrize(
    "text",
    [
        "c'est neuf cent trente euros à payer pour le quinze",
        "mille cent quatre vingt vingt dix euros à payer",
        "on m'avait dit soixante-dix par mois et là cent douze",
        "entre huit et douze heures, deux fois sur trois",
        "so it's nine hundred and thirty euros by the fifteenth",
    ],
)
def test_spoken_amounts_stay(text: str, redact: Callable[..., str]) -> None:
    assert redact(text) == text


def test_spoken_telephone_and_meter_are_masked(redact: Callable[..., str]) -> None:
    phone = "mon numéro c'est zéro six trente-neuf quatre-vingt-dix-huit vingt et un zéro huit merci"
    assert redact(phone) == "mon numéro c'est [TEL_1] merci"
    meter = (
        "le prm dix-neuf quarante-trois quatre-vingt-deux soixante-quinze soixante et un zéro quatre quatre-vingt-deux"
    )
    assert redact(meter) == "le prm [ID_1]"


def test_said_and_written_telephone_are_one(redact: Callable[..., str]) -> None:
    text = "le zéro six trente-neuf quatre-vingt-dix-huit vingt et un zéro huit donc 06 39 98 21 08"
    assert redact(text) == "le [TEL_1] donc [TEL_1]"
