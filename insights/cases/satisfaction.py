"""Low answers on satisfaction and effort: how far up its own scale an answer stands, the best box always at the top."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from insights.questionnaires import SCALE, Questionnaire

METRICS = ("csat", "ces")
Downward = Mapping[tuple[str, str, tuple[float, float]], bool]  # low is good? by survey, metric and ends of the scale


def downward(found: tuple[Questionnaire, ...]) -> Downward:
    """Of each declared question whether its lowest box is the best one."""
    return {
        (one.survey, asked.metric, asked.ends): asked.direction == "low_is_good"
        for one in found
        for asked in one.questions
    }


def lowest_places(feedback: pd.DataFrame, answers: pd.DataFrame, declared: Downward) -> pd.DataFrame:
    """One row a survey response with a CSAT or CES answer: feedback_id, `_score` 0 (worst box) to 1 (best), the lowest.

    FEEDBACK and ANSWER rows. What is declared of a direction goes before what the source says. An answer outside its
    scale, and a scale that cannot be read, give no row.
    """
    asked = answers[answers["metric"].isin(METRICS)]
    surveys = feedback.reindex(columns=["feedback_id", "kind", "survey"])
    surveys = surveys[surveys["kind"] == "survey"]
    if surveys.empty or asked.empty:
        return pd.DataFrame({"feedback_id": pd.Series(dtype=object), "_score": pd.Series(dtype=float)})
    rows = asked.reindex(columns=["feedback_id", "metric", "scale", "value"]).merge(surveys, on="feedback_id")
    rows["_score"] = [_place(row, declared) for row in rows.to_dict("records")]
    return rows.dropna(subset=["_score"]).groupby("feedback_id", as_index=False)["_score"].min()


def _place(row: Mapping[str, object], declared: Downward) -> float | None:
    scale, value = str(row["scale"]), row["value"]
    found = SCALE.match(scale)
    if found is None or pd.isna(value):
        return None
    low, high = float(found[1]), float(found[2])
    given = float(value)  # type: ignore[arg-type]
    if not low < high or not low <= given <= high:
        return None
    turned = declared.get((str(row["survey"]), str(row["metric"]), (low, high)), "low is good" in scale.lower())
    up = (given - low) / (high - low)
    return 1.0 - up if turned else up
