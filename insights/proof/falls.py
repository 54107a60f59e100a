"""Falls against the same weeks a year ago that no action of ours explains: told, so that nobody is credited for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, t

from insights.digest.owners import plain
from insights.proof.known import KnownEvent
from insights.proof.series import monday

WEEKS = 10
YEAR_WEEKS = 52
LEVEL = 0.95
FALSE_DISCOVERIES = 0.05
FEWEST = 10  # contacts of a reason over both windows
NEAR = timedelta(weeks=6)  # between the beginning of an event and that of the fall it may explain
MOST_ALIKE = 0.8  # of two weeks in a row

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fall:
    """One contact reason that fell. `event`: a known event that moves it and began near the fall; None without."""

    key: str
    ratio: float
    low: float
    high: float
    n_now: int
    n_before: int
    event: KnownEvent | None


def falls(rows: pd.DataFrame, today: date, worked_on: Collection[str], events: Sequence[KnownEvent]) -> list[Fall]:
    """Reasons whose share of contacts fell over the last ten whole weeks, against the same weeks a year ago.

    `rows`: week (Monday), key, n. `worked_on`: reasons an action works on, left out. The deepest fall first. The error is
    quasi-Poisson, learned from how the weeks of both windows spread and follow each other; of the reasons told, no more
    than 5 % are expected to be false (Benjamini-Hochberg over all of them).
    """
    last = monday(today + timedelta(days=1))
    weeks = [last - timedelta(weeks=WEEKS + YEAR_WEEKS - n) for n in range(WEEKS + YEAR_WEEKS)]
    table = _table(rows, weeks)
    total = table.sum(axis=1).to_numpy(dtype=float)
    before, now = slice(0, WEEKS), slice(YEAR_WEEKS, None)
    if table.empty or min(total[before].sum(), total[now].sum()) <= 0:
        return []
    kept = table.loc[:, table.iloc[[*range(WEEKS), *range(YEAR_WEEKS, len(weeks))]].sum() >= FEWEST]
    kept = kept.loc[:, kept.iloc[before].sum() > 0]
    counts = kept.to_numpy(dtype=float)
    change, error = _changes(counts, total, before, now)
    if not len(change):
        return []
    freedom = 2 * (WEEKS - 1)
    real = false_discovery_control(t.cdf(change / error, freedom)) <= FALSE_DISCOVERIES
    wide = float(t.ppf(0.5 + LEVEL / 2, freedom)) * error
    return sorted(
        (
            Fall(
                str(key), float(np.exp(change[n])), float(np.exp(change[n] - wide[n])),
                float(np.exp(change[n] + wide[n])), int(counts[now, n].sum()), int(counts[before, n].sum()),
                _event(str(key), events, weeks[_began(counts[:, n], total)]),
            )
            for n, key in enumerate(kept.columns)
            if real[n] and change[n] + wide[n] < 0 and str(key) not in set(worked_on)
        ),
        key=lambda one: (one.ratio, one.key),
    )  # fmt: skip


def _table(rows: pd.DataFrame, weeks: Sequence[date]) -> pd.DataFrame:
    """Contacts by week (62 rows) and reason, reasons in their order."""
    told = rows.assign(day=pd.to_datetime(rows["week"]).dt.date)
    counted = told[told["day"].isin(weeks)].groupby(["day", "key"])["n"].sum().unstack("key", fill_value=0)
    return counted.reindex(weeks, fill_value=0).sort_index(axis=1)


def _changes(counts: Floats, total: Floats, before: slice, now: slice) -> tuple[Floats, Floats]:
    """Log ratio of each reason's share, now over before, and its standard error, both (k,).

    Quasi-Poisson: var = dispersion (1 / n_now + 1 / n_before), dispersion = Pearson's over the weeks of both windows,
    not below 1, times (1 + r) / (1 - r) where weeks in a row are alike (r: lag 1, over all reasons).
    """
    left, squares, products = np.zeros(counts.shape[1]), 0.0, 0.0
    sums = []
    for window in (before, now):
        n, exposure = counts[window], total[window][:, None]
        expected = exposure * n.sum(axis=0) / exposure.sum()
        resid = np.divide(n - expected, np.sqrt(expected), out=np.zeros_like(n), where=expected > 0)
        left += (resid**2).sum(axis=0)
        squares += float((resid**2).sum())
        products += float((resid[1:] * resid[:-1]).sum())
        sums.append((n.sum(axis=0) + 0.5, exposure.sum()))
    # a mean taken out of ten weeks leaves neighbours with r - 1/10 of likeness
    alike = float(np.clip((products / squares if squares > 0 else 0.0) + 1 / WEEKS, 0.0, MOST_ALIKE))
    dispersion = np.maximum(left / (2 * (WEEKS - 1)), 1.0) * (1 + alike) / (1 - alike)
    (n0, e0), (n1, e1) = sums
    return np.log((n1 / e1) / (n0 / e0)), np.sqrt(dispersion * (1 / n0 + 1 / n1))


def _began(counts: Floats, total: Floats) -> int:
    """Number of the week from which a single step down fits the year best (Poisson likelihood)."""
    n, e = np.cumsum(counts)[:-1], np.cumsum(total)[:-1]
    rest, free = counts.sum() - n, total.sum() - e
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = np.where(n > 0, n * np.log(n / e), 0.0) + np.where(rest > 0, rest * np.log(rest / free), 0.0)
        fit = np.where(rest * e < n * free, fit, -np.inf)
    return int(np.argmax(fit)) + 1


def _event(key: str, events: Sequence[KnownEvent], began: date) -> KnownEvent | None:
    """The known event that moves a reason and began nearest to its fall, within six weeks."""
    moving = [one for one in events if abs(one.start_on - began) <= NEAR and one.names(key, plain(key))]
    return min(moving, key=lambda one: (abs(one.start_on - began), one.start_on), default=None)
