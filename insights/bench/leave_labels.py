"""Intent to leave on 300 real French clauses, labelled by hand from four sets.

leave_labels.csv holds places only: set, file, row of the file, offsets in its text, stratum, weight (clauses the row
stands for) and label. Half were drawn among clauses with a word of leaving, half among the others; labelled before any
rule was run on them. 1: the speaker says that they leave, left, want or ask to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.bench.report import Entry
from insights.intervals import wilson
from insights.mentions.signals import signals

LABELS = Path(__file__).with_name("leave_labels.csv")
Floats = NDArray[np.float64]
# folder and column of the text, by set
PLACES = {
    "insurance": ("fr_insurance_reviews", "avis"),
    "keytrade": ("fr_trustpilot_keytrade", "text"),
    "tweets": ("fr_free_telecom_tweets", "text"),
    "hotel": ("fr_hotel_reviews", "Review"),
}


def entries(part: str, shared: Path, say: Callable[[str], None]) -> list[Entry]:
    """Precision and recall, counted and weighted to the sampling; the sets that are absent are left out."""
    rows = labelled_clauses(shared)
    if rows.empty:
        say(f"  no set of the labelled clauses below {shared}: left out")
        return []
    says = np.array([signals(text, "fr").leave_intent for text in rows["clause"]], dtype=bool)
    gold = rows["label"].to_numpy() == 1
    sets = "+".join(PLACES[name][0] for name in PLACES if name in set(rows["set"]))
    found = []
    for name, base in (("precision", says), ("recall", gold)):
        right = says & gold
        weight = rows["weight"].to_numpy(dtype=np.float64)
        found.append(_entry(part, f"intent to leave, real clauses: {name}", right[base], np.ones(base.sum()), sets))
        found.append(_entry(part, f"intent to leave, real clauses: {name}, weighted", right[base], weight[base], sets))
    return found


def labelled_clauses(shared: Path) -> pd.DataFrame:
    """The labels with their `clause`, for the sets that are there."""
    labels = pd.read_csv(LABELS)
    parts = []
    for (name, file), rows in labels.groupby(["set", "file"], sort=False):
        folder, column = PLACES[str(name)]
        path = shared / folder / str(file)
        if path.exists():
            texts = _texts(path, column)
            clauses = [
                texts[row][start:end] for row, start, end in zip(rows["row"], rows["start"], rows["end"], strict=True)
            ]
            parts.append(rows.assign(clause=clauses))
    return pd.concat(parts, ignore_index=True) if parts else labels.head(0)


def _texts(path: Path, column: str) -> list[str]:
    if path.suffix == ".xlsx":
        frame = pd.read_excel(path)
    elif path.suffix == ".json":
        frame = pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    else:
        frame = pd.read_csv(path, sep=";" if column == "Review" else ",")
    return list(frame[column].fillna("").astype(str))


def _entry(part: str, name: str, right: NDArray[np.bool_], weight: Floats, data: str) -> Entry:
    """Weighted share, its interval by Wilson on the effective number (Kish)."""
    total = max(float(weight.sum()), 1e-9)
    share, effective = float(weight @ right) / total, total**2 / max(float(weight @ weight), 1e-9)
    ends = wilson(np.array([share * effective]), np.array([effective]))
    interval = (float(ends.low[0]), float(ends.high[0]))
    size = f"{len(weight)} of 300 labelled clauses, effective {effective:.0f}"
    return Entry(part, name, share, "", data, size, interval=interval)
