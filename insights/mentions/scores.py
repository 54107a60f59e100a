"""Scores of answers on one scale, 0 worst to 1 best with .5 for "neither": what the polarity model learns from."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

METRICS = ("nps", "csat", "ces")
_SCALE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)(.*)")


def metric_score(metric: str, scale: str, value: float) -> float:
    """One answer on 0..1 by the metric's own meaning; NaN where metric or scale is unknown, or the value is outside.

    nps: 0-6 detractor (0 to .3), 7-8 passive (.5), 9-10 promoter (.9, 1). Others, on a scale `low-high`: below the
    middle 0 to .28, the middle .5, above it .72 to 1. A scale that says "low is good" is turned round.
    """
    found = _SCALE.fullmatch(scale)
    if metric not in METRICS or found is None:
        return float("nan")
    low, high = float(found.group(1)), float(found.group(2))
    if high <= low or not low <= value <= high:
        return float("nan")
    share = (value - low) / (high - low)
    if "low is good" in found.group(3):
        share = 1.0 - share
    if metric == "nps":
        return float(np.interp(share, [0.0, 0.6, 0.65, 0.84, 0.9, 1.0], [0.0, 0.3, 0.5, 0.5, 0.9, 1.0]))
    if abs(share - 0.5) < 0.1:
        return 0.5
    return float(share * 0.7 if share < 0.5 else 1.0 - (1.0 - share) * 0.7)


def feedback_scores(answers: pd.DataFrame) -> pd.Series:
    """Mean 0..1 score by feedback_id over its nps, csat and ces answers; feedback without one is left out.

    `answers` has the columns of contracts.ANSWER.
    """
    columns = (answers["metric"], answers["scale"], answers["value"])
    scores = [
        metric_score(str(metric), str(scale), float(value)) for metric, scale, value in zip(*columns, strict=True)
    ]
    scored = pd.DataFrame(
        {"feedback_id": answers["feedback_id"].to_numpy(), "score": np.array(scores, dtype=np.float64)}
    )
    return scored.dropna().groupby("feedback_id", sort=True)["score"].mean()
