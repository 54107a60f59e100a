"""Weak signals of a discovery: what grows in the last weeks and belongs to no irritant, as rows of `weak_signal`."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.irritants.novelty import Signal, weak_signals
from insights.settings import Settings
from insights.steps.naming import labelled
from insights.topics.vectors import Matrix
from insights.topics.words import content_words

NEW_DAYS = 28
N_KEYWORDS = 8


def signal_rows(
    texts: pd.DataFrame, vectors: Matrix, ids: NDArray[np.object_], settings: Settings, day: date
) -> pd.DataFrame:
    """Rows of `weak_signal`. `texts` (n): text, language, text_sha, feedback_id, first_at; `ids` (n): irritant today."""
    since = day - timedelta(days=NEW_DAYS - 1)
    is_new = (texts["first_at"].dt.tz_convert(settings.timezone).dt.date >= since).to_numpy()
    said, languages = list(texts["text"]), list(texts["language"])
    found = weak_signals(
        vectors, languages, said, is_new, list(ids), settings.seed, feedback_ids=list(texts["feedback_id"])
    )
    if not found:
        return pd.DataFrame()
    labels = np.full(len(texts), -1, dtype=np.int64)
    for number, signal in reversed(list(enumerate(found))):
        labels[list(signal.rows)] = number
    keywords = {number: _keywords(signal, said, languages) for number, signal in enumerate(found)}
    central = {number: _central(signal, vectors) for number, signal in enumerate(found)}
    names = labelled(said, languages, labels, keywords, central, settings, vectors)
    shas = texts["text_sha"].to_numpy()
    rows = []
    for number, (signal, label) in enumerate(zip(found, names, strict=True)):
        ordered = list(dict.fromkeys(shas[[*central[number], *signal.rows]]))
        rows.append(
            {
                "signal_id": hashlib.sha256(" ".join(sorted(ordered)).encode()).hexdigest()[:16],
                "found_on": day,
                "since_on": since,
                "label_fr": label.label_fr,
                "label_en": label.label_en,
                "n_new": signal.n_new,
                "n_history": signal.n_history,
                "expected": signal.expected,
                "lift": signal.lift,
                "p_value": signal.p_value,
                "nearest_id": signal.nearest_irritant,
                "nearest_cosine": signal.nearest_cosine,
                "text_shas": ordered,
            }
        )
    return pd.DataFrame(rows).drop_duplicates("signal_id")


def _central(signal: Signal, vectors: Matrix) -> tuple[int, ...]:
    """Its new texts, the nearest to their centre first."""
    rows = np.array(signal.new_rows or signal.rows, dtype=np.int64)
    near = vectors[rows] @ vectors[rows].mean(axis=0)
    return tuple(int(row) for row in rows[np.lexsort((rows, -near))])


def _keywords(signal: Signal, texts: list[str], languages: list[str]) -> tuple[str, ...]:
    """Words said in most of its texts."""
    counted: dict[str, int] = {}
    for row in signal.rows:
        for word in dict.fromkeys(content_words(texts[row], languages[row])):
            counted[word] = counted.get(word, 0) + 1
    return tuple(sorted(counted, key=lambda word: (-counted[word], word))[:N_KEYWORDS])
