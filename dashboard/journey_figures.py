"""Figures of the stages: who complains, how it moves, which stage comes first. No database and no Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.figures import judged
from insights.intervals import rate_ratio, wilson
from insights.metrics import summarise

HARSH = -0.8  # polarity from which a sentence counts as angry: the harshest third of what is said against us
FEWEST = 10  # customers in both periods, for a trend to be judged
DRAWS = 2000
RANKS = (0.05, 0.95)
SCORE_COLUMNS = ("value", "low", "high", "value_corrected", "low_corrected", "high_corrected", "n_effective")


def spots(counted: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """One row a stage (or point of contact) heard now, in the given order, the others after it; NULL last.

    `counted`: rows of journey_queries.SPOTS. Adds share (of customers heard there who complain) with its 95 % interval
    low, high, angry_share (of those who complain), trend_ratio, trend_low, trend_high, weak_signal and verdict (customers
    who complain a week, the survey of everybody left out, against the same length before), rank, rank_low, rank_high.
    """
    rows = counted[counted["n_feedback"] > 0].copy()
    places = {name: place for place, name in enumerate(order)}
    rows["place"] = [places.get(name, len(places) + pd.isna(name)) for name in rows["name"]]
    rows = rows.sort_values(["place", "n_hurt"], ascending=[True, False], kind="stable").reset_index(drop=True)
    share = wilson(rows["n_hurt"], rows["n_people"])
    rows = rows.assign(share=share.value, low=share.low, high=share.high)
    rows["angry_share"] = rows["n_angry"] / rows["n_hurt"].where(rows["n_hurt"] > 0)
    return ranked(_with_trend(rows))


def _with_trend(rows: pd.DataFrame) -> pd.DataFrame:
    ratio = rate_ratio(rows["n_unasked"], 1.0, rows["n_unasked_before"], 1.0)
    told = rows.assign(
        irritant_id=rows["name"].fillna("").astype(str),  # the verdict is told by this name
        trend_ratio=ratio.value if len(rows) else [],
        trend_low=ratio.low if len(rows) else [],
        trend_high=ratio.high if len(rows) else [],
        weak_signal=rows["n_unasked"] + rows["n_unasked_before"] < FEWEST,
    )
    return judged(told).drop(columns="irritant_id")


def ranked(rows: pd.DataFrame, seed: int = 9) -> pd.DataFrame:
    """The rows with rank (1: most customers complain) and the range that holds it in nine draws of ten.

    Drawn are the rates of Poisson counts (Gamma posterior under Jeffreys' prior). A row without a name has no rank.
    """
    known = rows["name"].notna().to_numpy()
    counts = rows["n_hurt"].to_numpy(float)[known]
    drawn = np.random.default_rng(seed).gamma(counts + 0.5, size=(DRAWS, len(counts)))
    places = (-drawn).argsort(axis=1).argsort(axis=1) + 1
    found = pd.DataFrame(np.nan, index=rows.index, columns=["rank", "rank_low", "rank_high"])
    if len(counts):
        low, high = np.quantile(places, RANKS, axis=0, method="nearest")
        found.loc[known] = np.column_stack([(-counts).argsort(kind="stable").argsort() + 1, low, high])
    return rows.assign(**{name: found[name].astype("Int64") for name in found})


def scored(daily: pd.DataFrame, metric: str, survey: str, scale: str, least: int) -> pd.DataFrame:
    """The score of every stage, by stage: value, low, high, the corrected ones, n, recent.

    `daily`: rows of journey_queries.SCORES. A stage with too few answers in the period is given those of the year (recent
    False); with too few in the year it has no value, and n says how many there are.
    """
    own = daily[(daily["metric"] == metric) & (daily["survey"] == survey) & (daily["scale"] == scale)]
    now = _summed(own[own["recent"]], metric, least).assign(recent=True)
    year = _summed(own, metric, least).assign(recent=False)
    enough = now[now["value"].notna()]
    return pd.concat([enough, year.drop(enough.index)]).sort_index()


def _summed(daily: pd.DataFrame, metric: str, least: int) -> pd.DataFrame:
    columns = [*SCORE_COLUMNS, "n"]
    named = daily[daily["journey_stage"].notna()]
    if named.empty:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="journey_stage"))
    return summarise(named, metric, by=["journey_stage"], min_n=least).set_index("journey_stage")[columns]


def offered_scores(daily: pd.DataFrame) -> list[tuple[str, str, str]]:
    """(metric, survey, scale) of every questionnaire asked at some stage, the one that most stages share first.

    Stages can be compared on one questionnaire only; among equals satisfaction comes first.
    """
    named = daily[daily["journey_stage"].notna()]
    found = named.groupby(["metric", "survey", "scale"]).agg(
        n_stages=("journey_stage", "nunique"), n=("denominator", "sum")
    )
    preferred = {"csat": 0, "ces": 1, "nps": 2}
    return sorted(
        found.index, key=lambda one: (-found.loc[one, "n_stages"], preferred[one[0]], -found.loc[one, "n"], one)
    )
