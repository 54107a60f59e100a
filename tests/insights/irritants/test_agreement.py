"""Texts of others get an irritant where the customers around them agree, and none elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from insights.contracts import UNCLASSIFIED
from insights.irritants.agreement import NEAREST, agreed


def around(axis: int, count: int, seed: int = 1) -> np.ndarray:
    """Vectors near one axis of a space of three."""
    noise = np.random.default_rng(seed + axis).normal(0, 0.05, (count, 3))
    return (np.eye(3)[axis] + noise).astype(np.float32)


SAID = np.vstack([around(0, 30), around(1, 30)])
IDS = ["IR-1"] * 30 + ["IR-2"] * 30


def test_neighbours_that_agree_are_followed():
    found = agreed(np.vstack([around(0, 2, 7), around(1, 1, 7)]), SAID, IDS)
    assert found.irritant_ids == ["IR-1", "IR-1", "IR-2"]
    assert found.share == pytest.approx([1.0, 1.0, 1.0])


def test_between_two_nothing_is_told():
    mixed = np.vstack([around(0, 5), around(0, 5, 3)])  # the same place, two names
    found = agreed(np.eye(3, dtype=np.float32)[:1], mixed, ["IR-1"] * 5 + ["IR-2"] * 5)
    assert found.irritant_ids == [UNCLASSIFIED]
    assert found.share[0] == pytest.approx(0.5, abs=0.02)


def test_four_fifths_are_enough_and_less_is_not():
    text, near = np.eye(3, dtype=np.float32)[:1], np.repeat(np.eye(3, dtype=np.float32)[:1], NEAREST, axis=0)
    for n_other, told in ((2, "IR-1"), (3, UNCLASSIFIED)):
        ids = ["IR-2"] * n_other + ["IR-1"] * (NEAREST - n_other)
        assert agreed(text, near, ids).irritant_ids == [told]


def test_what_is_far_from_everything_is_left_alone_though_its_neighbours_agree():
    far = np.array([[0.3, 0.0, 0.95]], dtype=np.float32)
    assert agreed(far, SAID[:30], IDS[:30]).irritant_ids == [UNCLASSIFIED]
    assert agreed(np.array([[0.6, 0.0, 0.8]], dtype=np.float32), SAID[:30], IDS[:30]).irritant_ids == ["IR-1"]


def test_too_few_customers_or_no_text_tell_nothing():
    text = np.eye(3, dtype=np.float32)[:1]
    assert agreed(text, SAID[: NEAREST - 1], IDS[: NEAREST - 1]).irritant_ids == [UNCLASSIFIED]
    assert agreed(text[:0], SAID, IDS).irritant_ids == []
