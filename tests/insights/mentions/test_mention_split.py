"""Clauses: where they end, what they hold, and what they never cut."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insights.mentions.split import MAX_WORDS, split
from insights.mentions.text import has_letters

LINKS = ("mais", "et", "en", "plus", "par", "contre", "est", "répond", "Bonjour", "Cordialement", "merci")
WORDS = (*LINKS, "le", "suivi", "clair", "lent", "personne", "12,5", "M.", "[NOM_1]", "😡", ",")
CASES = [
    ("fr", "le suivi est clair mais la file est longue", ["le suivi est clair", "mais la file est longue"]),
    ("fr", "l'agent est poli, par contre le délai explose", ["l'agent est poli", "par contre le délai explose"]),
    ("fr", "le site rame souvent et en plus il plante", ["le site rame souvent", "et en plus il plante"]),
    ("fr", "accueil charmant alors que le guichet est nul", ["accueil charmant", "alors que le guichet est nul"]),
    ("fr", "on me relance alors que tout est payé", ["on me relance alors que tout est payé"]),
    ("fr", "vendeur très aimable, attente interminable", ["vendeur très aimable", "attente interminable"]),
    ("fr", "tape 1, tape 2, puis plus rien", ["tape 1, tape 2, puis plus rien"]),
    ("fr", "J'ai payé 1.250,40 euros. C'est trop !", ["J'ai payé 1.250,40 euros.", "C'est trop !"]),
    ("fr", "M. [NOM_1] a promis un avoir. Rien n'est venu.", ["M. [NOM_1] a promis un avoir.", "Rien n'est venu."]),
    ("fr", "Page www.exemple.fr/aide.html. Elle est vide", ["Page www.exemple.fr/aide.html.", "Elle est vide"]),
    ("fr", "Deux heures au guichet.Personne ne bouge.", ["Deux heures au guichet.", "Personne ne bouge."]),
    ("fr", "Bonjour, ma carte est bloquée. Cordialement", ["Bonjour", "ma carte est bloquée.", "Cordialement"]),
    ("fr", "Super. Rapide. Efficace.", ["Super. Rapide. Efficace."]),
    ("fr", "allô bonjour on me coupe sans prévenir", ["allô bonjour", "on me coupe sans prévenir"]),
    ("fr", "slt tjrs aucun colis au relais", ["slt", "tjrs aucun colis au relais"]),
    (
        "fr",
        "je suis client chez vous depuis deux ans le colis est rentré ouvert",
        ["je suis client chez vous depuis deux ans", "le colis est rentré ouvert"],
    ),
    (
        "fr",
        "le carton est arrivé écrasé je veux parler à quelqu'un",
        ["le carton est arrivé écrasé", "je veux parler à quelqu'un"],
    ),
    ("fr", "le carton est arrivé alors que je veux le refuser", ["le carton est arrivé alors que je veux le refuser"]),
    (
        "fr",
        "Relance\nMadame, Monsieur, le casier ne s'ouvre pas",
        ["Relance\nMadame, Monsieur", "le casier ne s'ouvre pas"],
    ),
    (
        "fr",
        "Le casier refuse mon code depuis hier, je voulais le retirer avant midi.",
        ["Le casier refuse mon code depuis hier", "je voulais le retirer avant midi."],
    ),
    (
        "fr",
        "Il ne s'agit pas d'un refus mais d'un oubli du relais",
        ["Il ne s'agit pas d'un refus mais d'un oubli du relais"],
    ),
    (
        "fr",
        "Le relais a fermé. Veuillez agréer, Madame, mes salutations distinguées",
        ["Le relais a fermé.", "Veuillez agréer, Madame, mes salutations distinguées"],
    ),
    ("en", "hello madam my parcel went to Belgium", ["hello madam", "my parcel went to Belgium"]),
    ("fr", "nul", ["nul"]),
    ("fr", "👍", ["👍"]),
    ("fr", "le dossier avance mais bon", ["le dossier avance mais bon"]),
    ("en", "the app is neat but the refund never came", ["the app is neat", "but the refund never came"]),
    (
        "en",
        "Although the clerk was kind, however nobody called",
        ["Although the clerk was kind", "however nobody called"],
    ),
    ("en", "nothing but trouble", ["nothing but trouble"]),
    ("nl", "goede app maar trage hulp. Jammer hoor", ["goede app maar trage hulp.", "Jammer hoor"]),
]


@pytest.mark.parametrize(("language", "text", "clauses"), CASES)
def test_clauses_end_where_a_reader_would_end_them(language: str, text: str, clauses: list[str]) -> None:
    assert [span.text for span in split(text, language)] == clauses


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.lists(st.sampled_from(WORDS), max_size=90).map(" ".join), st.text(max_size=80)),
    st.sampled_from(["fr", "en", "und"]),
)
@example("\u0130stanbul mais loin. Voilà une fin", "fr")
def test_spans_are_ordered_inside_the_text_and_hold_every_letter(text: str, language: str) -> None:
    spans = split(text, language)
    at = 0
    for span in spans:
        assert at <= span.start < span.end <= len(text)
        assert span.text == text[span.start : span.end]
        assert not has_letters(text[at : span.start])
        at = span.end
    assert not has_letters(text[at:])
    assert bool(spans) == has_letters(text)


def test_speech_without_marks_is_cut_at_connectors_alone() -> None:
    spoken = "oui alors j'ai appelé trois fois mais personne décroche du coup je suis venu au guichet"
    assert [span.text for span in split(spoken, "fr")] == [
        "oui alors j'ai appelé trois fois",
        "mais personne décroche",
        "du coup je suis venu au guichet",
    ]


def test_an_endless_clause_is_cut_before_a_connector() -> None:
    endless = " ".join(["colis"] * 50) + " et " + " ".join(["carton"] * 50)
    first, second = split(endless, "fr")
    assert second.text.startswith("et carton")
    assert max(len(span.text.split()) for span in split(" ".join(["colis"] * 200), "fr")) <= MAX_WORDS
