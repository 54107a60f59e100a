from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insights.errors import ModelError
from insights.topics.vectors import LanguageCentre, blend, unit

from .conftest import Corpus


def test_blend_is_unit_length_and_transform_repeats_the_fit(corpus: Corpus) -> None:
    space = blend(corpus.texts, corpus.vectors, corpus.languages, seed=3)
    assert space.split == 512 < space.matrix.shape[1]
    assert np.allclose(np.linalg.norm(space.matrix, axis=1), 1, atol=1e-5)
    again = space.transform(corpus.texts[:7], corpus.vectors[:7], corpus.languages[:7])
    assert np.allclose(again, space.matrix[:7], atol=1e-6)


def test_same_seed_same_bytes(corpus: Corpus) -> None:
    one, two = (blend(corpus.texts, corpus.vectors, corpus.languages, seed=3).matrix for _ in range(2))
    assert np.array_equal(one, two)


def test_saved_and_loaded_spaces_agree(corpus: Corpus, tmp_path: Path) -> None:
    space = blend(corpus.texts, corpus.vectors, corpus.languages, seed=3)
    space.save(tmp_path)
    loaded = type(space).load(tmp_path)
    assert np.allclose(loaded.transform(corpus.texts, corpus.vectors, corpus.languages), space.matrix, atol=1e-6)


def test_a_damaged_space_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="voc run"):
        blend(["un texte"], np.eye(1, 4, dtype=np.float32), ["fr"], 0).load(tmp_path)


def test_no_text_cannot_be_fitted() -> None:
    with pytest.raises(ModelError, match="No text"):
        blend([], np.empty((0, 4), dtype=np.float32), [], 0)


def test_weight_zero_is_the_encoder_alone(corpus: Corpus) -> None:
    space = blend(corpus.texts, corpus.vectors, corpus.languages, seed=3, lsa_weight=0)
    centred = space.centre.apply(corpus.vectors, corpus.languages)
    assert np.allclose(space.matrix[:, :512], centred, atol=1e-5)


def test_centring_takes_the_language_out() -> None:
    draw = np.random.default_rng(0)
    languages = ["fr"] * 200 + ["en"] * 200
    content = draw.normal(size=(400, 8))
    content[200:, 0] += 5
    vectors = unit(content)
    centred = LanguageCentre.fit(vectors, languages).apply(vectors, languages)
    gap = [np.linalg.norm(rows[:200].mean(axis=0) - rows[200:].mean(axis=0)) for rows in (vectors, centred)]
    assert gap[1] < 0.2 * gap[0]


def test_a_language_never_seen_gets_the_overall_mean() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(40, 5)))
    centre = LanguageCentre.fit(vectors, ["fr"] * 20 + ["en"] * 20)
    assert np.allclose(centre.apply(vectors[:3], ["nl"] * 3), unit(vectors[:3] - vectors.mean(axis=0)), atol=1e-6)
