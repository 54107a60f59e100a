from __future__ import annotations

import numpy as np
import pandas as pd

from insights.bench import weeks
from insights.bench.weeks import ACCEPTED, KMEANS, NEAREST, OURS, REFIT, Course, accepted, hungarian, measure
from insights.bench.weeks_data import Stream
from insights.topics.changes import MERGE, SPLIT, Change


def stream(n: int = 400, gold: bool = True) -> Stream:
    """Five causes of made-up words, in a drawn order."""
    draw = np.random.default_rng(3)
    own = draw.integers(0, 5, n)
    texts = [
        f"cause{cause} mot{draw.integers(9)} dit{cause}{draw.integers(4)} n{row}x" for row, cause in enumerate(own)
    ]
    centres = draw.normal(size=(5, 32))
    vectors = (centres[own] + 0.6 * draw.normal(size=(n, 32))).astype(np.float32)
    return Stream("made up", texts, ["fr"] * n, vectors, [str(one) for one in own] if gold else None)


def test_numbers_follow_the_texts_shared_and_new_topics_get_new_ones() -> None:
    before = np.array([4, 4, 4, 1, 1, -1, -1])
    assert hungarian(before, np.array([0, 0, 1, 1, 1, 2, 2])).tolist() == [4, 4, 1, 1, 1, 7, 7]


def test_accepted_changes_are_made() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2])
    asked = [Change(SPLIT, (0,), (1, 2), 1.0), Change(MERGE, (2, 1), (5,), 1.0)]
    assert accepted(labels, asked).tolist() == [0, 3, 3, 1, 1, 1]


def test_a_course_counts_what_was_kept() -> None:
    first = np.repeat([0, 1], 10)
    course = Course([first, np.where(np.arange(20) == 0, 1, first), np.where(np.arange(20) < 6, 1, first)])
    assert course.kept_weekly == [0.95, 0.75]
    assert (course.kept_overall, course.ids_surviving) == (0.7, 0.5)


def test_every_way_runs_on_one_stream_and_each_is_in_the_entries() -> None:
    told = stream()
    found = measure(told, seed=1)
    assert set(found.courses) == {OURS, ACCEPTED, REFIT, NEAREST, weeks.ONE_STEP, KMEANS}
    assert all(len(course.labels) == weeks.BATCHES + 1 for course in found.courses.values())
    assert found.courses[NEAREST].kept_overall == 1.0
    assert found.courses[OURS].kept_overall >= 0.9
    assert found.quality[OURS] > 0.6
    rows = weeks._entries(told, found)
    assert {row.rival for row in rows} >= {REFIT, NEAREST, KMEANS}
    assert next(row for row in rows if row.name == f"share kept over all ({NEAREST})").rival_value == 1.0


def test_near_copies_are_out_and_dates_give_the_order() -> None:
    frame = pd.DataFrame(
        {"text": ["La box coupe", "la box coupe !", "trop cher", "aucun appel"], "language": "fr", "at": [3, 1, 2, 1]}
    )
    taken = Stream.of("s", frame, np.eye(4, dtype=np.float32), 0, "at")
    assert taken.texts == ["aucun appel", "trop cher", "La box coupe"]
    assert taken.vectors.argmax(axis=1).tolist() == [3, 2, 0]
    assert taken.gold is None
