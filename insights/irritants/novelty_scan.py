"""How surprising each group of texts is, and what chance alone reaches: a spatial scan with shuffled dates.

A group's score is the log likelihood ratio of its share of new texts against the share expected (Kulldorff 1997, the
Bernoulli model). Each family of groups (one size of ball, one resolution) is put on the scale of its own
highest scores under shuffled dates, so that families of many small groups and of few large ones count alike; the highest
score of a shuffle over all families is the null. A group's p value is its place in that null: the chance that a run
without anything new shows a group as surprising as this one anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.floating]
Ints = NDArray[np.int64]
Counted = tuple[str, Floats, Floats, Floats]  # family, sizes (m,), new texts (m, r), expected new texts (m, r)

OWN_NEIGHBOURS = 10  # of a history text, asked how many are new
PRIOR_TEXTS = 20.0  # a block of few history texts is expected to grow like all texts together


@dataclass(frozen=True)
class Scan:
    """Standardised scores of each family's groups, and the highest of each shuffle (runs,), rising."""

    scores: dict[str, Floats]
    null: Floats

    def threshold(self, false_rate: float) -> float:
        """The score that a p value of `false_rate` or less is above; infinite where too few shuffles could tell."""
        allowed = int(false_rate * (len(self.null) + 1) + 1e-9)
        return float(self.null[-allowed]) if allowed else float("inf")

    def p_value(self, score: float) -> float:
        """Share of the shuffles, this run counted as one, whose highest score is as high."""
        above = len(self.null) - int(np.searchsorted(self.null, score, side="left"))
        return (1 + above) / (len(self.null) + 1)


def shuffled(is_new: NDArray[np.bool_], feedback: Ints, runs: int, seed: int) -> NDArray[np.float32]:
    """1 for new, 0 for history: (n, 1 + runs), the truth first, then dates dealt anew among the feedback."""
    draw = np.random.default_rng(seed)
    dated = np.zeros(int(feedback.max()) + 1, dtype=np.float32)
    dated[feedback[is_new]] = 1.0
    deals = [dated, *(draw.permutation(dated) for _ in range(runs))]
    return np.stack([deal[feedback] for deal in deals], axis=1)


def expected_rates(flags: NDArray[np.float32], places: Ints, blocks: Ints) -> NDArray[np.float32]:
    """Chance that a text (n) is new if what is around it only grew, for each shuffle: (n, r).

    A cause that grows has new texts among the neighbours of its history texts; one that merely received a new cause
    beside it has not. The share of new ones among the neighbours of a block's history texts is therefore the block's own
    growth, drawn to the overall share where they are few, and never below it. `places` (n, at least 1): neighbours, best
    first; `blocks` (n): coarse communities, drawn without looking at dates, so that shuffles treat all texts alike.
    """
    overall, n = flags.mean(axis=0), len(flags)
    around = places[:, :OWN_NEIGHBOURS]
    share = np.mean([flags[around[:, step]] for step in range(around.shape[1])], axis=0)
    members = sparse.csr_matrix((np.ones(n, dtype=np.float32), (blocks, np.arange(n))))
    history = members @ (1 - flags)
    growth = (members @ (share * (1 - flags)) + PRIOR_TEXTS * overall) / (history + PRIOR_TEXTS)
    return np.asarray(np.maximum(growth, overall)[blocks], dtype=np.float32)


def log_ratio(found: Floats, sizes: Floats, expected: Floats) -> Floats:
    """Log likelihood ratio of `found` new texts of `sizes` where `expected` were; 0 where there are no more than that."""
    rest = np.maximum(sizes - found, 0)
    expected = np.clip(expected, 1e-6, sizes - 1e-6)
    gain = found * np.log(np.maximum(found, 1e-6) / expected)
    loss = rest * np.log(np.maximum(rest, 1e-6) / (sizes - expected))
    return np.where(found > expected, gain + loss, 0.0)


def scan(counted: Iterable[Counted]) -> Scan:
    """Scores of all groups from their counts under the truth (first column) and under shuffles (the others)."""
    scores, highest = {}, []
    for family, sizes, found, expected in counted:
        ratio = log_ratio(found, sizes[:, None], expected)
        top = ratio[:, 1:].max(axis=0)
        scale = max(float(top.std()), 1e-6)
        scores[family] = (ratio[:, 0] - top.mean()) / scale
        highest.append((top - top.mean()) / scale)
    return Scan(scores, np.sort(np.max(highest, axis=0)))
