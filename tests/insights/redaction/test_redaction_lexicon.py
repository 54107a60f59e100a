"""Word lists: they load, they are clean, and each class of word is told apart."""

from __future__ import annotations

from insights.redaction.lexicon import (
    Brands,
    could_be_name,
    first_name_kind,
    first_names,
    is_common,
    not_names,
    surnames,
)
from insights.redaction.text import plain


def test_lists_are_in_plain_spelling_and_do_not_contradict_each_other() -> None:
    for word in (*first_names(), *surnames(), *not_names()):
        assert word == plain(word) and " " not in word
    assert {name for name, ordinary in first_names().items() if not ordinary} & not_names() == set()
    assert len(first_names()) > 300


def test_first_names_are_sure_ordinary_or_none() -> None:
    assert first_name_kind("sophie") == "sure"
    assert first_name_kind("jean-pierre") == "sure"
    assert first_name_kind("rose") == "ordinary"
    assert first_name_kind("facture") == ""


def test_common_words_of_each_language() -> None:
    assert is_common("facture", "fr") and is_common("resiliation", "fr") and is_common("rapidement", "fr")
    assert is_common("meter", "en") and not is_common("ploumanec", "fr")
    assert is_common("facture", "und") and is_common("meter", "und")


def test_a_possible_surname_is_listed_or_unknown() -> None:
    assert could_be_name("petit", "fr") and could_be_name("ploumanec", "fr")
    assert (
        not could_be_name("facture", "fr") and not could_be_name("jvoudrais", "fr") and not could_be_name("svp", "fr")
    )


def test_brands_cover_phrases_and_handles() -> None:
    brands = Brands(("Lumarelle Énergie",))
    text = plain("chez Lumarelle Énergie et Leroy Merlin, pas chez merlin")
    assert [text[start:end] for start, end in brands.covers(text)] == ["lumarelle energie", "leroy merlin"]
    assert brands.handle.match("lumarelleenergie_sav") and not brands.handle.match("lea_m")
