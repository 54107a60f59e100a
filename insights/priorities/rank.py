"""What to fix first: irritants ranked by the margin at risk that goes with them, with how sure the rank is.

Margin at risk: see `risk.py`. An association until a fix has been tested (METHODS 2).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from insights.churn.model import ChurnModel
from insights.contracts import PRIORITY
from insights.drivers import headline
from insights.intervals import Array
from insights.priorities.order import TAILS, TOP, WEAK_BELOW, Drawn, ranks, ties, volume, window
from insights.priorities.risk import value_at_risk
from insights.priorities.trend import trend

EFFECT = {
    **{"points": "nps_effect", "points_low": "nps_effect_low", "points_high": "nps_effect_high"},
    **{"metric": "effect_metric", "survey": "effect_survey", "scale": "effect_scale"},
}


def rank(
    panel: pd.DataFrame | None,
    model: ChurnModel | None,
    mentions: pd.DataFrame,
    driver: pd.DataFrame,
    weekly: pd.DataFrame,
    as_of: date,
    seed: int,
    draws: int = 1000,
) -> pd.DataFrame:
    """One row of `priority` per irritant named in the 90 days to `as_of`, rank 1 first.

    `panel`: churn_panel rows. `mentions`: customer mentions of at least those 90 days: mention_id, feedback_id,
    customer_id, irritant_id (NULL without), polarity, occurred_at, optional author_key. `driver`: rows of that table,
    for the effect on the score. `weekly`: rows of irritant_weekly. Irritant ids everywhere resolved by the caller.

    Rank: by margin at risk (basis eur), or, where there is no fitted churn model or no customer names an irritant, by
    mentions x mean severity (basis volume_severity); weak signals (under 10 mentions) last, with P(top 3) = 0 and no tie
    group. Rank range, ties and P(top 3) come from the same draws, ranked anew each time.
    A negative margin at risk makes no sense to pay for: the point is floored at 0, the interval's low end is not, and
    ranks use the value before the floor.
    """
    named = window(mentions, as_of)
    irritants = sorted(named["irritant_id"].unique())
    if not irritants:
        return pd.DataFrame(columns=list(PRIORITY.column_names))
    counts = named.groupby("irritant_id").agg(
        n_mentions=("mention_id", "nunique"), n_customers=("customer_id", "nunique")
    )
    counts = counts.reindex(irritants)
    weak = (counts["n_mentions"] < WEAK_BELOW).to_numpy()
    euros = value_at_risk(panel, model, irritants, as_of, seed + 1, draws)
    amount = volume(named, irritants, seed, draws) if euros is None else euros
    placed, group = ranks(weak, amount, seed + 2), ties(weak, amount)
    table = counts.reset_index().assign(
        week=as_of - timedelta(days=as_of.weekday()),
        **_euro_columns(euros, len(irritants)),
        rank=placed.point.astype(int),
        rank_low=np.minimum(np.quantile(placed.draws, TAILS[0], axis=0, method="lower"), placed.point).astype(int),
        rank_high=np.maximum(np.quantile(placed.draws, TAILS[1], axis=0, method="higher"), placed.point).astype(int),
        tie=pd.array(np.where(weak, 0, group), dtype="Int64"),
        top3_probability=np.where(weak, 0.0, (placed.draws <= TOP).mean(axis=0)),
        weak_signal=weak,
        basis="volume_severity" if euros is None else "eur",
        model_version=None if euros is None or model is None else model.version,
    )
    table["tie"] = table["tie"].mask(table["weak_signal"])
    effects = headline(driver)[["irritant_id", *EFFECT]].rename(columns=EFFECT)
    moves = trend(weekly, as_of, table.loc[table["weak_signal"], "irritant_id"].tolist())
    table = table.merge(effects, on="irritant_id", how="left").merge(moves, on="irritant_id", how="left")
    return table.sort_values("rank").reset_index(drop=True)[list(PRIORITY.column_names)]


def _euro_columns(euros: Drawn | None, n: int) -> dict[str, Array]:
    """The three columns of margin at risk; NaN where there is none. The floor: see `rank`."""
    names = ("value_at_risk_eur", "value_at_risk_low_eur", "value_at_risk_high_eur")
    if euros is None:
        return {name: np.full(n, np.nan) for name in names}
    low, high = np.quantile(euros.draws, TAILS, axis=0)
    return dict(zip(names, (np.maximum(euros.point, 0.0), low, np.maximum(high, 0.0)), strict=True))
