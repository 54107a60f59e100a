"""Names of topics measured without a judge, beside the first three keywords that BERTopic would show for the same topics.

Topics are fitted on all texts; names are mined in 70 % of them and asked about the other 30 %. The rival's keywords come
from the fit and so have seen every text, an advantage left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.bench.report import Entry
from insights.language import detect
from insights.mentions.reading import read
from insights.mentions.split import split
from insights.topics.encoder import Encoder, encoder_for
from insights.topics.fit import TopicFit, fit_topics
from insights.topics.labels import TopicLabel, label_topics, read_hints
from insights.topics.names_check import faults, sense
from insights.topics.names_griefs import aggrieved
from insights.topics.phrases import MARK, text_key
from insights.topics.verbatims import best_verbatims

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
SEED = 20261031
KEPT = 0.7  # share of the texts that names are mined in
RIVAL_WORDS = 3
PART = "labels"
RIVAL = "first three keywords"
FIGURES = {
    "mined": ("named by a phrase of the customers", ""),
    "quoted": ("shown as a customer's own sentence, no name found", ""),
    "neutral": ("names that say of what and not what is wrong", ""),
    "failing": ("names that fail the fragment tests", "0"),
    "distinct": ("distinct names", "1"),
    "coverage": ("held-out texts that hold a content word of their name", ""),
    "p_at_1": ("held-out texts nearest to their own name (P@1)", ""),
}


@dataclass(frozen=True)
class Named:
    """Figures (shares, 0 to 1) of the names of a fit."""

    mined: float
    quoted: float
    neutral: float
    failing: float
    distinct: float
    coverage: float
    p_at_1: float


def entries(say: Callable[[str], None]) -> list[Entry]:
    """The figures on the public sets at hand; a set that is absent is left out and said."""
    encoder = encoder_for("use-multilingual")
    found = []
    for name, (load, resolution) in SETS.items():
        if not (SHARED / name).exists():
            say(f"  {SHARED / name} is absent: left out")
            continue
        texts, languages = load(SHARED / name)
        vectors = encoder(texts)
        fit = fit_topics(texts, vectors, languages, SEED, resolution=resolution, measure_stability=False)
        ours, rival = measure(texts, languages, vectors, fit, encoder)
        size = f"{len(texts)} texts, {len(fit.topics)} topics"
        found += [
            Entry(PART, title, getattr(ours, key), "", name, size, aim, None,
                  *(("", None) if key in ("mined", "quoted", "neutral") else (RIVAL, getattr(rival, key))))
            for key, (title, aim) in FIGURES.items()
        ]  # fmt: skip
    return found


def measure(
    texts: Sequence[str], languages: Sequence[str], vectors: NDArray[np.float32], fit: TopicFit, encoder: Encoder
) -> tuple[Named, Named]:
    """Figures of our names and of the rival's, for one fit. `vectors` (n, d) of the texts."""
    kept = np.random.default_rng(SEED).random(len(texts)) < KEPT
    seen = np.where(kept, fit.labels, -1)
    labels = label_topics(
        texts, languages, seen, keywords=fit.keywords,
        representatives={topic: _best(texts, vectors, seen, topic) for topic in fit.topics},
        seed=SEED, hints=read_hints(ROOT / "data" / "reference" / "labels.yaml"), encoder=encoder, vectors=vectors,
    )  # fmt: skip
    main = {topic: _language(languages, seen, topic) for topic in fit.topics}
    ours = {one.topic: one.shown(main[one.topic])[0] for one in labels}
    theirs = {topic: " ".join(fit.keywords[topic][:RIVAL_WORDS]) for topic in fit.topics}
    held = np.flatnonzero(~kept & (fit.labels >= 0))
    quoted = {one.topic for one in labels if one.label_source == "verbatim"}
    sides = [
        _figures(names, main, texts, languages, vectors, fit.labels, held, encoder, skip)
        for names, skip in ((ours, quoted), (theirs, set()))
    ]
    mined = float(np.mean([_is_mined(one, main[one.topic]) for one in labels]))
    share = len(quoted) / len(labels)
    return Named(mined, share, *sides[0]), Named(0.0, 0.0, *sides[1])


def _figures(
    names: Mapping[int, str],
    main: Mapping[int, str],
    texts: Sequence[str],
    languages: Sequence[str],
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    held: NDArray[np.int64],
    encoder: Encoder,
    quoted: set[int],
) -> tuple[float, float, float, float, float]:
    """Neutral, failing, distinct, coverage and P@1 of one set of names; quoted sentences are not judged as names."""
    topics = sorted(names)
    neutral = [not aggrieved(names[topic], main[topic]) for topic in topics if topic not in quoted]
    failing = [bool(faults(names[topic], main[topic])) for topic in topics if topic not in quoted]
    senses = {sense(names[topic], main[topic]) for topic in topics}
    meant = {topic: sense(names[topic], main[topic]) - {MARK} for topic in topics}
    covered = [bool(meant[int(labels[row])] & text_key(texts[row], languages[row])) for row in held.tolist()]
    nearest = (vectors[held] @ encoder([names[topic] for topic in topics]).T).argmax(axis=1)
    right = np.array(topics)[nearest] == labels[held]
    return (
        float(np.mean(neutral)),
        float(np.mean(failing)),
        len(senses) / len(topics),
        float(np.mean(covered)),
        float(np.mean(right)),
    )


def _is_mined(one: TopicLabel, language: str) -> bool:
    name = one.label_fr if language == "fr" else one.label_en
    return name is not None and language not in one.hinted and one.label_source.startswith("mined")


def _language(languages: Sequence[str], labels: NDArray[np.int64], topic: int) -> str:
    rows = np.flatnonzero(labels == topic).tolist()
    return "en" if sum(languages[row] == "en" for row in rows) > len(rows) / 2 else "fr"


def _best(texts: Sequence[str], vectors: NDArray[np.float32], labels: NDArray[np.int64], topic: int) -> list[int]:
    rows = np.flatnonzero(labels == topic)
    return best_verbatims(texts, vectors, rows) if len(rows) else []


def _questions(folder: Path) -> tuple[list[str], list[str]]:
    texts = pd.read_csv(folder / "test.csv")["text"].astype(str).tolist()
    return texts, ["en"] * len(texts)


def _intents(folder: Path) -> tuple[list[str], list[str]]:
    files = [folder / name for name in ("training_dataset.csv", "test_dataset.csv")]
    frame = pd.concat([pd.read_csv(path, sep=None, engine="python") for path in files])
    texts = frame["utterance"].dropna().astype(str).tolist()
    return texts, ["fr"] * len(texts)


def _tweets(folder: Path) -> tuple[list[str], list[str]]:
    """The complaining clauses of customers' posts."""
    frame = pd.read_csv(folder / "free_tweet_export.csv")
    posts = frame.loc[~frame["author"].str.lower().isin(["freebox", "free"]), "text"].dropna().astype(str).tolist()
    clauses = {
        span.text: language
        for post, language in zip(posts, detect(posts), strict=True)
        if language in ("fr", "en")
        for span in split(post, language)
        if len(span.text.split()) > 1 and read(span.text, language).polarity < 0
    }
    return list(clauses), list(clauses.values())


SETS: dict[str, tuple[Callable[[Path], tuple[list[str], list[str]]], float]] = {
    "fr_free_telecom_tweets": (_tweets, 2.0),
    "fr_wikit_intents": (_intents, 1.0),
    "en_banking77": (_questions, 2.0),
}
