"""Proactive calls: coverage of the estimate beside the usual comparisons, power at the declared size, exact against greedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product

import numpy as np

from insights.bench.report import Entry
from insights.cases.allocate import NOBODY, exact, greedy
from insights.cases.capacity import Cell, Slots
from insights.intervals import wilson
from insights.uplift.coverage import Trial, World, trial
from insights.uplift.itt import Effect, intention_to_treat
from insights.uplift.sizes import needed

Say = Callable[[str], None]
PART, DATA = "callbacks", "simulated callbacks"
BASES, CUTS = (0.02, 0.05, 0.10, 0.20), (0.0, -0.20, 0.20)
TRIALS = 150  # of 10,000 customers, for each base and effect
POWER_TRIALS = 200
DAYS = 200


def entries(say: Say) -> list[Entry]:
    """All figures; about two minutes on one core."""
    found = {(base, cut): [trial(World(base, cut), seed) for seed in range(TRIALS)] for base, cut in _told(say)}
    everything = [one for trials in found.values() for one in trials]
    size = f"{len(everything)} experiments of 10,000"
    rows = _coverage("all", everything, size)
    for base in BASES:
        some = [one for (of, _), trials in found.items() if of == base for one in trials]
        rows += _coverage(f"base rate {base:.0%}", some, f"{len(some)} experiments of 10,000", rivals=False)
    say("  power at the declared size")
    return [*rows, *_power(), *_allocation()]


def _told(say: Say) -> Iterable[tuple[float, float]]:
    for base, cut in product(BASES, CUTS):
        say(f"  base rate {base:.0%}, effect {cut:+.0%}")
        yield base, cut


def _holds(effect: Effect | None, truth: float) -> bool:
    return effect is not None and effect.low <= truth <= effect.high


def _coverage(name: str, trials: list[Trial], size: str, *, rivals: bool = True) -> list[Entry]:
    share = _share([_holds(one.itt, one.truth) for one in trials])
    row = Entry(PART, f"{name}: 95 % interval of the intention-to-treat effect holds the truth", share[0], "", DATA, size,
                aim="0.93 to 0.97", interval=share[1])  # fmt: skip
    if not rivals:
        return [row]
    relative = _share([
        one.itt is not None and one.itt.relative_low <= one.truth_relative <= one.itt.relative_high for one in trials
    ])  # fmt: skip
    error = _bias([(one.itt, one.truth) for one in trials])
    named = {
        "reached against not reached": [(one.reached, one.truth) for one in trials],
        "called against everybody else": [(one.elsewhere, one.truth) for one in trials],
    }
    rows = [
        row,
        Entry(PART, f"{name}: 95 % interval of the relative effect holds the truth", relative[0], "", DATA, size,
              aim="0.93 to 0.97", interval=relative[1]),
    ]  # fmt: skip
    for rival, pairs in named.items():
        held = _share([_holds(*pair) for pair in pairs])[0]
        rows += [
            Entry(PART, f"{name}: intervals that hold the truth", share[0], "", DATA, size, rival=rival, rival_value=held),
            Entry(PART, f"{name}: mean error, points", error, "points", DATA, size, rival=rival,
                  rival_value=_bias(pairs)),
        ]  # fmt: skip
    return rows


def _bias(pairs: list[tuple[Effect | None, float]]) -> float:
    """Mean of estimate less truth, in percentage points."""
    return float(np.mean([100 * (effect.points - truth) for effect, truth in pairs if effect is not None]))


def _share(hits: list[bool]) -> tuple[float, tuple[float, float]]:
    interval = wilson(sum(hits), len(hits))
    return float(interval.value), (float(interval.low), float(interval.high))


def _power() -> list[Entry]:
    """How often the declared size shows the effect it was made for: with the score as covariate, and without."""
    size = needed(0.20, 0.20, 0.10)
    plain: list[bool] = []
    adjusted: list[bool] = []
    for seed in range(POWER_TRIALS):
        called, left, x = _planned(size.n_called, size.n_held, seed)
        for found, effect in (
            (plain, intention_to_treat(called, left)), (adjusted, intention_to_treat(called, left, x))
        ):  # fmt: skip
            found.append(effect is not None and effect.high < 0)
    told = f"{POWER_TRIALS} experiments of {size.n_called} + {size.n_held}"
    value, interval = _share(adjusted)
    return [Entry(PART, "declared size (base 20 %, cut 20 %): effect shown", value, "", DATA, told, aim=">= 0.80",
                  interval=interval, rival="without covariates", rival_value=_share(plain)[0])]  # fmt: skip


def _planned(n_called: int, n_held: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, 77])
    called = np.repeat([True, False], [n_called, n_held])
    p = rng.beta(2, 8, len(called))  # mean 0.20
    left = (rng.random(len(called)) < p * np.where(called, 0.8, 1)).astype(float)
    return called, left, np.log(p / (1 - p))[:, None]


def _allocation() -> list[Entry]:
    """Worth of a day's calls: exact against greedy, two teams that overlap, few calls."""
    cells: list[Cell] = [("households", "en"), ("households", "fr"), ("businesses", "fr")]
    slots = Slots(dict(zip(cells, (2, 12, 6), strict=True)), {"households": 13, "businesses": 6}, 17)
    worth = {"exact": 0.0, "greedy": 0.0}
    n_better = 0
    for day in range(DAYS):
        net = _day(np.random.default_rng([day, 5]))
        total = {name: _worth(net, way(net, cells, slots)) for name, way in (("exact", exact), ("greedy", greedy))}
        worth = {name: worth[name] + total[name] for name in worth}
        n_better += total["exact"] > total["greedy"] + 0.01
    told = f"{DAYS} days of 60 customers for 17 calls"
    return [
        Entry(PART, "worth of the day's calls, exact", worth["exact"] / DAYS, "EUR", "simulated days", told,
              rival="greedy", rival_value=worth["greedy"] / DAYS),
        Entry(PART, "days on which exact is worth more", n_better / DAYS, "", "simulated days", told),
    ]  # fmt: skip


def _day(rng: np.random.Generator) -> np.ndarray:
    """Worth by customer and cell: a quarter are businesses that both teams can call, the other team at a higher cost."""
    net = np.full((60, 3), np.nan)
    worth = rng.gamma(2, 8, 60) - 6.2
    english, business = rng.random(60) < 0.15, rng.random(60) < 0.4
    net[english, 0] = worth[english]
    net[~english, 1] = worth[~english]
    net[business & ~english, 2] = worth[business & ~english] - rng.uniform(0, 4, int((business & ~english).sum()))
    return net


def _worth(net: np.ndarray, placed: np.ndarray) -> float:
    called = placed != NOBODY
    return float(net[called, placed[called]].sum())
