"""Waves of copied posts: near-identical texts, close in time, by several authors, more often than chance allows.

Everyday phrases make no wave: a text needs enough different words, and a burst must stand out from how often the
company's customers say such a thing anyway. Pure: same rows, same waves, in any order.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from scipy.stats import poisson

COLUMNS = ("feedback_id", "verbatim", "author_key", "occurred_at", "brand")
ROWS, BANDS = 3, 42  # two texts as alike as 0.3 meet in one of the bands 68 times in 100, as 0.5 in 99.6
BUCKET = 100  # texts of one bucket that are compared all with all; in larger ones each with its BUCKET followers
PRIOR_TEXTS = 1_000  # a text never seen before counts as one in so many
_TOKEN = re.compile(r"\[([^\W\d_]+)(?:_\d+)?\]")
_NOT_WORD = re.compile(r"[^a-z0 ]+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class WaveRule:
    """What a wave is: `min_posts` like texts in `hours` by `min_authors`, or `per_author` by one over two brands.

    `similarity`: Jaccard share of common pairs of neighbouring words; two texts where one word in eight was changed
    are at 0.5. `min_words`: different words below which a text is an everyday
    phrase. `chance`: highest probability of the burst, given the share such texts have of all others. `author_days`:
    how long one author's copies over several brands are added up.
    """

    min_posts: int = 4
    min_authors: int = 3
    hours: float = 72
    similarity: float = 0.3
    min_words: int = 8
    chance: float = 1e-3
    per_author: int = 3
    author_days: float = 30


REVIEWS = WaveRule()
# In an outage many people post nearly the same words at once, and are real: posts must be copied almost letter by letter.
POSTS = WaveRule(min_posts=5, similarity=0.8, min_words=12)


def waves(frame: pd.DataFrame, rule: WaveRule = REVIEWS) -> pd.DataFrame:
    """The posts that belong to a wave: `feedback_id`, `suspect_wave` (an id made of the wave's first post).

    `frame`: one row a post, with COLUMNS; a missing author counts as one of its own. Posts outside waves are left out.
    """
    rows = frame.sort_values(["occurred_at", "feedback_id"], ignore_index=True)
    forms = _forms(rows["verbatim"], rule)
    hours = rows["occurred_at"].to_numpy("datetime64[s]").astype("int64") / 3600.0
    authors = rows["author_key"].astype(object).where(rows["author_key"].notna(), rows["feedback_id"]).to_numpy(str)
    brands = rows["brand"].fillna("").to_numpy(str)
    groups: list[np.ndarray] = []
    for members in _alike(forms, rule):
        groups += _bursts(members, hours, authors, rule)
        groups += _by_one_author(members, hours, rows["author_key"].to_numpy(object), brands, rule)
    return _named(groups, rows["feedback_id"].to_numpy(str))


def normal(text: str) -> str:
    """A text without case, accents, signs and figures, as copies differ in them."""
    plain = unicodedata.normalize("NFKD", _TOKEN.sub(r" \1 ", text).casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(_NOT_WORD.sub(" ", _NUMBER.sub("0", letters)).split())


def _forms(verbatims: pd.Series, rule: WaveRule) -> dict[str, np.ndarray]:
    """Row numbers by normal text, everyday phrases left out."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(verbatims):
        form = normal(text) if isinstance(text, str) else ""
        if len(set(form.split())) >= rule.min_words:
            found[form].append(number)
    return {form: np.array(numbers) for form, numbers in found.items()}


def _pairs_of_words(form: str) -> np.ndarray:
    words = form.split()
    return np.unique([zlib.crc32(f"{a} {b}".encode()) for a, b in zip(words, words[1:], strict=False)])


def _alike(forms: dict[str, np.ndarray], rule: WaveRule) -> Iterator[np.ndarray]:
    """For each text that may be part of a wave, the sorted row numbers of all texts like it, itself among them."""
    rows = list(forms.values())
    shingles = [_pairs_of_words(form) for form in forms]
    near: dict[int, list[int]] = defaultdict(list)
    for one, other in _candidates(shingles):
        common = np.intersect1d(shingles[one], shingles[other], assume_unique=True).size
        if common >= rule.similarity * (shingles[one].size + shingles[other].size - common):
            near[one].append(other)
            near[other].append(one)
    for one, own in enumerate(rows):
        members = np.sort(np.concatenate([own, *(rows[other] for other in near[one])]))
        if members.size >= min(rule.min_posts, rule.per_author):
            yield members


def _candidates(shingles: Sequence[np.ndarray]) -> set[tuple[int, int]]:
    """Pairs that share a band of their MinHash signatures."""
    if not shingles:
        return set()
    found: set[tuple[int, int]] = set()
    for band in np.split(_signatures(shingles), BANDS, axis=1):
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for number, part in enumerate(band):
            buckets[part.tobytes()].append(number)
        for bucket in buckets.values():
            reach = len(bucket) if len(bucket) <= BUCKET else BUCKET
            found.update(
                chain.from_iterable(
                    ((one, other) for other in bucket[place + 1 : place + 1 + reach])
                    for place, one in enumerate(bucket)
                )
            )
    return found


def _signatures(shingles: Sequence[np.ndarray]) -> np.ndarray:
    """MinHash signatures, shape (texts, ROWS * BANDS), by fixed multiply-and-add hashes."""
    draws = np.random.default_rng(20_261_031)
    factors = draws.integers(1, 2**62, ROWS * BANDS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    shifts = draws.integers(0, 2**62, ROWS * BANDS, dtype=np.uint64)
    flat = np.concatenate(shingles).astype(np.uint64)
    starts = np.cumsum([0, *(part.size for part in shingles[:-1])])
    columns = [np.minimum.reduceat(flat * a + b, starts) for a, b in zip(factors, shifts, strict=True)]
    return np.stack(columns, axis=1)


def _bursts(members: np.ndarray, hours: np.ndarray, authors: np.ndarray, rule: WaveRule) -> list[np.ndarray]:
    """Stretches of `members` that fulfil the rule, as row numbers. `hours`: of all rows, sorted."""
    found = []
    at = hours[members]
    ends = np.searchsorted(at, at + rule.hours, side="right")
    for start, end in enumerate(ends):
        inside = members[start:end]
        if inside.size < rule.min_posts or len(set(authors[inside])) < rule.min_authors:
            continue
        all_inside = np.searchsorted(hours, at[start] + rule.hours, side="right") - np.searchsorted(hours, at[start])
        share = (members.size - inside.size + 1) / (hours.size - all_inside + PRIOR_TEXTS)
        if poisson.sf(inside.size - 1, share * all_inside) <= rule.chance:
            found.append(inside)
    return found


def _by_one_author(
    members: np.ndarray, hours: np.ndarray, authors: np.ndarray, brands: np.ndarray, rule: WaveRule
) -> list[np.ndarray]:
    """Copies of one known author over at least two brands, within `author_days`."""
    found = []
    for author in {authors[row] for row in members if isinstance(authors[row], str)}:
        own = members[authors[members] == author]
        ends = np.searchsorted(hours[own], hours[own] + rule.author_days * 24, side="right")
        parts = (own[start:end] for start, end in enumerate(ends))
        found += [part for part in parts if part.size >= rule.per_author and len(set(brands[part])) > 1]
    return found


def _named(groups: Sequence[np.ndarray], ids: np.ndarray) -> pd.DataFrame:
    """Groups that share a post are one wave, named after its first post."""
    first: dict[int, int] = {}

    def root(row: int) -> int:
        while first[row] != row:
            first[row] = first[first[row]]
            row = first[row]
        return row

    for row in sorted({int(row) for group in groups for row in group}):
        first[row] = row
    for group in groups:
        low, *rest = sorted({root(int(row)) for row in group})
        first.update(dict.fromkeys(rest, low))
    named = {row: "wave-" + hashlib.sha256(ids[root(row)].encode()).hexdigest()[:12] for row in first}
    return pd.DataFrame({"feedback_id": ids[list(named)], "suspect_wave": list(named.values())}, dtype=object)
