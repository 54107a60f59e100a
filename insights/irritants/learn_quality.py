"""How often people would agree with the assignments: weighted F1 on corrections the classifier has not seen.

Corrections are not a random sample: people correct what is wrong, so the figure is lower than that of all mentions; it is
a figure to follow and to compare with nearness on the same texts. Beside it, what people reach among themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.assign import Assigner
from insights.irritants.learn import Corrections, Ints, Matrix
from insights.topics.vectors import LanguageCentre

SAME_CODER = 0.90  # weighted F1 of one coder with himself (METHODS 8, after Caplena)
TWO_CODERS = (0.70, 0.85)  # of two coders
FOLDS = 5
MANY = 1_000  # corrections from which one held-back fifth is enough; below, every one is held back in turn
FEWEST = 10
DRAWS = 500
LEVEL = 0.95

Names = NDArray[np.object_]


@dataclass(frozen=True)
class HeldBack:
    """Weighted F1 (0..1) on `n` held-back corrections of `n_corrections`: learned, and nearness alone, with intervals.

    `gain` is learned minus nearness on the same draws. `folds` is 1 where one fifth was held back.
    """

    f1: float
    f1_low: float
    f1_high: float
    nearness_f1: float
    nearness_low: float
    nearness_high: float
    gain: float
    gain_low: float
    gain_high: float
    n: int
    n_corrections: int
    n_moves: int  # of the held-back, those that moved a mention; the others confirmed
    folds: int
    same_coder: float = SAME_CODER
    two_coders_low: float = TWO_CODERS[0]
    two_coders_high: float = TWO_CODERS[1]

    def payload(self) -> dict[str, Any]:
        """Plain numbers for the quality page; shares to four digits."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def held_back_f1(
    vectors: Matrix,
    languages: Sequence[str],
    irritant_ids: Sequence[str],
    corrections: Corrections,
    encoder_version: str,
    centre: LanguageCentre | None = None,
    seed: int = 0,
) -> HeldBack:
    """Agreement with held-back corrections, cross-validated when they are few (below 1,000).

    Arguments as of `Assigner.fit`. Nearness alone knows the members only; an irritant that exists by examples alone is
    unknown to it. Raises ModelError for fewer than 10 corrections.
    """
    told = corrections.last_words()
    if len(told) < FEWEST:
        raise ModelError(
            f"{len(told)} corrections are too few to hold any back (at least {FEWEST}): correct more mentions first."
        )
    fold = folds(told.to_ids, seed)
    used = range(FOLDS) if len(told) < MANY else range(1)
    held = np.concatenate([np.flatnonzero(fold == one) for one in used])
    arguments = (vectors, languages, irritant_ids, encoder_version, centre)
    learned = np.concatenate([_predicted(arguments, told, fold, one, learn=True) for one in used])
    near = np.concatenate([_predicted(arguments, told, fold, one, learn=False) for one in used])
    truth = np.array([told.to_ids[row] for row in held], dtype=object)
    moved = sum(told.from_ids[row] not in {None, told.to_ids[row]} for row in held)
    return _judged(truth, learned, near, seed, len(told), int(moved), len(used))


def folds(to_ids: Sequence[str], seed: int) -> Ints:
    """(m,) 0..4: the corrections of each irritant dealt out evenly, in an order drawn with the seed."""
    order = np.random.default_rng(seed).permutation(len(to_ids))
    ids, fold = np.asarray(to_ids, dtype=object), np.empty(len(to_ids), dtype=np.int64)
    dealt = sorted(order.tolist(), key=lambda row: str(ids[row]))  # stable: the drawn order within an irritant
    fold[dealt] = np.arange(len(dealt)) % FOLDS
    return fold


def _predicted(arguments: tuple[Any, ...], told: Corrections, fold: Ints, held: int, *, learn: bool) -> Names:
    """What the held-back fold is given by what is learned without it; its texts are no members either."""
    vectors, languages, irritant_ids, encoder_version, centre = arguments
    own, rest = told.take(np.flatnonzero(fold == held)), told.take(np.flatnonzero(fold != held))
    hidden = {one.tobytes() for one in own.vectors}
    kept = [row for row in range(len(vectors)) if vectors[row].tobytes() not in hidden]
    members = (vectors[kept], [languages[row] for row in kept], [irritant_ids[row] for row in kept])
    if not learn and not set(members[2]) - {UNCLASSIFIED}:
        return np.full(len(own), None, dtype=object)
    assigner = Assigner.fit(*members, encoder_version, centre, rest if learn else None)
    return assigner.assign(own.vectors, own.languages)[0]


def _judged(truth: Names, learned: Names, near: Names, seed: int, m: int, moved: int, n_folds: int) -> HeldBack:
    """Both figures, and their intervals over draws of the held-back corrections with replacement."""
    codes = np.unique([str(one) for one in np.concatenate([truth, learned, near])], return_inverse=True)[1]
    n = len(truth)
    right, ours, theirs = codes[:n], codes[n : 2 * n], codes[2 * n :]
    draw = np.random.default_rng(seed)
    drawn = [draw.integers(0, n, n) for _ in range(DRAWS)]
    f1 = np.array([weighted_f1(right[rows], ours[rows]) for rows in drawn])
    f1_near = np.array([weighted_f1(right[rows], theirs[rows]) for rows in drawn])
    ends = [0.5 - LEVEL / 2, 0.5 + LEVEL / 2]
    low, high = np.quantile(f1, ends).tolist()
    near_low, near_high = np.quantile(f1_near, ends).tolist()
    gain_low, gain_high = np.quantile(f1 - f1_near, ends).tolist()
    value, near_value = weighted_f1(right, ours), weighted_f1(right, theirs)
    figures = (value, low, high, near_value, near_low, near_high, value - near_value, gain_low, gain_high)
    return HeldBack(*figures, n=n, n_corrections=m, n_moves=moved, folds=n_folds)


def weighted_f1(truth: Ints, found: Ints) -> float:
    """F1 of each true class, weighted by how often it is true (0..1): scikit-learn's, a hundred times faster on codes."""
    k = int(max(truth.max(), found.max())) + 1
    true, given = np.bincount(truth, minlength=k), np.bincount(found, minlength=k)
    both = np.bincount(truth[truth == found], minlength=k)
    return float(np.sum(true * 2 * both / np.maximum(true + given, 1)) / len(truth))
