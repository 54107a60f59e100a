"""Names that no list holds, told by their look and their place; and words that look like nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from insights.redaction.lexicon import first_name_kind, is_surname
from insights.redaction.likeness import NAME, Look, likeness, name_look
from insights.redaction.text import plain


@pytest.mark.parametrize("name", ["vandenbroucke", "etcheverry", "guivarc'h", "ollerenshaw", "darrieussecq"])
def test_unlisted_names_look_like_names(name: str) -> None:
    assert not (first_name_kind(name) or is_surname(name))
    assert likeness(name, plain(name)) >= NAME


@pytest.mark.parametrize("word", ["compteur", "disjoncteur", "mensualisation", "smartphone"])
def test_common_words_do_not(word: str) -> None:
    assert likeness(word, plain(word)) < 0


def test_slips_of_common_words_and_brands_are_no_names() -> None:
    assert name_look("technicein", "technicein", "fr") == Look.NONE
    assert name_look("cdiscount", "cdiscount", "fr") == Look.NONE


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("la conseillère solveig a été aimable", "la conseillère [NOM_1] a été aimable"),
        ("merci à kowalczyk et vandenbroucke", "merci à [NOM_1] et [NOM_2]"),
        ("je vous remercie monsieur poupard", "je vous remercie monsieur [NOM_1]"),
        ("m. n'guessan du service technique", "m. [NOM_1] du service technique"),
        ("madame martin née ozdemir", "madame [NOM_1] née [NOM_2]"),
        ("dupont d u p o n t au téléphone", "[NOM_1] au téléphone"),
    ],
)
def test_small_letters(text: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize("text", ["géré par la cergap", "le livreurchocs est passé", "propre avec pliusuers activités"])
def test_unknown_words_that_are_things_stay(text: str, redact: Callable[..., str]) -> None:
    assert redact(text) == text
