from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from insights.topics.neighbours import neighbour_graph
from insights.topics.second_look import RIDGE, beside_scores, judged, left_out_scores, neighbour_shares
from insights.topics.vectors import unit


def groups(noise: float = 0.1) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    draw = np.random.default_rng(0)
    own = np.repeat(np.arange(4), 40)
    return unit(unit(draw.normal(size=(4, 24)))[own] + noise * draw.normal(size=(160, 24))), own


def test_a_score_is_what_a_classifier_without_the_text_says() -> None:
    rows, own = groups(0.3)
    scores, told = left_out_scores(rows, own), np.eye(4)[own]
    others = np.arange(160) != 7
    centre, base = rows.mean(axis=0), told.mean(axis=0)
    model = Ridge(alpha=RIDGE, fit_intercept=False).fit((rows - centre)[others], (told - base)[others])
    assert np.allclose(scores[7], model.predict((rows - centre)[7:8])[0] + base, atol=1e-5)


def test_a_wrong_label_is_seen_through() -> None:
    rows, own = groups()
    wrong = own.copy()
    wrong[[3, 50]] = 2
    assert left_out_scores(rows, wrong).argmax(axis=1)[[3, 50]].tolist() == [0, 1]


def test_doubted_texts_get_a_topic_back_only_where_both_agree() -> None:
    rows, own = groups()
    opposite = unit(-rows[own == 1].mean(axis=0, keepdims=True))
    everything, labels = np.vstack([rows, opposite]).astype(np.float32), np.append(own, 1)
    labels[10] = 3
    found = judged(neighbour_graph(everything, everything, 8), everything, labels)
    assert found.doubted[10]
    assert found.labels[10] == 0
    assert not np.delete(found.doubted[:160], 10).any()
    assert np.array_equal(found.labels[:160], own)
    assert found.doubted[160]
    assert found.labels[160] != 1


def test_a_topic_no_text_of_which_is_supported_is_not_emptied() -> None:
    rows, own = groups()
    mixed = own.copy()
    mixed[::8] = 4
    found = judged(neighbour_graph(rows, rows, 8), rows, mixed)
    assert set(found.labels[found.labels >= 0].tolist()) == {0, 1, 2, 3, 4}


def test_shares_and_views_have_their_shapes() -> None:
    rows, own = groups()
    shares = neighbour_shares(neighbour_graph(rows, rows, 8), own)
    assert shares.shape == (160, 4)
    assert np.allclose(shares.sum(axis=1), 1)
    view = beside_scores(rows, left_out_scores(rows, own))
    assert view.shape == (160, 28)
    assert np.allclose(np.linalg.norm(view, axis=1), 1, atol=1e-5)
