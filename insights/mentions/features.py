"""Clauses as sparse vectors: pieces of words (2 to 5 letters), words, pairs of words, and what the lexicon reads.

Everything about a word is computed once a batch, however often the word is said; a batch is then one sparse product.
Places in the vector come from a hash, so that nothing but weights has to be stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils import murmurhash3_32

from insights.mentions.lexicon import LANGUAGES, lexicon
from insights.mentions.reading import Reading

BITS = 18
N_PIECES = N_WORDS = 1 << BITS
N_LEXICON = 4
N_FEATURES = N_PIECES + N_WORDS + N_LEXICON
SHORTEST, LONGEST = 2, 5

Floats = NDArray[np.float64]


def _place(gram: str, offset: int) -> int:
    return offset + int(murmurhash3_32(gram, seed=0, positive=True)) % (1 << BITS)


@lru_cache(maxsize=100_000)
def _pieces(word: str) -> tuple[int, ...]:
    """Places of the pieces of one word, its edges marked."""
    padded = f" {word} "
    return tuple(
        _place(padded[at : at + size], 0)
        for size in range(SHORTEST, LONGEST + 1)
        for at in range(max(len(padded) - size + 1, 0))
    )


def words_of(text: str, language: str) -> list[str]:
    """Folded words of a clause; numbers count as one word, redaction tokens as none."""
    spoken = lexicon(language if language in LANGUAGES else LANGUAGES[0]).tokens(text)
    return ["0" if word[0].isdigit() else word for word in spoken if word[0] != "["]


def all_words(texts: Sequence[str], languages: Sequence[str]) -> list[list[str]]:
    return [words_of(text, language) for text, language in zip(texts, languages, strict=True)]


def counts(clauses: Sequence[Sequence[str]]) -> sparse.csr_matrix:
    """(n, N_PIECES + N_WORDS) counts of the grams of each clause, given as words."""
    vocabulary: dict[str, int] = {}
    pairs: dict[str, int] = {}
    word_rows = _occurrences(clauses, vocabulary)
    pair_rows = _occurrences([[f"{a} {b}" for a, b in zip(c, c[1:], strict=False)] for c in clauses], pairs)
    pieces = _by_gram([[*_pieces(word), _place(word, N_PIECES)] for word in vocabulary])
    paired = _by_gram([[_place(pair, N_PIECES)] for pair in pairs])
    return sparse.csr_matrix(word_rows @ pieces + pair_rows @ paired)


def _occurrences(clauses: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> sparse.csr_matrix:
    """(n, words) counts; fills `vocabulary` with the words in order of first sight."""
    indices = [vocabulary.setdefault(word, len(vocabulary)) for clause in clauses for word in clause]
    ends = np.cumsum([0, *(len(clause) for clause in clauses)])
    data = np.ones(len(indices), dtype=np.float64)
    return sparse.csr_matrix((data, indices, ends), shape=(len(clauses), len(vocabulary)))


def _by_gram(places: list[list[int]]) -> sparse.csr_matrix:
    ends = np.cumsum([0, *map(len, places)])
    flat = np.array([place for row in places for place in row], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(places), N_PIECES + N_WORDS))


def document_weights(counted: sparse.csr_matrix) -> Floats:
    """Inverse document frequency of each place, smoothed: log((1 + n) / (1 + df)) + 1."""
    frequency = np.bincount(counted.indices, minlength=counted.shape[1])
    weights: Floats = np.log((1.0 + counted.shape[0]) / (1.0 + frequency)) + 1.0
    return weights


@dataclass(frozen=True)
class Weighting:
    """idf of each place, and the usual length of a clause's pieces and of its words (their medians in training)."""

    idf: Floats
    pieces: float
    words: float


def weighting(counted: sparse.csr_matrix) -> Weighting:
    """The weighting of a training batch."""
    idf = document_weights(counted).astype(np.float32).astype(np.float64)  # as it will be stored
    weighted = sparse.csr_matrix(counted.multiply(idf[None, :]))
    medians = [float(np.median(_lengths(part))) for part in (weighted[:, :N_PIECES], weighted[:, N_PIECES:])]
    return Weighting(idf, max(round(medians[0], 6), 1.0), max(round(medians[1], 6), 1.0))


def vectors(counted: sparse.csr_matrix, by: Weighting, readings: Sequence[Reading]) -> sparse.csr_matrix:
    """(n, N_FEATURES): pieces and words weighted by idf, then the lexicon's reading.

    A clause longer than usual is brought to length 1; a shorter one stays shorter: few words are little evidence.
    """
    weighted = sparse.csr_matrix(counted.multiply(by.idf[None, :]))
    pieces, words = _shorten(weighted[:, :N_PIECES], by.pieces), _shorten(weighted[:, N_PIECES:], by.words)
    return sparse.csr_matrix(sparse.hstack([pieces, words, lexicon_block(readings)]))


def lexicon_block(readings: Sequence[Reading]) -> sparse.csr_matrix:
    """(n, N_LEXICON): polarity, praise, blame (both saturating), talk."""
    rows = [
        (r.polarity, r.positive / (1.0 + r.positive), -r.negative / (1.0 + r.negative), float(r.neutral))
        for r in readings
    ]
    return sparse.csr_matrix(np.array(rows, dtype=np.float64).reshape(len(rows), N_LEXICON))


def _lengths(matrix: sparse.csr_matrix) -> Floats:
    lengths: Floats = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    return lengths


def _shorten(matrix: sparse.csr_matrix, usual: float) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.diags_array(1.0 / np.maximum(_lengths(matrix), usual)) @ matrix)
