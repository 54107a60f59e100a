"""Merging and rendering of spans, and the plain spelling the rules read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from insights.redaction.spans import Span, merge, outside_tokens, render
from insights.redaction.text import clean, plain


def test_overlaps_are_united_under_the_stronger_label() -> None:
    text = "lea.marquet@example.org"
    assert merge([Span(0, 3, "NOM"), Span(0, 23, "EMAIL", "k"), Span(4, 11, "NOM")], text) == [
        Span(0, 23, "EMAIL", "k")
    ]


def test_neighbouring_names_are_one_person_and_others_are_not() -> None:
    text = "Sophie Delmas, Rachid"
    assert merge([Span(0, 6, "NOM"), Span(7, 13, "NOM"), Span(15, 21, "NOM")], text) == [
        Span(0, 13, "NOM", "sophie delmas"),
        Span(15, 21, "NOM"),
    ]


def test_render_numbers_values_and_maps_offsets() -> None:
    text = "A a B"
    shown, offsets = render(text, [Span(0, 1, "ID", "x"), Span(2, 3, "ID", "x"), Span(4, 5, "ID", "y")])
    assert shown == "[ID_1] [ID_1] [ID_2]"
    assert offsets[6] == 1 and offsets[0] == -1


def test_tokens_are_cut_out_of_spans() -> None:
    text = "12 rue [NOM_1], 37000 Tours"
    pieces = outside_tokens(Span(0, len(text), "ADRESSE"), text)
    assert [text[piece.start : piece.end] for piece in pieces] == ["12 rue", "37000 Tours"]


def test_plain_spelling() -> None:
    assert plain("É’Œ–\u00a0９") == "e'œ- 9"
    assert clean("e\u0301te\u0301\u200b") == "été"


@given(st.text())
def test_plain_keeps_every_offset_and_clean_is_stable(text: str) -> None:
    cleaned = clean(text)
    assert len(plain(cleaned)) == len(cleaned)
    assert clean(cleaned) == cleaned
