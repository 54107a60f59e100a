"""Shallow LightGBM: the runner-up. As many boosters as folds of customers, stored in LightGBM's own text format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.churn.additive import jackknife, to_known
from insights.churn.design import Design
from insights.intervals import Array

# fixed beforehand (METHODS 1.2), never tuned on the months it is tested on
SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 6,
    "learning_rate": 0.035,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
TREES = 180


@dataclass(frozen=True)
class Boosted:
    """`texts`: one booster per fold, each of which learned without that fold; log-odds are their mean."""

    kind: ClassVar[str] = "lightgbm"
    texts: tuple[str, ...]

    @property
    def intercept(self) -> float:
        """Mean log-odds over the training rows as the trees count them: what the terms are measured from."""
        width = self._boosters()[0].num_feature()
        found = [one.predict(np.zeros((1, width)), pred_contrib=True)[0, -1] for one in self._boosters()]
        return float(np.mean(found))

    def terms(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n, p) log-odds of each column: TreeSHAP on the raw margin; with the intercept they sum to the log-odds."""
        x = design.raw(rows)
        found = np.mean([one.predict(x, pred_contrib=True)[:, :-1] for one in self._boosters()], axis=0)
        return to_known(design, x, np.asarray(found, dtype=float))

    def log_odds(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n,) log-odds."""
        return np.asarray(self._each(design, rows).mean(axis=0), dtype=float)

    def error(self, design: Design, rows: pd.DataFrame) -> Array:
        """(n,) standard error of the log-odds: the delete-a-group jackknife over the folds of customers."""
        return jackknife(self._each(design, rows))

    def _each(self, design: Design, rows: pd.DataFrame) -> Array:
        x = design.raw(rows)
        return np.vstack([one.predict(x, raw_score=True) for one in self._boosters()])

    def _boosters(self) -> list[Any]:
        from lightgbm import Booster

        return [Booster(model_str=text) for text in self.texts]

    def digest(self) -> bytes:
        """What tells this fit from another."""
        return "".join(self.texts).encode()

    def without_bags(self) -> Self:
        """Itself: its mean needs every booster."""
        return self

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"texts": list(self.texts)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        return cls(tuple(str(text) for text in stored["texts"]))


def fit_boosted(
    x: Array, y: Array, weight: Array, folds: NDArray[np.int64], monotone: Sequence[int], seed: int
) -> Boosted:
    """The boosters of these rows; arguments as `ebm.fit_ebm`."""
    import lightgbm

    settings = SETTINGS | {"monotone_constraints": list(monotone), "seed": seed}
    texts = []
    for fold in range(int(folds.max()) + 1):
        kept = folds != fold
        data = lightgbm.Dataset(x[kept], label=y[kept], weight=weight[kept], free_raw_data=True)
        texts.append(lightgbm.train(settings, data, TREES).model_to_string())
    return Boosted(tuple(texts))
