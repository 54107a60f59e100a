"""Units drawn at random before an action begins: same seed, same draw, half of each stratum."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from insights.actions.model import RANDOM, Comparison
from insights.errors import LedgerError
from insights.proof.clusters import pooled, told_apart, ways
from insights.proof.verdict import LAST_ALPHA

FEWEST = 9  # units: eight can be halved in 70 ways, and a perfect result of one in 70 is no proof


def draw(strata: Mapping[str, str], dimension: str, seed: int) -> Comparison:
    """Half of the units treated, drawn within strata (unit -> stratum, such as team -> site).

    Strata of one unit are put together. Odd strata take turns in having one more on the treated side. Raises LedgerError
    for fewer than nine units, and where there are so few ways to draw them that no result could be told from chance.
    """
    if len(strata) < FEWEST:
        raise LedgerError(f"{len(strata)} units cannot be drawn from: {FEWEST} or more are needed.")
    names = sorted(strata)
    places = dict(zip(names, pooled(np.array([strata[one] for one in names])).tolist(), strict=True))
    rng = np.random.default_rng([seed, FEWEST])
    treated: list[str] = []
    extra = bool(rng.integers(0, 2))
    for stratum in sorted(set(places.values())):
        units = [unit for unit in names if places[unit] == stratum]
        n = len(units) // 2 + (len(units) % 2 and extra)
        extra = extra ^ bool(len(units) % 2)
        treated += [units[place] for place in rng.permutation(len(units))[:n]]
    _enough(names, treated, places)
    others = sorted(set(strata) - set(treated))
    return Comparison(RANDOM, dimension, tuple(sorted(treated)), tuple(others), seed, places)


def _enough(names: list[str], treated: list[str], places: Mapping[str, str]) -> None:
    n_ways = ways(np.isin(names, treated), np.array([places[one] for one in names]))
    if not told_apart(n_ways, LAST_ALPHA):
        raise LedgerError(
            f"These {len(names)} units can be drawn in {n_ways} ways only: even a perfect result would come up by chance "
            f"with p = {2 / n_ways:.2f}, and {LAST_ALPHA:.3f} is asked. Draw from more units, or from fewer sites."
        )
