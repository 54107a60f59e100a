"""Polarity of clauses: from the lexicons alone (cold start), or learned from the company's own scored verbatims.

A text's score is explained by its clauses: the text's vector is the sum of its clauses' vectors over the square root of
their number, and the logistic model has no constant (training.py). A clause is then scored in the space it was trained
in, and what is said with every score comes out near zero.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from insights.errors import ModelError
from insights.mentions import features
from insights.mentions.lexicon import rules_version
from insights.mentions.reading import NEUTRAL_BAND, Reading, read

Floats = NDArray[np.float64]
_LEXICON, _NOISE = 0.5, 0.2  # share the lexicon keeps where all words are known; logit too small to count
_CHUNK = 20_000
_LAYOUT = f"{features.BITS}-{features.SHORTEST}-{features.LONGEST}-{features.N_LEXICON}"


class Polarity(Protocol):
    """Scores clauses. `polarity` is -1..1, `confidence` 0..1; both have one entry a text."""

    @property
    def version(self) -> str: ...

    def score(self, texts: Sequence[str], languages: Sequence[str]) -> tuple[Floats, Floats]: ...


class LexiconPolarity:
    """Polarity from the lexicons alone: what a company has before it has enough scores of its own."""

    @property
    def version(self) -> str:
        return f"lexicon-{rules_version()}"

    def score(self, texts: Sequence[str], languages: Sequence[str]) -> tuple[Floats, Floats]:
        """(polarity, confidence), one entry a text. Confidence grows with what was found; .5 where nothing was."""
        readings = [read(text, language) for text, language in zip(texts, languages, strict=True)]
        polarity = np.array([reading.polarity for reading in readings], dtype=np.float64)
        mixed = np.array([min(r.positive, r.negative) / max(r.positive, r.negative, 1e-9) for r in readings])
        return polarity, np.clip(0.5 + 0.5 * np.abs(polarity) - 0.2 * mixed, 0.0, 1.0)


@dataclass(frozen=True)
class PolarityModel:
    """Weights of one fit. `places` are the features seen in training, with their idf and coefficient (float32)."""

    places: NDArray[np.int32]
    idf: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    temperature: float
    pieces: float  # usual length of a clause, see features.Weighting
    words: float
    strength: float
    n_texts: int
    n_positive: int
    n_negative: int
    n_doubted: int
    accuracy: float  # out of fold, on whole texts, mean of the two signs
    rules: str

    @property
    def version(self) -> str:
        digest = hashlib.sha256()
        for array in (self.places, self.idf, self.coefficients):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(f"{self.temperature!r} {self.pieces!r} {self.words!r} {self.rules} {_LAYOUT}".encode())
        return f"polarity-{digest.hexdigest()[:12]}"

    def score(self, texts: Sequence[str], languages: Sequence[str]) -> tuple[Floats, Floats]:
        """(polarity -1..1, confidence 0..1) of clauses. Words never seen in training are left to the lexicon."""
        polarity, confidence = np.empty(len(texts)), np.empty(len(texts))
        by, weights, seen = self._dense()
        for start in range(0, len(texts), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            readings = [read(text, language) for text, language in zip(texts[chunk], languages[chunk], strict=True)]
            counted = features.counts(features.all_words(texts[chunk], languages[chunk]))
            logit = self.temperature * (features.vectors(counted, by, readings) @ weights)
            polarity[chunk], confidence[chunk] = _blend(logit, readings, _known_share(counted, seen))
        return polarity, confidence

    def _dense(self) -> tuple[features.Weighting, Floats, NDArray[np.bool_]]:
        unseen = float(self.idf.max(initial=1.0))  # as rare as the rarest that was seen
        idf = np.full(features.N_PIECES + features.N_WORDS, unseen)
        weights = np.zeros(features.N_FEATURES)
        weights[self.places] = self.coefficients
        counted = self.places < len(idf)
        idf[self.places[counted]] = self.idf
        seen = np.zeros(len(idf), dtype=np.bool_)
        seen[self.places[counted]] = True
        return features.Weighting(idf, self.pieces, self.words), weights, seen

    def save(self, folder: Path) -> None:
        """Write `polarity.npz` and `polarity.json` into the folder: numbers and text only, nothing that runs."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "polarity.npz", places=self.places, idf=self.idf, coefficients=self.coefficients)
        card = {name: getattr(self, name) for name in _CARD} | {"layout": _LAYOUT, "version": self.version}
        (folder / "polarity.json").write_text(json.dumps(card, indent=2, sort_keys=True) + "\n", encoding="utf-8")


_CARD = (
    "temperature",
    "pieces",
    "words",
    "strength",
    "n_texts",
    "n_positive",
    "n_negative",
    "n_doubted",
    "accuracy",
    "rules",
)


def load(folder: Path) -> PolarityModel | None:
    """The model saved in the folder; None where there is none.

    Raises ModelError when a file is damaged, or was fitted under other rules: fit it again.
    """
    card_path = folder / "polarity.json"
    if not card_path.is_file():
        return None
    try:
        card: dict[str, Any] = json.loads(card_path.read_text(encoding="utf-8"))
        with np.load(io.BytesIO((folder / "polarity.npz").read_bytes()), allow_pickle=False) as arrays:
            model = PolarityModel(
                arrays["places"], arrays["idf"], arrays["coefficients"], **{name: card[name] for name in _CARD}
            )
        intact = model.version == card["version"]
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"The polarity model in {folder} cannot be read ({error}); delete the folder and fit again."
        ) from error
    if not intact:
        raise ModelError(f"The polarity model in {folder} does not match its card; delete the folder and fit again.")
    if card["layout"] != _LAYOUT or model.rules != rules_version():
        raise ModelError(f"The polarity model in {folder} was fitted under other rules; fit it again.")
    return model


def _known_share(counted: sparse.csr_matrix, seen: NDArray[np.bool_]) -> Floats:
    """Share of a clause's words and pairs that training had seen; 1 for a clause without any."""
    said = counted[:, features.N_PIECES :]
    known = said @ seen[features.N_PIECES :].astype(np.float64)
    total = np.asarray(said.sum(axis=1)).ravel()
    return np.where(total > 0, known / np.where(total > 0, total, 1.0), 0.0)


def _blend(logit: Floats, readings: Sequence[Reading], known: Floats) -> tuple[Floats, Floats]:
    """Model and lexicon weighed by how much of the clause the model knows; talk is pulled to zero.

    A text's score says little of any one clause, and the lexicon was not fitted on scores: it keeps half its say.
    """
    lexical = np.array([reading.polarity for reading in readings])
    talk = np.array([reading.talk for reading in readings])
    trust = np.clip(known / 0.5, 0.0, 1.0)
    evidence = np.sign(logit) * np.maximum(np.abs(logit) - _NOISE, 0.0)
    prior = 2.0 * np.arctanh(0.95 * lexical)
    mixed = trust * evidence + (_LEXICON + (1.0 - _LEXICON) * (1.0 - trust)) * prior
    polarity = np.tanh(np.where(talk, 0.2, 1.0) * mixed / 2.0)
    disagree = (polarity * lexical < 0) & (np.abs(lexical) > 0.5)
    confidence = np.where(np.abs(polarity) < NEUTRAL_BAND, 1.0 - np.abs(polarity), (1.0 + np.abs(polarity)) / 2.0)
    return polarity, np.clip(confidence * np.where(disagree, 0.75, 1.0) * (0.7 + 0.3 * trust), 0.0, 1.0)
