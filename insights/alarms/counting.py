"""Counting people, not posts: an author counts once in some hours, a copied text once, whoever sends it again."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any, NamedTuple

import pandas as pd

from insights.alarms.hours import minutes_of
from insights.alarms.model import POOLED
from insights.copies import POSTS, normal
from insights.errors import ContractError
from insights.topics.words import cleaned

COPY_MINUTES = 24 * 60
COLUMNS = ("series", "author", "at", "feedback_id")
_PASSED_ON = re.compile(r"^\s*rt\b[\s:]*", re.IGNORECASE)


class Post(NamedTuple):
    """One post: its minute, who (hashed), its id, the series it is in, and the word pairs of a text that can be a copy."""

    minute: int
    author: str
    feedback_id: str
    series: tuple[str, ...]
    pairs: frozenset[int]


class Counted(NamedTuple):
    """A post counted in a series."""

    minute: int
    series: str
    author: str
    feedback_id: str


@dataclass
class Memory:
    """Whom and what was counted lately: by series the minute an author was last counted; by post its minute and word pairs."""

    authors: dict[str, dict[str, int]] = field(default_factory=dict)
    texts: dict[str, tuple[int, frozenset[int]]] = field(default_factory=dict)
    _posts: dict[int, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for post, (_, pairs) in self.texts.items():
            self._index(post, pairs)

    def _index(self, post: str, pairs: frozenset[int]) -> None:
        for pair in _first(pairs):
            self._posts.setdefault(pair, []).append(post)

    def copied(self, post: Post) -> bool:
        """Whether another post of the last day says the same; a text that is new is remembered."""
        near = dict.fromkeys(other for pair in _first(post.pairs) for other in self._posts.get(pair, ()))
        for other in near:
            minute, pairs = self.texts[other]
            if other != post.feedback_id and post.minute - minute < COPY_MINUTES and _alike(post.pairs, pairs):
                return True
        if post.feedback_id not in self.texts:
            self.texts[post.feedback_id] = (post.minute, post.pairs)
            self._index(post.feedback_id, post.pairs)
        return False

    def forget(self, minute: int, author_minutes: int) -> Memory:
        """The memory without what can no longer matter to a post of `minute` or later."""
        kept = {
            name: {a: m for a, m in known.items() if m > minute - author_minutes}
            for name, known in self.authors.items()
        }
        texts = {post: one for post, one in self.texts.items() if one[0] > minute - COPY_MINUTES}
        return Memory({name: known for name, known in kept.items() if known}, texts)

    def as_json(self) -> dict[str, Any]:
        texts = {post: [minute, sorted(pairs)] for post, (minute, pairs) in self.texts.items()}
        return {"authors": {name: dict(known) for name, known in self.authors.items()}, "texts": texts}

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Memory:
        texts = {post: (int(minute), frozenset(pairs)) for post, (minute, pairs) in raw["texts"].items()}
        return cls({name: dict(known) for name, known in raw["authors"].items()}, texts)


def read_posts(posts: pd.DataFrame) -> list[Post]:
    """Posts in time order, one a feedback_id, each in POOLED and in the series of its rows; marked waves left out.

    Columns series (NULL: in no series but POOLED), author (NULL: nobody else), at (UTC), feedback_id; optional text
    (to see copies) and suspect_wave. Raises ContractError when a column is missing.
    """
    missing = [name for name in COLUMNS if name not in posts.columns]
    if missing:
        raise ContractError(f"posts to watch: column {', '.join(missing)} is missing; give {', '.join(COLUMNS)}.")
    rows = posts[posts["suspect_wave"].isna()] if "suspect_wave" in posts.columns else posts
    if rows.empty:
        return []
    rows = rows.assign(minute=minutes_of(rows["at"]), feedback_id=rows["feedback_id"].astype(str))
    known = rows["series"].notna() & ~rows["series"].isin([POOLED])
    names: dict[str, set[str]] = {}
    for post, name in zip(rows.loc[known, "feedback_id"], rows.loc[known, "series"], strict=True):
        names.setdefault(post, set()).add(str(name))
    once = rows.sort_values(["minute", "feedback_id"], kind="stable").drop_duplicates("feedback_id")
    texts = once["text"] if "text" in once.columns else [None] * len(once)
    columns = zip(once["minute"], once["author"], once["feedback_id"], texts, strict=True)
    return [
        Post(int(minute), hashed(author, post), post, (POOLED, *sorted(names.get(post, ()))), pairs_of(text))
        for minute, author, post, text in columns
    ]


def hashed(author: object, feedback_id: str) -> str:
    """A short one-way name of an author; of the post when nobody is named."""
    key = f"post\n{feedback_id}" if author is None or pd.isna(author) else f"author\n{author}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def pairs_of(text: object) -> frozenset[int]:
    """Hashes of neighbouring words; empty for an everyday phrase, which many people write without copying."""
    if not isinstance(text, str):
        return frozenset()
    words = normal(_PASSED_ON.sub("", cleaned(text))).split()
    if len(set(words)) < POSTS.min_words:
        return frozenset()
    return frozenset(zlib.crc32(f"{a} {b}".encode()) for a, b in zip(words, words[1:], strict=False))


def count(posts: Iterable[Post], memory: Memory, author_minutes: int) -> list[Counted]:
    """What counts, in time order; `memory` learns it."""
    found: list[Counted] = []
    for post in without_copies(posts, memory):
        for name in post.series:
            known = memory.authors.setdefault(name, {})
            last = known.get(post.author)
            if last is not None and post.minute - last < author_minutes:
                continue
            known[post.author] = post.minute
            found.append(Counted(post.minute, name, post.author, post.feedback_id))
    return found


def without_copies(posts: Iterable[Post], memory: Memory) -> Iterator[Post]:
    """Posts that do not say, letter by letter, what another of the last day said; in the order given."""
    return (post for post in posts if not post.pairs or not memory.copied(post))


def _first(pairs: frozenset[int]) -> list[int]:
    """So many of the pairs, in one order for all texts, that any like text shares one of these with its own."""
    return sorted(pairs)[: len(pairs) - ceil(POSTS.similarity * len(pairs)) + 1]


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    if min(len(one), len(other)) < POSTS.similarity * max(len(one), len(other)):
        return False
    common = len(one & other)
    return common >= POSTS.similarity * (len(one) + len(other) - common)
