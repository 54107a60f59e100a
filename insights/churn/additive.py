"""An additive model as plain tables: a score per bin of a column or of a pair of columns, and one set per bag.

What an Explainable Boosting Machine has learned, without the library: scoring is a lookup, storing is JSON, and the
library that fitted it is needed no more. The scores and the intercept sum exactly to the log-odds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.churn.design import Design
from insights.intervals import Array

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Table:
    """One term. `columns`: one or two positions in the design; `cuts`: ascending bin edges of each.

    `scores`: (b1[, b2]) log-odds, bin 0 for an unknown value, bin i + 1 for cuts[i - 1] <= x < cuts[i]. `bags`: the
    same for each bag, (K, b1[, b2]).
    """

    columns: tuple[int, ...]
    cuts: tuple[Array, ...]
    scores: Array
    bags: Array

    def of_bags(self, x: Array) -> Array:
        """(K, n) log-odds of each bag."""
        return np.stack([bag[self.bins(x)] for bag in self.bags])

    def bins(self, x: Array) -> tuple[Indices, ...]:
        """(n,) bin of each column. `x`: (n, p) values, NaN where unknown."""
        return tuple(
            np.where(np.isnan(x[:, column]), 0, np.searchsorted(cuts, x[:, column], side="right") + 1)
            for column, cuts in zip(self.columns, self.cuts, strict=True)
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        cuts = [one.tolist() for one in self.cuts]
        return {"columns": list(self.columns), "cuts": cuts, "scores": self.scores.tolist(), "bags": self.bags.tolist()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        cuts = tuple(np.array(one, dtype=float) for one in stored["cuts"])
        scores, bags = (np.array(stored[name], dtype=float) for name in ("scores", "bags"))
        return cls(tuple(int(column) for column in stored["columns"]), cuts, scores, bags)


@dataclass(frozen=True)
class Additive:
    """The whole model. `bag_intercepts`: (K,). Bag k learned without the customers of fold k."""

    kind: ClassVar[str] = "ebm"
    intercept: float
    bag_intercepts: Array
    tables: tuple[Table, ...]

    def terms(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n, p) log-odds of each column of the design: with the intercept they sum to the log-odds.

        What two columns bring together is halved between them. What an unknown score brings is given to the column
        that says that it is unknown.
        """
        x = design.raw(rows)
        found = np.zeros((len(x), len(design.names)))
        for table in self.tables:
            part = table.scores[table.bins(x)] / len(table.columns)
            for column in table.columns:
                found[:, column] += part
        return to_known(design, x, found)

    def log_odds(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n,) log-odds."""
        x = design.raw(rows)
        return np.asarray(self.intercept + sum(table.scores[table.bins(x)] for table in self.tables), dtype=float)

    def error(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n,) standard error of the log-odds: the delete-a-group jackknife over the bags' folds of customers."""
        x = design.raw(rows)
        eta = np.repeat(self.bag_intercepts[:, None], len(x), axis=1)
        for table in self.tables:
            eta += table.of_bags(x)
        return jackknife(eta)

    def digest(self) -> bytes:
        """What tells this fit from another."""
        return b"".join(np.round(table.scores, 10).tobytes() for table in self.tables)

    def without_bags(self) -> Self:
        """The same scores without what the interval needs: a tenth of the size."""
        bare = tuple(Table(t.columns, t.cuts, t.scores, np.zeros((0, *t.scores.shape))) for t in self.tables)
        return type(self)(self.intercept, np.zeros(0), bare)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        tables = [table.as_dict() for table in self.tables]
        return {"intercept": self.intercept, "bag_intercepts": self.bag_intercepts.tolist(), "tables": tables}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        tables = tuple(Table.from_dict(one) for one in stored["tables"])
        return cls(float(stored["intercept"]), np.array(stored["bag_intercepts"], dtype=float), tables)


def jackknife(eta: Array) -> Array:
    """(n,) standard error of the mean model. `eta`: (K, n) of models that each left one of K groups of customers out.

    sqrt((K - 1) / K x sum of squared distances from their mean): Kott (2001), the delete-a-group jackknife.
    """
    k = len(eta)
    return np.asarray(np.sqrt((k - 1) / k * ((eta - eta.mean(axis=0)) ** 2).sum(axis=0)), dtype=float)


def to_known(design: Design, x: Array, terms: Array) -> Array:
    """(n, p) terms in which what an unknown score brings stands in its `*_known` column (`nps_last`, `nps_known`)."""
    for k, name in enumerate(design.names):
        if not name.endswith("_known"):
            continue
        for j in [j for j, one in enumerate(design.names) if one.startswith(name.removesuffix("known") + "last")]:
            unknown = np.isnan(x[:, j])
            terms[unknown, k] += terms[unknown, j]
            terms[unknown, j] = 0.0
    return terms
