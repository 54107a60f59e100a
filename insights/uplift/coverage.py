"""Made-up experiments whose truth is known: how often an interval holds it, and how wrong the usual comparisons are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.cases.holdout import draw
from insights.uplift.itt import Effect, covariates, intention_to_treat

REACHED = 0.67  # of those called, within three calls (DEMO_COMPANY 4)
SPREAD = 0.8  # standard deviation of the logit of the risk
ACCOUNT_SHARE, ACCOUNT_SIZE, ACCOUNT_PULL = 0.2, 4, 0.7
OTHERS_RISK = 1 / 3  # risk of the customers no list names, as a share of those it names


@dataclass(frozen=True)
class World:
    """One kind of experiment. `cut`: relative change of a reached customer's departures; below 0 they leave less."""

    base: float
    cut: float
    n: int = 10_000
    share: float = 0.10
    accounts: bool = True


@dataclass(frozen=True)
class Trial:
    """One experiment: the true effect of being drawn for a call, in points, and what each comparison says of it."""

    truth: float
    truth_relative: float
    itt: Effect | None
    reached: Effect | None
    elsewhere: Effect | None


def trial(world: World, seed: int) -> Trial:
    """Simulate `world.n` callbacks and estimate.

    Risks differ between customers, and the businesses of an account share part of theirs. Who is likely to leave is
    harder to reach; a call changes nothing for those it does not reach, and less for those most at risk (Ascarza 2018).
    The arm is the product's own draw, by account.
    """
    rng = np.random.default_rng([seed, round(world.base * 1000), round((world.cut + 1) * 1000)])
    unit, logit = _risks(world, rng)
    p = 1 / (1 + np.exp(-logit))
    z = (logit - logit.mean()) / SPREAD
    reachable = 1 / (1 + np.exp(-(np.log(REACHED / (1 - REACHED)) - 0.6 * z)))
    change = world.cut * np.clip(1.2 - 0.3 * z, 0.2, 2.0)  # of a reached customer
    called = _called(unit, f"trial:{seed}:{world.base}:{world.cut}", world.share)
    reached = called & (rng.random(world.n) < reachable)
    left = (rng.random(world.n) < np.clip(p * (1 + change * reached), 0, 1)).astype(float)
    itt_truth = float((p * change * reachable).mean())
    score = 1 / (1 + np.exp(-(logit + rng.normal(0, 0.5, world.n))))  # the model knows the risk roughly
    segment = pd.Series(np.where(np.char.startswith(unit, "account"), "small_business", "household"))
    x = covariates(pd.Series(score), segment)
    others = (rng.random(2 * world.n) < world.base * OTHERS_RISK).astype(float)
    return Trial(
        itt_truth,
        itt_truth / float(p.mean()),
        intention_to_treat(called, left, x, unit),
        intention_to_treat(reached[called], left[called]),
        intention_to_treat(
            np.repeat([True, False], [called.sum(), len(others)]), np.concatenate([left[called], others])
        ),
    )


def _risks(world: World, rng: np.random.Generator) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Unit ids and logits of the risk (n,); the first ACCOUNT_SHARE of the customers belong to accounts."""
    centre = np.log(world.base / (1 - world.base)) - SPREAD**2 / 2 * (1 - 2 * world.base)
    own = rng.normal(0, SPREAD, world.n)
    unit = np.array([f"c{k}" for k in range(world.n)], dtype="U16")
    if world.accounts:
        n_in = int(world.n * ACCOUNT_SHARE)
        account = np.arange(n_in) // ACCOUNT_SIZE
        shared = rng.normal(0, SPREAD, account.max() + 1)[account]
        own[:n_in] = np.sqrt(ACCOUNT_PULL) * shared + np.sqrt(1 - ACCOUNT_PULL) * own[:n_in]
        unit[:n_in] = [f"account{k}" for k in account]
    return unit, centre + own


def _called(unit: NDArray[np.str_], salt: str, share: float) -> NDArray[np.bool_]:
    names, place = np.unique(unit, return_inverse=True)
    return np.array([draw(str(name), salt) >= share for name in names])[place]
