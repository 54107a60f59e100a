"""The words that decided: those the assigner itself would miss most, found by leaving them out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import pytest

from insights.irritants.assign import Assigner
from insights.irritants.deciding import deciding_words

BILL = [f"la facture est fausse {tail}" for tail in "abcdefgh"] + [f"encore une facture trop haute {t}" for t in "ijkl"]
WAIT = [f"trente minutes d'attente {tail}" for tail in "abcdefgh"] + [f"une attente sans fin {tail}" for tail in "ijkl"]


class Words:
    """An encoder that knows words only: a text is the sum of its words' own directions."""

    version = "words@1"

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.stack([sum((self._word(w) for w in re.findall(r"\w+", t.lower())), np.zeros(64)) for t in texts])
        return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)

    def _word(self, word: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        return np.random.default_rng(seed).normal(0, 1, 64)


@pytest.fixture(scope="module")
def assigner() -> Assigner:
    texts = BILL + WAIT
    ids = ["IR-0001"] * len(BILL) + ["IR-0002"] * len(WAIT)
    return Assigner.fit(Words()(texts), ["fr"] * len(texts), ids, Words.version)


def decided(assigner, text, irritant):
    [spans] = deciding_words([text], ["fr"], [frozenset({irritant})], assigner, Words())
    return [text[start:end] for start, end in spans]


def test_the_word_that_names_the_cause_is_marked(assigner):
    said = decided(assigner, "bonjour, votre facture me semble fausse", "IR-0001")
    assert "facture" in " ".join(said)
    assert "bonjour" not in " ".join(said)


def test_another_irritant_is_decided_by_its_own_words(assigner):
    said = " ".join(decided(assigner, "pour ma facture, encore trente minutes d'attente", "IR-0002"))
    assert "attente" in said
    assert "facture" not in said


def test_without_the_marked_words_the_model_is_less_sure_than_without_others(assigner):
    text = "la facture est fausse pour mon logement de vacances"
    [spans] = deciding_words([text], ["fr"], [frozenset({"IR-0001"})], assigner, Words())
    marked = " ".join(text[: spans[0][0]].split() + text[spans[-1][1] :].split())
    other = text.replace("logement de vacances", "")
    shares = assigner.scores(Words()([text, marked, other]), ["fr"] * 3).shares
    odds = np.log(shares[:, 0]) - np.log(shares[:, 1])
    assert odds[1] < odds[2]
    assert odds[1] < odds[0]


def test_where_the_model_did_not_decide_nothing_is_marked(assigner):
    assert decided(assigner, "la facture est fausse", "IR-0099") == []
    assert decided(assigner, "facture", "IR-0001") == [], "one word: nothing is left to compare with"
    assert deciding_words([], [], [], assigner, Words()) == []


def test_a_merged_irritant_is_decided_by_the_words_of_all_its_parts(assigner):
    text = "trente minutes d'attente au téléphone"
    [spans] = deciding_words([text], ["fr"], [frozenset({"IR-0001", "IR-0002"})], assigner, Words())
    assert "attente" in " ".join(text[start:end] for start, end in spans), "by nearness, where there is no other"
