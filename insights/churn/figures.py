"""The forward figures of every kind side by side: over the test months, by month and by segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from insights.churn.evaluate import figures, ranking_figures
from insights.churn.select import month_capacity
from insights.churn.trials import Trial, eta

MIN_EVENTS = 50  # departures below which a month or a segment gets no figures
NOT_ENOUGH = "not enough data"
TENURE_BANDS = {"0-3": (0, 4), "4-14": (4, 15), "15-36": (15, 37), "37+": (37, np.inf)}  # months, as in response_cell


def forward_report(trials: Sequence[Trial], kinds: Sequence[str], served: str, capacity: float) -> dict[str, Any]:
    """`test`: figures of the largest line over its test months, of each of these months, and of each segment.

    Lines differ in horizon, so their probabilities are never pooled: a segment is one of a line. Figures are those of
    the models as they are, without recalibration. Each block stands beside base rate and card.
    """
    main = trials[0].tested
    segments = {name: part for trial in trials for name, part in _segments(trial.tested)}
    return {
        "test": {
            "served": served,
            "all": block(main, kinds, capacity),
            "months": {t0.date().isoformat(): block(part, kinds, capacity) for t0, part in _by(main, "t0")},
            "segments": {name: block(part, kinds, capacity) for name, part in sorted(segments.items())},
        }
    }


def block(part: pd.DataFrame, kinds: Sequence[str], capacity: float) -> dict[str, Any]:
    """Figures of each kind and of the card on these rows; only counts under MIN_EVENTS departures."""
    y = part["label"].to_numpy(float)
    n_months = part["t0"].nunique()
    calls = month_capacity(capacity, round(len(part) / n_months)) * n_months
    counted = {"n": len(part), "n_events": int(y.sum()), "base_rate": float(y.mean()), "capacity": calls}
    if y.sum() < MIN_EVENTS:
        return {**counted, "note": NOT_ENOUGH}
    found = {kind: figures(y, expit(part[eta(kind)].to_numpy(float)), calls) for kind in kinds}
    return {**counted, **found, "card": ranking_figures(y, part["index"].to_numpy(float), calls)}


def _by(tested: pd.DataFrame, key: str) -> Iterator[tuple[Any, pd.DataFrame]]:
    for value in sorted(tested[key].unique()):
        yield value, tested[tested[key] == value]


def _segments(tested: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each segment of the CRM, whole and by months with us."""
    for name, part in _by(tested, "segment"):
        yield str(name), part
        for band, (low, high) in TENURE_BANDS.items():
            own = part[part["tenure_months"].between(low, high, inclusive="left")]
            if len(own):
                yield f"{name}, {band}", own
