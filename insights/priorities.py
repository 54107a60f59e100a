"""What to fix first: irritants ranked by the margin at risk that goes with them, with how sure the rank is.

Margin at risk of irritant k = sum over customers who named it in 90 days of value x (probability - probability without
it), both from the additive model of churn/attribution.py. An association until a fix has been tested (METHODS 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from insights.churn.attribution import PRIOR_SD, Attribution
from insights.churn.model import ChurnModel
from insights.churn.panel import irritant_matrix, prepare
from insights.contracts import PRIORITY, UNCLASSIFIED
from insights.drivers import CHUNK, NEGATIVE, nps_effect
from insights.intervals import Array, rate_ratio

WINDOW_DAYS = 90
TREND_WEEKS = 4
WEAK_BELOW = 10  # negative mentions in the window
TOP = 3
LEVEL = 0.90
TAILS = (0.5 - LEVEL / 2, 0.5 + LEVEL / 2)


@dataclass(frozen=True)
class Drawn:
    """Point (K,) and draws (d, K) of a quantity per irritant."""

    point: Array
    draws: Array


def rank(
    panel: pd.DataFrame | None,
    model: ChurnModel | None,
    mentions: pd.DataFrame,
    answers: pd.DataFrame,
    weekly: pd.DataFrame,
    as_of: date,
    seed: int,
    draws: int = 1000,
) -> pd.DataFrame:
    """One row of `priority` per irritant named in the 90 days to `as_of`, rank 1 first.

    `panel`: churn_panel rows; those of the last t0 up to `as_of` are used. `mentions`: every customer mention of a
    longer period (a year, say, for the score effect): mention_id, feedback_id, customer_id, irritant_id (NULL without),
    polarity, occurred_at, optional author_key. `answers`: as `drivers.nps_effect`. `weekly`: rows of irritant_weekly.
    Irritant ids everywhere resolved by the caller.

    Rank: by margin at risk (basis eur), or, where there is no fitted churn model, by mentions x mean severity (basis
    volume_severity); weak signals (under 10 mentions) last, with P(top 3) = 0. Rank range and P(top 3) come from draws
    of the coefficients (normal, cluster-robust covariance) and of the customers (Poisson(1)), ranked anew each time.
    An irritant the model has no column for yet takes the common effect, with the spread between irritants as its doubt.
    A negative margin at risk makes no sense to pay for: the point is floored at 0, the interval's low end is not, and
    ranks use the value before the floor.
    """
    window = _window(mentions, as_of)
    irritants = sorted(window["irritant_id"].unique())
    if not irritants:
        return pd.DataFrame(columns=list(PRIORITY.column_names))
    counts = window.groupby("irritant_id").agg(
        n_mentions=("mention_id", "nunique"), n_customers=("customer_id", "nunique")
    )
    counts = counts.reindex(irritants)
    weak = (counts["n_mentions"] < WEAK_BELOW).to_numpy()
    volume = _volume(window, irritants, seed, draws)
    euros = _value_at_risk(panel, model, irritants, as_of, seed + 1, draws)
    ranks = _rank(weak, volume if euros is None else euros)
    money = _euro_columns(euros, len(irritants))
    table = counts.reset_index().assign(
        week=as_of - timedelta(days=as_of.weekday()),
        **money,
        rank=ranks.point.astype(int),
        rank_low=np.quantile(ranks.draws, TAILS[0], axis=0, method="lower").astype(int),
        rank_high=np.quantile(ranks.draws, TAILS[1], axis=0, method="higher").astype(int),
        top3_probability=np.where(weak, 0.0, (ranks.draws <= TOP).mean(axis=0)),
        weak_signal=weak,
        basis="volume_severity" if euros is None else "eur",
        model_version=None if euros is None or model is None else model.version,
    )
    effects = nps_effect(mentions, answers, seed + 2)[
        ["irritant_id", "nps_effect", "nps_effect_low", "nps_effect_high"]
    ]
    table = table.merge(effects, on="irritant_id", how="left").merge(trend(weekly, as_of), on="irritant_id", how="left")
    return table.sort_values("rank").reset_index(drop=True)[list(PRIORITY.column_names)]


def trend(weekly: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Rate of each irritant per feedback, last 4 weeks against the 4 before, shrunk to 1, with a 90 % interval.

    `weekly`: rows of irritant_weekly. The week of `as_of` counts, though it may be cut short: its exposure is too.
    Columns: irritant_id, trend_ratio, trend_low, trend_high.
    """
    columns = ["irritant_id", "trend_ratio", "trend_low", "trend_high"]
    week = pd.to_datetime(weekly["week"])
    age = (pd.Timestamp(as_of - timedelta(days=as_of.weekday())) - week).dt.days // 7
    period = age // TREND_WEEKS  # 0: last four weeks, 1: the four before
    rows = weekly.assign(period=period)[(age >= 0) & (period <= 1)]
    rows = rows[rows["irritant_id"].notna()]
    cells = rows.drop_duplicates(["week", "segment", "brand"]).groupby("period")["n_exposed"].sum()
    counts = rows.pivot_table(index="irritant_id", columns="period", values="n_mentions", aggfunc="sum", fill_value=0)
    counts = counts.reindex(columns=[0, 1], fill_value=0).drop(index=UNCLASSIFIED, errors="ignore")
    if counts.empty:
        return pd.DataFrame(columns=columns)
    found = rate_ratio(counts[0], cells.get(0, 0), counts[1], cells.get(1, 0), LEVEL)
    values = {"trend_ratio": found.value, "trend_low": found.low, "trend_high": found.high}
    return pd.DataFrame({"irritant_id": counts.index.to_numpy(dtype=str), **values})


