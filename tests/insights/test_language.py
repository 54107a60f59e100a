"""Language of texts: the market's languages, one-word answers, SMS, and what cannot be told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.language import LANGUAGES, detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Le colis n'est jamais arrivé et personne ne répond", "fr"),
        ("The parcel never arrived and nobody answers the phone", "en"),
        ("I'm switching provider tomorrow", "en"),
        ("Het pakket is nog steeds niet aangekomen en niemand belt terug", "nl"),
        ("Das Paket ist immer noch nicht angekommen und niemand ruft zurück", "de"),
        ("El paquete todavía no ha llegado y nadie contesta al teléfono", "es"),
        ("Il pacco non è ancora arrivato e nessuno risponde al telefono", "it"),
        ("A encomenda ainda não chegou e ninguém atende o telefone", "pt"),
        ("tjrs pas recu mon colis c abusé", "fr"),
        ("nul", "fr"),
        ("parfait merci", "fr"),
        ("awful", "en"),
        ("L'attente", "fr"),
        ("Très déçu : https://example.com/the-and-you-with-this @the_brand", "fr"),
    ],
)
def test_the_language_is_found(text: str, language: str) -> None:
    assert detect([text]) == [language]


@pytest.mark.parametrize("text", ["", "   ", "👍", "12/04 : 240 €", "[NOM_1] [TEL_2]", "https://example.com/x"])
def test_a_text_without_words_has_the_default(text: str) -> None:
    assert detect([text]) == ["und"]
    assert detect([text], default="fr") == ["fr"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=40)))
def test_one_known_code_a_text_in_order(texts: list[str]) -> None:
    found = detect(texts)
    assert len(found) == len(texts)
    assert set(found) <= {*LANGUAGES, "und"}
    assert detect(list(reversed(texts))) == list(reversed(found))
