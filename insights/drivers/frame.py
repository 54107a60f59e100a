"""Answers beside what their customers named: scores, flags of irritants and controls, one questionnaire at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.contracts import UNCLASSIFIED
from insights.intervals import Array

NEGATIVE = -0.15  # polarity under which a mention is negative; the same number stands in insights/sql
MIN_NAMED = 10  # customers who name an irritant; with fewer no effect is given
MIN_LEVEL = 10  # answers of one level of a control; rarer levels stand together
MAX_ANSWERS = 15_000  # of one questionnaire; beyond, customers are drawn (the row says how many answers were used)
ALL_SURVEYS = "(all)"
REVIEW = "review"
METRICS = ("nps", "csat", "ces")
POOLED = ("csat", "ces")  # relational and transactional NPS never mix
CONTROLS = ("segment", "channel", "tenure", "quarter", "brand", "product")
TENURE_YEARS = (3, 12, 36)  # months at which a tenure band ends


@dataclass(frozen=True)
class Answers:
    """One metric of one questionnaire, n answers with words, K irritants named by enough customers.

    `score` (n,) on the metric's own scale, turned so that high is good; `flags` (n, K) 0 or 1; `controls` (n, c)
    centred columns; `cluster` (n,) codes of customers; `named` all irritants with the customers that name them.
    """

    survey: str
    metric: str
    scale: str
    score: Array
    flags: Array
    irritants: tuple[str, ...]
    controls: Array
    cluster: NDArray[np.int64]
    named: dict[str, int]

    def __len__(self) -> int:
        return len(self.score)


def questionnaires(mentions: pd.DataFrame, answers: pd.DataFrame, seed: int) -> Iterator[Answers]:
    """Each questionnaire and metric, then each of CSAT and CES over all surveys; see `drivers.table` for the frames."""
    rows = _scored(mentions, answers)
    rows["quarter"] = pd.to_datetime(rows["occurred_at"], utc=True).dt.strftime("%Y-") + pd.to_datetime(
        rows["occurred_at"], utc=True
    ).dt.quarter.astype(str)
    said = _said(mentions)
    for (metric, scale), own in rows.groupby(["metric", "scale"], sort=True):
        asked = sorted(own["survey"].unique())
        for survey in asked:
            yield _one(own[own["survey"] == survey], said, str(survey), str(metric), str(scale), seed)
        asked = [survey for survey in asked if survey != REVIEW]
        if metric in POOLED and len(asked) > 1:
            pooled = own[own["survey"].isin(asked)]
            yield _one(pooled, said, ALL_SURVEYS, str(metric), str(scale), seed)


def _scored(mentions: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Answers whose verbatim was read and does not contradict them, with `score`, `low`, `high` and `cluster`.

    A customer who answers the same questionnaire several times in a quarter counts once, with the last answer;
    of two questions of one feedback the later `question_id`.
    """
    spoken = set(mentions["feedback_id"])
    if "score_contradicts" in mentions.columns:
        doubtful = mentions["score_contradicts"].astype("boolean").fillna(False).astype(bool)
        spoken -= set(mentions.loc[doubtful, "feedback_id"])
    rows = answers[answers["feedback_id"].isin(spoken) & answers["metric"].isin(METRICS)].copy()
    ends = rows["scale"].astype("str").str.extract(r"^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)").astype(float)
    rows["low"], rows["high"] = ends[0], ends[1]
    rows["value"] = rows["value"].astype(float)
    rows = rows[(rows["high"] > rows["low"]) & rows["value"].between(rows["low"], rows["high"])]
    upside_down = rows["scale"].astype("str").str.lower().str.contains("low is good")
    rows["score"] = rows["value"].where(~upside_down, rows["low"] + rows["high"] - rows["value"])
    rows["cluster"] = rows["customer_id"].fillna(rows["feedback_id"]).astype(str)
    if "survey" not in rows.columns:
        rows["survey"] = None
    rows["survey"] = rows["survey"].fillna("(none)").astype(str)
    order = [name for name in ("occurred_at", "feedback_id", "question_id", "score") if name in rows.columns]
    return rows.sort_values(order, kind="stable")


