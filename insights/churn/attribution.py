"""How much of a customer's risk goes with each irritant: a second additive model, made for attribution alone.

The model that scores also knows contacts, scores and words. An irritant brings these about: beside them its own column
is left with nothing. Here only what stood before the irritant is held fixed (contract, usage), and whether we heard
from the customer at all in the 90 days: words are read only of those who get in touch, and who gets in touch leaves
more often, named irritant or not. Irritants share strength: one common effect of naming any, and each one's distance
from it, shrunk.
Measured on the demo company (true clauses, effects planted by band; `make bench PART=drivers`): the sum over irritants is
1.3 times the planted one over the last 12 month ends, where the same model without "heard from" gives 2.6, and one that
holds all contacts fixed 0.0 to 0.3. Which irritant costs most is seen less well (rank correlation
.6; the sum of the value of those who name it: .57): with about 180 customers an irritant its own effect is hardly seen,
which the rank ranges say. An association, not a saving.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from insights.churn.design import IRRITANT, Design
from insights.churn.evaluate import cluster_codes
from insights.churn.logistic import LogisticFit, fit_logistic
from insights.churn.panel import IN_TOUCH, NAMED, TERMS
from insights.intervals import Array

FIXED_FAMILIES = ("contract", "usage")
PRIOR_SD = 0.2  # of an irritant's log-odds around the common effect: hazard ratios within 0.82 and 1.22 of it, mostly
TERM_SD = 0.3  # of every other column's log-odds
VERSION = 3  # raise it when the same panel gives another attribution: a stored model is then fitted again
SLICES_PER_EVENT = 3  # months whose 90-day window holds the same departure: rows overstate the evidence as often


@dataclass(frozen=True)
class Attribution:
    """The fitted model. Irritant columns are centred and unscaled: one off is exactly its coefficient less."""

    design: Design
    fitted: LogisticFit
    version: int = VERSION

    @property
    def current(self) -> bool:
        """False for one that an older version of the code fitted."""
        return self.version == VERSION

    @classmethod
    def learn(cls, known: pd.DataFrame) -> Self:
        """Fit on prepared rows with known labels."""
        fixed = [term for term in TERMS if term.family in FIXED_FAMILIES]
        design = Design.learn(known, (*fixed, IN_TOUCH, NAMED))
        clusters = cluster_codes(known["customer_id"].to_numpy())
        y = known["label"].to_numpy(float)
        own = np.array([name.startswith(IRRITANT) for name in design.names])
        variance = np.where(own, PRIOR_SD, TERM_SD) ** 2
        return cls(design, fit_logistic(design.matrix(known), y, clusters, SLICES_PER_EVENT / variance, variance))

    def effects(self, beta: Array, irritants: Sequence[str], unknown: Array) -> Array:
        """(d, K) log-odds that go with naming each irritant, for coefficients (d, p + 1).

        `unknown`: (d, K) distances from the common effect for irritants without a column (born lately, or named by
        few): zero for the point, draws of N(0, PRIOR_SD) for an interval.
        """
        common = beta[:, 1 + self.design.names.index(NAMED.name)]
        columns = [self.design.column(irritant) for irritant in irritants]
        own = [unknown[:, k] if column is None else beta[:, 1 + column] for k, column in enumerate(columns)]
        return np.asarray(common[:, None] + np.column_stack(own), dtype=float)

    def draw(self, rng: np.random.Generator, draws: int) -> Array:
        """(draws, p + 1) coefficients from their normal approximation."""
        return rng.multivariate_normal(self.fitted.beta, self.fitted.covariance, size=draws, method="eigh")

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "version": self.version,
            "design": self.design.as_dict(),
            "beta": self.fitted.beta.tolist(),
            "covariance": self.fitted.covariance.tolist(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        beta, covariance = (np.array(stored[name], dtype=float) for name in ("beta", "covariance"))
        return cls(Design.from_dict(stored["design"]), LogisticFit(beta, covariance), int(stored.get("version", 1)))
