"""What people corrected, and the classifier learned from it: nearness first, evidence as it grows.

The score of irritant j for a text x is `x . c_j + x . s_j`: nearness to its centre, and a shift that is zero until somebody
corrects something. The shifts are those of a multinomial logistic regression whose prior is nearness itself (ridge around
the centres), so an irritant moves as far as its evidence carries it and no further. Two choices were measured on skewed
corrections (three irritants corrected, the others not): no intercept, and anchors, a few members of each irritant that
count as corrections until it has as many of its own. With an intercept and without anchors, what was corrected swallows its
neighbours. How far the shifts are believed is decided on held-out corrections (learn_confidence.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.topics.vectors import unit

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SCALE = 0.1  # cosine that is worth one unit of log-odds while learning
RIDGE = 0.02  # how firmly the prior holds
MEMBER_MASS = 200.0  # the members of an irritant weigh as much as this many corrections in its centre
ANCHORS = 3  # corrections that an irritant's members stand for until people gave as many
ANCHOR_TEXTS = 20  # members that share this weight
STEPS = 40  # of L-BFGS


@dataclass(frozen=True)
class Corrections:
    """What people said of `m` mentions, oldest first: vectors (m, d), languages, the right irritant and the one shown.

    `to_ids` may be `unclassified` (it belongs nowhere). `from_ids` is None where nothing was shown, as for the examples of
    an imported code frame; equal to `to_ids` it is a confirmation. The last word on a text counts.
    """

    vectors: Matrix
    languages: tuple[str, ...]
    to_ids: tuple[str, ...]
    from_ids: tuple[str | None, ...]

    def __post_init__(self) -> None:
        sizes = {len(self.vectors), len(self.languages), len(self.to_ids), len(self.from_ids)}
        if len(sizes) > 1:
            raise ModelError(f"Corrections of unequal length {sorted(sizes)}: give one of each a mention.")

    @classmethod
    def examples(cls, vectors: Matrix, languages: Sequence[str], irritant_ids: Sequence[str]) -> Self:
        """Examples (m) of a code frame, one to five an irritant are enough: nothing was shown before them."""
        return cls(vectors, tuple(languages), tuple(irritant_ids), (None,) * len(irritant_ids))

    @classmethod
    def none(cls, d: int) -> Self:
        """Nothing said yet, of vectors of `d` dimensions."""
        return cls(np.empty((0, d), dtype=np.float32), (), (), ())

    def __len__(self) -> int:
        return len(self.to_ids)

    def take(self, rows: Sequence[int] | Ints) -> Corrections:
        """The corrections of these rows, in their order."""
        at = np.asarray(rows, dtype=np.int64)
        picked = [tuple(values[row] for row in at) for values in (self.languages, self.to_ids)]
        return Corrections(self.vectors[at], picked[0], picked[1], tuple(self.from_ids[row] for row in at))

    def then(self, later: Corrections) -> Corrections:
        """These, and `later` ones after them."""
        return Corrections(
            np.concatenate([self.vectors, later.vectors]),
            self.languages + later.languages,
            self.to_ids + later.to_ids,
            self.from_ids + later.from_ids,
        )

    def resolved(self, resolve: Callable[[str], str]) -> Corrections:
        """With ids as they stand today: `Registry.resolve` follows merges."""
        before = tuple(None if one is None else resolve(one) for one in self.from_ids)
        return Corrections(self.vectors, self.languages, tuple(map(resolve, self.to_ids)), before)

    def last_words(self) -> Corrections:
        """One correction a text: the latest."""
        last = {vector.tobytes(): row for row, vector in enumerate(self.vectors)}
        return self if len(last) == len(self) else self.take(sorted(last.values()))


@dataclass(frozen=True)
class Taught:
    """Language-centred texts that teach, with the place of their irritant in `names`: members first, then corrections.

    rows (n, d); codes (n,), -1 for "to nothing"; corrected (n,) says which come from people, said (n,) which are customers'
    own words and no example of a code frame; k irritants.
    """

    rows: Matrix
    codes: Ints
    corrected: NDArray[np.bool_]
    said: NDArray[np.bool_]
    k: int

    def without(self, held: NDArray[np.bool_]) -> Taught:
        kept = ~held
        return Taught(self.rows[kept], self.codes[kept], self.corrected[kept], self.said[kept], self.k)

    def own(self, code: int) -> Ints:
        return np.flatnonzero(self.codes == code)

    def weights(self) -> Floats:
        """(n,) of each text in its irritant's centre: 1, less for members beside corrections."""
        told, members = self._counts(self.corrected), self._counts(~self.corrected)
        share = np.where(told > 0, np.minimum(1.0, MEMBER_MASS / np.maximum(members, 1)), 1.0)
        return np.where(self.corrected | (self.codes < 0), 1.0, share[self.codes])

    def centres(self) -> Matrix:
        """(k, d) of unit length; zeros for an irritant without any text."""
        weighted = self.rows * self.weights()[:, None].astype(np.float32)
        return unit(np.stack([weighted[self.own(code)].sum(axis=0) for code in range(self.k)]))

    def lessons(self) -> tuple[Ints, Floats]:
        """Rows to learn from and their weights: every correction, and the anchors of irritants with few of them."""
        told = self._counts(self.corrected)
        rows, weights = [np.flatnonzero(self.corrected)], [np.ones(int(self.corrected.sum()))]
        for code in np.flatnonzero(told < ANCHORS):
            members = np.flatnonzero((self.codes == code) & ~self.corrected)
            picked = (
                members[np.unique(np.linspace(0, len(members) - 1, ANCHOR_TEXTS).astype(int))] if len(members) else []
            )
            rows.append(np.asarray(picked, dtype=np.int64))
            weights.append(np.full(len(picked), (ANCHORS - told[code]) / max(len(picked), 1)))
        return np.concatenate(rows), np.concatenate(weights)

    def _counts(self, which: NDArray[np.bool_]) -> Ints:
        return np.bincount(self.codes[which & (self.codes >= 0)], minlength=self.k)


