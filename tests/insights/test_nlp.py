"""spaCy's pipelines: loaded once, only what is asked for."""

from __future__ import annotations

import pytest

from insights import nlp


def test_blank_pipelines_have_words_only_and_are_shared() -> None:
    assert nlp.blank("fr") is nlp.blank("fr")
    assert nlp.blank("fr").lang == "fr"
    assert nlp.blank("nl").lang == nlp.english().lang == "en"
    assert nlp.english().pipe_names == []


def test_the_french_model_gives_tags_and_names_on_request() -> None:
    pytest.importorskip(nlp.FRENCH_MODEL, reason="the French model is not installed")
    texts = ["Les colis arrivent écrasés", "Marie Dupont habite à Lyon"]
    tagged = list(nlp.docs(texts))
    assert [token.lemma_ for token in tagged[0]][:3] == ["le", "colis", "arriver"]
    assert not tagged[1].ents
    named = list(nlp.docs(texts, nlp.NAMES))
    assert "Marie Dupont" in [entity.text for entity in named[1].ents]
    assert nlp.french() is nlp.french()
    assert "parser" not in nlp.french().pipe_names
