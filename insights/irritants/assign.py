"""New mentions go to the nearest irritant above its own threshold, else `unclassified`; corrections move the borders.

Nearness is the cosine to the irritant's centre in the encoder's space, centred by language, so that an assignment costs
one matrix product and does not move when words do. What people corrected shifts the centres (learn.py), at the same cost.
Each threshold is a low quantile of the cosines of the irritant's own held-out texts (learn_bounds.py): about one own text
in twenty is left out, and what lies outside every irritant is left alone instead of being forced in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.learn import Corrections, Floats, Ints, Matrix, Taught, refusal, shifts, still_members, teach
from insights.irritants.learn_bounds import taught_thresholds, thresholds
from insights.irritants.learn_confidence import calibrated, distance, several
from insights.topics.vectors import LanguageCentre, unit

BLOCK = 50_000


@dataclass(frozen=True)
class Head:
    """What corrections taught: `shift` (k, d) on the centres and `refusal` (d,), from "this belongs nowhere"."""

    shift: Matrix
    refusal: Matrix


@dataclass(frozen=True)
class Scores:
    """Of a block of n texts: cosine to each centre (n, k), share of each irritant (n, k), and whether it is near enough."""

    near: Floats
    shares: Floats
    near_enough: NDArray[np.bool_]

    @property
    def best(self) -> Ints:
        return np.asarray(self.shares.argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class Assigner:
    """Centres (k, d), thresholds (k,) and ids (k) of one accepted fit; `version` changes with any of them."""

    irritant_ids: tuple[str, ...]
    centres: Matrix
    thresholds: Floats
    centre: LanguageCentre
    encoder_version: str
    temperature: float
    head: Head | None = None

    @classmethod
    def fit(
        cls,
        vectors: Matrix,
        languages: Sequence[str],
        irritant_ids: Sequence[str],
        encoder_version: str,
        centre: LanguageCentre | None = None,
        corrections: Corrections | None = None,
    ) -> Self:
        """From encoder vectors (n, d), languages (n) and the irritant of each text (n); `unclassified` texts are ignored.

        `centre` is the fit's own language means; without it they are learned here. `corrections` may name irritants
        without any member (an imported code frame); without corrections the result is nearness. Raises ModelError
        without any irritant.
        """
        told = (corrections or Corrections.none(vectors.shape[1])).last_words()
        centre = centre or _language_centre(vectors, languages, told)
        ids = still_members(vectors, irritant_ids, told).tolist()
        names = tuple(sorted((set(ids) | set(told.to_ids)) - {UNCLASSIFIED}))
        if not names:
            raise ModelError("No irritant to assign to: accept at least one proposal of a discovery first.")
        rows = centre.apply(vectors, languages) if len(vectors) else vectors
        taught = teach(rows, ids, centre.apply(told.vectors, told.languages), told, names)
        belief, heat = calibrated(taught)
        learned = _learned(taught, belief) if len(told) else _nearness(taught)
        return cls(names, learned[0], learned[1], centre, encoder_version, heat, learned[2])

    @property
    def version(self) -> str:
        """`nearness-` or `learned-` and eight hexadecimals of all that decides an assignment."""
        told = hashlib.sha256(json.dumps([self.irritant_ids, self.encoder_version, self.temperature]).encode())
        learned = (self.head.shift, self.head.refusal) if self.head else ()
        for part in (self.centres, self.thresholds, self.centre.means, self.centre.overall, *learned):
            told.update(np.ascontiguousarray(part).tobytes())
        return f"{'learned' if self.head else 'nearness'}-{told.hexdigest()[:8]}"

    def assign(self, vectors: Matrix, languages: Sequence[str]) -> tuple[NDArray[np.object_], Floats]:
        """Irritant id (n,) and confidence 0..1 (n,) of encoder vectors (n, d).

        Confidence is the share of the irritant, calibrated on held-out texts; of `unclassified`, how far below the
        threshold the text lies: 0 just below, 1 at right angles to it.
        """
        ids, confidence = np.empty(len(vectors), dtype=object), np.empty(len(vectors))
        for start, scores in self._blocks(vectors, languages):
            rows = slice(start, start + len(scores.near))
            ids[rows], confidence[rows] = self._surest(scores)
        return ids, confidence

    def _surest(self, scores: Scores) -> tuple[NDArray[np.object_], Floats]:
        best, at = scores.best, np.arange(len(scores.near))
        placed = scores.near_enough[at, best]
        gap = distance(scores.near[at, best], self.thresholds[best])
        names = np.asarray([*self.irritant_ids, UNCLASSIFIED], dtype=object)
        return names[np.where(placed, best, len(names) - 1)], np.where(placed, scores.shares[at, best], gap)

    def assign_rows(self, vectors: Matrix, languages: Sequence[str]) -> tuple[Ints, NDArray[np.object_], Floats]:
        """Row of the text, irritant id and confidence, (r,) each, r >= n: two or three rows where irritants are near equal.

        The first row of a text is what `assign` gives. The confidences of a text's irritants sum to 1 at most.
        """
        names = np.asarray(self.irritant_ids, dtype=object)
        rows, ids, shares = [np.empty(0, dtype=np.int64)], [names[:0]], [np.empty(0)]
        for start, scores in self._blocks(vectors, languages):
            at, (surest, confidence) = np.arange(len(scores.near)), self._surest(scores)
            given = several(scores.shares, scores.near_enough)
            given[at, scores.best] = False
            given[surest == UNCLASSIFIED] = False
            own, code = np.nonzero(given)
            row, share = np.concatenate([at, own]), np.concatenate([confidence, scores.shares[own, code]])
            order = np.lexsort((-share, np.arange(len(row)) >= len(at), row))
            rows.append(row[order] + start)
            ids.append(np.concatenate([surest, names[code]])[order])
            shares.append(share[order])
        return np.concatenate(rows), np.concatenate(ids), np.concatenate(shares)

    def scores(self, vectors: Matrix, languages: Sequence[str]) -> Scores:
        """Cosines, shares and acceptance (n, k) of encoder vectors (n, d): what `assign` decides on."""
        rows = self.centre.apply(vectors, languages)
        near = (rows @ self.centres.T).astype(np.float64)
        moved, limit = near, near - self.thresholds
        if self.head is not None:
            moved = near + rows @ self.head.shift.T
            limit = limit + (rows @ self.head.refusal)[:, None]
        return Scores(near, softmax(moved / self.temperature, axis=1), limit >= 0)

    def _blocks(self, vectors: Matrix, languages: Sequence[str]) -> Iterator[tuple[int, Scores]]:
        for start in range(0, len(vectors), BLOCK):
            rows = slice(start, start + BLOCK)
            yield start, self.scores(vectors[rows], languages[rows])

    def save(self, folder: Path) -> None:
        """Write assigner.npz and assigner.json, without pickle."""
        folder.mkdir(parents=True, exist_ok=True)
        parts: dict[str, Any] = {
            "centres": self.centres,
            "thresholds": self.thresholds,
            "means": self.centre.means,
            "overall": self.centre.overall,
        }
        parts |= {"shift": self.head.shift, "refusal": self.head.refusal} if self.head else {}
        np.savez_compressed(folder / "assigner.npz", **parts)
        told = {
            "irritant_ids": self.irritant_ids,
            "languages": self.centre.languages,
            "encoder_version": self.encoder_version,
            "temperature": self.temperature,
            "version": self.version,
        }
        (folder / "assigner.json").write_text(json.dumps(told, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ModelError where a file is missing, damaged or of another fit."""
        try:
            told = json.loads((folder / "assigner.json").read_text(encoding="utf-8"))
            with np.load(folder / "assigner.npz", allow_pickle=False) as kept:
                found = cls._read(told, kept)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"The irritants in {folder} cannot be read ({error}); run `voc run` to fit again."
            ) from error
        if found.version != told["version"]:
            raise ModelError(f"The two files in {folder} are not of one fit; run `voc run` to fit again.")
        return found

    @classmethod
    def _read(cls, told: dict[str, Any], kept: Any) -> Self:
        centre = LanguageCentre(tuple(told["languages"]), kept["means"], kept["overall"])
        head = Head(kept["shift"], kept["refusal"]) if "shift" in kept.files else None
        parts = (kept["centres"], kept["thresholds"], centre, told["encoder_version"], told["temperature"], head)
        return cls(tuple(told["irritant_ids"]), *parts)


def _language_centre(vectors: Matrix, languages: Sequence[str], told: Corrections) -> LanguageCentre:
    """Means of the texts at hand; of the corrections only where there is nothing else."""
    if len(vectors) or not len(told):
        return LanguageCentre.fit(vectors, languages)
    return LanguageCentre.fit(told.vectors, told.languages)


def _nearness(taught: Taught) -> tuple[Matrix, Floats, None]:
    """Centres and thresholds of the members alone."""
    members = [taught.own(code) for code in range(taught.k)]
    centres = unit(np.stack([taught.rows[own].mean(axis=0) for own in members]))
    return centres, thresholds(taught.rows, members), None


def _learned(taught: Taught, belief: float) -> tuple[Matrix, Floats, Head]:
    """Centres, thresholds and what moves them, from members and corrections."""
    centres, bounds = taught.centres(), taught_thresholds(taught)
    shift = shifts(taught, centres) * np.float32(belief)
    near = (taught.rows @ centres.T).astype(np.float64)
    best = (near + taught.rows @ shift.T).argmax(axis=1)
    over = near[np.arange(len(near)), best] - bounds[best]
    return centres, bounds, Head(shift, refusal(taught, over))