def _said(mentions: pd.DataFrame) -> pd.DataFrame:
    """feedback_id and irritant_id (`unclassified` where it is none) of the negative mentions, each pair once."""
    said = mentions.loc[mentions["polarity"] < NEGATIVE, ["feedback_id", "irritant_id"]]
    return said.assign(irritant_id=said["irritant_id"].fillna(UNCLASSIFIED).astype(str)).drop_duplicates()


def _one(own: pd.DataFrame, said: pd.DataFrame, survey: str, metric: str, scale: str, seed: int) -> Answers:
    """The answers of one questionnaire as arrays, in an order that does not hang on that of the rows."""
    last = own.drop_duplicates(["cluster", "survey", "quarter"], keep="last")
    period = own[["feedback_id", "cluster", "survey", "quarter"]].merge(said, on="feedback_id")
    keys = ["cluster", "survey", "quarter"]
    last = _drawn(last, seed).sort_values([*keys, "feedback_id"], ignore_index=True)
    last["row"] = np.arange(len(last))
    named = period.merge(last[[*keys, "row"]], on=keys)[["cluster", "irritant_id", "row"]].drop_duplicates()
    known = named[named["irritant_id"] != UNCLASSIFIED]
    customers = known.groupby("irritant_id")["cluster"].nunique()
    others = len(last) - known.groupby("irritant_id")["row"].nunique()
    kept = tuple(sorted(str(one) for one in customers.index[(customers >= MIN_NAMED) & (others >= MIN_NAMED)]))
    flags = np.zeros((len(last), len(kept) + 1))
    place = {one: column for column, one in enumerate(kept)}
    column = named["irritant_id"].map(lambda one: place.get(one, len(kept))).to_numpy(int)
    flags[named["row"].to_numpy(int), column] = 1.0
    controls = np.column_stack([_controls(last, survey == ALL_SURVEYS), flags[:, -1:] - flags[:, -1:].mean(axis=0)])
    cluster = np.asarray(pd.factorize(last["cluster"], sort=True)[0], dtype=np.int64)
    counts = {str(one): int(n) for one, n in customers.items()}
    score = last["score"].to_numpy(float)
    return Answers(survey, metric, scale, score, flags[:, :-1], kept, controls[:, controls.std(axis=0) > 0], cluster,
                   counts)  # fmt: skip


def _drawn(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """At most MAX_ANSWERS rows: customers in an order drawn from the seed, the first ones kept."""
    if len(rows) <= MAX_ANSWERS:
        return rows
    order = rows.sort_values(["cluster", "feedback_id"], kind="stable")
    kept = np.sort(np.random.default_rng(seed).permutation(len(order))[:MAX_ANSWERS])
    return order.iloc[kept]


def _controls(rows: pd.DataFrame, pooled: bool) -> Array:
    """(n, c) centred 0/1 columns of the controls that vary; rare levels stand together, the commonest is left out."""
    frame = rows.assign(tenure=_tenure(rows))
    columns = [name for name in (*CONTROLS, *(("survey",) if pooled else ())) if name in frame.columns]
    blocks = [np.zeros((len(rows), 0))]
    for name in columns:
        levels = frame[name].astype(object).where(frame[name].notna(), "(none)").astype(str)
        counts = levels.value_counts()
        levels = levels.where(levels.map(counts) >= MIN_LEVEL, "(rare)")
        present = levels.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[1:]
        blocks.append(
            np.column_stack([(levels == one).to_numpy(float) for one in present] or [np.zeros((len(rows), 0))])
        )
    found = np.hstack(blocks)
    return np.asarray(found - found.mean(axis=0), dtype=float) if len(found) else found


def _tenure(rows: pd.DataFrame) -> pd.Series:
    if "tenure_months" not in rows.columns:
        return pd.Series("(none)", index=rows.index)
    months = rows["tenure_months"].astype(float)
    band = np.searchsorted(TENURE_YEARS, months.fillna(0.0), side="right")
    return pd.Series(np.where(months.isna(), "(none)", band.astype(str)), index=rows.index)
