"""The gold values: check digits hold, and none can belong to a person (reserved numbers, reserved or made-up domains)."""

from __future__ import annotations

import re

import pytest
from stdnum import iban, luhn
from stdnum.fr import nir

from insights.bench.redaction_gold import CHANNELS, LANGUAGES, gold_file
from insights.bench.redaction_samples import read_samples

FICTION = re.compile(
    r"(?:0|33|330|0033)(?:63998|19900|26191|35301|46571|53649)\d{4}"  # ARCEP's numbers for fiction
    r"|(?:0|44|440)(?:7700900\d{3}|2079460\d{3}|1134960\d{3})"  # Ofcom's
    r"|1?\d{3}55501\d\d"  # 555-01xx
)
TEST_CARD = re.compile(r"4242|4111|400000|555555|37828|49701000|2223003")
DOMAIN = re.compile(r"example|exemple|boiteverte\.fr$|gmeil\.com$")


def written(label: str) -> list[str]:
    """Values of a label that are written in digits and signs, of all channels and both languages."""
    values = [
        sample.text[span.start : span.end]
        for language in LANGUAGES
        for channel in CHANNELS
        for sample in read_samples(gold_file(language, channel))
        for span in sample.spans
        if span.entity == label
    ]
    return [value for value in values if sum(character.isdigit() for character in value) >= 8]


def bare(value: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", value).upper()


def test_phone_numbers_are_those_of_fiction() -> None:
    values = [bare(value) for value in written("TEL")]
    assert len(values) > 80
    assert [value for value in values if not FICTION.fullmatch(value)] == []


@pytest.mark.parametrize(
    ("label", "valid", "at_least"),
    [("IBAN", iban.is_valid, 25), ("NIR", nir.is_valid, 20), ("CARTE", luhn.is_valid, 25)],
)
def test_check_digits_hold(label: str, valid: object, at_least: int) -> None:
    values = [bare(value) for value in written(label)]
    assert callable(valid)
    assert len(values) >= at_least
    assert [value for value in values if not valid(value)] == []


def test_no_value_can_be_real() -> None:
    assert [value for value in written("CARTE") if not TEST_CARD.match(bare(value))] == []
    assert [value for value in written("NIR") if int(bare(value)[7:10].replace("A", "0")) < 499] == []
    assert [v for v in written("IBAN") if v.upper().startswith("FR") and bare(v)[4:9] != "99999"] == []


def test_mail_addresses_lie_in_reserved_or_made_up_domains() -> None:
    values = [
        sample.text[span.start : span.end].lower()
        for language in LANGUAGES
        for channel in CHANNELS
        for sample in read_samples(gold_file(language, channel))
        for span in sample.spans
        if span.entity == "EMAIL"
    ]
    spoken = [value.replace(" point ", ".").replace(" dot ", ".") for value in values]
    assert len(spoken) > 100
    assert [value for value in spoken if not DOMAIN.search(value)] == []
