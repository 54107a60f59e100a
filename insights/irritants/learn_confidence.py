"""How sure an assignment is, and how far what was learned is believed: both from texts held out of what scores them.

The confidence is the softmax of the scores at a temperature. A mention that says two things gets two rows where both
irritants are nearly as sure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from insights.irritants.learn import SCALE, Floats, Ints, Taught, shifts

FOLDS = 4
MEMBERS_READ = 4_000  # members the temperature is fitted on, evenly spaced: it is one number
COLD, HOT = 0.01, 5.0  # bounds of the temperature, in units of cosine
USUAL = 0.06  # of nearness, before anything can be held out; with corrections it is SCALE
MIN_HELD = 20  # texts below which the temperature stays as usual and what was learned is believed
BELIEFS = (1.0, 0.75, 0.5, 0.25, 0.0)  # shares of the shifts; of equals the first
MEMBERS_COUNT_AS = 20.0  # corrections that all members together weigh beside what people said
MOST_ROWS = 3
NEARLY = 0.75  # a further irritant is given when its share is this much of the first one's
LEAST = 0.25  # and at least this: below, a text is unclear and does not say two things


def calibrated(taught: Taught) -> tuple[float, float]:
    """How much of what was learned to believe (0..1), and the temperature of the softmax over cosines.

    Both make held-out corrections, and members as so many more, least surprising. Where corrections only repeat what
    nearness says, or contradict each other, little of the shifts is believed.
    """
    near, moved, codes, corrected = held_out_scores(taught)
    if len(codes) < MIN_HELD or near.shape[1] < 2:
        return 1.0, SCALE if taught.corrected.any() else USUAL
    weights = np.ones(len(codes))
    if corrected.any():
        weights[~corrected] = MEMBERS_COUNT_AS / max(int((~corrected).sum()), 1)
    if not corrected.any():
        return 1.0, fitted(near, codes, weights)
    heats = [fitted(near + belief * moved, codes, weights) for belief in BELIEFS]
    losses = [
        float(weights @ surprise(near + belief * moved, codes, heat))
        for belief, heat in zip(BELIEFS, heats, strict=True)
    ]
    best = int(np.argmin(losses))
    return BELIEFS[best], heats[best]


def fitted(scores: NDArray[np.floating], codes: Ints, weights: Floats) -> float:
    """Temperature in 0.01..5 of the least weighted log loss of `codes` (n,) under softmax(scores (n, k) / t)."""

    def loss(log_t: float) -> float:
        return float(weights @ surprise(scores, codes, float(np.exp(log_t))))

    found = minimize_scalar(loss, bounds=(np.log(COLD), np.log(HOT)), method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x))


def surprise(scores: NDArray[np.floating], codes: Ints, heat: float) -> Floats:
    """(n,) log loss of `codes` (n,) under softmax(scores (n, k) / heat)."""
    return np.asarray(-log_softmax(scores / heat, axis=1)[np.arange(len(codes)), codes], dtype=np.float64)


def held_out_scores(taught: Taught) -> tuple[Floats, Floats, Ints, NDArray[np.bool_]]:
    """Nearness (h, k), what shifts add to it (h, k), true places (h,) and whether people gave them.

    Of texts scored by what was learned without them; those of irritants with a single text are left out.
    """
    fold, read = _folds(taught), _read(taught)
    near, moved, rows = [np.empty((0, taught.k))], [np.empty((0, taught.k))], [np.empty(0, dtype=np.int64)]
    for one in range(FOLDS):
        own = np.flatnonzero((fold == one) & read)
        if len(own):
            rest = taught.without((fold == one) | (taught.codes < 0))
            centres = rest.centres()
            near.append((taught.rows[own] @ centres.T).astype(np.float64))
            moved.append((taught.rows[own] @ shifts(rest, centres).T).astype(np.float64))
            rows.append(own)
    order = np.concatenate(rows)
    return np.concatenate(near), np.concatenate(moved), taught.codes[order], taught.corrected[order]


def _folds(taught: Taught) -> Ints:
    """(n,) 0..FOLDS-1, each irritant's texts in turn, members and corrections apart."""
    fold = np.zeros(len(taught.codes), dtype=np.int64)
    for code in range(taught.k):
        for which in (True, False):
            own = np.flatnonzero((taught.codes == code) & (taught.corrected == which))
            fold[own] = np.arange(len(own)) % FOLDS
    return fold


def _read(taught: Taught) -> NDArray[np.bool_]:
    sizes = np.bincount(taught.codes[taught.codes >= 0], minlength=taught.k)
    usable = (taught.codes >= 0) & (sizes[taught.codes] > 1)
    members = np.flatnonzero(usable & ~taught.corrected)
    chosen = usable & taught.corrected
    if len(members):
        chosen[members[np.unique(np.linspace(0, len(members) - 1, MEMBERS_READ).astype(int))]] = True
    return chosen


def several(shares: Floats, near_enough: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n, k) which irritants each text gets: the surest, and at most two more nearly as sure, each above its threshold.

    `shares` (n, k): the softmax; `near_enough` (n, k): above its threshold. The surest is given in any case.
    """
    at, best = np.arange(len(shares)), shares.argmax(axis=1)
    least = np.maximum(NEARLY * shares[at, best], LEAST)
    given: NDArray[np.bool_] = (shares >= least[:, None]) & near_enough
    given[at, best] = True
    crowded = np.flatnonzero(given.sum(axis=1) > MOST_ROWS)
    places = np.argsort(np.where(given[crowded], -shares[crowded], 1.0), axis=1, kind="stable")[:, MOST_ROWS:]
    given[crowded[:, None], places] = False
    return given


def distance(near: Floats, thresholds: Floats) -> Floats:
    """0..1 how far below its threshold a text lies: 0 just below, 1 at right angles to the irritant."""
    return np.clip(1 - np.maximum(near, 0) / np.maximum(thresholds, 1e-6), 0, 1).astype(np.float64)
