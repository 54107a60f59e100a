"""One fit: BERTopic with the vectors passed in and the graph clusterer, on a bounded sample of distinct texts.

Near copies (same words, other figures, case or punctuation) are clustered once: a campaign of pasted reviews is one
opinion, and its copies follow it. Beyond `max_texts` distinct texts, the rest joins by the vote of its neighbours.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import adjusted_rand_score

from insights.errors import ModelError
from insights.topics.cluster import GraphClusterer
from insights.topics.neighbours import consensus, neighbour_graph
from insights.topics.resolution import Resolution
from insights.topics.vectors import LSA_WEIGHT, Blend, blend, unit
from insights.topics.verbatims import best_verbatims
from insights.topics.words import STOPWORDS, cleaned, copy_key

Matrix = NDArray[np.float32]
Ints = NDArray[np.int64]

MIN_TEXTS = 20
MAX_TEXTS = 12_000
STABILITY_TEXTS = 4_000
KEPT = 0.9  # share of the texts that a resample keeps
CHUNK = 10_000
N_KEYWORDS = 10


@dataclass(frozen=True)
class TopicFit:
    """Topics of `n` texts. `labels` (n,): a topic, or -1 for none. Rows of both centroid arrays follow `topics`."""

    labels: Ints
    topics: tuple[int, ...]
    sizes: dict[int, int]  # texts a topic, copies counted
    keywords: dict[int, tuple[str, ...]]  # c-TF-IDF, best first
    representatives: dict[int, tuple[int, ...]]  # rows of the texts: distinct, central, readable
    centroids: Matrix  # (topics, d) in the blended space
    encoder_centroids: Matrix  # (topics, d) in the encoder's space, centred by language
    strength: NDArray[np.float64]  # (n,) share of a text's neighbourhood inside its topic; 1 for those that voted
    resolution: float
    choice: Resolution | None
    stability: dict[str, float]  # ari_reseed, ari_resample
    n_distinct: int
    n_sample: int
    blend: Blend = field(repr=False)
    model: Any = field(repr=False)  # the fitted BERTopic

    @property
    def version(self) -> str:
        """`fit-` and eight hexadecimals of the topics' centres."""
        return f"fit-{hashlib.sha256(np.ascontiguousarray(self.encoder_centroids).tobytes()).hexdigest()[:8]}"

    @property
    def unclassified_share(self) -> float:
        return float(np.mean(self.labels < 0))


def fit_topics(
    texts: Sequence[str],
    vectors: Matrix,
    languages: Sequence[str],
    seed: int,
    *,
    resolution: float | Literal["auto"] = "auto",
    lsa_weight: float = LSA_WEIGHT,
    n_neighbors: int = 15,
    max_texts: int = MAX_TEXTS,
    measure_stability: bool = True,
) -> TopicFit:
    """Topics of `texts` (n) from encoder vectors (n, d). The order of the texts changes nothing but the order of rows.

    `measure_stability` False leaves `stability` empty and saves a third of the time. Raises ModelError under 20 distinct
    texts.
    """
    copies, firsts = _distinct(texts)
    if len(firsts) < MIN_TEXTS:
        raise ModelError(
            f"{len(firsts)} distinct texts are too few to find topics in (at least {MIN_TEXTS}): widen the period."
        )
    sample = firsts
    if len(firsts) > max_texts:
        sample = firsts[np.sort(np.random.default_rng(seed).choice(len(firsts), max_texts, replace=False))]
    sampled = _take(texts, sample), vectors[sample], _take(languages, sample)
    space = blend(*sampled, seed, lsa_weight)
    clusterer = GraphClusterer(n_neighbors, resolution, seed, split=space.split, languages=sampled[2])
    model = _bertopic(clusterer, sampled[0], space.matrix)
    found = np.asarray(model.topics_, dtype=np.int64)
    labels, strength = np.full(len(texts), -1, dtype=np.int64), np.ones(len(texts))
    labels[sample], strength[sample] = found, clusterer.probabilities_
    rest = np.setdiff1d(firsts, sample)
    labels[rest] = _voted(texts, vectors, languages, rest, space, clusterer, found)
    labels, strength = labels[firsts][copies], strength[firsts][copies]
    topics = tuple(sorted(int(one) for one in set(found.tolist()) if one >= 0))
    own = [found == topic for topic in topics]
    centred = space.centre.apply(vectors[sample], sampled[2])
    encoder_centroids = unit(np.stack([centred[rows].mean(axis=0) for rows in own]))
    return TopicFit(
        labels=labels,
        topics=topics,
        sizes={topic: int((labels == topic).sum()) for topic in topics},
        keywords=_keywords(model, topics),
        representatives={
            topic: tuple(int(sample[row]) for row in best_verbatims(sampled[0], centred, np.flatnonzero(rows)))
            for topic, rows in zip(topics, own, strict=True)
        },
        centroids=unit(np.stack([space.matrix[rows].mean(axis=0) for rows in own])),
        encoder_centroids=encoder_centroids,
        strength=strength,
        resolution=clusterer.resolution_,
        choice=clusterer.choice_,
        stability=stability(space.matrix, space.split, n_neighbors, clusterer.resolution_, seed, sampled[2])
        if measure_stability
        else {},
        n_distinct=len(firsts),
        n_sample=len(sample),
        blend=space,
        model=model,
    )


