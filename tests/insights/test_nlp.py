"""spaCy's pipelines: loaded once, only what is asked for."""

from __future__ import annotations

import re

import pytest
from spacy.lang.char_classes import ALPHA_LOWER

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


def test_a_class_worked_out_once_gives_the_same_pattern() -> None:
    compiler, parser = re._compiler, re._parser  # type: ignore[attr-defined]
    real = compiler._optimize_charset
    text = rf"(?i)^new-york[{ALPHA_LOWER}]*$|^yo-yo[^{ALPHA_LOWER}]+$|[{ALPHA_LOWER}]"
    plain = compiler._code(parser.parse(text), 0)
    with nlp.same_classes_once():
        assert compiler._optimize_charset is not real
        assert compiler._code(parser.parse(text), 0) == plain
        assert re.compile(text).match("New-Yorkais")
    assert compiler._optimize_charset is real
