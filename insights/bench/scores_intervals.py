"""Exact coverage of NPS intervals: every possible sample of n answers, weighed by its probability.

No draw is needed but the bootstrap's own: at n = 100 there are 5,151 samples of promoters, passives and detractors.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import multinomial, norm

from insights.bench.report import Entry
from insights.bench.scores_shared import PART, Say
from insights.intervals import Array, Interval, nps_interval

MIXES = ((0.45, 0.30, 0.25), (0.65, 0.25, 0.10), (0.85, 0.13, 0.02), (0.27, 0.40, 0.33))
SIZES = (10, 20, 50, 100)
LEVEL, LOWEST, HIGHEST = 0.95, 0.935, 0.965
RESAMPLES = 1000
Method = Callable[[Array, int], Interval]


def samples(n: int) -> Array:
    """Every split of n answers: (k, 3) counts of promoters, passives, detractors."""
    up, down = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    inside = up + down <= n
    return np.stack([up[inside], n - up[inside] - down[inside], down[inside]], axis=1).astype(float)


def adjusted_wald(counts: Array, n: int) -> Interval:
    """Ours."""
    return nps_interval(counts[:, 0], counts[:, 2], n)


def wald(counts: Array, n: int) -> Interval:
    """The textbook interval: observed shares, normal quantile."""
    up, down = counts[:, 0] / n, counts[:, 2] / n
    half = norm.ppf(0.5 + LEVEL / 2) * np.sqrt((up + down - (up - down) ** 2) / n)
    return Interval(100 * (up - down), 100 * (up - down - half), 100 * (up - down + half))


def bootstrap(counts: Array, n: int) -> Interval:
    """Percentile bootstrap, 1,000 resamples a sample, seeded."""
    rng = np.random.default_rng(n)
    drawn = rng.multinomial(n, counts / n, size=(RESAMPLES, len(counts)))
    scores = 100 * (drawn[..., 0] - drawn[..., 2]) / n
    low, high = np.quantile(scores, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
    return Interval(100 * (counts[:, 0] - counts[:, 2]) / n, low, high)


def coverage(method: Method, mix: tuple[float, float, float], n: int) -> float:
    """Probability that the interval holds the true NPS of `mix`."""
    counts = samples(n)
    found, truth = method(counts, n), 100 * (mix[0] - mix[2])
    holds = (found.low <= truth + 1e-9) & (found.high >= truth - 1e-9)
    return float(multinomial.pmf(counts, n, mix) @ holds)


METHODS: dict[str, Method] = {"adjusted Wald": adjusted_wald, "Wald": wald, "bootstrap": bootstrap}


def interval_entries(say: Say) -> list[Entry]:
    """Coverage by mix and n beside Wald, and how many of the 16 cells hold for each method."""
    found = {name: {(mix, n): coverage(one, mix, n) for mix in MIXES for n in SIZES} for name, one in METHODS.items()}
    say("  coverage: " + ", ".join(f"{name} {min(cells.values()):.3f} lowest" for name, cells in found.items()))
    size, aim = "every sample, exact", f"{LOWEST} to {HIGHEST}"
    rows = [
        Entry(PART, f"NPS interval, coverage at {'/'.join(f'{p:g}' for p in mix)}, n = {n}", value, "", "theory", size,
              aim=aim, rival=rival, rival_value=found[rival][mix, n])
        for (mix, n), value in found["adjusted Wald"].items() for rival in ("Wald", "bootstrap")
    ]  # fmt: skip
    held = {name: sum(LOWEST <= one <= HIGHEST for one in cells.values()) for name, cells in found.items()}
    for rival in ("Wald", "bootstrap"):
        ours, theirs = found["adjusted Wald"].values(), found[rival].values()
        rows.append(
            Entry(PART, "NPS interval, cells of 16 within the aim", held["adjusted Wald"], "", "theory", size, aim="16",
                  rival=rival, rival_value=held[rival])
        )  # fmt: skip
        rows.append(
            Entry(PART, "NPS interval, lowest coverage", min(ours), "", "theory", size, aim=f">= {LOWEST}",
                  rival=rival, rival_value=min(theirs))
        )  # fmt: skip
    return rows
