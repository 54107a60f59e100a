"""New mentions go to the nearest irritant above its own threshold, else `unclassified`.

Nearness is the cosine to the irritant's centre in the encoder's space, centred by language, so that an assignment costs
one matrix product and does not move when words do. Each threshold is a low quantile of the cosines of the irritant's own
held-out texts (those not used for the centre they are measured against): about one own text in twenty is left out, and
what lies outside every irritant is left alone instead of being forced in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.topics.vectors import LanguageCentre, unit

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]

LEFT_OUT = (
    0.05  # share of an irritant's own held-out texts below its threshold; half the 10 % that may stay unclassified
)
FOLDS = 4
PRIOR_TEXTS = 20.0  # an irritant of few texts takes its threshold mostly from all irritants together
TEMPERATURE = 0.06  # of the softmax over cosines that gives the confidence
BLOCK = 50_000


@dataclass(frozen=True)
class Assigner:
    """Centres (k, d), thresholds (k,) and ids (k) of one accepted fit; `version` changes with any of them."""

    irritant_ids: tuple[str, ...]
    centres: Matrix
    thresholds: Floats
    centre: LanguageCentre
    encoder_version: str

    @classmethod
    def fit(
        cls,
        vectors: Matrix,
        languages: Sequence[str],
        irritant_ids: Sequence[str],
        encoder_version: str,
        centre: LanguageCentre | None = None,
    ) -> Self:
        """From encoder vectors (n, d), languages (n) and the irritant of each text (n); `unclassified` texts are ignored.

        `centre` is the fit's own language means; without it they are learned here. Raises ModelError without any irritant.
        """
        centre = centre or LanguageCentre.fit(vectors, languages)
        rows, codes = centre.apply(vectors, languages), np.asarray(irritant_ids, dtype=object)
        names = tuple(sorted(set(codes) - {UNCLASSIFIED}))
        if not names:
            raise ModelError("No irritant to assign to: accept at least one proposal of a discovery first.")
        members = [np.flatnonzero(codes == name) for name in names]
        centres = unit(np.stack([rows[own].mean(axis=0) for own in members]))
        return cls(names, centres, _thresholds(rows, members), centre, encoder_version)

    @property
    def version(self) -> str:
        """`nearness-` and eight hexadecimals of all that decides an assignment."""
        told = hashlib.sha256(json.dumps([self.irritant_ids, self.encoder_version]).encode())
        for part in (self.centres, self.thresholds, self.centre.means, self.centre.overall):
            told.update(np.ascontiguousarray(part).tobytes())
        return f"nearness-{told.hexdigest()[:8]}"

    def assign(self, vectors: Matrix, languages: Sequence[str]) -> tuple[NDArray[np.object_], Floats]:
        """Irritant id (n,) and confidence 0..1 (n,) of encoder vectors (n, d).

        Confidence is the softmax share of the nearest irritant; of `unclassified`, how far below the threshold the text
        lies: 0 just below, 1 at right angles to it.
        """
        ids, confidence = np.empty(len(vectors), dtype=object), np.empty(len(vectors))
        names = np.asarray([*self.irritant_ids, UNCLASSIFIED], dtype=object)
        for start in range(0, len(vectors), BLOCK):
            rows = slice(start, start + BLOCK)
            near = (self.centre.apply(vectors[rows], languages[rows]) @ self.centres.T).astype(np.float64)
            best = near.argmax(axis=1)
            at = np.arange(len(near))
            over = near[at, best] >= self.thresholds[best]
            odds = np.exp((near - near[at, best][:, None]) / TEMPERATURE)
            gap = 1 - np.maximum(near[at, best], 0) / np.maximum(self.thresholds[best], 1e-6)
            ids[rows] = names[np.where(over, best, len(names) - 1)]
            confidence[rows] = np.where(over, 1 / odds.sum(axis=1), np.clip(gap, 0, 1))
        return ids, confidence

    def save(self, folder: Path) -> None:
        """Write assigner.npz and assigner.json, without pickle."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            folder / "assigner.npz",
            centres=self.centres,
            thresholds=self.thresholds,
            means=self.centre.means,
            overall=self.centre.overall,
        )
        told = {
            "irritant_ids": self.irritant_ids,
            "languages": self.centre.languages,
            "encoder_version": self.encoder_version,
            "version": self.version,
        }
        (folder / "assigner.json").write_text(json.dumps(told, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ModelError where a file is missing, damaged or of another fit."""
        try:
            told = json.loads((folder / "assigner.json").read_text(encoding="utf-8"))
            with np.load(folder / "assigner.npz", allow_pickle=False) as kept:
                centre = LanguageCentre(tuple(told["languages"]), kept["means"], kept["overall"])
                parts = (kept["centres"], kept["thresholds"])
            found = cls(tuple(told["irritant_ids"]), *parts, centre, told["encoder_version"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"The irritants in {folder} cannot be read ({error}); run `voc run` to fit again."
            ) from error
        if found.version != told["version"]:
            raise ModelError(f"The two files in {folder} are not of one fit; run `voc run` to fit again.")
        return found


def _thresholds(rows: Matrix, members: Sequence[NDArray[np.int64]]) -> Floats:
    """Per irritant, the quantile of its held-out texts' cosines, drawn towards that of all irritants when they are few."""
    held = [_held_out(rows[own]) for own in members]
    overall = np.quantile(np.concatenate(held), LEFT_OUT)
    weight = np.array([len(own) / (len(own) + PRIOR_TEXTS) for own in members])
    own_quantile = np.array([np.quantile(one, LEFT_OUT) for one in held])
    return np.asarray(weight * own_quantile + (1 - weight) * overall, dtype=np.float64)


def _held_out(own: Matrix) -> Floats:
    """Cosine of each of an irritant's texts (m,) to the centre of the folds it is not in."""
    fold = np.arange(len(own)) % FOLDS
    total, cosines = own.sum(axis=0), np.empty(len(own))
    for one in range(min(FOLDS, len(own))):
        rest = total - own[fold == one].sum(axis=0)
        if len(own) == 1:
            rest = total
        cosines[fold == one] = own[fold == one] @ (rest / max(float(np.linalg.norm(rest)), 1e-9))
    return cosines
