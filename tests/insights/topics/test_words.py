from __future__ import annotations

import pytest

from insights.topics.words import LISTS, content_words, copy_key, known_word, word_list


def test_function_words_elisions_and_tokens_go_and_lemmas_stay() -> None:
    assert content_words("Je n'ai pas reçu les factures de [NOM_1] sur https://x.fr", "fr") == ["recevoir", "facture"]
    assert content_words("I was charged for the bills", "en") == ["charge", "bill"]


@pytest.mark.parametrize(
    "copy", ["Prélevé 2 fois: 118,50 €!!", "euh preleve 3 fois fois 99 €", "PRÉLEVÉ 12 FOIS 1 000 €"]
)
def test_near_copies_share_a_key(copy: str) -> None:
    assert copy_key(copy) == copy_key("prélevé 2 fois 45 €")


def test_other_words_have_another_key_and_emoji_alone_keep_theirs() -> None:
    assert copy_key("prélevé deux fois") != copy_key("prélevé une fois")
    assert copy_key("👍") != copy_key("👎")


def test_every_list_says_what_it_is_for_and_is_read_without_that_line() -> None:
    for path in LISTS.glob("*.txt"):
        assert path.read_text(encoding="utf-8").startswith("# ")
        assert "#" not in word_list(path.stem)


def test_misspelt_words_are_unknown() -> None:
    assert known_word("l'facture", "fr")
    assert not known_word("jpaye", "fr")
