from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from insights.errors import ModelError
from insights.topics.fit import TopicFit, fit_topics
from insights.topics.words import STOPWORDS

from .conftest import Corpus


@pytest.fixture(scope="module")
def fit(corpus: Corpus) -> TopicFit:
    return fit_topics(corpus.texts, corpus.vectors, corpus.languages, seed=5, resolution=0.5)


def test_topics_are_the_causes_in_both_languages(fit: TopicFit, corpus: Corpus) -> None:
    assert adjusted_rand_score(corpus.causes, fit.labels) > 0.8
    assert normalized_mutual_info_score(corpus.languages, fit.labels) < 0.05
    assert fit.unclassified_share <= 0.10


def test_what_a_fit_tells(fit: TopicFit, corpus: Corpus) -> None:
    assert fit.topics == tuple(range(len(fit.topics)))
    assert sum(fit.sizes.values()) + int((fit.labels < 0).sum()) == len(corpus.texts)
    assert fit.encoder_centroids.shape == (len(fit.topics), 512)
    assert fit.centroids.shape == (len(fit.topics), fit.blend.matrix.shape[1])
    assert set(fit.stability) == {"ari_reseed", "ari_resample"}
    assert min(fit.stability.values()) > 0.5


def test_keywords_keep_their_accents_and_no_function_word(fit: TopicFit) -> None:
    words = {word for own in fit.keywords.values() for word in own}
    assert any("téléphone" in word for word in words)
    assert not words & STOPWORDS


def test_representatives_are_distinct_texts_of_their_topic(fit: TopicFit, corpus: Corpus) -> None:
    for topic, rows in fit.representatives.items():
        assert 1 <= len(rows) <= 3
        assert {int(fit.labels[row]) for row in rows} == {topic}
        assert len({corpus.texts[row] for row in rows}) == len(rows)


def test_order_of_the_texts_does_not_change_the_topics(fit: TopicFit, corpus: Corpus) -> None:
    order = np.random.default_rng(0).permutation(len(corpus.texts))
    texts, languages = [corpus.texts[row] for row in order], [corpus.languages[row] for row in order]
    again = fit_topics(texts, corpus.vectors[order], languages, seed=5, resolution=0.5, measure_stability=False)
    assert np.array_equal(again.labels, fit.labels[order])
    assert again.version == fit.version


def test_near_copies_follow_their_original_and_weigh_once(fit: TopicFit, corpus: Corpus) -> None:
    copies = [corpus.texts[0].upper() + " !!"] * 200
    vectors = np.vstack([corpus.vectors, np.repeat(corpus.vectors[:1], 200, axis=0)])
    more = fit_topics(
        corpus.texts + copies, vectors, corpus.languages + ["fr"] * 200, 5, resolution=0.5, measure_stability=False
    )
    assert more.n_distinct == fit.n_distinct
    assert set(more.labels[-200:].tolist()) == {int(more.labels[0])}
    assert adjusted_rand_score(more.labels[:-200], fit.labels) == pytest.approx(1.0)


def test_beyond_the_sample_the_rest_votes(corpus: Corpus) -> None:
    part = fit_topics(
        corpus.texts, corpus.vectors, corpus.languages, 5, resolution=0.5, max_texts=120, measure_stability=False
    )
    assert part.n_sample == 120 < part.n_distinct
    assert adjusted_rand_score(corpus.causes, part.labels) > 0.7


def test_too_few_texts_are_refused(corpus: Corpus) -> None:
    with pytest.raises(ModelError, match="too few"):
        fit_topics(corpus.texts[:5], corpus.vectors[:5], corpus.languages[:5], 5)