def stability(
    matrix: Matrix, split: int, k: int, resolution: float, seed: int, languages: Sequence[str]
) -> dict[str, float]:
    """Adjusted Rand index of the topics with another seed, and with a tenth of the texts left out; at most 4,000 texts."""
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.choice(len(matrix), min(STABILITY_TEXTS, len(matrix)), replace=False))
    kept = np.sort(draw.choice(len(rows), int(KEPT * len(rows)), replace=False))

    def graph_of(which: Ints) -> Any:
        return neighbour_graph(matrix[which], unit(matrix[which, :split]), k, _take(languages, which))

    graph = graph_of(rows)
    first, again = (consensus(graph, resolution, seed + step, 12) for step in (0, 1))
    fewer = consensus(graph_of(rows[kept]), resolution, seed, 12)
    return {
        "ari_reseed": float(adjusted_rand_score(first, again)),
        "ari_resample": float(adjusted_rand_score(first[kept], fewer)),
    }


def _distinct(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """For each text the number of its group of near copies (n,), and one row of each group (m,), in the order of hashes."""
    groups: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        groups.setdefault(copy_key(text), []).append(row)
    ordered = sorted(groups, key=lambda key: hashlib.sha256(key.encode("utf-8")).digest())
    copies, firsts = np.empty(len(texts), dtype=np.int64), np.empty(len(ordered), dtype=np.int64)
    for number, key in enumerate(ordered):
        copies[groups[key]] = number
        firsts[number] = min(groups[key], key=lambda row: (texts[row], row))
    return copies, firsts


def _voted(
    texts: Sequence[str],
    vectors: Matrix,
    languages: Sequence[str],
    rest: Ints,
    space: Blend,
    clusterer: GraphClusterer,
    found: Ints,
) -> Ints:
    """Topics of the texts outside the sample (m,), by the vote of their neighbours in it."""
    as_topic = np.full(clusterer.labels_.max() + 2, -1, dtype=np.int64)  # the last entry stands for "none"
    as_topic[clusterer.labels_] = found
    labels = np.empty(len(rest), dtype=np.int64)
    for start in range(0, len(rest), CHUNK):
        rows = rest[start : start + CHUNK]
        matrix = space.transform(_take(texts, rows), vectors[rows], _take(languages, rows))
        labels[start : start + CHUNK] = as_topic[clusterer.predict(matrix)]
    return labels


def _bertopic(clusterer: GraphClusterer, texts: list[str], matrix: Matrix) -> Any:
    """BERTopic fitted on these texts and vectors. Multilingual, or its English default would strip the accents."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside the libraries it loads are not ours to raise
        from bertopic import BERTopic
        from bertopic.dimensionality import BaseDimensionalityReduction

        model = BERTopic(
            language="multilingual",
            embedding_model=None,
            umap_model=BaseDimensionalityReduction(),
            hdbscan_model=clusterer,
            vectorizer_model=_keyword_counter(texts),
            top_n_words=N_KEYWORDS,
            verbose=False,
        )
        model.fit([cleaned(text) for text in texts], embeddings=matrix)
    return model


def _keyword_counter(texts: Sequence[str]) -> CountVectorizer:
    """Words and pairs of three letters or more without function words; all words where nothing else is left."""
    counter = CountVectorizer(ngram_range=(1, 2), stop_words=sorted(STOPWORDS), token_pattern=r"(?u)[^\W\d_]{3,}")
    try:
        counter.build_analyzer()
        if any(counter.build_analyzer()(text) for text in texts):
            return counter
    except ValueError:
        pass
    return CountVectorizer(token_pattern=r"(?u)\S+")


def _keywords(model: Any, topics: Sequence[int]) -> dict[int, tuple[str, ...]]:
    return {topic: tuple(word for word, weight in model.get_topic(topic) if word and weight > 0) for topic in topics}


def _take(values: Sequence[str], rows: Ints) -> list[str]:
    return [values[row] for row in rows]
