"""Segments whose score, irritants or risk differ from the rest of the customers, with the false discoveries controlled.

Every value of a dimension and every pair of values of two dimensions is a candidate; every measure is compared between
its customers and all others: means by Welch's test (score, risk), counts by the exact conditional test of two Poisson
rates with the customers' time with the company as exposure (irritants: who has been here for a month had a month to
complain). Benjamini and Hochberg over all comparisons of the run; what differs too little to matter is left out. A pair
is kept only where it differs from each of its two halves as well: else the half tells it already.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom, false_discovery_control, norm
from scipy.stats import t as student

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]
Bools = NDArray[np.bool_]

FALSE_SHARE = 0.05  # expected share of findings that are none
LEAST_CUSTOMERS = 100
LEAST_KNOWN = 30  # customers with a value of the measure, in the segment
MOST_SHARE = 0.6  # a segment of nearly everybody is the whole
MOST_OF_HALF = 0.9  # a pair of nearly all of its half is that half
RATIO = 1.5  # of two rates, from which on the difference matters
OF_HALF = 0.01  # p value at which a pair differs from its half
LEVEL = 0.90
COLUMNS = [
    *("segment_key", "dimension", "value", "dimension_2", "value_2", "measure", "n_customers", "n_known"),
    *("inside", "outside", "difference", "low", "high", "p_value", "q_value"),
]


@dataclass(frozen=True)
class Candidate:
    """One segment: its terms (dimension, value), one or two, and the places of its customers."""

    terms: tuple[tuple[str, str], ...]
    rows: Ints
    halves: tuple[Ints, ...] = ()  # of a pair: the customers of each of its two terms

    @property
    def key(self) -> str:
        return " & ".join(f"{dimension}={value}" for dimension, value in self.terms)


def candidates(people: pd.DataFrame, dimensions: Sequence[str], least: int = LEAST_CUSTOMERS) -> list[Candidate]:
    """Segments of at least `least` customers and at most 60 % of them, single values first, in the order given.

    `people`: one row a customer, `dimensions` as texts (NULL: unknown, in no segment). A pair that is hardly smaller
    than one of its halves (over 90 % of it) is left out.
    """
    coded = {dimension: _coded(people[dimension]) for dimension in dimensions}
    singles = {
        (dimension, value): rows
        for dimension, (codes, values) in coded.items()
        for value, rows in zip(values, _places(codes, len(values)), strict=True)
    }
    found = [Candidate((term,), rows) for term, rows in singles.items()]
    for one, other in combinations(dimensions, 2):
        (codes, values), (others, other_values) = coded[one], coded[other]
        both = np.where((codes >= 0) & (others >= 0), codes * len(other_values) + others, -1)
        for number, rows in enumerate(_places(both, len(values) * len(other_values))):
            terms = ((one, values[number // len(other_values)]), (other, other_values[number % len(other_values)]))
            if least <= len(rows) <= MOST_OF_HALF * min(len(singles[term]) for term in terms):
                found.append(Candidate(terms, rows, tuple(singles[term] for term in terms)))
    return [one for one in found if least <= len(one.rows) <= MOST_SHARE * len(people)]


def _coded(column: pd.Series) -> tuple[Ints, list[str]]:
    """Number of each value (n,), -1 for unknown, and the values in order."""
    codes, values = pd.factorize(column.astype("str").where(column.notna(), None), sort=True)
    return codes.astype(np.int64), [str(one) for one in values]


def _places(codes: Ints, n: int) -> list[Ints]:
    """Places of each of the numbers 0 to n - 1."""
    order = np.argsort(codes, kind="stable").astype(np.int32)
    ends = np.searchsorted(codes[order], np.arange(n + 1))
    return [order[start:end] for start, end in zip(ends, ends[1:], strict=False)]


def explore(
    people: pd.DataFrame,
    means: pd.DataFrame,
    counts: pd.DataFrame,
    exposure: Floats,
    dimensions: Sequence[str],
    floors: Mapping[str, float],
) -> pd.DataFrame:
    """One row a segment and measure that differs from everybody else, the surest first.

    All stand row by row for the same n customers. `means` (n, k): NaN where a customer has no value. `counts` (n, m): 1
    where it happened in the time `exposure` (n,), in years. `floors`: least difference of a mean that matters, by
    measure; a rate matters from `RATIO` on. Columns: segment_key, dimension, value, dimension_2, value_2 (NULL for a
    single value), measure, n_customers, n_known, inside and outside (mean, or customers a customer-year), difference
    with its 90 % interval low, high, p_value, q_value.
    """
    found = candidates(people, dimensions)
    tests: tuple[_Means | _Rates, ...] = (_Means(means, floors), _Rates(counts, exposure))
    rows = _compared(found, tests, len(people))
    sure = rows[(rows["q_value"] <= FALSE_SHARE) & rows["matters"]]
    by_measure = {measure: test for test in tests for measure in test.measures}
    beyond = [_beyond_halves(row, found, by_measure[row["measure"]]) for row in sure.to_dict("records")]
    kept = sure[np.array(beyond, dtype=bool)]
    order = ["p_value", "n_customers", "segment_key", "measure"]
    return kept.sort_values(order, ascending=[True, False, True, True])[COLUMNS].reset_index(drop=True)


def comparisons(
    people: pd.DataFrame, means: pd.DataFrame, counts: pd.DataFrame, exposure: Floats, dimensions: Sequence[str]
) -> pd.DataFrame:
    """Every comparison that `explore` weighs, found or not, with its p and q value."""
    return _compared(candidates(people, dimensions), (_Means(means, {}), _Rates(counts, exposure)), len(people))


def _compared(found: Sequence[Candidate], tests: Sequence[_Means | _Rates], n: int) -> pd.DataFrame:
    """All comparisons with enough customers, false discoveries controlled over all of them."""
    groups, everybody = [one.rows for one in found], [np.arange(n)] * len(found)
    made = [_rows(found, test, test.compare(groups, everybody)) for test in tests if found and test.measures]
    rows = pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=[*COLUMNS, "candidate", "matters"])
    known = rows[(rows["n_known"] >= LEAST_KNOWN) & rows["p_value"].notna()]
    return known.assign(q_value=false_discovery_control(known["p_value"], method="bh") if len(known) else None)


@dataclass(frozen=True)
class Compared:
    """Groups against others, arrays (groups, measures): level inside and outside, 90 % interval, two-sided p value."""

    n_known: Floats
    inside: Floats
    outside: Floats
    low: Floats
    high: Floats
    p_value: Floats
    matters: Bools


class _Means:
    """Means compared by Welch's test (Welch 1947)."""

    def __init__(self, values: pd.DataFrame, floors: Mapping[str, float]) -> None:
        self.measures = [str(one) for one in values.columns]
        matrix = values.to_numpy(float)
        known = ~np.isnan(matrix)
        filled = np.where(known, matrix, 0.0)
        self._parts = np.hstack([known, filled, filled**2])
        self._floors = np.array([floors.get(one, 0.0) for one in self.measures])

    def compare(self, groups: Sequence[Ints], wholes: Sequence[Ints]) -> Compared:
        """Each group against what is left of the whole it is a part of."""
        inside, whole = _sums(self._parts, groups), _sums(self._parts, wholes)
        (n1, m1, v1), (n2, m2, v2) = _moments(inside), _moments(whole - inside)
        with np.errstate(invalid="ignore", divide="ignore"):
            v1 = np.maximum(v1, v2 * n2 / n1)  # forty equal answers of a few do not show that all are alike
            spread = np.sqrt(v1 + v2)
            freedom = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
            p_value = 2 * student.sf(np.abs(m1 - m2) / spread, freedom)
        p_value = np.where(spread > 0, p_value, np.where(np.abs(m1 - m2) > 0, 0.0, np.nan))  # all alike on both sides
        half = norm.ppf(0.5 + LEVEL / 2) * spread
        return Compared(n1, m1, m2, m1 - m2 - half, m1 - m2 + half, p_value, np.abs(m1 - m2) >= self._floors)


