"""The map: near is alike, the same every time, and it does not jump from one week to the next."""

from __future__ import annotations

import json

import numpy as np
import pytest

from insights.irritants.layout import angles, closest, places, truth
from insights.topics.vectors import unit

IDS = [f"IR-{n:04d}" for n in range(1, 13)]


@pytest.fixture(scope="module")
def centres():
    draw = np.random.default_rng(5)
    themes = draw.normal(0, 1, (3, 32))
    return unit(np.repeat(themes, 4, axis=0) + draw.normal(0, 0.5, (12, 32)))


def gaps(placed):
    return np.linalg.norm(placed[:, None] - placed[None], axis=2)


def test_irritants_of_one_kind_lie_together(centres):
    far = gaps(places(centres, IDS))
    same = np.repeat(np.arange(3), 4)[:, None] == np.repeat(np.arange(3), 4)[None]
    np.fill_diagonal(far, np.nan)
    assert np.nanmean(far[same]) < 0.6 * np.nanmean(far[~same])
    assert truth(centres, places(centres, IDS)) > 0.6


def test_the_same_irritants_give_the_same_map(centres):
    assert np.array_equal(places(centres, IDS), places(centres.copy(), list(IDS)))


def test_next_week_everything_stays_where_it_was(centres):
    first = places(centres, IDS)
    moved = unit(centres + np.random.default_rng(9).normal(0, 0.03, centres.shape))
    then = places(moved, IDS, dict(zip(IDS, map(tuple, first), strict=True)))
    size = np.ptp(first, axis=0).max()
    assert np.linalg.norm(then - first, axis=1).max() < 0.05 * size


def test_a_new_irritant_comes_in_beside_its_kind_and_the_others_keep_their_place(centres):
    first = places(centres[:-1], IDS[:-1])
    earlier = dict(zip(IDS[:-1], map(tuple, first), strict=True))
    then = places(centres, IDS, earlier)
    assert np.linalg.norm(then[:-1] - first, axis=1).max() < 0.15 * np.ptp(first, axis=0).max()
    assert gaps(then)[-1, 8:11].mean() < gaps(then)[-1, :8].mean()


def test_what_really_moved_moves_on_the_map(centres):
    first = places(centres, IDS)
    moved = centres.copy()
    moved[0] = centres[11]
    then = places(moved, IDS, dict(zip(IDS, map(tuple, first), strict=True)))
    assert gaps(then)[0, 11] < 0.8 * gaps(first)[0, 11]


def test_neighbours_are_named_nearest_first(centres):
    near = closest(centres, IDS)
    assert {one for one, _ in near["IR-0001"]} <= {"IR-0002", "IR-0003", "IR-0004"}
    assert near["IR-0001"][0][1] >= near["IR-0001"][1][1]
    assert np.allclose(angles(centres), angles(centres).T)


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_irritants_have_a_place_too(centres, n):
    assert np.isfinite(places(centres[:n], IDS[:n])).all()
    assert json.dumps(places(centres[:n], IDS[:n]).tolist())
