"""Has what the model sees moved away from what it learnt on? Population stability with a limit that knows the counts.

PSI = sum over bins of (p - q) ln(p / q), q the reference, p the month. Without any drift (N + M rows told apart at
random) n_eff x PSI, n_eff = 1 / (1/N + 1/M), is chi-square with B - 1 degrees of freedom, so its mean is
(B - 1)(1/N + 1/M): a fixed cut such as 0.1 means another thing at every n (METHODS 1.6). With a true shift of `tolerated`
it is non-central chi-square, and the limit is its upper quantile: chance alone, and moves as small as the months of the
reference show among themselves (winter, survey waves), stay under it whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, ncx2

from insights.churn.panel import TERMS, Term
from insights.intervals import Array

BINS = 10
FEWEST = 5.0  # expected rows in a bin of the smaller side: below, chi-square does not hold and bins are joined
FALSE_ALARM = 0.05  # chance of one alarm or more in a reading of all series, when nothing moved
TOLERATED = (
    0.05  # PSI a move may have and mean little to a model, whatever n: half of what the rule of thumb calls stable
)
FEWEST_MONTHS = 6  # of reference months, to learn from them how much months differ
FEATURE, MISSING, SCORE, MIX = "feature", "missing", "score", "irritant_mix"
CALENDAR = 1.0  # PSI that months of the reference have among themselves, above which a series follows the calendar
USUAL = 0.9  # of the months of the reference
PLACES = 12  # decimals at which two values are the same bin


@dataclass(frozen=True)
class Shift:
    """One comparison. `psi` after joining bins; `limit` NaN and `moved` False where fewer than two bins are left.

    `lead` is the bin that weighs most, `lead_reference` and `lead_now` its shares.
    """

    psi: float
    limit: float
    n_reference: float
    n_now: float
    n_bins: int
    lead: str | None = None
    lead_reference: float = float("nan")
    lead_now: float = float("nan")

    @property
    def moved(self) -> bool:
        """True beyond the limit."""
        return bool(self.psi > self.limit)


def psi_limit(n_reference: float, n_now: float, n_bins: int, alpha: float, tolerated: float = 0.0) -> float:
    """The PSI that two samples `tolerated` apart pass with chance `alpha`."""
    n_eff = 1 / (1 / n_reference + 1 / n_now)
    degrees = n_bins - 1
    if tolerated <= 0:
        return float(chi2.ppf(1 - alpha, degrees) / n_eff)
    return float(ncx2.ppf(1 - alpha, degrees, n_eff * tolerated) / n_eff)


def compare_counts(
    reference: Array, now: Array, alpha: float, tolerated: float = 0.0, names: Sequence[str] | None = None
) -> Shift:
    """The shift between two rows of counts over the same bins, in the order of the bins."""
    n_reference, n_now = float(reference.sum()), float(now.sum())
    if not n_reference or not n_now:
        return Shift(float("nan"), float("nan"), n_reference, n_now, 0)
    group = _joined(reference + now, min(n_reference, n_now) / (n_reference + n_now), names is not None)
    a, b = (np.bincount(group, rows).astype(float) for rows in (reference, now))
    if len(a) < 2:
        return Shift(float("nan"), float("nan"), n_reference, n_now, len(a))
    parts = _psi_parts(a, b)
    limit = psi_limit(n_reference, n_now, len(a), alpha, tolerated)
    j = int(np.argmax(parts))
    own = np.flatnonzero(group == j)
    lead = names[int(own[0])] if names is not None and len(own) == 1 else None
    q, p = float(a[j] / n_reference), float(b[j] / n_now)
    return Shift(float(parts.sum()), limit, n_reference, n_now, len(a), lead, q, p)


def _psi_parts(reference: Array, now: Array) -> Array:
    """What each bin adds to the PSI; half a row is added to each bin, so that an empty one counts and is no infinity."""
    q = (reference + 0.5) / (reference + 0.5).sum()
    p = (now + 0.5) / (now + 0.5).sum()
    return np.asarray((p - q) * np.log(p / q), dtype=float)


def _joined(both: Array, share: float, nominal: bool) -> NDArray[np.int64]:
    """Group of each bin, so that each group expects `FEWEST` rows on the smaller side.

    Bins of a scale join their neighbour; names (`nominal`) are no neighbours: the rare ones join in one last group.
    """
    expected = both * share
    if nominal:
        rare = expected < FEWEST
        group = np.cumsum(~rare) - 1
        group[rare] = group.max(initial=-1) + 1
        if rare.any() and expected[rare].sum() < FEWEST and (~rare).any():
            group[rare] = group[np.flatnonzero(~rare)[-1]]
        return np.asarray(group, dtype=np.int64)
    group = np.zeros(len(both), dtype=np.int64)
    current, filled = 0, 0.0
    for i, rows in enumerate(expected):
        group[i], filled = current, filled + rows
        if filled >= FEWEST:
            current, filled = current + 1, 0.0
    if filled and current:
        group[group == current] = current - 1
    return group


def edges_of(reference: Array, n_bins: int = BINS) -> Array:
    """Upper edges of bins of about equal count; a value that fills a bin alone has its own. Without the last, infinity."""
    known = np.round(reference[~np.isnan(reference)], PLACES)
    if not len(known):
        return np.zeros(0)
    found = np.unique(np.quantile(known, np.arange(1, n_bins) / n_bins, method="inverted_cdf"))
    return np.asarray(found[found < known.max()], dtype=float)


def counts(values: Array, edges: Array) -> Array:
    """(bins,) rows in each bin; unknown values are left out."""
    known = np.round(values[~np.isnan(values)], PLACES)
    found = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return np.asarray(found, dtype=float)


@dataclass(frozen=True)
class Series:
    """One watched series: counts of the reference by month (months, bins), of now (bins,), and means for people."""

    kind: str
    name: str
    by_month: Array
    now: Array
    mean_reference: float
    mean_now: float
    names: tuple[str, ...] | None = None


def watched(reference: pd.DataFrame, now: pd.DataFrame, scores: Mapping[str, Array] | None = None) -> list[Series]:
    """All series of two sets of prepared rows: terms, what is missing of them, irritant mix, and the score if given.

    `scores`: "reference" (n,) and "now" (m,), log-odds or index of the same rows in the same order.
    """
    months = np.unique(reference["t0"].to_numpy(), return_inverse=True)[1]
    found = []
    for term in TERMS:
        a, b = (term.compute(rows).to_numpy(float) for rows in (reference, now))
        one = scale_series(FEATURE, term.name, a, b, months)
        found.append(replace(one, mean_reference=_shown(term, reference), mean_now=_shown(term, now)))
        if np.isnan(a).any() or np.isnan(b).any():
            found.append(scale_series(MISSING, term.name, np.isnan(a) * 1.0, np.isnan(b) * 1.0, months))
    found.append(mix_series(reference, now, months))
    if scores is not None:
        found.append(scale_series(SCORE, SCORE, scores["reference"], scores["now"], months))
    return found


def _shown(term: Term, rows: pd.DataFrame) -> float:
    """The mean as a person reads it: of the panel column a term is made from, of the term itself where it is yes or no."""
    if term.binary or len(term.values) != 1:
        return _mean(term.compute(rows).to_numpy(float))
    return _mean(rows[term.values[0]].to_numpy(float, na_value=np.nan))


def scale_series(kind: str, name: str, reference: Array, now: Array, months: NDArray[np.int64]) -> Series:
    """A number a row: bins of the reference."""
    edges = edges_of(reference)
    by_month = np.array([counts(reference[months == month], edges) for month in range(int(months.max()) + 1)])
    return Series(kind, name, by_month, counts(now, edges), _mean(reference), _mean(now))


def mix_series(reference: pd.DataFrame, now: pd.DataFrame, months: NDArray[np.int64]) -> Series:
    """Which irritants are named, of all that are: a name a bin."""
    listed, current = reference["irritants_90d"].tolist(), now["irritants_90d"].tolist()
    names = tuple(sorted({one for row in (*listed, *current) for one in row}))
    place = {name: i for i, name in enumerate(names)}
    by_month = np.zeros((int(months.max()) + 1, len(names)))
    for month, row in zip(months, listed, strict=True):
        for one in row:
            by_month[month, place[one]] += 1
    counted = np.zeros(len(names))
    for row in current:
        for one in row:
            counted[place[one]] += 1
    before, after = (sum(map(bool, rows)) / max(len(rows), 1) for rows in (listed, current))
    return Series(MIX, MIX, by_month, counted, before, after, names)


def read(series: Sequence[Series], false_alarm: float = FALSE_ALARM, tolerated: float = TOLERATED) -> pd.DataFrame:
    """One row a series: kind, name, psi, limit, tolerated, n_reference, n_now, n_bins, mean_reference, mean_now, moved,
    and the bin that weighs most (lead, lead_reference, lead_now).

    `false_alarm` holds for one reading of all series together (Bonferroni). `tolerated` is raised for a series to
    what its own months differ among themselves (`usual`); one whose months always differ has no limit (NaN).
    """
    alpha = false_alarm / max(len(series), 1)
    rows: list[dict[str, Any]] = []
    for one in series:
        allowed = max(tolerated, usual(one.by_month, one.names))
        shift = compare_counts(one.by_month.sum(axis=0), one.now, alpha, allowed, one.names)
        limit = shift.limit if allowed <= CALENDAR else float("nan")
        rows.append(
            {
                **{"kind": one.kind, "name": one.name, "psi": shift.psi, "limit": limit, "tolerated": allowed},
                **{"n_reference": int(shift.n_reference), "n_now": int(shift.n_now), "n_bins": shift.n_bins},
                **{"mean_reference": one.mean_reference, "mean_now": one.mean_now, "moved": bool(shift.psi > limit)},
                **{"lead": shift.lead, "lead_reference": shift.lead_reference, "lead_now": shift.lead_now},
            }
        )
    return pd.DataFrame(rows)


def usual(by_month: Array, names: Sequence[str] | None = None) -> float:
    """The shift of one reference month against the others, beyond chance, that one month in ten passes; 0 with few months.

    The two or three oddest months of a year (a start of recording, one announcement) do not raise it.
    """
    if len(by_month) < FEWEST_MONTHS:
        return 0.0
    total = by_month.sum(axis=0)
    beyond = []
    for month in by_month:
        shift = compare_counts(total - month, month, 0.5, 0.0, names)
        if shift.n_bins > 1:
            beyond.append(shift.psi - (shift.n_bins - 1) * (1 / shift.n_reference + 1 / shift.n_now))
    return max(0.0, float(np.quantile(beyond, USUAL, method="lower"))) if beyond else 0.0


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
