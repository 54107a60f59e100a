"""Scores a polarity model on any labelled file: accuracy and macro-F1 with their Wilson and bootstrap intervals.

Labels may be words (positive, négatif, ...), 0 and 1, -1 and 1, stars ("4/5", "★★★★", "2 étoiles") or a score; the usual
scales are known, others need the two bounds. Texts between the bounds are left out, and counted. A text is the sum of its
clauses over the root of their number, as in training.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from csv import QUOTE_MINIMAL, QUOTE_NONE
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.errors import SourceError
from insights.intervals import wilson
from insights.language import detect
from insights.mentions.polarity import Polarity
from insights.mentions.split import split

POSITIVE = frozenset({"1", "1.0", "pos", "positive", "positif", "positive.", "praise", "p", "+"})
NEGATIVE = frozenset({"0", "0.0", "-1", "-1.0", "neg", "negative", "negatif", "négatif", "complaint", "n", "-"})


FIVE, TEN, FIVE_TOP = (2.0, 4.0), (6.0, 9.0), 5.0  # highest negative and lowest positive of the usual scales
SEPARATORS, ENCODINGS = (",", ";", "\t", "|"), ("utf-8-sig", "cp1252")
_NUMBER = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*(?:/\s*\d+|stars?|[ée]toiles?|\*|★)?")


@dataclass(frozen=True)
class PolarityScore:
    """`accuracy` and `macro_f1` over `n` texts of either sign; `n_left_out` had another label or none."""

    n: int
    n_positive: int
    n_left_out: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    recall_positive: float
    recall_negative: float
    seconds: float
    version: str


def labels(values: Sequence[object], bounds: tuple[float, float] | None = None) -> NDArray[np.int_]:
    """+1, -1, or 0 for what is neither. `bounds` (highest negative, lowest positive) reads the values as scores.

    Without bounds, numbers that go past 1 are scores on the scale they fill: 1 to 5 (1 and 2 against 4 and 5), else 0 to
    10 (0 to 6 against 9 and 10).
    """
    scores = np.array([_score(value) for value in values], dtype=np.float64)
    known = scores[~np.isnan(scores)]
    if bounds is None and len(known) >= len(scores) / 2 and known.max(initial=0.0) > 1.0:
        bounds = FIVE if known.max() <= FIVE_TOP else TEN
    if bounds is not None:
        return np.where(scores <= bounds[0], -1, np.where(scores >= bounds[1], 1, 0))
    words = [str(value).strip().casefold() for value in values]
    return np.array([1 if word in POSITIVE else -1 if word in NEGATIVE else 0 for word in words], dtype=np.int_)


def _score(value: object) -> float:
    """A number as people write a score ("4", "3,5", "4/5", "2 étoiles", "★★★"); NaN for anything else."""
    text = str(value).strip().casefold()
    if text and set(text) <= {"★", "☆", "⭐"}:
        return float(len(text.replace("☆", "")))
    found = _NUMBER.fullmatch(text)
    return float(found.group(1).replace(",", ".")) if found else float("nan")


def text_polarity(model: Polarity, texts: Sequence[str], languages: Sequence[str]) -> NDArray[np.float64]:
    """Polarity of whole texts: sum of their clauses over the root of their number; 0 for a text without any."""
    clauses = [[span.text for span in split(text, language)] for text, language in zip(texts, languages, strict=True)]
    owner = np.repeat(np.arange(len(texts)), [len(parts) for parts in clauses])
    flat = [clause for parts in clauses for clause in parts]
    polarity, _ = model.score(flat, [languages[int(index)] for index in owner])
    logit = 2.0 * np.arctanh(np.clip(polarity, -0.999, 0.999))
    total = np.bincount(owner, weights=logit, minlength=len(texts))
    count = np.bincount(owner, minlength=len(texts)).clip(1)
    pooled: NDArray[np.float64] = np.tanh(total / np.sqrt(count) / 2.0)
    return pooled


def score(
    model: Polarity,
    texts: Sequence[str],
    truth: NDArray[np.int_],
    languages: Sequence[str] | None = None,
    seed: int = 0,
) -> PolarityScore:
    """Agreement of the sign of each text with its label. A text that reads as 0 counts as negative."""
    kept = [index for index, label in enumerate(truth) if label != 0]
    chosen = [str(texts[index]) for index in kept]
    tongue = detect(chosen, default="fr") if languages is None else [languages[index] for index in kept]
    gold = truth[kept] > 0
    if gold.sum() in (0, len(gold)):
        raise SourceError(f"Scoring polarity needs texts of both signs; {int(gold.sum())} of {len(gold)} are positive.")
    start = time.perf_counter()
    found = text_polarity(model, chosen, tongue) > 0
    seconds = time.perf_counter() - start
    right = int((found == gold).sum())
    interval = wilson(right, len(gold))
    draws = np.random.default_rng(seed).integers(0, len(gold), size=(1000, len(gold)))
    f1_low, f1_high = np.quantile([macro_f1(gold[draw], found[draw]) for draw in draws], [0.025, 0.975])
    return PolarityScore(
        n=len(gold),
        n_positive=int(gold.sum()),
        n_left_out=len(truth) - len(gold),
        accuracy=right / len(gold),
        accuracy_low=float(interval.low),
        accuracy_high=float(interval.high),
        macro_f1=macro_f1(gold, found),
        macro_f1_low=float(f1_low),
        macro_f1_high=float(f1_high),
        recall_positive=float(found[gold].mean()),
        recall_negative=float((~found[~gold]).mean()),
        seconds=seconds,
        version=model.version,
    )


def macro_f1(gold: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    """Mean of the F1 of either sign."""
    both = []
    for side in (True, False):
        hits = int(((gold == side) & (found == side)).sum())
        both.append(2 * hits / max(int((gold == side).sum() + (found == side).sum()), 1))
    return float(np.mean(both))


def score_file(
    model: Polarity,
    path: Path,
    text: str,
    label: str,
    bounds: tuple[float, float] | None = None,
    sep: str | None = None,
) -> PolarityScore:
    """Score a table with a text and a label column. Raises SourceError naming the column that is missing."""
    frame = read_labelled(path, text, label, sep)
    return score(model, frame[text].astype(str).tolist(), labels(frame[label].tolist(), bounds))


def read_labelled(path: Path, text: str, label: str, sep: str | None = None) -> pd.DataFrame:
    """The columns `text` and `label` of a CSV, TSV, XLSX or JSON Lines file, rows without either left out.

    Separator and encoding are found by trying; a file without a header is read by column numbers, from 0. Raises
    SourceError with the columns that were found where none of it gives both.
    """
    seen: list[str] = []
    for frame in _readings(path, text, label, sep):
        if {text, label} <= set(frame.columns):
            return frame[[text, label]].dropna().reset_index(drop=True)
        seen = max(seen, [str(name) for name in frame.columns], key=len)
    if not seen:
        raise SourceError(f"{path} cannot be read as a table; give CSV, TSV, XLSX or JSON Lines.")
    missing = next((name for name in (text, label) if name not in seen), label)
    raise SourceError(f"{path} has no column {missing!r}; it has: {', '.join(seen)}.")


def _readings(path: Path, text: str, label: str, sep: str | None) -> Iterator[pd.DataFrame]:
    """The file as a table in every way that can be read, the likeliest first."""
    kind = path.suffix.lower()
    if not path.is_file():
        raise SourceError(f"{path} cannot be read: there is no such file.")
    try:
        if kind in {".xlsx", ".jsonl", ".ndjson"}:
            yield pd.read_excel(path, dtype=str) if kind == ".xlsx" else pd.read_json(path, lines=True, dtype=False)
            return
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read as {kind[1:]}: {str(error).splitlines()[0]}") from error
    numbered = text.isdigit() and label.isdigit()
    for encoding, separator, quoted in product(ENCODINGS, [sep] if sep else SEPARATORS, (True, False)):
        quoting = QUOTE_MINIMAL if quoted != (separator == "\t") else QUOTE_NONE  # between tabs a quote is a letter
        try:
            frame = pd.read_csv(
                path, sep=separator, dtype=str, encoding=encoding, quoting=quoting, header=None if numbered else 0
            )
        except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
            continue
        yield frame.rename(columns={name: str(name) for name in frame.columns})
