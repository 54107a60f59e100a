"""What discovery loses by looking at a bounded sample: agreement with people's labels, all texts fitted against some.

Texts outside the sample get the topic their neighbours in it vote for (insights/topics/fit.py), so that every text is judged.
Banking77 (13,083 questions, 77 intents): the largest labelled set at hand, just above the bound of a fit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from insights.bench.report import Entry
from insights.bench.scale_growth import PART
from insights.topics.encoder import encoder_for
from insights.topics.fit import MAX_TEXTS, fit_topics

Say = Callable[[str], None]
SHARES = (1.0, 0.5, 0.25)
SEEDS = (1, 2, 3)
DATA = "en_banking77"


def entries(folder: Path, n: int, seeds: int, say: Say) -> list[Entry]:
    """NMI, ARI and seconds of fits on all of at most `n` texts and on a half and a quarter of them."""
    paths = [folder / DATA / name for name in ("train.csv", "test.csv")]
    if absent := [path for path in paths if not path.exists()]:
        say(f"  {absent[0]} is absent: the sample of discovery is left out")
        return []
    rows = pd.concat([pd.read_csv(path) for path in paths]).sample(frac=1, random_state=1).head(n)
    texts, gold = list(rows["text"].astype(str)), list(rows["category"])
    vectors = encoder_for("use-multilingual")(texts)
    found: list[Entry] = []
    for share in SHARES:
        most = round(share * len(texts))
        told = [_fit(texts, vectors, gold, most, seed) for seed in SEEDS[:seeds]]
        say(f"  {DATA}, {most:,} of {len(texts):,} texts looked at: NMI {np.mean([one[0] for one in told]):.3f}")
        size = (
            f"{most:,} of {len(texts):,} texts, {len(set(gold))} labels, {seeds} seeds (a fit looks at {MAX_TEXTS:,})"
        )
        for place, name in enumerate(("NMI", "ARI")):
            value = float(np.mean([one[place] for one in told]))
            all_ = value if share == 1 else found[place].value
            found.append(
                Entry(PART, f"discovery on a sample: {name}, {share:.0%} of the texts", value, "", DATA, size,
                      rival="all texts" if share < 1 else "", rival_value=all_ if share < 1 else None)
            )  # fmt: skip
    return found


def _fit(texts: list[str], vectors: NDArray[np.float32], gold: list[str], most: int, seed: int) -> tuple[float, float]:
    labels = fit_topics(
        texts, vectors, ["en"] * len(texts), seed, max_texts=most, measure_stability=False
    ).labels  # -1: no topic, one more group of its own
    return float(normalized_mutual_info_score(gold, labels)), float(adjusted_rand_score(gold, labels))
