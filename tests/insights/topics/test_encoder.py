from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from insights.errors import MissingExtraError
from insights.topics.encoder import BATCH, encoder_for

ENCODER = encoder_for("use-multilingual")


def test_vectors_have_unit_length_and_follow_the_texts() -> None:
    texts = ["le remboursement tarde", "attente au téléphone", "le remboursement tarde"]
    found = ENCODER(texts)
    assert (found.shape, found.dtype) == ((3, 512), np.float32)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)
    assert np.array_equal(found[0], found[2])
    assert not np.allclose(found[0], found[1])


def test_order_and_repetition_of_the_texts_do_not_change_a_byte() -> None:
    texts = [f"facture numéro {number}" for number in range(BATCH + 20)]
    straight = ENCODER(texts)
    assert np.array_equal(ENCODER(texts[::-1] + texts[:5])[: len(texts)][::-1], straight)


def test_french_and_english_of_one_sentence_are_nearer_than_two_french_sentences() -> None:
    refund, same, other = ENCODER(["j'attends mon remboursement", "I am waiting for my refund", "le site est en panne"])
    assert refund @ same > 0.6 > refund @ other


def test_no_text_gives_an_empty_matrix() -> None:
    assert ENCODER([]).shape == (0, 512)


def test_version_names_the_encoder_and_its_release() -> None:
    assert ENCODER.version.startswith("use-multilingual@0.")


@pytest.mark.skipif(
    importlib.util.find_spec("sentence_transformers") is not None, reason="the [hub] extra is installed"
)
def test_another_encoder_without_its_extra_says_what_to_install() -> None:
    with pytest.raises(MissingExtraError, match=r"\[hub\]"):
        encoder_for("some/model")
