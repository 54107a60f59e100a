"""Marks in a text: nothing of the text is lost, nothing in it is read as Markdown."""

from __future__ import annotations

from dashboard.marking import around, painted


def test_searched_and_deciding_words_are_marked_and_the_rest_is_escaped():
    told = painted("la *facture* est <b>fausse</b>", [(4, 11)], [(20, 26)])
    assert told == r"la \***:orange-background[facture]**\* est \<b\>**:primary-background[fausse]**\</b\>"


def test_a_word_that_is_both_shows_as_searched():
    assert painted("facture", [(0, 7)], [(0, 7)]) == "**:orange-background[facture]**"


def test_the_irritant_stands_where_its_clause_ends():
    assert painted("une panne. merci", badges={10: ["Panne [x]"]}) == "une panne. :gray-badge[Panne \\[x\\]] merci"
    assert painted("une panne", badges={9: ["Panne"]}).endswith(" :gray-badge[Panne]")


def test_a_long_text_is_shown_around_what_matched():
    text = "mot " * 200 + "panne " + "mot " * 200
    at = text.index("panne")
    shown, spans = around(text, [(at, at + 5)], 60)
    assert shown.startswith("… ") and shown.endswith(" …") and len(shown) < 90
    assert [shown[start:end] for start, end in spans] == ["panne"]
    assert around("court", [(0, 5)], 60) == ("court", [(0, 5)])
