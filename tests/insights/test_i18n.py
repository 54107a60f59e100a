"""Every sentence a person can read exists in French."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir

from insights.i18n import LANGUAGES, catalogue, translator

ROOT = Path(__file__).parents[2]
PLACES = (
    "dashboard",
    "insights/digest",
    "insights/cases",
    "insights/outbox",
    "insights/templates",
    "insights/priorities",
    "insights/proof",
    "insights/actions",
    "insights/alarms",
    "insights/churn",
    "insights/answers",
    "insights/contactability",
    "insights/playbooks",
    "insights/steps",
)
METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract"), ("**.html", "jinja2.ext:babel_extract")]


def sentences() -> dict[str, str]:
    """msgid -> first place where it is used."""
    found: dict[str, str] = {}
    for place in PLACES:
        for name, line, message, _comments, _context in extract_from_dir(ROOT / place, METHODS, keywords={"_": None}):
            found.setdefault(message if isinstance(message, str) else message[0], f"{place}/{name}:{line}")
        for path in (ROOT / place).rglob("*.py"):
            for message, line in inside_f_strings(path):
                found.setdefault(message, f"{path.relative_to(ROOT)}:{line}")
    return found


def inside_f_strings(path: Path) -> Iterator[tuple[str, int]]:
    """Sentences inside f-strings, which Babel does not look into."""
    for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(outer, ast.JoinedStr):
            for call in ast.walk(outer):
                if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "_":
                    [said] = call.args
                    if isinstance(said, ast.Constant):
                        yield str(said.value), call.lineno


def fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_the_pages_have_sentences():
    assert len([place for place in sentences().values() if place.startswith("dashboard/")]) > 100


def test_every_sentence_has_a_french_entry():
    french = catalogue("fr")
    missing = [
        f"{where}: {text!r}" for text, where in sentences().items() if text not in french or not french[text].string
    ]
    assert not missing, "no French in insights/locales/fr/*.po:\n" + "\n".join(missing)


def test_a_translation_keeps_the_places_for_values():
    french = catalogue("fr")
    wrong = [text for text in sentences() if text in french and fields(text) != fields(str(french[text].string))]
    assert not wrong


def test_no_two_catalogues_translate_the_same_sentence_differently():
    from babel.messages.pofile import read_po

    seen: dict[str, tuple[str, str]] = {}
    for path in sorted((ROOT / "insights/locales/fr").glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="fr"):
                if message.id:
                    before = seen.setdefault(str(message.id), (str(message.string), path.name))
                    assert before[0] == str(message.string), f"{message.id!r}: {before[1]} and {path.name} disagree"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_translates_or_keeps_the_sentence(language):
    expected = {"fr": "Rappels", "en": "Callbacks"}[language]
    assert translator(language)("Callbacks") == expected
