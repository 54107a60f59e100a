"""French and English of one cause in one topic: retrieval on parallel texts, agreement with language and with topic.

P@1: share of French texts whose nearest English text, of all those at hand, is their own translation. The mixed set has
every parallel text once in each language; K-means at the same number of topics, on the encoder's vectors with and
without centring by language, shows what centring alone does, and our fit what comes out at the end. Agreement with
topic: share of pairs whose two sides fall in one topic, beside the share expected of two texts drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score

from insights.bench.report import Entry
from insights.errors import ModelError
from insights.topics.encoder import encoder_for
from insights.topics.fit import fit_topics
from insights.topics.vectors import LanguageCentre, unit

Matrix = NDArray[np.float32]
Ints = NDArray[np.int64]
Say = Callable[[str], None]

PART = "bilingual"
FOLDER = Path(__file__).parents[3] / "shared" / "data" / "absa_semeval16_fr_en"
FRENCH, ENGLISH = "Nayla.DeepL.test.tsv", "en.absa.test.tsv"
SHORTEST = 4  # words; "Yum!" has no cause in it


@dataclass(frozen=True)
class Agreement:
    """`with_language`: NMI of topics and languages, 0 to 1, lower is better. `together`: share of pairs in one topic."""

    with_language: float
    together: float
    by_chance: float


def entries(say: Say) -> list[Entry]:
    """Figures on the parallel restaurant reviews; none where they are absent."""
    if not (FOLDER / FRENCH).exists():
        say(f"  {FOLDER / FRENCH} is absent: left out")
        return []
    pairs = parallel(sentences(FOLDER / FRENCH), sentences(FOLDER / ENGLISH))
    return measured([pair[0] for pair in pairs], [pair[1] for pair in pairs], FOLDER.name)


def measured(french: Sequence[str], english: Sequence[str], data: str) -> list[Entry]:
    """Entries on parallel texts, centring on beside centring off."""
    texts, languages = [*french, *english], ["fr"] * len(french) + ["en"] * len(english)
    vectors = encoder_for("use-multilingual")(texts)
    centred = LanguageCentre.fit(vectors, languages).apply(vectors, languages)
    fit = fit_topics(texts, vectors, languages, 0, measure_stability=False)
    k = len(fit.topics)
    on, off = (agreement(KMeans(k, n_init=3, random_state=0).fit_predict(rows)) for rows in (centred, unit(vectors)))
    ours, half, size = agreement(fit.labels), len(french), f"{len(french)} pairs"
    rows = [
        ("P@1 of French to English", p_at_1(centred[:half], centred[half:]), ">= 0.95", "without centring",
         p_at_1(unit(vectors[:half]), unit(vectors[half:]))),
        ("NMI of topics with language (K-means)", on.with_language, "", "without centring", off.with_language),
        ("pairs in one topic (K-means)", on.together, "", "without centring", off.together),
        ("NMI of our topics with language", ours.with_language, "<= 0.01", "K-means, centred", on.with_language),
        ("pairs in one of our topics", ours.together, "", "by chance", ours.by_chance),
    ]  # fmt: skip
    return [
        Entry(PART, name, value, "", data, size, aim, None, rival, beside) for name, value, aim, rival, beside in rows
    ]


def p_at_1(queries: Matrix, base: Matrix) -> float:
    """Share of rows whose most similar row of `base` (both (n, d), unit length) is the one of the same number."""
    return float(np.mean((queries @ base.T).argmax(axis=1) == np.arange(len(queries))))


def agreement(labels: Ints) -> Agreement:
    """Of topics (2n,) of n texts in one language followed by the same n in the other; -1 is never together."""
    half = len(labels) // 2
    here, there = labels[:half], labels[half:]
    shares = [np.bincount(side[side >= 0], minlength=int(labels.max()) + 1) / half for side in (here, there)]
    language = np.repeat([0, 1], half)
    together = float(np.mean((here == there) & (here >= 0)))
    return Agreement(float(normalized_mutual_info_score(language, labels)), together, float(shares[0] @ shares[1]))


def sentences(path: Path) -> list[str]:
    """The sentences of a file with one token a line and an empty line between sentences."""
    blocks = path.read_text(encoding="utf-8").replace("\r", "").split("\n\n")
    return [
        " ".join(line.split()[0] for line in block.split("\n") if line.split()) for block in blocks if block.strip()
    ]


def parallel(french: Sequence[str], english: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of distinct texts long enough to say something. Raises ModelError where the two sides differ in number."""
    if len(french) != len(english):
        raise ModelError(f"{len(french)} French and {len(english)} English sentences: parallel files have as many.")
    kept: dict[str, tuple[str, str]] = {}
    for pair in zip(french, english, strict=True):
        if min(len(side.split()) for side in pair) >= SHORTEST and pair[1] not in {one[1] for one in kept.values()}:
            kept.setdefault(pair[0], pair)
    return list(kept.values())
