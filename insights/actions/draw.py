"""Units drawn at random before an action begins: same seed, same draw, half of each stratum."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from insights.actions.model import RANDOM, Comparison
from insights.errors import LedgerError

FEWEST = 6  # units: 20 ways to halve them, so that a permutation test can reach p = .05


def draw(strata: Mapping[str, str], dimension: str, seed: int) -> Comparison:
    """Half of the units treated, drawn within strata (unit -> stratum, such as team -> site).

    Odd strata take turns in having one more on the treated side. Raises LedgerError for fewer than six units.
    """
    if len(strata) < FEWEST:
        raise LedgerError(f"{len(strata)} units cannot be drawn from: {FEWEST} or more are needed.")
    rng = np.random.default_rng([seed, FEWEST])
    treated: list[str] = []
    extra = bool(rng.integers(0, 2))
    for stratum in sorted(set(strata.values())):
        units = sorted(unit for unit, place in strata.items() if place == stratum)
        n = len(units) // 2 + (len(units) % 2 and extra)
        extra = extra ^ bool(len(units) % 2)
        treated += [units[place] for place in rng.permutation(len(units))[:n]]
    others = sorted(set(strata) - set(treated))
    return Comparison(RANDOM, dimension, tuple(sorted(treated)), tuple(others), seed, dict(sorted(strata.items())))
