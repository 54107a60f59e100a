"""Nearest texts by meaning: vectors kept as one byte a number, in cells around centres, so that few are compared.

Vectors are looked at cell by cell, the nearest cells first, until LOOKED allowed ones have been compared: fewer allowed
vectors than that, and the search is exact but for the rounding (1/127 of the greatest number of a vector).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.search.arrays import Array, slices
from insights.search.postings import Mask

NAMES = ("texts", "rows", "scales", "centres", "cells", "pairs", "pair_docs")
LOOKED = 12_000  # vectors compared in one segment
CELL = 400  # vectors a cell, on average
SAMPLE = 20_000  # vectors the centres are learned on
BLOCK = 20_000
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Meanings:
    """Vectors of distinct texts, ordered by cell, and the texts' keys; `pair_docs` holds the documents of each, grouped by
    `pairs`.
    """

    arrays: Mapping[str, Array]

    @property
    def n_rows(self) -> int:
        return len(self.arrays["scales"])

    def nearest(self, vector: NDArray[np.float32], allowed: Mask | None, k: int) -> tuple[Array, Array, Array]:
        """(at most k) documents, their cosine with `vector` (d,) and the text that has it, nearest first."""
        if not self.n_rows:
            return np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.uint64)
        rows = self._looked_at(vector, self._allowed(allowed))
        cosines = self._cosines(rows, vector)
        best = np.argsort(-cosines, kind="stable")[: 4 * k]
        places, owner = slices(self.arrays["pairs"], rows[best])
        docs = self.arrays["pair_docs"][places]
        kept = np.ones(len(docs), dtype=bool) if allowed is None else allowed[docs]
        docs, owner = docs[kept], owner[kept]
        _, first = np.unique(docs, return_index=True)  # a document counts by its nearest text
        first = np.sort(first)[:k]
        near = best[owner[first]]
        return docs[first], cosines[near], self.arrays["texts"][rows[near]]

    def _allowed(self, allowed: Mask | None) -> Mask:
        """(n_rows,) True for the vectors of a document that may be shown."""
        if allowed is None:
            return np.ones(self.n_rows, dtype=bool)
        hits = np.concatenate([[0], np.cumsum(allowed[self.arrays["pair_docs"]])])
        pairs = self.arrays["pairs"]
        return np.asarray(hits[pairs[1:]] > hits[pairs[:-1]])

    def _looked_at(self, vector: NDArray[np.float32], may: Mask) -> Array:
        """Rows to compare: allowed ones of the nearest cells."""
        if int(may.sum()) <= LOOKED:
            return np.flatnonzero(may)
        cells = self.arrays["cells"]
        before = np.concatenate([[0], np.cumsum(may)])
        order = np.argsort(-(self.arrays["centres"] @ vector), kind="stable")
        filled = np.cumsum(before[cells[order + 1]] - before[cells[order]])
        chosen = order[: int(np.searchsorted(filled, LOOKED)) + 1]
        rows, _ = slices(cells, np.sort(chosen))
        return rows[may[rows]]

    def _cosines(self, rows: Array, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.empty(len(rows), dtype=np.float32)
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            found[start : start + BLOCK] = self.arrays["rows"][block].astype(np.float32) @ vector
        return found * self.arrays["scales"][rows]


def build(texts: Array, vectors: Matrix, text_of_pair: Array, doc_of_pair: Array, seed: int) -> Meanings:
    """Meanings of (n,) keys of texts and their (n, d) unit vectors; pair i says that document `doc_of_pair[i]` has the
    text at `text_of_pair[i]`.
    """
    centres, cell = _cells(vectors, seed)
    order = np.argsort(cell, kind="stable")
    place = np.empty(len(vectors), dtype=np.int64)
    place[order] = np.arange(len(vectors))
    greatest = np.maximum(np.abs(vectors).max(axis=1), 1e-9) if len(vectors) else np.empty(0)
    rows = np.rint(vectors * (127 / greatest)[:, None]).astype(np.int8)
    owners = place[text_of_pair]
    by_text = np.lexsort((doc_of_pair, owners))
    return Meanings(
        {
            "texts": np.asarray(texts, np.uint64)[order],
            "rows": rows[order],
            "scales": (greatest / 127).astype(np.float32)[order],
            "centres": centres,
            "cells": np.searchsorted(cell[order], np.arange(len(centres) + 1)).astype(np.int64),
            "pairs": np.searchsorted(owners[by_text], np.arange(len(vectors) + 1)).astype(np.int64),
            "pair_docs": np.asarray(doc_of_pair)[by_text].astype(np.int32),
        }
    )


def _cells(vectors: Matrix, seed: int) -> tuple[Matrix, Array]:
    """Centres (k, d) and the cell of each vector (n,)."""
    k = max(1, len(vectors) // CELL)
    if k == 1:
        return np.zeros((1, vectors.shape[1]), np.float32), np.zeros(len(vectors), np.int64)
    from sklearn.cluster import MiniBatchKMeans  # a second of imports that readers of the index do not need

    chosen = np.random.default_rng(seed).permutation(len(vectors))[:SAMPLE]
    model = MiniBatchKMeans(k, random_state=seed, n_init=1, batch_size=4096, max_iter=10, init="random")
    centres = model.fit(vectors[np.sort(chosen)]).cluster_centers_.astype(np.float32)
    half = (centres**2).sum(axis=1) / 2
    cell = [np.argmax(vectors[at : at + BLOCK] @ centres.T - half, axis=1) for at in range(0, len(vectors), BLOCK)]
    return centres, np.concatenate(cell)
