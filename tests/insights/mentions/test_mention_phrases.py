"""The language of phrases and its two matchers, which must agree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.matcher import Matcher
from spacy.tokens import Doc

from insights.errors import SettingsError
from insights.mentions.lexicon import LANGUAGES, lexicon
from insights.mentions.matching import PhraseIndex, spacy_patterns
from insights.mentions.phrases import END, parse
from insights.mentions.text import raw_tokens
from insights.nlp import blank

SETS = {"person": ["mari", "fils"], "moves": ["part*", "quitte"]}
LINES = [
    "je|on pars (pour de bon|ailleurs)?",
    "mon @person ... @moves",
    "<n> (minutes|heures) d'attente",
    "je m'en vais $",
]


def found(line: str, words: str) -> list[int]:
    """Ends of the phrase's matches from the first word that starts one."""
    index = PhraseIndex([(phrase, line) for phrase in parse(line, SETS, raw_tokens)])
    tokens = words.split()
    return [end for start in range(len(tokens)) for end, _ in index.all_at(tokens, start)]


@pytest.mark.parametrize(
    ("line", "words", "ends"),
    [
        ("je|on pars", "alors on pars demain", [3]),
        ("je|on pars", "alors tu pars demain", []),
        ("je pars (pour de bon|ailleurs)?", "je pars ailleurs", [3, 2]),
        ("je .. pars", "je te le dis pars", [5]),
        ("je .. pars", "je te le dis bien pars", []),
        ("je ... pars", "je . pars", []),
        ("resili*", "la resiliation", [2]),
        ("<n> minutes", "quarante minutes", [2]),
        ("<n> minutes", "40 minutes", [2]),
        ("<n> minutes", "des minutes", []),
        ("je pars $", "bon je pars", [3]),
        ("je pars $", "je pars . voila", [3]),
        ("je pars $", "je pars demain", []),
        ("mon @person est @moves", "mon fils est partie", [4]),
        ("l'attente", "l' attente", [2]),
    ],
)
def test_a_phrase_is_found_where_it_is_said(line: str, words: str, ends: list[int]) -> None:
    assert found(line, words) == ends


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("(je pars", "unmatched"),
        ("je pars)", "unmatched"),
        ("@nobody part", "not defined"),
        (".. pars", "begin nor end with a gap"),
        ("(a|b?) c", "may be empty"),
    ],
)
def test_a_phrase_that_cannot_be_read_is_named(line: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        parse(line, SETS, raw_tokens)
    assert line in str(caught.value)


SAID = (
    "je",
    "on",
    "pars",
    "pour",
    "de",
    "bon",
    "ailleurs",
    "mon",
    "fils",
    "quitte",
    "40",
    "minutes",
    "d'",
    "attente",
    ".",
)


VOCAB = blank("fr").vocab


def spacy_matcher(line: str) -> Matcher:
    matcher = Matcher(VOCAB)
    matcher.add("line", [spacy_patterns(phrase) for phrase in parse(line, SETS, raw_tokens)])
    return matcher


MATCHERS = {line: spacy_matcher(line) for line in LINES}


@settings(deadline=None)
@given(st.lists(st.sampled_from(SAID)))
def test_spacy_and_the_index_find_the_same_phrases(tokens: list[str]) -> None:
    for line, matcher in MATCHERS.items():
        assert bool(matcher(Doc(VOCAB, words=[*tokens, END]))) == bool(found(line, " ".join(tokens)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_the_lexicons_can_be_read(language: str) -> None:
    source = lexicon(language)
    sections = [source.raw[name][part] for name in ("leave", "effort", "suggestion") for part in ("fire", "block")]
    sections += [
        *source.raw["urgency"].values(),
        *source.raw["phrases"].values(),
        source.raw["irony"],
        source.raw["neutral"],
    ]
    for lines in sections:
        assert all(source.phrases([line]) for line in lines)


def test_a_language_without_lexicon_is_refused() -> None:
    with pytest.raises(SettingsError, match="no lexicon for the language 'nl'"):
        lexicon("nl")
