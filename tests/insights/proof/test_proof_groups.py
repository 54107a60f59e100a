"""Comparison groups: what moves both falls out; groups that did not move alike before prove nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from proof_series import FIRST

from insights.proof import readings
from insights.proof.design import season
from insights.proof.groups import Pair, group_effect
from insights.proof.series import Plan, phases
from insights.proof.verdict import FEW, NOT_SHOWN, PRE_TREND, PROVEN, judged

PLAN = Plan(date(2025, 2, 24), date(2025, 2, 24), date(2025, 2, 24))
WEEK = FIRST + 7 * np.arange(104)
TODAY = date(2025, 12, 29)


def pair(seed: int, ratio: float, slope: float = 0.0) -> Pair:
    """Both groups fall by half at week 60 for another reason; the treated ones by `ratio` more."""
    rng, index = np.random.default_rng(seed), np.arange(104)
    shared = 20 * np.where(index >= 60, 0.5, 1.0) * np.exp(0.3 * np.sin(index / 8.3))
    treated = shared * np.where(index >= 60, ratio, 1.0) * np.exp(slope * index / 52)
    exposure = rng.uniform(90, 110, 104)
    return Pair(
        rng.poisson(treated * exposure / 100).astype(float), exposure, rng.poisson(2 * shared).astype(float),
        np.full(104, 200.0), season(WEEK),
    )  # fmt: skip


def beside(made: Pair, wander: float = 0.0) -> dict[str, Pair]:
    """The pair among others to which nothing was done; `wander`: log by which theirs wander."""
    others = {f"K{n}": pair(900 + n, 1.0) for n in range(4)}
    index = np.arange(104)
    turned = {
        name: replace(one, treated=np.round(one.treated * np.exp((-1) ** n * wander * np.sin(index / 25 + n))))
        for n, (name, one) in enumerate(others.items())
    }
    return {"mine": made, **turned}


def verdict(made: Pair, wander: float = 0.0):
    first = readings.start("contacts", "groups", PLAN, TODAY)
    return judged([readings.by_groups(first, "mine", PLAN, WEEK, beside(made, wander))])[0]


def test_what_moves_both_groups_is_not_credited():
    found = verdict(pair(1, 1.0))
    assert found.verdict == NOT_SHOWN and found.low < 1 < found.high


def test_what_moves_the_treated_alone_is():
    found = verdict(pair(2, 0.6))
    assert found.verdict == PROVEN and found.low < 0.6 < found.high
    after = np.array(found.picture.phase) == "after"
    assert found.picture.expected[after].sum() == pytest.approx(found.picture.observed[after].sum() / 0.6, rel=0.15)


def test_a_change_no_larger_than_the_groups_drift_by_themselves_is_not_credited():
    quiet, wild = verdict(pair(2, 0.6)), verdict(pair(2, 0.6), wander=0.8)
    assert len(wild.picture.placebos) >= 50
    assert quiet.verdict == PROVEN and wild.verdict == NOT_SHOWN
    assert wild.high - wild.low > 1.5 * (quiet.high - quiet.low)


def test_without_fifty_placebos_groups_prove_nothing():
    first = readings.start("contacts", "groups", PLAN, TODAY)
    alone = readings.by_groups(first, "mine", PLAN, WEEK, {"mine": pair(2, 0.5)})
    assert judged([alone])[0].reason == FEW


def test_groups_that_parted_before_prove_nothing():
    found = verdict(pair(3, 0.7, slope=-0.7))
    assert (found.verdict, found.reason) == (NOT_SHOWN, PRE_TREND)


def test_of_many_pairs_without_effect_few_are_significant():
    found = [group_effect("mine", phases(WEEK, PLAN), beside(pair(50 + seed, 1.0)), most=60) for seed in range(12)]
    assert sum(one.p <= 0.05 for one in found) <= 2


def test_too_few_cases_say_nothing():
    made = pair(4, 0.5)
    empty = Pair(made.treated * 0, made.treated_exposure, made.others, made.others_exposure, made.season)
    assert group_effect("mine", phases(WEEK, PLAN), {"mine": empty}) is None
