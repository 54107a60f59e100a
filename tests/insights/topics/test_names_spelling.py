from __future__ import annotations

from insights.topics.names_spelling import spelling


def test_accents_and_capitals_are_those_most_people_write() -> None:
    texts = ["personne ne répond", "on repond jamais", "il répond mal", "LE CODE PIN EST FAUX"]
    texts += ["changer le PIN", "mon PIN bloqué", "un PIN oublié", "votre pin"]
    found = spelling(texts, "fr")
    assert found["repond"] == "répond"
    assert found["pin"] == "PIN"
    assert "code" not in found


def test_a_rare_slip_takes_the_usual_spelling_and_words_of_the_dictionary_stay() -> None:
    texts = ["prix élevé"] * 9 + ["prix élévé", "il marche", "un bon marché", "un marché"]
    found = spelling(texts, "fr")
    assert found["élévé"] == "élevé"
    assert "marche" not in found
