"""From texts to those a scan reads, and from scored groups to few distinct signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.irritants.novelty_groups import Groups
from insights.irritants.novelty_scan import Scan
from insights.topics.words import copy_key

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MIN_NEW = 5  # feedback that say it in the new period
MIN_LIFT = 3.0  # times the new texts that a group's history texts account for
OVERLAP = 0.3  # share of a group's new texts in a signal from which it tells of the same thing
MOSTLY = 0.5  # share of a signal's new texts in a larger group from which it may be joined to another


@dataclass(frozen=True)
class Distinct:
    """The texts a scan reads: one row of each group of near copies, and all rows of that group."""

    rows: Ints
    copies: tuple[Ints, ...]
    is_new: Bools
    feedback: Ints


@dataclass(frozen=True)
class Picked:
    """A group of the texts read, by row; `lift` over what its history texts account for at the expected rate."""

    rows: Ints
    n_new: int
    expected: float
    lift: float
    p_value: float
    score: float
    family: str


def distinct(
    texts: Sequence[str], is_new: Bools, feedback_ids: Sequence[str] | None, seed: int, max_texts: int
) -> Distinct:
    """Near copies count once, by a member drawn at random: said in both periods, a text is new as often as its copies are.

    Beyond `max_texts`, history is sampled; new texts are where they alone are more than half of it.
    """
    draw, groups = np.random.default_rng(seed), dict[str, list[int]]()
    for row, text in enumerate(texts):
        groups.setdefault(copy_key(text), []).append(row)
    copies = [np.array(rows, dtype=np.int64) for rows in groups.values()]
    rows = np.array([own[draw.integers(len(own))] for own in copies], dtype=np.int64)
    fresh = is_new[rows]
    kept = np.sort(np.concatenate(_sampled(np.flatnonzero(fresh), np.flatnonzero(~fresh), max_texts, draw)))
    rows = rows[kept]
    said_by = np.arange(len(rows)) if feedback_ids is None else _numbered([feedback_ids[row] for row in rows])
    return Distinct(rows, tuple(copies[one] for one in kept), is_new[rows], said_by)


def _sampled(new: Ints, old: Ints, most: int, draw: np.random.Generator) -> tuple[Ints, Ints]:
    if len(new) + len(old) <= most:
        return new, old
    n_new = min(len(new), max(most // 2, most - len(old)))
    return draw.choice(new, n_new, replace=False), draw.choice(old, min(len(old), most - n_new), replace=False)


def _numbered(names: Sequence[str]) -> Ints:
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def pick(groups: Groups, found: Scan, read: Distinct, rates: NDArray[np.float32], false_rate: float) -> list[Picked]:
    """Signals, most surprising first. A group that mostly repeats earlier signals is no signal of its own; where it holds
    most of several, these are one."""
    picked: list[Picked] = []
    told = np.zeros(len(rates), dtype=bool)
    for score, family, number in _surprising(found, false_rate):
        rows = groups.members(family, number)
        one = _measured(rows, read, rates, score, found.p_value(score), family)
        new = rows[read.is_new[rows]]
        if one.lift < MIN_LIFT or len(np.unique(read.feedback[new])) < MIN_NEW:
            continue
        if told[new].mean() < OVERLAP:
            picked.append(one)
            told[new] = True
        elif len(held := [place for place, other in enumerate(picked) if _mostly(other, rows, read)]) > 1:
            first, union = picked[held[0]], np.unique(np.concatenate([picked[place].rows for place in held]))
            picked[held[0]] = _measured(union, read, rates, first.score, first.p_value, first.family)
            picked = [other for place, other in enumerate(picked) if place not in held[1:]]
    return picked


def _measured(
    rows: Ints, read: Distinct, rates: NDArray[np.float32], score: float, p_value: float, family: str
) -> Picked:
    n_new, expected = int(read.is_new[rows].sum()), float(rates[rows].sum())
    accounted = (len(rows) - n_new + 1) * expected / (len(rows) - expected)
    return Picked(rows, n_new, expected, n_new / accounted, p_value, score, family)


def _mostly(one: Picked, rows: Ints, read: Distinct) -> bool:
    """Whether `rows` hold most of a signal's new texts."""
    return bool(np.isin(one.rows[read.is_new[one.rows]], rows).mean() > MOSTLY)


def _surprising(found: Scan, false_rate: float) -> list[tuple[float, str, int]]:
    """Groups that chance reaches in at most `false_rate` of runs, the highest score first; ties by name and number."""
    over = [
        (-float(scores[number]), family, int(number))
        for family, scores in found.scores.items()
        for number in np.flatnonzero(scores > found.threshold(false_rate))
    ]
    return [(-score, family, number) for score, family, number in sorted(over)]
