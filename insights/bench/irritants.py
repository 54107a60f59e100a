"""Agreement of our irritants with people's labels on any labelled file, beside rivals in the same run.

NMI and ARI over all labelled texts, `unclassified` counted as one more group: leaving texts out never helps. A text whose
label is None is clustered with the others and not judged. K-means is told the
right number of groups and gets the same vectors, with less to find than we have: it is a hard rival. Stock BERTopic
(UMAP and HDBSCAN as it ships, on the encoder's vectors) takes minutes and runs only when asked for.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.assign import Assigner
from insights.language import detect
from insights.topics.encoder import Encoder, encoder_for
from insights.topics.fit import MIN_TEXTS, TopicFit, fit_topics

Matrix = NDArray[np.float32]
Found = tuple[NDArray[np.int64], float]  # a topic per text, -1 for none, and seconds

RIVALS = ("kmeans", "bertopic")
HELD_OUT = 0.2  # share of the texts assigned by nearness to irritants learned without them


def bench_irritants(
    texts: Sequence[str],
    labels: Sequence[object | None],
    seeds: int = 5,
    encoder: Encoder | None = None,
    *,
    languages: Sequence[str] | None = None,
    rivals: Sequence[str] = ("kmeans",),
    resolution: Any = "auto",
    vectors: Matrix | None = None,
    rival_seeds: int | None = None,
) -> dict[str, Any]:
    """`ours` and each rival: nmi and ari ({mean, sd} over seeds), n_topics, share_unclassified, seconds, docs_per_second.

    Beside them n_texts, n_labels, encoder, encode_seconds, the `resolution` of each seed, and `assigned`: of a fifth of
    the texts, given to the nearest irritant learned from the rest, the share left unclassified and the share put where
    the fit put it; and `doubt`, see `doubt_figures`. `vectors` (n, d) spare the encoding; rivals run `rival_seeds` times.
    Raises ModelError for too few texts, lists of unequal length or an unknown rival.
    """
    _check(texts, labels, rivals)
    encoder = encoder or encoder_for("use-multilingual")
    spoken = list(languages) if languages is not None else detect(texts)
    started = time.perf_counter()
    vectors = encoder(texts) if vectors is None else vectors
    encoding = time.perf_counter() - started
    gold = _gold(labels)
    fits: list[TopicFit] = []

    def ours(seed: int) -> Found:
        begun = time.perf_counter()
        fits.append(fit_topics(texts, vectors, spoken, seed, resolution=resolution, measure_stability=False))
        return fits[-1].labels, time.perf_counter() - begun

    result: dict[str, Any] = {
        "n_texts": len(texts),
        "n_labels": int(gold.max()) + 1,
        "encoder": encoder.version,
        "encode_seconds": encoding,
        "ours": _scored(ours, gold, seeds, encoding),
    }
    result["resolution"] = [round(fit.resolution, 3) for fit in fits]
    result["assigned"] = _assigned(fits[0], vectors, spoken, encoder.version)
    result["doubt"] = doubt_figures(fits, gold)
    matrix = fits[0].blend.transform(texts, vectors, spoken)
    for rival in rivals:
        run = _kmeans(matrix, int(gold.max()) + 1) if rival == "kmeans" else _stock_bertopic(texts, vectors)
        result[rival] = _scored(run, gold, rival_seeds or seeds, encoding)
    return result


def doubt_figures(fits: Sequence[TopicFit], gold: NDArray[np.int64]) -> dict[str, float]:
    """Of texts never doubted, rescued and left out: their share, and the precision of the first two, mean over fits.

    Precision: share whose gold label is the majority label of the topic they were given. `unlabelled_left_out`: share left
    out of the texts that carry no gold label. A group without a text gives no figure.
    """
    rows = [_doubt(fit, gold) for fit in fits]
    return {key: float(np.mean([row[key] for row in rows if key in row])) for key in sorted(set().union(*rows))}


def _doubt(fit: TopicFit, gold: NDArray[np.int64]) -> dict[str, float]:
    told, placed = gold >= 0, fit.labels >= 0
    majority = {
        topic: int(np.bincount(gold[told & (fit.labels == topic)]).argmax())
        for topic in fit.topics
        if (told & (fit.labels == topic)).any()
    }
    right = np.array([majority.get(topic, -2) == label for topic, label in zip(fit.labels.tolist(), gold, strict=True)])
    sure, rescued = told & ~fit.doubted & placed, told & fit.doubted & placed
    found = {f"share_{name}": float(np.mean(rows[told])) for name, rows in
             (("never_doubted", sure), ("rescued", rescued), ("left_out", ~placed))}  # fmt: skip
    found |= {f"precision_{name}": float(right[rows].mean()) for name, rows in
              (("never_doubted", sure), ("rescued", rescued)) if rows.any()}  # fmt: skip
    return found | ({"unlabelled_left_out": float(np.mean(~placed[~told]))} if (~told).any() else {})


def _gold(labels: Sequence[object | None]) -> NDArray[np.int64]:
    """Number of each label (n,), -1 for None."""
    names = {name: number for number, name in enumerate(sorted({str(one) for one in labels if one is not None}))}
    return np.array([-1 if one is None else names[str(one)] for one in labels], dtype=np.int64)


def _check(texts: Sequence[str], labels: Sequence[object | None], rivals: Sequence[str]) -> None:
    if len(texts) != len(labels):
        raise ModelError(f"{len(texts)} texts and {len(labels)} labels: give one label per text.")
    if len(set(texts)) < MIN_TEXTS:
        raise ModelError(f"{len(set(texts))} distinct texts are too few to judge topics on (at least {MIN_TEXTS}).")
    if unknown := set(rivals) - set(RIVALS):
        raise ModelError(f"Unknown rival {', '.join(sorted(unknown))}: choose among {', '.join(RIVALS)}.")


def _scored(run: Callable[[int], Found], gold: NDArray[np.int64], seeds: int, encoding: float) -> dict[str, Any]:
    """Means and standard deviations over the seeds 0, 1, ...; documents per second count the encoding too."""
    found = [run(seed) for seed in range(seeds)]
    told = gold >= 0
    nmi = [normalized_mutual_info_score(gold[told], topics[told]) for topics, _ in found]
    ari = [adjusted_rand_score(gold[told], topics[told]) for topics, _ in found]
    seconds = float(np.mean([spent for _, spent in found]))
    return {
        "nmi": {"mean": float(np.mean(nmi)), "sd": float(np.std(nmi))},
        "ari": {"mean": float(np.mean(ari)), "sd": float(np.std(ari))},
        "n_topics": float(np.mean([len(set(topics.tolist()) - {-1}) for topics, _ in found])),
        "share_unclassified": float(np.mean([np.mean(topics < 0) for topics, _ in found])),
        "seconds": seconds,
        "docs_per_second": len(gold) / max(seconds + encoding, 1e-9),
    }


def _assigned(fit: TopicFit, vectors: Matrix, languages: Sequence[str], encoder_version: str) -> dict[str, float]:
    ids = np.array([UNCLASSIFIED if topic < 0 else f"T{topic}" for topic in fit.labels], dtype=object)
    held = np.zeros(len(ids), dtype=bool)
    held[np.random.default_rng(0).choice(len(ids), int(HELD_OUT * len(ids)), replace=False)] = True
    spoken = np.asarray(languages, dtype=object)
    assigner = Assigner.fit(vectors[~held], list(spoken[~held]), list(ids[~held]), encoder_version, fit.blend.centre)
    found, _ = assigner.assign(vectors[held], list(spoken[held]))
    placed = found != UNCLASSIFIED
    agreed = float(np.mean(found[placed] == ids[held][placed])) if placed.any() else 0.0
    return {"share_unclassified": float(np.mean(~placed)), "share_as_fit": agreed}


def _kmeans(matrix: Matrix, k: int) -> Callable[[int], Found]:
    def run(seed: int) -> Found:
        begun = time.perf_counter()
        found = KMeans(k, n_init=3, random_state=seed).fit_predict(matrix)
        return found.astype(np.int64), time.perf_counter() - begun

    return run


def _stock_bertopic(texts: Sequence[str], vectors: Matrix) -> Callable[[int], Found]:
    """BERTopic as it ships, but for the seed of its UMAP."""

    def run(seed: int) -> Found:
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a seeded UMAP warns that it runs on one core
            from bertopic import BERTopic
            from umap import UMAP

            umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
            model = BERTopic(language="multilingual", embedding_model=None, umap_model=umap)
            found, _ = model.fit_transform(list(texts), embeddings=vectors)
        return np.asarray(found, dtype=np.int64), time.perf_counter() - begun

    return run
