"""The index as one: its segments searched one after the other, their results ranked together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from importlib.metadata import version
from math import log
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from insights.search import arrays, meaning, postings
from insights.search.meaning import Meanings
from insights.search.postings import Mask, Postings
from insights.search.query import Query

VERSION = f"1-duckdb-{version('duckdb')}"  # keys are DuckDB's hash, which may change with its version
MANIFEST = "manifest.json"
OWN = ("keys", "contents", "days")
FEW = 10
FUSION = 60  # Cormack, Clarke, Buettcher, "Reciprocal rank fusion", 2009
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Ranked:
    """Documents, best first: their keys, days (since 1970), scores, and the key of the text that was nearest by meaning (0:
    none). `n_all`: how many were met in all.
    """

    keys: Keys
    days: NDArray[np.int32]
    scores: NDArray[np.float32]
    texts: Keys
    n_all: int

    @classmethod
    def none(cls) -> Self:
        return cls(np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.uint64), 0)

    def kept(self, which: Mask) -> Self:
        """The documents for which `which` (n,) is True, in their order."""
        cut = {name: getattr(self, name)[which] for name in ("keys", "days", "scores", "texts")}
        return replace(self, **cut, n_all=int(which.sum()))

    def first(self, n: int, start: int = 0) -> Self:
        """The n best from `start` on."""
        cut = slice(start, start + n)
        return replace(self, keys=self.keys[cut], days=self.days[cut], scores=self.scores[cut], texts=self.texts[cut])


@dataclass(frozen=True)
class Segment:
    """A part of the index that stands by itself: documents ordered by day, their words and their meanings."""

    keys: Keys
    contents: Keys
    days: NDArray[np.int32]
    words: Postings
    meanings: Meanings

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises ModelError where a file is missing or damaged."""
        found, terms = arrays.load(folder, (*OWN, *postings.NAMES, *meaning.NAMES))
        words = Postings({term: place for place, term in enumerate(terms)}, found)
        return cls(found["keys"], found["contents"], found["days"], words, Meanings(found))

    def save(self, folder: Path) -> None:
        own: dict[str, arrays.Array] = {"keys": self.keys, "contents": self.contents, "days": self.days}
        arrays.save(folder, {**own, **self.words.arrays, **self.meanings.arrays}, list(self.words.terms))

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self.keys)

    def mask(self, allowed: Keys | None) -> Mask | None:
        """(n,) True for the documents of `allowed`, which is sorted; None for all."""
        if allowed is None:
            return None
        found = np.zeros(len(self.keys), dtype=bool)
        if len(allowed):
            own = self.keys[self._order]
            place = np.minimum(np.searchsorted(allowed, own), len(allowed) - 1)
            found[self._order] = allowed[place] == own
        return found

    def ranked(self, docs: NDArray[Any], scores: NDArray[np.float32], texts: Keys | None, n_all: int) -> Ranked:
        said = np.zeros(len(docs), np.uint64) if texts is None else texts
        return Ranked(self.keys[docs], self.days[docs], np.asarray(scores, np.float32), said, n_all)


