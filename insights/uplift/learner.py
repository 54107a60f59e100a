"""Whom a call keeps: an honest causal forest (econml, the optional extra `uplift`), judged on customers it never saw."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

from insights.errors import MissingExtraError, ModelError
from insights.uplift.qini import Qini, qini
from insights.uplift.worth import FEWEST_EVENTS, missing_events

Array = NDArray[np.float64]
FOLDS = 5
TREES = 400  # a multiple of four: econml grows them in groups
LEAF = 50


def avoided(
    x: Array,
    called: ArrayLike,
    left: ArrayLike,
    cluster: ArrayLike,
    *,
    seed: int = 0,
    trees: int = TREES,
    folds: int = FOLDS,
    fewest: int = FEWEST_EVENTS,
) -> Array:
    """Share of departures a call avoids for each customer (n,), from forests that did not see them or their account.

    `x` (n, k) from before the call, `called` and `left` (n,) 0/1. Raises ModelError below `fewest` departures in an arm,
    MissingExtraError without econml.
    """
    treated, y = np.asarray(called, dtype=bool), np.asarray(left, dtype=float)
    _enough(treated, y, fewest)
    found = np.full(len(y), np.nan)
    for train, test in GroupKFold(folds).split(x, groups=np.asarray(cluster)):
        forest = fitted(x[train], treated[train], y[train], seed=seed, trees=trees)
        found[test] = predicted(forest, x[test])
    return found


def _enough(treated: NDArray[np.bool_], y: Array, fewest: int) -> None:
    missing = missing_events(int(y[treated].sum()), int(y[~treated].sum()), fewest)
    if any(missing):
        raise ModelError(
            f"An uplift model needs {fewest} departures in each arm: {missing[0]} are missing among those called, "
            f"{missing[1]} among those held out. Until then calls are ranked by their expected value."
        )


def fitted(x: Array, treated: NDArray[np.bool_], y: Array, *, seed: int, trees: int = TREES) -> Any:
    """A causal forest with honest leaves (Athey, Tibshirani and Wager 2019) on residuals of outcome and draw.

    The chance to be called is the draw's own, so it is not modelled from the covariates.
    """
    try:
        from econml.dml import CausalForestDML
    except ImportError as error:
        raise MissingExtraError("The uplift model needs econml: pip install 'voc-insights[uplift]'.") from error
    forest = CausalForestDML(
        model_y=HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=7, learning_rate=0.08, random_state=seed),
        model_t=DummyClassifier(strategy="prior"),
        discrete_outcome=True,
        discrete_treatment=True,
        cv=3,
        n_estimators=trees,
        min_samples_leaf=LEAF,
        max_samples=0.4,
        honest=True,
        inference=False,
        n_jobs=1,
        random_state=seed,
    )
    forest.fit(y.astype(int), treated.astype(int), X=x)
    return forest


def predicted(forest: Any, x: Array) -> Array:
    """Departures a call avoids, as a share (n,): above 0 the call keeps the customer."""
    return -np.asarray(forest.effect(x), dtype=float).ravel()


def judged(
    x: Array, called: ArrayLike, left: ArrayLike, cluster: ArrayLike, baseline: ArrayLike, **options: Any
) -> tuple[Array, Qini]:
    """Predictions for customers the forest did not see, and the Qini of ranking by them."""
    seed = int(options.get("seed", 0))
    found = avoided(x, called, left, cluster, **options)
    return found, qini(found, called, left, baseline, cluster, seed=seed)
