"""The table `driver`: every questionnaire, metric and irritant with what goes with naming it, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from insights.contracts import DRIVER
from insights.drivers.frame import ALL_SURVEYS, POOLED, REVIEW, Answers, questionnaires
from insights.drivers.odds import LEVEL, odds
from insights.drivers.shapley import ORDERS_IN_A_DRAW, drawn_orders, residual_moments, shapley, shapley_sampled
from insights.errors import ModelError
from insights.intervals import Array

DRAWS = 200
FEWEST_ANSWERS = 50  # with words, of one questionnaire
ANSWERS_A_COLUMN = 4  # of the model; with fewer it would learn the noise
CELLS = 4_000_000  # of one block of drawn weights
TAILS = (0.5 - LEVEL / 2, 0.5 + LEVEL / 2)
FIGURES = (
    *("odds_ratio", "odds_low", "odds_high", "points", "points_low", "points_high"),
    *("shapley_share", "shapley_low", "shapley_high", "shapley_error", "rank", "rank_low", "rank_high"),
)
HEADLINES = (("relational", "nps"), (ALL_SURVEYS, "csat"), (REVIEW, "csat"), (ALL_SURVEYS, "ces"))


def drivers(mentions: pd.DataFrame, answers: pd.DataFrame, seed: int, until: date, draws: int = DRAWS) -> pd.DataFrame:
    """Rows of `driver`, relational NPS first, the largest share of explained variance first in each.

    `mentions`: every customer mention of the period (positive ones too): feedback_id, irritant_id (NULL without),
    polarity, optional score_contradicts. `answers`: feedback_id, customer_id, metric, scale, value, occurred_at, survey
    (`review` for public reviews) and what may be held fixed: segment, channel, tenure_months, brand, product.
    Only answers with words are compared; one that contradicts its words is left out; a customer counts once a quarter
    and questionnaire, with the last answer. Scales are never merged; CSAT and CES are also given over all surveys, the
    questionnaire held fixed. No number under ten customers who name it.
    """
    found = [_rows(one, seed, draws) for one in questionnaires(mentions, answers, seed) if one.named]
    if not found:
        return pd.DataFrame(columns=list(DRIVER.column_names))
    table = pd.concat([frame for frame in found], ignore_index=True).assign(until_on=until)
    table = table.assign(_place=_places(table, table)).sort_values(
        ["_place", "metric", "survey", "scale", "rank", "irritant_id"], kind="stable", ignore_index=True
    )
    return table[list(DRIVER.column_names)]


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """One row of `driver` an irritant: relational NPS where it has a number, else CSAT, reviews, CES, any other."""
    known = table[table["points"].notna()]
    place = _places(known, table)
    first = known.assign(_place=place).sort_values(["_place", "n_named"], ascending=[True, False], kind="stable")
    return first.drop_duplicates("irritant_id").drop(columns="_place").reset_index(drop=True)


def _places(rows: pd.DataFrame, table: pd.DataFrame) -> list[int]:
    """Where each row stands among HEADLINES. The only questionnaire of a CSAT or CES scale stands for all of them."""
    pooled = table[table["survey"] == ALL_SURVEYS]
    several = set(zip(pooled["metric"], pooled["scale"], strict=True))
    order = {pair: place for place, pair in enumerate(HEADLINES)}
    found = []
    for survey, metric, scale in zip(rows["survey"], rows["metric"], rows["scale"], strict=True):
        alone = metric in POOLED and survey != REVIEW and (metric, scale) not in several
        found.append(order.get((ALL_SURVEYS if alone else survey, metric), len(order)))
    return found


def _rows(one: Answers, seed: int, draws: int) -> pd.DataFrame:
    """Rows of one questionnaire; irritants without a number have NULL figures."""
    named = sorted(one.named)
    frame = pd.DataFrame(
        {
            **{"survey": one.survey, "metric": one.metric, "scale": one.scale, "irritant_id": named},
            **{"n_named": [one.named[key] for key in named], "n_answers": len(one)},
        }
    )
    figures = _figures(one, seed, draws)
    return frame.merge(figures, on="irritant_id", how="left")


def _figures(one: Answers, seed: int, draws: int) -> pd.DataFrame:
    empty = pd.DataFrame(columns=["irritant_id", *FIGURES]).astype({name: float for name in FIGURES})
    width = len(one.irritants) + one.controls.shape[1]
    if not one.irritants or len(one) < max(FEWEST_ANSWERS, ANSWERS_A_COLUMN * width):
        return empty
    try:
        given = odds(one.score, one.flags, one.controls, one.cluster)
    except ModelError:
        return empty
    share, error, drawn = _shares(one, seed, draws)
    ranks = _rank(drawn)
    low, high = np.quantile(drawn, TAILS, axis=0)
    values = {
        "odds_ratio": np.exp(given.log_odds),
        "odds_low": np.exp(given.log_low),
        "odds_high": np.exp(given.log_high),
        **{"points": given.points, "points_low": given.points_low, "points_high": given.points_high},
        **{"shapley_share": share, "shapley_low": low, "shapley_high": high, "shapley_error": error},
        "rank": _rank(share[None, :])[0],
        "rank_low": np.quantile(ranks, TAILS[0], axis=0, method="lower"),
        "rank_high": np.quantile(ranks, TAILS[1], axis=0, method="higher"),
    }
    return pd.DataFrame({"irritant_id": list(one.irritants), **values})


def _shares(one: Answers, seed: int, draws: int) -> tuple[Array, Array, Array]:
    """Share of explained variance (K,), its drawing error (K,) and customers drawn again (draws, K)."""
    k = len(one.irritants)
    table = np.column_stack([one.score, one.flags, one.controls])
    moment, direction, control = residual_moments(_moments(table, np.ones(len(table))), k)
    point = shapley(moment, direction, seed)
    explained = control + float(point.share.sum())
    orders = drawn_orders(k, ORDERS_IN_A_DRAW, seed + 1)
    drawn = np.zeros((draws, k))
    for row, weight in enumerate(_weights(one, draws, seed + 2)):
        moment, direction, control = residual_moments(_moments(table, weight), k)
        share = shapley_sampled(moment, direction, orders).share
        drawn[row] = share / max(control + share.sum(), 1e-12)
    return point.share / max(explained, 1e-12), point.error / max(explained, 1e-12), drawn


def _moments(table: Array, weight: Array) -> Array:
    """Weighted centred cross-products of the columns."""
    weighted = table * weight[:, None]
    total = max(float(weight.sum()), 1.0)
    mean = weighted.sum(axis=0) / total
    return np.asarray((table.T @ weighted) / total - np.outer(mean, mean), dtype=float)


def _weights(one: Answers, draws: int, seed: int) -> Iterator[Array]:
    """Poisson(1) weights of the customers, one row of answers a draw."""
    rng = np.random.default_rng(seed)
    n_clusters = int(one.cluster.max()) + 1
    block = max(1, CELLS // n_clusters)
    for start in range(0, draws, block):
        for drawn in rng.poisson(1.0, (min(block, draws - start), n_clusters)).astype(float):
            yield drawn[one.cluster]


def _rank(shares: Array) -> Array:
    """(d, K) rank of each column in its row, 1 for the largest; equal ones in the order of the columns."""
    order = np.argsort(-shares, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, shares.shape[1] + 1)[None, :].repeat(len(shares), axis=0), axis=1)
    return ranks.astype(float)