@dataclass(frozen=True)
class Finder:
    """The whole index, opened. `until`: instant up to which the lake's feedback is in it."""

    segments: tuple[Segment, ...]
    encoder: str
    until: datetime | None = None

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """The index in a folder; None where there is none, or one of another version. Raises ModelError if damaged."""
        told = manifest(folder)
        if told is None:
            return None
        segments = tuple(Segment.load(folder / name) for name in told["segments"])
        until = datetime.fromisoformat(told["until"]) if told["until"] else None
        return cls(segments, str(told["encoder"]), until)

    @property
    def n_docs(self) -> int:
        return sum(len(one.keys) for one in self.segments)

    def by_words(self, query: Query, allowed: Keys | None, k: int, *, all_words: bool = True) -> Ranked:
        """Documents that meet the query, by BM25, the newest first where equal."""
        if not query.asks:
            return Ranked.none()
        idf, mean = self._idf(query), self._mean_length()
        parts = []
        for one in self.segments:
            met = np.flatnonzero(one.words.matching(query, one.mask(allowed), all_words=all_words))
            scores = one.words.scores(query, idf, mean)[met]
            best = _best(scores, one.days[met], k)
            parts.append(one.ranked(met[best], scores[best], None, len(met)))
        return _joined(parts, k)

    def said(self, query: Query, allowed: Keys | None, k: int) -> tuple[Ranked, bool]:
        """By words: all of them, and True; where fewer than FEW verbatims have them all, any of them, and False."""
        found = self.by_words(query, allowed, k)
        if found.n_all >= FEW or not query.words:
            return found, True
        loose = self.by_words(query, allowed, k, all_words=False)
        return (loose, False) if loose.n_all > found.n_all else (found, True)

    def by_meaning(self, vector: NDArray[np.float32], allowed: Keys | None, k: int) -> Ranked:
        """The k documents with the text nearest to an encoder's vector (d,).

        Not centred by language, as topics are: measured, it finds less, within a language and across (docs/search.md).
        """
        parts = []
        for one in self.segments:
            docs, cosines, texts = one.meanings.nearest(vector, one.mask(allowed), k)
            parts.append(one.ranked(docs, cosines, texts, len(docs)))
        return _joined(parts, k)

    def without(self, ranked: Ranked, query: Query) -> Ranked:
        """What is ranked, but for documents that say what must not be said."""
        only = Query(query.text, without=query.without)
        wanted = np.sort(ranked.keys)
        clean = [one.keys[one.words.matching(only, one.mask(wanted))] for one in self.segments]
        kept = np.isin(ranked.keys, np.concatenate([*clean, np.empty(0, np.uint64)]))
        return ranked.kept(kept)

    def _idf(self, query: Query) -> dict[str, float]:
        words = dict.fromkeys([*query.words, *(word for phrase in query.phrases for word in phrase)])
        said = {word: sum(one.words.frequency(word) for one in self.segments) for word in words}
        return {word: log(1 + (self.n_docs - n + 0.5) / (n + 0.5)) for word, n in said.items() if n}

    def _mean_length(self) -> float:
        return sum(float(one.words.lengths.sum()) for one in self.segments) / max(self.n_docs, 1)


def manifest(folder: Path) -> Mapping[str, Any] | None:
    """What an index says of itself; None where there is none of this version."""
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if told.get("version") == VERSION else None


def fused(lists: Sequence[Ranked], k: int) -> Ranked:
    """Several rankings as one, by the sum of 1 / (60 + rank); `n_all` counts the documents of any list shown."""
    keys = np.concatenate([one.keys for one in lists])
    days = np.concatenate([one.days for one in lists])
    worth = np.concatenate([1.0 / (FUSION + 1 + np.arange(len(one.keys))) for one in lists])
    distinct, first, which = np.unique(keys, return_index=True, return_inverse=True)
    scores = np.bincount(which, worth, minlength=len(distinct)).astype(np.float32)
    texts = np.zeros(len(distinct), np.uint64)
    np.maximum.at(texts, which, np.concatenate([one.texts for one in lists]))
    best = _best(scores, days[first], k)
    return Ranked(distinct[best], days[first][best], scores[best], texts[best], len(distinct))


def _best(scores: NDArray[np.float32], days: NDArray[np.int32], k: int) -> NDArray[np.int64]:
    """Places of the k highest scores, the newest first among equals."""
    kept = np.arange(len(scores))
    if len(scores) > k:
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        above, equal = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
        kept = np.concatenate([above, equal[np.argsort(-days[equal], kind="stable")][: k - len(above)]])
    return kept[np.lexsort((-days[kept].astype(np.int64), -scores[kept]))]


def _joined(parts: Sequence[Ranked], k: int) -> Ranked:
    if not parts:
        return Ranked.none()
    scores, days = np.concatenate([one.scores for one in parts]), np.concatenate([one.days for one in parts])
    best = _best(scores, days, k)
    keys, texts = np.concatenate([one.keys for one in parts]), np.concatenate([one.texts for one in parts])
    return Ranked(keys[best], days[best], scores[best], texts[best], sum(one.n_all for one in parts))