def _window(mentions: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Negative mentions with an irritant in the 90 days to the end of `as_of`."""
    end = pd.Timestamp(as_of, tz="UTC") + pd.Timedelta(days=1)
    said = pd.to_datetime(mentions["occurred_at"], utc=True)
    named = mentions["irritant_id"].notna() & (mentions["irritant_id"] != UNCLASSIFIED)
    inside = (said < end) & (said >= end - pd.Timedelta(days=WINDOW_DAYS))
    return mentions[inside & named & (mentions["polarity"] < NEGATIVE)]


def _volume(window: pd.DataFrame, irritants: list[str], seed: int, draws: int) -> Drawn:
    """Mentions x mean severity (= sum of |polarity|), drawing customers or authors."""
    author = window["customer_id"]
    if "author_key" in window.columns:
        author = author.fillna(window["author_key"])
    cluster, _ = pd.factorize(author.fillna(window["feedback_id"]), sort=True)
    column = window["irritant_id"].map({one: j for j, one in enumerate(irritants)}).to_numpy(int)
    severity = np.zeros((int(cluster.max()) + 1, len(irritants)))
    np.add.at(severity, (cluster, column), -window["polarity"].to_numpy(float))
    rng = np.random.default_rng(seed)
    blocks = [rng.poisson(1.0, (d, len(severity))) @ severity for d in _chunks(draws, len(severity))]
    return Drawn(severity.sum(axis=0), np.vstack(blocks))


def _value_at_risk(
    panel: pd.DataFrame | None, model: ChurnModel | None, irritants: list[str], as_of: date, seed: int, draws: int
) -> Drawn | None:
    """Margin at risk of each irritant; None without customers or without a fitted churn model."""
    if panel is None or panel.empty or model is None or model.attribution is None:
        return None
    rows = prepare(panel)
    rows = rows[rows["t0"] <= pd.Timestamp(as_of)]
    rows = rows[rows["t0"] == rows["t0"].max()]
    exposed = irritant_matrix(rows["irritants_90d"].tolist(), irritants) > 0
    named = exposed.any(axis=1)
    risk = _Risk(model.attribution, rows[named], exposed[named], irritants)
    rng = np.random.default_rng(seed)
    beta = model.attribution.draw(rng, draws)
    unknown = rng.normal(0.0, PRIOR_SD, (draws, len(irritants)))
    n, start, blocks = int(named.sum()), 0, []
    for d in _chunks(draws, n):
        part = slice(start, start + d)
        blocks.append(risk.margin(beta[part], unknown[part], rng.poisson(1.0, (d, n)).astype(float)))
        start += d
    point = risk.margin(model.attribution.fitted.beta[None, :], np.zeros((1, len(irritants))), np.ones((1, n)))
    return Drawn(point[0], np.vstack(blocks))


class _Risk:
    """Margin at risk of each irritant as a function of coefficients and customer weights."""

    def __init__(
        self, attribution: Attribution, rows: pd.DataFrame, exposed: NDArray[np.bool_], irritants: list[str]
    ) -> None:
        self._attribution, self._irritants = attribution, irritants
        self._x = attribution.design.matrix(rows)
        self._value = rows["value_eur"].fillna(0.0).to_numpy(float)
        self._rows = [np.flatnonzero(exposed[:, k]) for k in range(exposed.shape[1])]

    def margin(self, beta: Array, unknown: Array, weight: Array) -> Array:
        """(d, K) for coefficients (d, p + 1), distances of unknown irritants (d, K) and weights (d, n)."""
        eta = beta[:, :1] + beta[:, 1:] @ self._x.T
        worth = weight * self._value
        effects = self._attribution.effects(beta, self._irritants, unknown)
        found = np.zeros(effects.shape)
        for k, rows in enumerate(self._rows):
            on = eta[:, rows]
            found[:, k] = np.sum(worth[:, rows] * (expit(on) - expit(on - effects[:, [k]])), axis=1)
        return found


def _euro_columns(euros: Drawn | None, n: int) -> dict[str, Array]:
    """The three columns of margin at risk; NaN where there is none. The floor: see `rank`."""
    names = ("value_at_risk_eur", "value_at_risk_low_eur", "value_at_risk_high_eur")
    if euros is None:
        return {name: np.full(n, np.nan) for name in names}
    low, high = np.quantile(euros.draws, TAILS, axis=0)
    return dict(zip(names, (np.maximum(euros.point, 0.0), low, np.maximum(high, 0.0)), strict=True))


def _rank(weak: NDArray[np.bool_], amount: Drawn) -> Drawn:
    """Rank of each irritant, 1 first, by falling amount; weak signals after all others."""

    def order(values: Array) -> Array:
        ranked = np.empty(len(weak))
        ranked[np.lexsort((np.arange(len(weak)), -values, weak))] = np.arange(1, len(weak) + 1)
        return ranked

    return Drawn(order(amount.point), np.array([order(values) for values in amount.draws]))


def _chunks(draws: int, n: int) -> Iterator[int]:
    """Sizes of blocks of draws that keep a block of n columns within memory."""
    size = max(1, CHUNK // max(n, 1))
    for start in range(0, draws, size):
        yield min(size, draws - start)
