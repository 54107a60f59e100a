"""Which documents say a word: postings with counts for the rank (BM25), and the documents' words in order for phrases.

BM25: Robertson, Zaragoza, "The Probabilistic Relevance Framework", 2009, k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from insights.search.arrays import Array, slices
from insights.search.query import Phrase, Query
from insights.search.words import forms

K1, B = 1.2, 0.75
NAMES = ("starts", "docs", "counts", "stream", "stream_starts")
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Postings:
    """Words of `n_docs` documents. `docs` and `counts` are grouped by term, `stream` (term ids) by document."""

    terms: Mapping[str, int]
    arrays: Mapping[str, Array]

    @property
    def n_docs(self) -> int:
        return len(self.arrays["stream_starts"]) - 1

    @cached_property
    def lengths(self) -> Scores:
        """(n_docs,) words of each document."""
        return np.diff(self.arrays["stream_starts"]).astype(np.float32)

    def ids(self, word: str) -> list[int]:
        """Terms that a typed word may stand for here."""
        return [self.terms[one] for one in sorted(forms(word)) if one in self.terms]

    def frequency(self, word: str) -> int:
        """Documents that say a word."""
        starts = self.arrays["starts"]
        return int(sum(starts[one + 1] - starts[one] for one in self.ids(word)))

    def saying(self, word: str) -> Mask:
        """(n_docs,) True where the word is said."""
        mask = np.zeros(self.n_docs, dtype=bool)
        for one in self.ids(word):
            mask[self._docs(one)] = True
        return mask

    def matching(self, query: Query, allowed: Mask | None, *, all_words: bool = True) -> Mask:
        """(n_docs,) True where the query is met: every word (or any of them), every phrase, nothing of `without`."""
        words = [self.saying(word) for word in query.words]
        met = np.ones(self.n_docs, dtype=bool) if allowed is None else allowed.copy()
        if words:
            met &= np.logical_and.reduce(words) if all_words else np.logical_or.reduce(words)
        for phrase in query.phrases:
            met &= self.phrase(phrase, met)
        for phrase in query.without:
            met &= ~self.phrase(phrase, met)
        return met

    def phrase(self, phrase: Phrase, among: Mask) -> Mask:
        """(n_docs,) True for those of `among` that say the words of a phrase one after the other."""
        met = among.copy()
        for word in phrase:
            met &= self.saying(word)
        if len(phrase) == 1 or not met.any():
            return met
        candidates = np.flatnonzero(met)
        places, owner = slices(self.arrays["stream_starts"], candidates)
        said = self.arrays["stream"][places]
        here = np.ones(len(said) - len(phrase) + 1, dtype=bool)
        last = len(here)
        for step, word in enumerate(phrase):
            is_word = np.zeros(len(self.terms), dtype=bool)
            is_word[self.ids(word)] = True
            here &= is_word[said[step : step + last]]
        here &= owner[:last] == owner[len(phrase) - 1 :]
        met[:] = False
        met[candidates[owner[:last][here]]] = True
        return met

    def scores(self, query: Query, idf: Mapping[str, float], mean_length: float) -> Scores:
        """(n_docs,) BM25 of each document; the words of phrases count too."""
        found = np.zeros(self.n_docs, dtype=np.float32)
        damping = K1 * (1 - B + B * self.lengths / max(mean_length, 1.0))
        for word, weight in idf.items():
            for one in self.ids(word):
                docs = self._docs(one)
                said = self.arrays["counts"][self._place(one)].astype(np.float32)
                found[docs] += np.float32(weight * (K1 + 1)) * said / (said + damping[docs])
        return found

    def _place(self, term: int) -> slice:
        starts = self.arrays["starts"]
        return slice(int(starts[term]), int(starts[term + 1]))

    def _docs(self, term: int) -> Array:
        return self.arrays["docs"][self._place(term)]


def build(documents: Iterable[list[str]]) -> Postings:
    """The postings of documents given as their forms in reading order."""
    terms: dict[str, int] = {}
    stream: list[NDArray[np.int32]] = []
    for said in documents:
        stream.append(np.fromiter((terms.setdefault(one, len(terms)) for one in said), np.int32, len(said)))
    lengths = np.fromiter(map(len, stream), np.int64, len(stream))
    words = np.concatenate(stream) if stream else np.empty(0, np.int32)
    owners = np.repeat(np.arange(len(stream), dtype=np.int64), lengths)
    pairs, counts = np.unique(words.astype(np.int64) * max(len(stream), 1) + owners, return_counts=True)
    term, doc = np.divmod(pairs, max(len(stream), 1))
    arrays = {
        "starts": np.searchsorted(term, np.arange(len(terms) + 1)).astype(np.int64),
        "docs": doc.astype(np.int32),
        "counts": np.minimum(counts, 255).astype(np.uint8),
        "stream": words,
        "stream_starts": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    }
    return Postings(terms, arrays)
