"""Folding, tokens and fingerprints."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insights.mentions.lexicon import lexicon
from insights.mentions.text import fold, has_letters, normalise, raw_tokens, text_sha


@settings(deadline=None)
@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@settings(deadline=None)
@given(st.text())
@example("\u0130")  # its lower case is longer
def test_folding_keeps_every_offset(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


def test_two_spellings_of_a_sentence_share_their_fingerprint() -> None:
    assert text_sha("Très  DÉÇU\n") == text_sha("tre\u0300s déçu")
    assert text_sha("très déçu") != text_sha("très ravi")
    assert text_sha(" Nul ") == hashlib.sha256(b"nul").hexdigest()


def test_accents_capitals_and_typographic_apostrophes_fold() -> None:
    assert fold("L\u2019ÉTÉ déçu") == "l'ete decu"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("j'ai 1 180,50 € d'un coup", ["j'", "ai", "1 180,50", "d'", "un", "coup"]),
        ("[NOM_1] m'a dit... 😡", ["[nom_1]", "m'", "a", "dit", "...", "😡"]),
        ("aujourd'hui", ["aujourd", "hui"]),
    ],
)
def test_words_numbers_redaction_tokens_and_emoji_are_tokens(text: str, expected: list[str]) -> None:
    assert raw_tokens(fold(text)) == expected


@pytest.mark.parametrize(
    ("language", "sms", "plain"),
    [
        ("fr", "tjrs pas recu mon virement kon ma dit", "toujours pas reçu mon virement qu'on ma dit"),
        ("fr", "jme barre", "je me barre"),
        ("fr", "on on euh attend attend", "on attend"),
        ("fr", "troooop d attente", "troop d'attente"),
        ("en", "i can't log in", "i can not log in"),
        ("en", "dont bother, we're off", "do not bother we are off"),
    ],
)
def test_sms_and_speech_are_spelled_out(language: str, sms: str, plain: str) -> None:
    assert lexicon(language).tokens(sms) == lexicon(language).tokens(plain)


@pytest.mark.parametrize(
    ("text", "said"), [("", False), ("...", False), (" \n", False), ("ok", True), ("👍", True), ("7", True)]
)
def test_an_emoji_or_a_digit_says_something(text: str, said: bool) -> None:
    assert has_letters(text) is said
