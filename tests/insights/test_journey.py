"""The stages of the journey as a person writes them down."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from insights.cli.reference_check import READERS
from insights.errors import SettingsError
from insights.journey import load_journey
from insights.settings import default_settings

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
TWO = """
stages:
  - {code: Achat, fr: Achat, en: Purchase, also: [Sale]}
  - {code: Usage, fr: Usage, en: Use}
touchpoints:
  Boutique: {fr: Boutique, en: Shop}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "journey.yaml").write_text(text, encoding="utf-8")
    return folder


def test_stages_come_in_the_customers_order_and_strangers_last(tmp_path):
    journey = load_journey(write(tmp_path, TWO))
    assert journey.in_order(["Zoo", "Usage", "Achat", "Autre"]) == (["Achat", "Usage"], ["Autre", "Zoo"])
    assert journey.codes == {"Achat": "Achat", "Sale": "Achat", "Usage": "Usage"}
    assert (journey.stage_name("Usage", "en"), journey.stage_name("Zoo", "en")) == ("Use", "Zoo")
    assert (journey.touchpoint_name("Boutique", "en"), journey.touchpoint_name("Bus", "en")) == ("Shop", "Bus")


def test_without_a_file_there_is_no_order(tmp_path):
    assert load_journey(tmp_path).in_order(["b", "a"]) == ([], ["a", "b"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TWO.replace("also: [Sale]", "also: [Usage]"), "Usage: named by two stages"),
        (TWO.replace("en: Use", "ne: Use"), "stages.1.en"),
        ("stages: [", "not valid YAML"),
    ],
)
def test_a_bad_entry_is_named(tmp_path, text, said):
    with pytest.raises(SettingsError, match=said):
        load_journey(write(tmp_path, text))


def test_an_edited_file_is_read_anew(tmp_path):
    folder = write(tmp_path, TWO)
    assert len(load_journey(folder).stages) == 2
    write(folder, "stages: [{code: Achat, fr: Achat, en: Purchase}]")
    os.utime(folder / "journey.yaml", ns=(1, 1))
    assert len(load_journey(folder).stages) == 1


def test_the_doctor_reads_the_file_that_ships():
    settings = default_settings().model_copy(update={"reference_dir": REFERENCE})
    assert READERS["journey.yaml"](settings).startswith(f"{len(load_journey(REFERENCE).stages)} stages")
    assert len(load_journey(REFERENCE).stages) >= 10
