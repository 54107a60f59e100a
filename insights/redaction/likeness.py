"""How much a word looks like a person's name, for words no dictionary knows: 1 a name, -1 a common word.

The recogniser's vectors place a word in capitals beside the words it is used like; a ridge regression learns at load (a
tenth of a second) on which side the listed names lie. A word without a vector is judged by its three-letter pieces.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from insights.redaction.lexicon import common_words, first_names, is_slip, places, surnames
from insights.redaction.ner import recogniser

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = 0.3
NAMED = 0.5
CERTAIN = 0.8
_RIDGE = 1e-4
_EVERY = 23  # of the dictionary's words, the share that stands for common words
_PIECES_WEIGHT = 0.25
_SMOOTHING = 0.5


class Look(IntEnum):
    """What the look of an unknown word says: nothing, a name behind a cue, beside a name, by itself."""

    NONE = 0
    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


@lru_cache(maxsize=65_536)
def likeness(word: str, folded: str) -> float:
    """Likeness of a word (small letters, as written) to names; `folded` is its plain spelling."""
    row = _vectors().row(word)
    if row is None and word != folded:
        row = _vectors().row(folded)
    if row is not None:
        return float(_vectors().scores[row])
    return _pieces().score(folded)


LONGEST = 40  # letters: a longer run is no name, and its pieces would cost memory


@lru_cache(maxsize=65_536)
def name_look(word: str, folded: str, language: str) -> Look:
    """How sure the look of a word makes us; a slip of a common word ("technicein") is none unless it is well known."""
    if len(folded) > LONGEST or folded in places():
        return Look.NONE
    score, seen = likeness(word, folded), has_vector(word) or has_vector(folded)
    if seen and score >= CERTAIN:
        return Look.CERTAIN
    if "-" not in folded and is_slip(folded, language):
        return (Look.LIKELY if seen else Look.POSSIBLE) if score >= NAME else Look.NONE
    if score < NAME:
        return Look.POSSIBLE
    return Look.CERTAIN if seen else Look.LIKELY


def has_vector(word: str) -> bool:
    return _vectors().row(word) is not None


class _Vectors:
    """One score per row of the recogniser's vector table."""

    def __init__(self) -> None:
        from spacy.strings import hash_string  # type: ignore[attr-defined]

        self._hash: Any = hash_string
        vectors = recogniser().vocab.vectors
        self._rows: dict[int, int] = vectors.key2row
        data: NDArray[np.float32] = vectors.data
        unit = data / np.maximum(np.linalg.norm(data, axis=1, keepdims=True), 1e-9)
        table = np.column_stack([unit, np.ones(len(unit), dtype=unit.dtype)]).astype(np.float64)
        self.scores: NDArray[np.float64] = table @ self._fit(table)

    def row(self, word: str) -> int | None:
        """Row of the word as a name is written: Capital first, each part, or all in capitals."""
        for form in (word[:1].upper() + word[1:], word.title(), word.upper()):
            row = self._rows.get(self._hash(form))
            if row is not None:
                return row
        return None

    def _fit(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        names, words = self._known(_names()), self._known(_words())
        weights = np.concatenate([np.full(len(names), 0.5 / len(names)), np.full(len(words), 0.5 / len(words))])
        sides = np.concatenate([np.ones(len(names)), -np.ones(len(words))])
        rows = table[[*names, *words]]
        gram = (rows * weights[:, None]).T @ rows + _RIDGE * np.eye(rows.shape[1])
        return np.linalg.solve(gram, (rows * weights[:, None]).T @ sides)

    def _known(self, words: Iterable[str]) -> list[int]:
        return [row for word in words if (row := self.row(word)) is not None]


class _Pieces:
    """Naive Bayes over the three-letter pieces of names and of common words."""

    def __init__(self) -> None:
        names, words = Counter(_cut(_names())), Counter(_cut(_words()))
        all_names, all_words = names.total(), words.total()
        self._unseen = 0.0
        self._log = {
            piece: math.log((names[piece] + _SMOOTHING) / all_names) - math.log((words[piece] + _SMOOTHING) / all_words)
            for piece in names.keys() | words.keys()
        }

    def score(self, folded: str) -> float:
        """Between -1 and 1: the mean weight of the pieces, squeezed."""
        weights = [self._log.get(piece, self._unseen) for piece in _cut([folded])]
        return math.tanh(_PIECES_WEIGHT * sum(weights)) if weights else -1.0


def _cut(words: Iterable[str]) -> list[str]:
    return [padded[at : at + 3] for word in words for padded in [f"^{word}$"] for at in range(len(padded) - 2)]


@lru_cache(maxsize=1)
def _names() -> list[str]:
    sure = [word for word, ordinary in first_names().items() if not ordinary]
    return sorted({*sure, *(word for word in surnames() if word not in common_words("fr"))})


@lru_cache(maxsize=1)
def _words() -> list[str]:
    known = {*first_names(), *surnames()}
    sampled = (*sorted(common_words("fr"))[::_EVERY], *sorted(common_words("en"))[::_EVERY])
    return [word for word in (*sampled, *sorted(places())) if word not in known]


@lru_cache(maxsize=1)
def _vectors() -> _Vectors:
    return _Vectors()


@lru_cache(maxsize=1)
def _pieces() -> _Pieces:
    return _Pieces()
