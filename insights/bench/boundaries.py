"""Borders between clauses: those of a truth against those the splitter sets.

A border is the gap between two clauses of one text: from the end of the one to the start of the next, connector
included. Two borders are the same when their gaps, each widened by TOLERANCE characters, meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

TOLERANCE = 3  # characters
Gap = tuple[int, int]


@dataclass(frozen=True)
class Borders:
    """`n_hit` of `n_true` borders are found, `n_right` of the `n_found` are true ones; over `n_texts` texts."""

    n_texts: int
    n_true: int
    n_found: int
    n_hit: int
    n_right: int

    @property
    def recall(self) -> float:
        return self.n_hit / max(self.n_true, 1)

    @property
    def precision(self) -> float:
        return self.n_right / max(self.n_found, 1)


def gaps(spans: Sequence[tuple[int, int]]) -> list[Gap]:
    """Gaps between consecutive (start, end) of one text."""
    ordered = sorted(spans)
    return [(min(a[1], b[0]), max(a[1], b[0])) for a, b in zip(ordered, ordered[1:], strict=False)]


def meet(one: Gap, other: Gap, tolerance: int = TOLERANCE) -> bool:
    return max(one[0], other[0]) <= min(one[1], other[1]) + 2 * tolerance


def compare(pairs: Iterable[tuple[Sequence[Gap], Sequence[Gap]]]) -> Borders:
    """Counts over texts, each given as its true gaps and the gaps found."""
    n = np.zeros(5, dtype=np.int64)
    for true, found in pairs:
        hit = sum(any(meet(gap, other) for other in found) for gap in true)
        right = sum(any(meet(gap, other) for other in true) for gap in found)
        n += np.array([1, len(true), len(found), hit, right])
    return Borders(*map(int, n))


def against_truth(mentions: pd.DataFrame, truth: pd.DataFrame) -> Borders:
    """Borders of `mentions` (start_char, end_char) against `truth` (start, end), both by feedback_id and turn_no.

    Borders in what the truth does not cover (a subject line, a signature) are not judged.
    """
    key = ["feedback_id", "turn_no"]
    true = {place: _spans(rows, "start", "end") for place, rows in truth.groupby(key, sort=False)}
    found = {place: _spans(rows, "start_char", "end_char") for place, rows in mentions.groupby(key, sort=False)}
    return compare((gaps(true[place]), _inside(gaps(found[place]), true[place])) for place in true if place in found)


def _inside(found: list[Gap], covered: Sequence[tuple[int, int]]) -> list[Gap]:
    first, last = min(start for start, _ in covered), max(end for _, end in covered)
    return [gap for gap in found if gap[1] > first and gap[0] < last]


def _spans(rows: pd.DataFrame, start: str, end: str) -> list[tuple[int, int]]:
    return list(zip(rows[start].astype(int), rows[end].astype(int), strict=True))
