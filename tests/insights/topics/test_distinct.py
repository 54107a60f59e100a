from __future__ import annotations

import numpy as np
import pytest

from insights.topics.distinct import distinct, nearest

from .conftest import Corpus


def labelled(corpus: Corpus) -> tuple[list[str], np.ndarray]:
    causes = sorted(set(corpus.causes))
    return causes, np.array([causes.index(cause) for cause in corpus.causes])


def test_both_sides_say_what_the_other_does_not(corpus: Corpus) -> None:
    causes, labels = labelled(corpus)
    found = distinct(corpus.texts, corpus.languages, labels, causes.index("refund"), causes.index("phone"), seed=1)
    assert found.language == "fr"
    assert "remboursement" in found.here[0].form
    assert any("téléphone" in one.form or "attente" in one.form for one in found.there)
    for side in (found.here, found.there):
        assert all(one.here_share >= one.there_share + 0.05 for one in side)
        assert [one.form for one in side] == list(dict.fromkeys(one.form for one in side))


def test_turned_round_the_sides_change_places(corpus: Corpus) -> None:
    _, labels = labelled(corpus)
    one = distinct(corpus.texts, corpus.languages, labels, 0, 1, seed=1)
    other = distinct(corpus.texts, corpus.languages, labels, 1, 0, seed=1)
    assert (one.here, one.there) == (other.there, other.here)


def test_too_few_texts_say_nothing(corpus: Corpus) -> None:
    texts = [*corpus.texts[:30], "seul texte"]
    found = distinct(texts, ["fr"] * 31, np.array([0] * 30 + [1]), 0, 1, seed=1)
    assert (found.here, found.there) == ((), ())


def test_the_nearest_topic_is_another_one() -> None:
    centres = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    assert nearest((4, 7, 9), centres) == {4: 7, 7: 4, 9: 7}
    assert nearest((4,), centres[:1]) == {}


@pytest.mark.parametrize("brand", ["téléphone"])
def test_a_brand_is_never_the_difference(corpus: Corpus, brand: str) -> None:
    causes, labels = labelled(corpus)
    places = causes.index("refund"), causes.index("phone")
    found = distinct(corpus.texts, corpus.languages, labels, *places, seed=1, brands=(brand,))
    assert not any(brand in one.form for one in found.there)
