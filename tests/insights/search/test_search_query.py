"""What a reader typed, and which words of a text are the same word."""

from __future__ import annotations

import pytest

from insights.search import marks, parse
from insights.search.words import forms, text_forms


def test_words_phrases_and_what_must_not_occur():
    asked = parse('Rappel promis "jamais appelé" -appli -"mot de passe" l\'hiver')
    assert asked.words == ("rappel", "promis", "hiver")
    assert asked.phrases == (("jamais", "appelé"),)
    assert asked.without == (("appli",), ("mot", "de", "passe"))
    assert asked.meaning == "Rappel promis jamais appelé l'hiver"


def test_small_words_count_when_nothing_else_is_said():
    assert parse("le prix").words == ("prix",)
    assert parse("pas").words == ("pas",)
    assert not parse("   ").asks and parse("   ").meaning == ""
    assert parse("sous-traitant").words == ("traitant",)  # a dash inside a word takes nothing out


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("résiliés", "resilier", "fr"),
        ("FACTURES", "facture", "fr"),
        ("appelée", "appels", "fr"),
        ("chevaux", "cheval", "fr"),
        ("bills", "billed", "en"),
        ("paying", "paid", "en"),
    ],
)
def test_inflected_forms_are_one_word(one: str, other: str, language: str):
    assert set(text_forms(one, language)) <= forms(other)


@pytest.mark.parametrize(("one", "other"), [("facture", "fracture"), ("compte", "compteur"), ("prix", "promesse")])
def test_different_words_stay_apart(one: str, other: str):
    assert forms(one).isdisjoint(forms(other))


def test_marks_are_where_the_words_stand_whatever_case_and_accents():
    text = "Ma FACTURE [FACTURE_1] est incomprehensible"
    found = [text[start:end] for start, end in marks(text, parse("factures incompréhensibles").wanted)]
    assert found == ["FACTURE", "incomprehensible"]
