"""What is new: groups of clauses that appear in the new period and belong to no known irritant.

Dates are dealt anew many times over the same texts; a group is a signal when chance, looking everywhere at once, hardly
ever makes one so surprising (`false_rate`: the share of runs without anything new that show any signal). Near copies
count once, and dates are dealt among feedback, so that one long call is no trend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.errors import ModelError
from insights.irritants.novelty_groups import groups_of
from insights.irritants.novelty_pick import MIN_NEW, Distinct, Picked, distinct, pick
from insights.irritants.novelty_scan import expected_rates, scan, shuffled
from insights.topics.vectors import Blend, LanguageCentre, Matrix, blend, unit

Bools = NDArray[np.bool_]

FALSE_RATE = 0.03  # one run in twenty may be flagged at most: some room below it
SHUFFLES = 199
MAX_TEXTS = 12_000
MIN_HISTORY = 20  # texts to compare with


@dataclass(frozen=True)
class Signal:
    """A group of texts that is new. Counts are of distinct texts; the rows hold their copies too."""

    rows: tuple[int, ...]  # of the texts given, both periods, rising
    new_rows: tuple[int, ...]  # those of the new period
    n_new: int
    n_history: int
    expected: float  # new texts among them if what is around them had only grown
    lift: float  # new texts over those that its history texts account for at the expected rate
    p_value: float  # chance that a run without anything new shows any group as surprising
    score: float  # above the usual highest score of chance, in its standard deviations
    nearest_irritant: str  # `unclassified` where none is known
    nearest_cosine: float
    cohesion: float  # mean cosine of its new texts to their centre
    found_by: str  # ball or community, with its size or resolution


def weak_signals(
    vectors: Matrix,
    languages: Sequence[str],
    texts: Sequence[str],
    is_new: Bools,
    known_ids: Sequence[str],
    seed: int,
    *,
    feedback_ids: Sequence[str] | None = None,
    space: Blend | None = None,
    false_rate: float = FALSE_RATE,
    shuffles: int = SHUFFLES,
    max_texts: int = MAX_TEXTS,
) -> list[Signal]:
    """Signals of `texts` (n), most surprising first, from encoder vectors (n, d) and the period of each text (n).

    `known_ids` (n): the irritant of each text today or `unclassified`. `feedback_ids` (n): whose words they are; without
    them each text is its own feedback. `space`: a fitted one, where there is one, saves half the time. Beyond `max_texts`
    distinct texts history is sampled, then new texts. No signal where fewer than 5 new or 20 history texts are at hand.
    Raises ModelError for lists of unequal length.
    """
    _check(len(vectors), languages, texts, is_new, known_ids, feedback_ids)
    fresh = np.asarray(is_new, dtype=bool)
    read = distinct(texts, fresh, feedback_ids, seed, max_texts)
    if read.is_new.sum() < MIN_NEW or (~read.is_new).sum() < MIN_HISTORY:
        return []
    spoken, said = [languages[row] for row in read.rows], [texts[row] for row in read.rows]
    placed = _in(space, said, vectors[read.rows], spoken) if space else blend(said, vectors[read.rows], spoken, seed)
    groups = groups_of(placed, spoken, seed)
    flags = shuffled(read.is_new, read.feedback, shuffles, seed)
    rates = expected_rates(flags, groups.places, groups.blocks)
    picked = pick(groups, scan(groups.counted(flags, rates)), read, rates[:, 0], false_rate)
    centred = LanguageCentre.fit(vectors, languages).apply(vectors, languages)
    names, centres = _irritants(centred[~fresh], np.asarray(known_ids, dtype=object)[~fresh])
    return [_signal(one, read, fresh, centred, names, centres) for one in picked]


def _in(space: Blend, texts: Sequence[str], vectors: Matrix, languages: Sequence[str]) -> Blend:
    return replace(space, matrix=space.transform(texts, vectors, languages))


def _check(n: int, *lists: Sequence[object] | Bools | None) -> None:
    if lengths := sorted({len(one) for one in lists if one is not None} - {n}):
        raise ModelError(f"{n} vectors, but a list of {lengths[0]} beside them: give one entry per text.")


def _irritants(history: Matrix, ids: NDArray[np.object_]) -> tuple[list[str], Matrix]:
    """Names and centres (k, d) of the irritants of the history texts."""
    names = sorted(set(ids.tolist()) - {UNCLASSIFIED})
    return names, unit(np.array([history[ids == name].mean(axis=0) for name in names]).reshape(-1, history.shape[1]))


def _signal(
    one: Picked, read: Distinct, fresh: Bools, centred: Matrix, names: Sequence[str], centres: Matrix
) -> Signal:
    rows = np.sort(np.concatenate([read.copies[row] for row in one.rows]))
    own = centred[read.rows[one.rows[read.is_new[one.rows]]]]
    centre = unit(own.mean(axis=0, keepdims=True))[0]
    near = centres @ centre
    best = int(near.argmax()) if names else -1
    return Signal(
        rows=tuple(rows.tolist()),
        new_rows=tuple(rows[fresh[rows]].tolist()),
        n_new=one.n_new,
        n_history=len(one.rows) - one.n_new,
        expected=one.expected,
        lift=one.lift,
        p_value=one.p_value,
        score=one.score,
        nearest_irritant=names[best] if names else UNCLASSIFIED,
        nearest_cosine=float(near[best]) if names else 0.0,
        cohesion=float((own @ centre).mean()),
        found_by=one.family,
    )