def still_members(vectors: Matrix, irritant_ids: Sequence[str], told: Corrections) -> NDArray[np.object_]:
    """Irritant of each text (n,) of which nobody spoke; `unclassified` for those corrected, which teach by themselves."""
    ids = np.array(irritant_ids, dtype=object)
    spoken_of = {one.tobytes() for one in told.vectors}
    if spoken_of:
        ids[[one.tobytes() in spoken_of for one in vectors]] = UNCLASSIFIED
    return ids


def teach(
    rows: Matrix, irritant_ids: Sequence[str], told: Matrix, corrections: Corrections, names: Sequence[str]
) -> Taught:
    """Members among `rows` (n, d) and corrected texts `told` (m, d), both language-centred; `unclassified` is no member."""
    place = {name: code for code, name in enumerate(names)} | {UNCLASSIFIED: -1}
    codes = np.array([place[one] for one in irritant_ids], dtype=np.int64)
    member = codes >= 0
    codes = np.concatenate([codes[member], np.array([place[one] for one in corrections.to_ids], dtype=np.int64)])
    corrected = np.arange(len(codes)) >= int(member.sum())
    said = ~corrected
    said[corrected] = [one is not None for one in corrections.from_ids]
    return Taught(np.concatenate([rows[member], told]), codes, corrected, said, len(names))


def shifts(taught: Taught, centres: Matrix) -> Matrix:
    """(k, d) to add to the centres, in units of cosine; all zero without a correction to an irritant."""
    picked, weights = taught.lessons()
    known = taught.codes[picked] >= 0
    picked, weights = picked[known], weights[known]
    if not taught.corrected[picked].any():
        return np.zeros_like(centres)
    rows = taught.rows[picked]
    return ridge_softmax(rows, rows @ centres.T / SCALE, taught.codes[picked], weights) * np.float32(SCALE)


def refusal(taught: Taught, over: Floats) -> Matrix:
    """(d,) to add to how far a text lies above its threshold, in units of cosine, learned from "to nothing".

    `over` (n,): that distance for each row of `taught`. All zero while nobody said that a text belongs nowhere.
    """
    if not (taught.codes < 0).any():
        return np.zeros(taught.rows.shape[1], dtype=np.float32)
    picked, weights = taught.lessons()
    base = np.stack([np.zeros(len(picked)), over[picked] / SCALE], axis=1)
    found = ridge_softmax(taught.rows[picked], base, (taught.codes[picked] >= 0).astype(np.int64), weights)
    return np.asarray((found[1] - found[0]) * np.float32(SCALE), dtype=np.float32)


def ridge_softmax(rows: Matrix, base: NDArray[np.floating], codes: Ints, weights: Floats) -> Matrix:
    """(k, d) that, added to the base log-odds (n, k), explain `codes` (n,) best under a ridge around zero."""
    k, d, at = base.shape[1], rows.shape[1], np.arange(len(rows))
    prior, rows_t = base.astype(np.float32), np.ascontiguousarray(rows.T)

    def loss(flat: Floats) -> tuple[float, Floats]:
        moved = flat.reshape(k, d).astype(np.float32)
        share = softmax(prior + rows @ moved.T, axis=1)
        told = -float(weights @ np.log(np.maximum(share[at, codes], 1e-30)))
        share[at, codes] -= 1
        slope = (rows_t @ (share * weights[:, None].astype(np.float32))).T + np.float32(RIDGE) * moved
        return told + RIDGE / 2 * float(np.sum(moved.astype(np.float64) ** 2)), slope.ravel().astype(np.float64)

    found = minimize(loss, np.zeros(k * d), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(found.x.reshape(k, d), dtype=np.float32)
