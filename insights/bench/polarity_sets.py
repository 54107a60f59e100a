"""Polarity on real French texts beside what anyone would try first: TF-IDF or sentence vectors with logistic regression.

The default is the lexicon, which has learned from no set. The learned model is shown where it is used: on a company's
own scored texts, here tvseries (train, then dev) and insurance reviews, trained on some insurers and tested on others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from insights.bench.polarity import labels, score
from insights.bench.report import Entry
from insights.mentions import training
from insights.mentions.polarity import LexiconPolarity, Polarity
from insights.topics.encoder import encoder_for

Say = Callable[[str], None]
Signs = NDArray[np.int_]
AIM = ">= 0.90"
TVSERIES, INSURANCE = "fr_tvseries_sentiment", "fr_insurance_reviews"
N_TRAIN, N_TEST, N_ENCODED = 3000, 3000, 1000  # insurance reviews drawn; the encoder reads the first N_ENCODED of each


@dataclass(frozen=True)
class Split:
    """Texts with their sign (1, -1) to learn from, and others to be judged on."""

    data: str
    note: str
    texts: list[str]
    signs: Signs
    held: list[str]
    held_signs: Signs


def entries(part: str, shared: Path, say: Say) -> list[Entry]:
    """Accuracy of lexicon, learned model and rivals on each set that is there."""
    found: list[Entry] = []
    for read in (tvseries, insurance):
        chosen = read(shared)
        if chosen is None:
            say(f"  {shared / read.__name__}: no files, left out")
        else:
            found += _compared(part, chosen)
    return found


def tvseries(shared: Path) -> Split | None:
    """Train and dev as they come."""
    paths = [shared / TVSERIES / name for name in ("train.tsv", "dev.tsv")]
    if not all(path.exists() for path in paths):
        return None
    train, dev = (pd.read_csv(path, sep="\t", quoting=3, header=None, names=["label", "text"]) for path in paths)
    return Split(
        TVSERIES, "transfer: learned on train, told of dev nothing",
        list(train["text"]), labels(list(train["label"])), list(dev["text"]), labels(list(dev["label"])),
    )  # fmt: skip


def insurance(shared: Path) -> Split | None:
    """Stars 1 and 2 against 4 and 5; insurers in turn, by size, to learn from and to be judged on."""
    paths = sorted((shared / INSURANCE).glob("*.xlsx"))
    if not paths:
        return None
    frame = pd.concat([pd.read_excel(path, usecols=["note", "avis", "assureur"]) for path in paths])
    frame = frame[frame["avis"].notna() & frame["note"].isin([1, 2, 4, 5])].drop_duplicates("avis")
    sizes = frame["assureur"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    learnt = frame["assureur"].isin(sizes.index[1::2])
    return Split(
        INSURANCE, f"{len(sizes)} insurers, every other one held out",
        *_drawn(frame[learnt], N_TRAIN), *_drawn(frame[~learnt], N_TEST),
    )  # fmt: skip


def _drawn(frame: pd.DataFrame, n: int) -> tuple[list[str], Signs]:
    sample = frame.sample(min(n, len(frame)), random_state=0)
    return list(sample["avis"].astype(str)), labels(list(sample["note"]), (2, 4))


def _compared(part: str, chosen: Split) -> list[Entry]:
    fitted = training.fit(chosen.texts, ["fr"] * len(chosen.texts), list((chosen.signs > 0).astype(float)), 0)
    tfidf = ("TF-IDF + logistic", _tfidf(chosen))
    found = [_entry(part, "lexicon alone (the default)", LexiconPolarity(), chosen, tfidf)]
    if fitted is not None:
        found.append(_entry(part, "learned from own scores", fitted, chosen, tfidf))
    began = time.perf_counter()
    accuracy, n = _vectors(chosen)
    seconds = time.perf_counter() - began
    name = f"polarity, rival: sentence vectors + logistic ({seconds:.0f} s of encoding and fit)"
    return [*found, Entry(part, name, accuracy, "", chosen.data, f"{n} texts held out")]


def _entry(part: str, name: str, model: Polarity, chosen: Split, rival: tuple[str, float]) -> Entry:
    got = score(model, chosen.held, chosen.held_signs, ["fr"] * len(chosen.held))
    size = f"{got.n} texts held out; {chosen.note}"
    ends = (got.accuracy_low, got.accuracy_high)
    return Entry(part, f"polarity, {name}: accuracy", got.accuracy, "", chosen.data, size, AIM, ends, *rival)


def _tfidf(chosen: Split) -> float:
    """Words and pairs, sublinear, C = 10: the usual first try."""
    weigh = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    model = LogisticRegression(C=10.0, max_iter=2000).fit(weigh.fit_transform(chosen.texts), chosen.signs)
    return float(np.mean(model.predict(weigh.transform(chosen.held)) == chosen.held_signs))


def _vectors(chosen: Split) -> tuple[float, int]:
    """Accuracy of logistic regression on the encoder's vectors, and the texts judged."""
    encode = encoder_for("use-multilingual")

    def both(texts: Sequence[str], signs: Signs) -> tuple[NDArray[np.float32], Signs]:
        return encode([text[:1000] for text in texts[:N_ENCODED]]), signs[:N_ENCODED]

    known, known_signs = both(chosen.texts, chosen.signs)
    asked, asked_signs = both(chosen.held, chosen.held_signs)
    model = LogisticRegression(C=10.0, max_iter=2000).fit(known, known_signs)
    return float(np.mean(model.predict(asked) == asked_signs)), len(asked_signs)
