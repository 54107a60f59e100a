"""Names of the CRM as keyed hashes: the own customer's always, another's when the word is no ordinary one."""

from __future__ import annotations

import pytest

from insights.errors import ModelError
from insights.redaction import Redactor, name_hash, name_words

KEY = b"a key for tests only, 32 bytes.."


def hashes(*names: str) -> frozenset[str]:
    return frozenset(name_hash(KEY, word) for name in names for word in name_words(name))


@pytest.fixture(scope="module")
def knowing() -> Redactor:
    return Redactor(("Lumarelle",), name_key=KEY, gazetteer=hashes("Quatrelune", "Blanche Poule", "Petit"))


def test_a_hash_is_the_same_however_the_word_is_spelled() -> None:
    assert name_hash(KEY, "Lefèvre") == name_hash(KEY, "LEFEVRE") != name_hash(b"another", "lefevre")
    assert len(name_hash(KEY, "Lefèvre")) == 16


def test_words_of_a_name() -> None:
    assert name_words("Mme Jean-Pierre de La Bâtie") == ["jean-pierre", "jean", "pierre", "batie"]
    assert name_words("d'Angelo Li") == ["d'angelo", "angelo"]


@pytest.mark.parametrize(
    ("text", "own", "redacted"),
    [
        ("merci de rappeler xulovec", ("Xulovec",), "merci de rappeler [NOM_1]"),
        ("je trouve que Petit exagère", ("Jean Petit",), "je trouve que [NOM_1] exagère"),
        ("un petit souci", ("Jean Petit",), "un petit souci"),
        ("votre geste, madame petit", (), "votre geste, madame [NOM_1]"),
        ("dossier quatrelune", (), "dossier [NOM_1]"),
        ("une poule devant le compteur", (), "une poule devant le compteur"),
        ("madame poule est là", (), "madame [NOM_1] est là"),
    ],
)
def test_known_names(knowing: Redactor, text: str, own: tuple[str, ...], redacted: str) -> None:
    assert knowing.redact([text], ["fr"], [hashes(*own)])[0].text == redacted


def test_a_name_that_is_an_ordinary_word_stays_with_others(knowing: Redactor) -> None:
    texts = ["la brouette Xuntosk", "la brouette Xuntosk"]
    found = knowing.redact(texts, ["fr", "fr"], [hashes("Brouette"), frozenset()])
    assert [result.text for result in found][0] == found[1].text


def test_hashes_without_their_key_are_refused() -> None:
    with pytest.raises(ModelError, match="name_key"):
        Redactor(()).redact(["bonjour"], ["fr"], [frozenset(["0" * 16])])


def test_one_set_of_known_names_per_text(knowing: Redactor) -> None:
    with pytest.raises(ModelError, match="1 texts and 2 set of known names"):
        knowing.redact(["bonjour"], ["fr"], [frozenset(), frozenset()])


def test_worker_processes_know_the_names_too(knowing: Redactor) -> None:
    texts = ["merci de rappeler xulovec", "merci de rappeler xulovec", "dossier quatrelune", "un petit souci"]
    own = [hashes("Xulovec"), frozenset[str](), frozenset[str](), hashes("Jean Petit")]
    with Redactor(("Lumarelle",), 2, 1, name_key=KEY, gazetteer=hashes("Quatrelune")) as shared:
        found = shared.redact(texts, ["fr"] * 4, own)
    assert found[0].text == "merci de rappeler [NOM_1]"
    assert found[2].text == "dossier [NOM_1]"
    assert found == knowing.redact(texts, ["fr"] * 4, own)
