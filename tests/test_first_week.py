"""The guides of the first week: every picture is there, small, and taken by a journey; what it names stands in the app."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "pictures" / "first-week"
GUIDES = {"en": ROOT / "docs" / "first-week.md", "fr": ROOT / "docs" / "premiere-semaine.md"}
TAKEN = re.compile(r'\.pictures\(\s*"([^"]+)"')
HEAVIEST = 250_000  # bytes


def shown(language: str) -> set[str]:
    return set(re.findall(r"pictures/first-week/([^)\s]+)\.png", GUIDES[language].read_text(encoding="utf-8")))


def taken() -> set[str]:
    journeys = (ROOT / "tests" / "journeys").glob("test_*.py")
    return {name for path in journeys for name in TAKEN.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("language", GUIDES)
def test_every_picture_of_the_guide_is_taken_by_a_journey_and_every_one_taken_is_shown(language):
    assert shown(language) == {f"{name}_{language}" for name in taken()}


@pytest.mark.parametrize("language", GUIDES)
def test_every_picture_of_the_guide_is_there_and_light(language):
    for name in sorted(shown(language)):
        assert 10_000 < (FOLDER / f"{name}.png").stat().st_size < HEAVIEST, name


def test_no_picture_lies_there_that_no_guide_shows():
    assert {path.stem for path in FOLDER.glob("*.png")} == shown("en") | shown("fr")


@pytest.mark.parametrize("language", GUIDES)
def test_the_guide_names_what_stands_on_the_screen_as_the_application_does(language):
    """What stands in « » is said by a message of the catalogues, in the guide's language."""
    guide = " ".join(GUIDES[language].read_text(encoding="utf-8").split())
    named = {one.strip() for one in re.findall("«([^»]+)»", guide)} - {"?"}
    said = "\n".join(messages(language)).casefold()
    assert len(named) > 20
    assert [one for one in sorted(named) if one.casefold() not in said] == []


def messages(language: str) -> list[str]:
    """All messages of the pages in a language; English ones are their own ids."""
    found = []
    for path in (ROOT / "insights" / "locales" / "fr").glob("*.po"):
        with path.open("rb") as stream:
            found += [str(one.id if language == "en" else one.string) for one in read_po(stream) if one.id]
    return [one.replace("**", "") for one in found]
