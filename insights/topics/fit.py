"""One fit: BERTopic with the vectors passed in and the graph clusterer, on a bounded sample of distinct texts.

Near copies (same words, other figures, case or punctuation) are clustered once: a campaign of pasted reviews is one
opinion, and its copies follow it. Beyond `max_texts` distinct texts, the rest joins by the vote of its neighbours.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import adjusted_rand_score

from insights.errors import ModelError
from insights.topics.changes import Change
from insights.topics.cluster import GraphClusterer
from insights.topics.neighbours import Graph, consensus, neighbour_graph
from insights.topics.resolution import Resolution
from insights.topics.vectors import LSA_WEIGHT, Blend, blend, unit
from insights.topics.verbatims import best_verbatims
from insights.topics.warm import settle
from insights.topics.words import STOPWORDS, cleaned, copy_key

Matrix = NDArray[np.float32]
Ints = NDArray[np.int64]

MIN_TEXTS = 20
MAX_TEXTS = 12_000
STABILITY_TEXTS = 4_000
MIN_KNOWN = 15  # texts of each known irritant that a sample holds, where it has them
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
    kept: Mapping[int, int] = field(default_factory=dict)  # of a warm fit: the number in `initial` a topic continues
    changes: tuple[Change, ...] = ()  # of a warm fit: splits and merges to propose; rows of the texts, central first
    doubted: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """(n,) texts of the sample whose topic lacked support; those with a label >= 0 were rescued. Of a warm fit, new texts only."""

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
    initial: Ints | None = None,
) -> TopicFit:
    """Topics of `texts` (n) from encoder vectors (n, d). The order of the texts changes nothing but the order of rows.

    `initial` (n,): the number 0, 1, ... of each text's known irritant, or -1. Topics then start from these irritants, few
    texts leave theirs (see warm.py), and the fit says in `kept` which topic continues which, in `changes` what a person
    may want to split or merge. None, or no known text, fits from nothing.
    `measure_stability` False leaves `stability` empty and saves a third of the time. Raises ModelError under 20 distinct
    texts.
    """
    copies, firsts = _distinct(texts)
    if len(firsts) < MIN_TEXTS:
        raise ModelError(
            f"{len(firsts)} distinct texts are too few to find topics in (at least {MIN_TEXTS}): widen the period."
        )
    known = None if initial is None or not (initial >= 0).any() else _of_copies(initial, copies)
    sample = _sample(firsts, known, max_texts, seed)
    started = None if known is None else known[sample]
    sampled = _take(texts, sample), vectors[sample], _take(languages, sample)
    space = blend(*sampled, seed, lsa_weight)
    clusterer = GraphClusterer(n_neighbors, resolution, seed, split=space.split, languages=sampled[2], initial=started)
    model = _bertopic(clusterer, sampled[0], space.matrix)
    found = np.asarray(model.topics_, dtype=np.int64)
    labels, strength = np.full(len(texts), -1, dtype=np.int64), np.ones(len(texts))
    labels[sample], strength[sample] = found, clusterer.probabilities_
    rest = np.setdiff1d(firsts, sample)
    labels[rest] = _voted(texts, vectors, languages, rest, space, clusterer, found, known)
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
        stability=stability(space.matrix, space.split, n_neighbors, clusterer.resolution_, seed, sampled[2], started)
        if measure_stability
        else {},
        n_distinct=len(firsts),
        n_sample=len(sample),
        blend=space,
        model=model,
        kept={int(_renumbered(clusterer, found)[topic]): number for topic, number in clusterer.kept_.items()},
        changes=_changes(clusterer, found, space.matrix, sample, copies),
        doubted=_spread(clusterer.doubted_, sample, firsts, copies),
    )


def stability(
    matrix: Matrix,
    split: int,
    k: int,
    resolution: float,
    seed: int,
    languages: Sequence[str],
    initial: Ints | None = None,
) -> dict[str, float]:
    """Adjusted Rand index of the topics with another seed, and with a tenth of the texts left out; at most 4,000 texts.

    With `initial`, of fits that start from the known irritants; the fit on all texts then starts from that on nine tenths.
    """
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.choice(len(matrix), min(STABILITY_TEXTS, len(matrix)), replace=False))
    kept = np.sort(draw.choice(len(rows), int(KEPT * len(rows)), replace=False))

    def graph_of(which: Ints) -> Graph:
        return neighbour_graph(matrix[which], unit(matrix[which, :split]), k, _take(languages, which))

    def cut(graph: Graph, start: Ints | None, seed: int) -> Ints:
        if start is None or not (start >= 0).any():
            return consensus(graph, resolution, seed, 12)
        return settle(graph, start, resolution, seed).labels

    graph, start = graph_of(rows), None if initial is None else initial[rows]
    first, again = (cut(graph, start, seed + step) for step in (0, 1))
    fewer = cut(graph_of(rows[kept]), None if start is None else start[kept], seed)
    if start is None:
        more = first
    else:
        grown = np.full(len(rows), -1, dtype=np.int64)
        grown[kept] = fewer
        more = cut(graph, grown, seed)
    return {
        "ari_reseed": float(adjusted_rand_score(first, again)),
        "ari_resample": float(adjusted_rand_score(more[kept], fewer)),
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


def _spread(flags: NDArray[np.bool_], sample: Ints, firsts: Ints, copies: Ints) -> NDArray[np.bool_]:
    """Flags of the sample (m,) as flags of all texts (n,), copies with their original; none stays none."""
    if not len(flags):
        return flags
    everywhere = np.zeros(len(copies), dtype=bool)
    everywhere[sample] = flags
    return everywhere[firsts][copies]


def _of_copies(initial: Ints, copies: Ints) -> Ints:
    """The known irritant of each text's group of near copies (n,): that of most of them, the lowest among equals."""
    known = initial >= 0
    counts = np.zeros((copies.max() + 1, initial.max() + 1), dtype=np.int32)
    np.add.at(counts, (copies[known], initial[known]), 1)
    return np.where(counts.any(axis=1), counts.argmax(axis=1), -1)[copies]


