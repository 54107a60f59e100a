"""Units drawn at random: a permutation test over whole units (teams, sites), and the interval it gives.

The units are what was drawn, so the units are what is permuted, within the strata of the draw (Gail et al. 1996,
doi:10.1002/(SICI)1097-0258(19960615)15:11<1069). Each unit's own value before the start is taken out first, with one
slope learned without looking at who was treated. The interval is the set of effects the test does not refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from insights.intervals import Array

Bools = NDArray[np.bool_]
DRAWS = 4000
FEWEST_UNITS = 6
STEPS = 60  # of the bisection that finds each bound
ALONE = "(alone)"  # the stratum of units that have none to share theirs
REACH = 12.0  # standard errors searched for a bound


@dataclass(frozen=True)
class Units:
    """One row a unit, all (u,). `after`, `before`: mean of the measure; `weight`: observations after."""

    after: Array
    before: Array
    weight: Array
    treated: Bools
    stratum: NDArray[np.str_]


@dataclass(frozen=True)
class ClusterEffect:
    """Treated less others, in the measure's own unit."""

    effect: float
    low: float
    high: float
    p: float
    n_units: int


def cluster_effect(units: Units, seed: int, level: float = 0.95, slope: float | None = None) -> ClusterEffect | None:
    """The effect on the treated units; None with fewer than six units, an empty side, or so
    few ways to draw them that even the best result could be chance.

    `slope`: how much of a unit's value before is taken out; None learns it, 1 compares changes.
    """
    if len(units.after) < FEWEST_UNITS or min(units.treated.sum(), (~units.treated).sum()) < 2:
        return None
    if not told_apart(ways(units.treated, units.stratum), 1 - level):
        return None
    values = units.after - (learned_slope(units) if slope is None else slope) * _centred(units)
    seats = assignments(units.treated, units.stratum, seed)
    effect = float(_difference(values, units.weight, units.treated[None])[0])
    moved = _difference(values, units.weight, seats)
    carried = _difference(units.treated.astype(float), units.weight, seats)  # what a unit of effect adds to each
    p = _p(effect, moved, carried, 0.0)
    error = float(np.std(moved - carried * effect)) or 1e-9
    far = REACH * max(error, abs(effect) / REACH)
    low, high = (_bound(effect, moved, carried, side * far, 1 - level) for side in (-1, 1))
    return ClusterEffect(effect, low, high, p, len(values))


def learned_slope(units: Units) -> float:
    """Weighted slope of after on before over all units, 0 to 1; 0 without values before."""
    centred = _centred(units)
    spread = float((units.weight * centred**2).sum())
    return float(np.clip((units.weight * centred * units.after).sum() / spread, 0, 1)) if spread > 0 else 0.0


def _centred(units: Units) -> Array:
    """(u,) value before less its weighted mean; 0 for a unit that has none."""
    known = np.isfinite(units.before)
    if not known.any():
        return np.zeros(len(units.before))
    mean = np.average(units.before[known], weights=units.weight[known] + 1e-9)
    return np.where(known, units.before - mean, 0.0)


def pooled(stratum: NDArray[np.str_]) -> NDArray[np.str_]:
    """Strata of a single unit put together: alone, such a unit could only ever have been drawn as it was."""
    names, counts = np.unique(stratum, return_counts=True)
    return np.where(np.isin(stratum, names[counts == 1]), ALONE, stratum)


def _seats(treated: Bools, stratum: NDArray[np.str_]) -> tuple[list[NDArray[np.intp]], list[int]]:
    """Places of the units of each stratum, and how many of them are treated."""
    together = pooled(stratum)
    places = [np.flatnonzero(together == one) for one in np.unique(together)]
    return places, [int(treated[rows].sum()) for rows in places]


def ways(treated: Bools, stratum: NDArray[np.str_]) -> int:
    """In how many ways the draw could have come out."""
    return prod(comb(len(rows), n) for rows, n in zip(*_seats(treated, stratum), strict=True))


def told_apart(n_ways: int, alpha: float) -> bool:
    """Whether the best result of a permutation test, with its mirror image, stays at or below `alpha`."""
    return 2 / n_ways <= alpha + 1e-9


def assignments(treated: Bools, stratum: NDArray[np.str_], seed: int) -> Bools:
    """(m, u) ways in which the draw might have come out: all of them when they are few, else seeded draws."""
    places, sizes = _seats(treated, stratum)
    if (n_ways := ways(treated, stratum)) <= DRAWS:
        out = np.zeros((n_ways, len(treated)), dtype=bool)
        each = (combinations(rows, n) for rows, n in zip(places, sizes, strict=True))
        for row, chosen in enumerate(product(*each)):
            out[row, [place for part in chosen for place in part]] = True
        return out
    rng = np.random.default_rng([seed, len(treated)])
    out = np.zeros((DRAWS, len(treated)), dtype=bool)
    out[0] = treated
    for rows, n in zip(places, sizes, strict=True):
        ranks = rng.random((DRAWS - 1, len(rows))).argsort(axis=1).argsort(axis=1)
        out[1:, rows] = ranks < n
    return out


def _difference(values: Array, weight: Array, seats: Bools) -> Array:
    """(m,) weighted mean of the treated less that of the others, for each way of seating."""
    heavy = seats * weight
    light = (~seats) * weight
    return np.asarray(
        (heavy @ values) / np.maximum(heavy.sum(axis=1), 1e-9) - (light @ values) / np.maximum(light.sum(axis=1), 1e-9)
    )


def _p(effect: float, moved: Array, carried: Array, shift: float) -> float:
    """Two-sided p of the hypothesis that the effect is `shift`."""
    null = moved - carried * shift
    beyond = np.abs(null) >= abs(effect - shift) - 1e-12
    return float(max(beyond.mean(), 1 / len(moved)))


def _bound(effect: float, moved: Array, carried: Array, far: float, alpha: float) -> float:
    """The effect furthest to one side that is not refused; infinite where even the far end is not."""
    inside, outside = effect, effect + far
    if _p(effect, moved, carried, outside) > alpha:
        return float(np.copysign(np.inf, far))
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        if _p(effect, moved, carried, middle) > alpha:
            inside = middle
        else:
            outside = middle
    return inside


def t_effect(units: Units, level: float = 0.95) -> ClusterEffect | None:
    """Change of the treated less change of the others with Welch's interval over units: groups chosen, not drawn."""
    known = np.isfinite(units.before)
    change, side = (units.after - units.before)[known], units.treated[known]
    if len(change) < FEWEST_UNITS or min(side.sum(), (~side).sum()) < 2:
        return None
    one, two = change[side], change[~side]
    parts = np.array([one.var(ddof=1) / len(one), two.var(ddof=1) / len(two)])
    error = float(np.sqrt(parts.sum())) or 1e-9
    free = float(parts.sum() ** 2 / max((parts**2 / np.array([len(one) - 1, len(two) - 1])).sum(), 1e-18))
    effect = float(one.mean() - two.mean())
    half = float(student.ppf(0.5 + level / 2, free)) * error
    p = float(2 * student.sf(abs(effect) / error, free))
    return ClusterEffect(effect, effect - half, effect + half, p, len(change))
