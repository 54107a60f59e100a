"""What goes with a low score: how far answers that name an irritant lie below those that do not. An association.

People name an irritant because they are unhappy; only a tested fix tells a cause.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.intervals import Array

NEGATIVE = -0.15  # polarity under which a mention is negative; the same number stands in insights/sql
MIN_NAMED = 10  # answers that name an irritant; with fewer no effect is given
LEVEL = 0.90
CHUNK = 4_000_000  # cells of one block of draws
COLUMNS = ["irritant_id", "n_named", "n_other", "nps_effect", "nps_effect_low", "nps_effect_high"]


def normalised_score(answers: pd.DataFrame) -> Array:
    """(n,) place of each answer on its scale, -100 (worst) to 100 (best); NaN where the scale cannot be read.

    `answers`: columns scale ("0-10", "1-5", "1-7 (low is good)") and value.
    """
    scale = answers["scale"].astype("str")
    ends = scale.str.extract(r"^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)").astype(float).to_numpy()
    low, high = ends[:, 0], ends[:, 1]
    value = answers["value"].to_numpy(float)
    inside = (high > low) & (value >= low) & (value <= high)
    with np.errstate(invalid="ignore", divide="ignore"):
        place = (value - low) / (high - low)
    place = np.where(scale.str.lower().str.contains("low is good").fillna(False), 1 - place, place)
    return np.where(inside, 200 * place - 100, np.nan)


def nps_effect(mentions: pd.DataFrame, answers: pd.DataFrame, seed: int, draws: int = 500) -> pd.DataFrame:
    """Per irritant, the points of score (-100..100 scale) associated with naming it, with a 90 % interval.

    `mentions`: every customer mention of the period (positive ones too): feedback_id, irritant_id (NULL without),
    polarity, optional score_contradicts. `answers`: feedback_id, customer_id, metric, scale, value, optional survey.
    Answers with words only are compared, each centred on the mean of its own metric, scale and questionnaire, so that
    scales are never mixed; an answer that contradicts its words is left out. Customers, not answers, are drawn.
    Columns: irritant_id, n_named, n_other, nps_effect, nps_effect_low, nps_effect_high (NaN under ten that name it).
    """
    scored = _scored_feedback(mentions, answers)
    flags, irritants = _flags(mentions, scored["feedback_id"].to_numpy(dtype=str))
    if not irritants:
        return pd.DataFrame(columns=COLUMNS)
    residual = scored["residual"].to_numpy(float)
    cluster = pd.factorize(scored["cluster"])[0]
    drawn = np.vstack([_effects(block[:, cluster], flags, residual) for block in _weights(cluster, draws, seed)])
    point = _effects(np.ones((1, len(scored))), flags, residual)[0]
    named = flags.sum(axis=0)
    shown = (named >= MIN_NAMED) & (len(scored) - named >= MIN_NAMED)
    low, high = _quantiles(drawn)
    found = pd.DataFrame(
        {
            "irritant_id": irritants,
            "n_named": named.astype(int),
            "n_other": (len(scored) - named).astype(int),
            "nps_effect": np.where(shown, point, np.nan),
            "nps_effect_low": np.where(shown, low, np.nan),
            "nps_effect_high": np.where(shown, high, np.nan),
        }
    )
    return found[COLUMNS]


def _scored_feedback(mentions: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """One row per feedback with words and a score: feedback_id, cluster, residual."""
    contradicted = set()
    if "score_contradicts" in mentions.columns:
        doubtful = mentions["score_contradicts"].astype("boolean").fillna(False).astype(bool)
        contradicted = set(mentions.loc[doubtful, "feedback_id"])
    with_words = set(mentions["feedback_id"]) - contradicted
    rows = answers[answers["feedback_id"].isin(with_words) & answers["metric"].isin(["nps", "csat", "ces"])]
    rows = rows.assign(score=normalised_score(rows)).dropna(subset=["score"])
    strata = [name for name in ("metric", "scale", "survey") if name in rows.columns]
    rows["residual"] = rows["score"] - rows.groupby(strata, dropna=False)["score"].transform("mean")
    rows["cluster"] = rows["customer_id"].fillna(rows["feedback_id"]).astype(str)
    grouped = rows.groupby("feedback_id", as_index=False, sort=True)
    return grouped.agg(cluster=("cluster", "first"), residual=("residual", "mean"))


def _flags(mentions: pd.DataFrame, feedback: NDArray[np.str_]) -> tuple[Array, list[str]]:
    """(F, K) 1 where a feedback names an irritant in a negative mention, however often, and the K ids."""
    place = {one: row for row, one in enumerate(feedback)}
    named = mentions[
        (mentions["polarity"] < NEGATIVE) & mentions["irritant_id"].notna() & (mentions["irritant_id"] != UNCLASSIFIED)
    ]
    named = named[named["feedback_id"].isin(place)]
    irritants = sorted(named["irritant_id"].astype(str).unique())
    column = {one: j for j, one in enumerate(irritants)}
    flags = np.zeros((len(feedback), len(irritants)))
    flags[named["feedback_id"].map(place).to_numpy(int), named["irritant_id"].map(column).to_numpy(int)] = 1.0
    return flags, irritants


def _weights(cluster: NDArray[np.int64], draws: int, seed: int) -> Iterator[Array]:
    """Blocks (d, m) of Poisson(1) weights of the m clusters."""
    rng = np.random.default_rng(seed)
    m = int(cluster.max()) + 1 if len(cluster) else 0
    size = max(1, CHUNK // max(len(cluster), 1))
    for start in range(0, draws, size):
        yield rng.poisson(1.0, (min(size, draws - start), m)).astype(float)


def _effects(weight: Array, flags: Array, residual: Array) -> Array:
    """(d, K) weighted mean of the named minus that of the others."""
    mass, total = weight.sum(axis=1, keepdims=True), (weight @ residual)[:, None]
    named, named_sum = weight @ flags, weight @ (flags * residual[:, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(named_sum / named - (total - named_sum) / (mass - named), dtype=float)


def _quantiles(drawn: Array) -> tuple[Array, Array]:
    """5 and 95 % of each column, draws without a value left out; NaN where none has one."""
    known = ~np.isnan(drawn).all(axis=0)
    low, high = np.full(drawn.shape[1], np.nan), np.full(drawn.shape[1], np.nan)
    if known.any():
        low[known], high[known] = np.nanquantile(drawn[:, known], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
    return low, high