def _sample(firsts: Ints, known: Ints | None, max_texts: int, seed: int) -> Ints:
    """At most `max_texts` rows, drawn at random; of each known irritant first `MIN_KNOWN`, so that none is lost."""
    if len(firsts) <= max_texts:
        return firsts
    order = np.random.default_rng(seed).permutation(len(firsts))
    if known is not None:
        drawn = known[firsts[order]]
        heads = [np.flatnonzero(drawn == number)[:MIN_KNOWN] for number in range(known.max() + 1)]
        order = np.concatenate([order[np.concatenate(heads)], np.delete(order, np.concatenate(heads))])
    return firsts[np.sort(order[:max_texts])]


def _renumbered(clusterer: GraphClusterer, found: Ints) -> Ints:
    """BERTopic's number of each topic of the clusterer; the last entry stands for "none"."""
    as_topic = np.full(clusterer.labels_.max() + 2, -1, dtype=np.int64)
    as_topic[clusterer.labels_] = found
    return as_topic


def _changes(clusterer: GraphClusterer, found: Ints, matrix: Matrix, sample: Ints, copies: Ints) -> tuple[Change, ...]:
    """The clusterer's changes with BERTopic's topics and the rows of the texts, central ones first, copies after them."""
    as_topic, told = _renumbered(clusterer, found), []
    for one in clusterer.changes_:
        rows = np.array(one.rows, dtype=np.int64)
        centre = unit(matrix[rows].mean(axis=0, keepdims=True))[0]
        central = sample[rows[np.argsort(-(matrix[rows] @ centre), kind="stable")]]
        copied = np.setdiff1d(np.flatnonzero(np.isin(copies, copies[central])), central)
        topics = tuple(int(as_topic[topic]) for topic in one.topics)
        told.append(replace(one, topics=topics, rows=tuple(np.concatenate([central, copied]).tolist())))
    return tuple(told)


def _voted(
    texts: Sequence[str],
    vectors: Matrix,
    languages: Sequence[str],
    rest: Ints,
    space: Blend,
    clusterer: GraphClusterer,
    found: Ints,
    known: Ints | None,
) -> Ints:
    """Topics of the texts outside the sample (m,), by the vote of their neighbours in it."""
    as_topic = _renumbered(clusterer, found)
    own = None if known is None else _continued(clusterer, known)
    labels = np.empty(len(rest), dtype=np.int64)
    for start in range(0, len(rest), CHUNK):
        rows = rest[start : start + CHUNK]
        matrix = space.transform(_take(texts, rows), vectors[rows], _take(languages, rows))
        labels[start : start + CHUNK] = as_topic[clusterer.predict(matrix, None if own is None else own[rows])]
    return labels


def _continued(clusterer: GraphClusterer, known: Ints) -> Ints:
    """The clusterer's topic that continues each text's known irritant (n,), -1 for none."""
    topic_of = np.full(known.max() + 2, -1, dtype=np.int64)  # the last entry stands for "none"
    for topic, number in clusterer.kept_.items():
        topic_of[number] = topic
    return topic_of[known]


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
