"""One customer's score explained from the stored tables and the stored model, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from insights.churn.explain import (
    LEAVING,
    LEFT,
    NEW,
    NO_PICTURE,
    NOT_RUN,
    OBJECTED,
    SCORED,
    STALE,
    UNKNOWN,
    Anatomy,
    Explanation,
    anatomy,
)
from insights.churn.panel import prepare
from insights.errors import ModelError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import objectors
from insights.steps.churn_models import load_model
from insights.steps.window import analysis_day

PICTURE_DAYS = 100  # as in insights/sql/churn_panel.sql: an older picture is none
SCORE = """
SELECT s.*, (SELECT count(*) FROM churn_score o WHERE o.scored_on = s.scored_on) AS n_scored
FROM churn_score s
WHERE customer_id = $customer_id AND scored_on = (SELECT max(scored_on) FROM churn_score WHERE scored_on <= $day)
"""
PANEL = "SELECT * FROM churn_panel WHERE customer_id = $customer_id AND t0 = $day"
PICTURE = """
SELECT * FROM customer_snapshot WHERE customer_id = $customer_id AND as_of <= $day ORDER BY as_of DESC LIMIT 1
"""
HEARD = "SELECT count(*) FROM feedback WHERE customer_id = $customer_id"
DEPARTURE = """
SELECT learned_on, cause FROM churn_event WHERE customer_id = $customer_id AND learned_on <= $day
ORDER BY learned_on DESC LIMIT 1
"""


def explain(lake: Lake, ledger: Ledger, customer_id: str) -> Explanation:
    """The customer's newest score in parts. An objection comes first: nothing stored is then read out."""
    day = analysis_day(lake)
    pictures = lake.read(PICTURE, customer_id=customer_id, day=day)
    picture: Mapping[str, Any] = pictures.to_dict("records")[0] if len(pictures) else {}
    if customer_id in objectors(ledger) or _true(picture.get("objection")):
        return Explanation(customer_id, OBJECTED)
    scores = lake.read(SCORE, customer_id=customer_id, day=day)
    if scores.empty:
        return _without(lake, customer_id, picture, day)
    score = {str(name): value for name, value in scores.to_dict("records")[0].items()}
    return Explanation(customer_id, SCORED, score, _anatomy(lake, customer_id, score), _day(score["scored_on"]))


def _anatomy(lake: Lake, customer_id: str, score: Mapping[str, Any]) -> Anatomy | None:
    """None where the stored model is another than the one that scored, or cannot be read."""
    scored_on = _day(score["scored_on"])
    rows = lake.read(PANEL, customer_id=customer_id, day=scored_on)
    try:
        model = load_model(lake.settings, scored_on)
    except ModelError:
        return None
    if model is None or model.version != score["model_version"] or len(rows) != 1:
        return None
    return anatomy(model, prepare(rows))


def _without(lake: Lake, customer_id: str, picture: Mapping[str, Any], day: date) -> Explanation:
    """Why a customer has no score."""
    if not picture:
        heard = lake.scalar(HEARD, customer_id=customer_id) or len(_departures(lake, customer_id, day))
        return Explanation(customer_id, NO_PICTURE if heard else UNKNOWN)
    left = _departures(lake, customer_id, day)
    began = _day(picture["contract_start_on"]) if pd.notna(picture["contract_start_on"]) else None
    if left and (began is None or left[0][0] >= began):
        return Explanation(customer_id, LEFT, day=left[0][0], cause=left[0][1])
    if _true(picture.get("leaving")):
        return Explanation(customer_id, LEAVING)
    seen = _day(picture["as_of"])
    if seen < day - timedelta(days=PICTURE_DAYS):
        return Explanation(customer_id, STALE, day=seen)
    return Explanation(customer_id, NEW if lake.scalar("SELECT count(*) FROM churn_score") else NOT_RUN)


def _departures(lake: Lake, customer_id: str, day: date) -> list[tuple[date, str]]:
    found = lake.read(DEPARTURE, customer_id=customer_id, day=day).to_dict("records")
    return [(_day(row["learned_on"]), str(row["cause"])) for row in found]


def _true(value: Any) -> bool:
    """True for yes; None and NA are no."""
    return bool(pd.notna(value) and value)


def _day(value: Any) -> date:
    """A date of the lake, which arrives as a date or as an instant at midnight."""
    day: date = pd.Timestamp(value).date()
    return day