class _Rates:
    """Rates compared by the exact conditional test: of all events, those inside are binomial with the share of time."""

    def __init__(self, counts: pd.DataFrame, exposure: Floats) -> None:
        self.measures = [str(one) for one in counts.columns]
        self._parts = np.column_stack([exposure, counts.to_numpy(float)])

    def compare(self, groups: Sequence[Ints], wholes: Sequence[Ints]) -> Compared:
        """Each group against what is left of the whole it is a part of; the p value is the mid-p one."""
        inside, whole = _sums(self._parts, groups), _sums(self._parts, wholes)
        e1, k1 = inside[:, :1], inside[:, 1:]
        e2, total = whole[:, :1] - e1, whole[:, 1:]
        k2, share = total - k1, e1 / whole[:, :1]
        at = binom.pmf(k1, total, share) / 2
        least = np.minimum(binom.cdf(k1 - 1, total, share) + at, binom.sf(k1, total, share) + at)
        p_value = np.where(total > 0, np.clip(2 * least, 0.0, 1.0), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = k1 / e1, k2 / e2
            ratio = one / other
        half = norm.ppf(0.5 + LEVEL / 2) * np.sqrt((k1 + 0.5) / e1**2 + (k2 + 0.5) / e2**2)
        n_known = np.repeat([[float(len(rows))] for rows in groups], len(self.measures), axis=1)
        matters = (ratio >= RATIO) | (ratio <= 1 / RATIO)
        return Compared(n_known, one, other, one - other - half, one - other + half, p_value, matters)


def _sums(parts: Floats, groups: Sequence[Ints]) -> Floats:
    """Sum of each column of `parts` (n, c) over each group (groups, c); the same group twice in a row is summed once."""
    found: list[Floats] = []
    last: Ints | None = None
    for rows in groups:
        found.append(found[-1] if rows is last else parts[rows].sum(axis=0))
        last = rows
    return np.stack(found)


def _moments(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """Count, mean and variance of the mean of each measure, from the sums of one, value and square."""
    n, total, squares = np.split(sums, 3, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        return n, mean, np.maximum(squares - n * mean**2, 0.0) / (n - 1) / n


def _rows(found: Sequence[Candidate], test: _Means | _Rates, compared: Compared) -> pd.DataFrame:
    """All comparisons, one row each."""
    n, k = len(found), len(test.measures)
    terms = [(*one.terms, (None, None))[:2] for one in found]
    told = {
        "candidate": np.arange(n),
        "segment_key": [one.key for one in found],
        "dimension": [pair[0][0] for pair in terms],
        "value": [pair[0][1] for pair in terms],
        "dimension_2": [pair[1][0] for pair in terms],
        "value_2": [pair[1][1] for pair in terms],
        "n_customers": [len(one.rows) for one in found],
    }
    frame = pd.DataFrame(told).loc[np.repeat(np.arange(n), k)].reset_index(drop=True)
    names = ("inside", "outside", "low", "high", "p_value", "matters")
    return frame.assign(
        measure=test.measures * n,
        n_known=compared.n_known.ravel().astype(int),
        difference=(compared.inside - compared.outside).ravel(),
        **{name: getattr(compared, name).ravel() for name in names},
    )


def _beyond_halves(row: Mapping[Hashable, Any], found: Sequence[Candidate], test: _Means | _Rates) -> bool:
    """Whether a pair differs from what is left of each of its halves too, alike and enough; True for a single value."""
    pair = found[int(row["candidate"])]
    if not pair.halves:
        return True
    beside = test.compare([pair.rows] * len(pair.halves), pair.halves)
    at = test.measures.index(row["measure"])
    same = np.sign(beside.inside[:, at] - beside.outside[:, at]) == np.sign(row["difference"])
    return bool(np.all(same & beside.matters[:, at] & (beside.p_value[:, at] <= OF_HALF)))
