"""Margin at risk of each irritant: value x the part of each customer's risk of leaving that goes with naming it.

The risk itself is that of the calibrated model that scores customers; how much of it goes with irritants comes from the
additive model of churn/attribution.py. The parts of one customer add up to what leaves when all their irritants are
taken off: never more than their risk, however many they name.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from insights.churn.attribution import PRIOR_SD, Attribution
from insights.churn.model import ChurnModel
from insights.churn.panel import irritant_matrix, prepare
from insights.intervals import Array
from insights.priorities.order import Drawn, chunks

SAFE = 1e-6  # of a probability before its log-odds are taken


def value_at_risk(
    panel: pd.DataFrame | None, model: ChurnModel | None, irritants: list[str], as_of: date, seed: int, draws: int
) -> Drawn | None:
    """Euros (K,) and draws (d, K); None without a fitted churn model, customers, or one who names an irritant.

    `panel`: churn_panel rows; those of the last t0 up to `as_of` are used. Draws: coefficients (normal, cluster-robust
    covariance) and customers (Poisson(1)). An irritant the model has no column for takes the common effect, with the
    spread between irritants as its doubt.
    """
    if panel is None or panel.empty or model is None or model.attribution is None:
        return None
    rows = prepare(panel)
    rows = rows[rows["t0"] <= pd.Timestamp(as_of)]
    rows = rows[rows["t0"] == rows["t0"].max()].reset_index(drop=True)
    exposed = irritant_matrix(rows["irritants_90d"].tolist(), irritants)
    named = exposed.any(axis=1)
    if not named.any():
        return None
    risk = _Risk(model, model.attribution, rows[named].reset_index(drop=True), exposed[named], irritants)
    rng = np.random.default_rng(seed)
    beta = model.attribution.draw(rng, draws)
    unknown = rng.normal(0.0, PRIOR_SD, (draws, len(irritants)))
    n, start, blocks = int(named.sum()), 0, []
    for d in chunks(draws, n):
        part = slice(start, start + d)
        blocks.append(risk.margin(beta[part], unknown[part], rng.poisson(1.0, (d, n)).astype(float)))
        start += d
    point = risk.margin(model.attribution.fitted.beta[None, :], np.zeros((1, len(irritants))), np.ones((1, n)))
    return Drawn(point[0], np.vstack(blocks))


class _Risk:
    """Margin at risk of each irritant as a function of coefficients and customer weights."""

    def __init__(
        self,
        model: ChurnModel,
        attribution: Attribution,
        rows: pd.DataFrame,
        exposed: NDArray[np.float64],
        irritants: list[str],
    ) -> None:
        self._attribution, self._irritants, self._exposed = attribution, irritants, exposed
        self._x = attribution.design.matrix(rows)
        self._value = rows["value_eur"].fillna(0.0).to_numpy(float)
        self._rows = [np.flatnonzero(exposed[:, k]) for k in range(exposed.shape[1])]
        scored = model.predict(rows).set_index("customer_id")["probability"].reindex(rows["customer_id"])
        # what the attribution's log-odds lack to give the calibrated probability
        self._shift = (
            logit(np.clip(scored.to_numpy(float), SAFE, 1 - SAFE)) - self._eta(attribution.fitted.beta[None])[0]
        )

    def _eta(self, beta: Array) -> Array:
        return np.asarray(beta[:, :1] + beta[:, 1:] @ self._x.T, dtype=float)

    def margin(self, beta: Array, unknown: Array, weight: Array) -> Array:
        """(d, K) for coefficients (d, p + 1), distances of unknown irritants (d, K) and weights (d, n)."""
        eta = self._eta(beta) + self._shift
        effects = self._attribution.effects(beta, self._irritants, unknown)
        risk = expit(eta)
        together = risk - expit(eta - effects @ self._exposed.T)
        alone = [risk[:, rows] - expit(eta[:, rows] - effects[:, [k]]) for k, rows in enumerate(self._rows)]
        added = np.zeros_like(eta)
        for rows, part in zip(self._rows, alone, strict=True):
            added[:, rows] += part
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.clip(np.where(np.abs(added) > SAFE**2, together / added, 1.0), 0.0, 1.0)
        worth = weight * self._value * share
        pairs = zip(self._rows, alone, strict=True)
        return np.column_stack([np.sum(worth[:, rows] * part, axis=1) for rows, part in pairs])
