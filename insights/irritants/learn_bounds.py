"""Where an irritant ends: its threshold, a low quantile of the cosines of its own held-out texts.

Held-out: a text is measured against the centre of the folds it is not in. An irritant of few texts takes its threshold
mostly from all irritants together, brought down to what the centre of so few texts can reach: with a mean cosine `rho`
between two texts of one irritant, a text's expected cosine to the centre of n others is sqrt(rho) * reach(n, rho).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insights.irritants.learn import Floats, Ints, Matrix, Taught

LEFT_OUT = 0.05  # share of an irritant's own held-out texts below its threshold; half the 10 % that may be unclassified
FOLDS = 4
PRIOR_TEXTS = 20.0  # an irritant of few texts takes its threshold mostly from all irritants together
LEAST_COSINE = 0.05  # of a held-out text to its centre, on average: keeps `rho` above zero
EXAMPLES_FLOOR = (
    0.2  # of one known by examples alone: costs .01 of F1 on wikit, halves what is wrongly drawn in on the demo
)
FLOOR = 0.1  # of an irritant with corrections; the best cosine of 95 % of texts is above it, even to one example each


def thresholds(rows: Matrix, members: Sequence[Ints]) -> Floats:
    """(k,) from nearness alone: the own quantile, drawn towards that of all irritants when its texts are few."""
    held = [held_out(rows[own], np.ones(len(own))) for own in members]
    overall = np.quantile(np.concatenate(held), LEFT_OUT)
    weight = np.array([len(own) / (len(own) + PRIOR_TEXTS) for own in members])
    own_quantile = np.array([np.quantile(one, LEFT_OUT) for one in held])
    return np.asarray(weight * own_quantile + (1 - weight) * overall, dtype=np.float64)


def taught_thresholds(taught: Taught) -> Floats:
    """(k,) with corrections: where there are none for an irritant, the same rule as `thresholds`.

    Examples of a code frame say where an irritant is and not how far its customers' words scatter: they are written to be
    alike, so only mentions are measured.
    """
    weights, members = taught.weights(), [taught.own(code) for code in range(taught.k)]
    held = [held_out(taught.rows[own], weights[own])[taught.said[own]] for own in members]
    several = [one for one in held if len(one) > 1]
    pooled = np.concatenate(several) if several else np.array([FLOOR])
    overall, rho = float(np.quantile(pooled, LEFT_OUT)), max(float(pooled.mean()), LEAST_COSINE) ** 2
    found = np.empty(taught.k)
    for code, (own, one) in enumerate(zip(members, held, strict=True)):
        trust = len(one) / (len(one) + PRIOR_TEXTS) if len(one) > 1 else 0.0
        told = bool(taught.corrected[own].any())
        common = overall * reach(len(own), rho) if told else overall
        quantile = float(np.quantile(one, LEFT_OUT)) if len(one) else 0.0
        found[code] = trust * quantile + (1 - trust) * common
        if told:
            found[code] = max(found[code], FLOOR if len(one) else EXAMPLES_FLOOR)
    return found


def reach(n: int, rho: float) -> float:
    """0..1: how near a text of an irritant comes to the centre of n of its texts, beside that of very many."""
    return float(np.sqrt(n * rho / (1 + (n - 1) * rho)))


def held_out(own: Matrix, weights: Floats) -> Floats:
    """Cosine of each of an irritant's texts (m,) to the weighted centre of the folds it is not in."""
    weighted = own * weights[:, None].astype(np.float32)
    fold: NDArray[np.int64] = np.arange(len(own)) % FOLDS
    total, cosines = weighted.sum(axis=0), np.empty(len(own))
    for one in range(min(FOLDS, len(own))):
        rest = total - weighted[fold == one].sum(axis=0)
        if len(own) == 1:
            rest = total
        cosines[fold == one] = own[fold == one] @ (rest / max(float(np.linalg.norm(rest)), 1e-9))
    return cosines
