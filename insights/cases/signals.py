"""Signals from the lake's tables: who is at risk, who gave a low score, who says they leave, who is in danger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from insights.cases.config import Rules
from insights.cases.model import DETRACTOR, LEAVE_INTENT, RISK, URGENCY, Signal
from insights.contracts import UNCLASSIFIED


def risk_signals(scores: pd.DataFrame, rules: Rules, now: datetime) -> list[Signal]:
    """Customers above the risk quantile of one scoring day (CHURN_SCORE rows; the newest `scored_on` is taken).

    The score is the probability, else the card's index over 100. Ties at the limit are left out, so that a card with
    few distinct values does not open a thousand cases.
    """
    if scores.empty:
        return []
    day = scores[scores["scored_on"] == scores["scored_on"].max()]
    score = day["probability"].astype("float64").fillna(day["index"].astype("float64") / 100)
    high = day.assign(_score=score)[score > score.quantile(rules.risk_quantile)]
    return [
        Signal(
            customer_id=str(row["customer_id"]),
            kind=RISK,
            feedback_id=f"{row['customer_id']}:{pd.Timestamp(row['scored_on']).date()}",
            at=now.astimezone(UTC),
            score=float(row["_score"]),
        )
        for row in high.to_dict("records")
    ]


def feedback_signals(
    feedback: pd.DataFrame,
    answers: pd.DataFrame,
    mentions: pd.DataFrame,
    assigned: pd.DataFrame,
    *,
    rules: Rules,
    now: datetime,
) -> list[Signal]:
    """Signals in what customers said within the look-back.

    Frames: FEEDBACK, ANSWER, MENTION, MENTION_IRRITANT rows. A feedback can give several signals (a detractor who
    says they leave); they join into one case. The irritant is that of the feedback's most negative mention.
    """
    since = pd.Timestamp(now).tz_convert("UTC") - timedelta(days=rules.lookback_days)
    recent = feedback[(feedback["occurred_at"] >= since) & feedback["customer_id"].notna()]
    if recent.empty:
        return []
    spoken = mentions[mentions["feedback_id"].isin(recent["feedback_id"]) & (mentions["voice"] != "employee")]
    found = pd.concat(
        [
            _detractors(answers[answers["feedback_id"].isin(recent["feedback_id"])], rules),
            _said(spoken[spoken["leave_intent"].fillna(False).astype(bool)], LEAVE_INTENT),
            _said(spoken[spoken["urgency"].notna()], URGENCY),
        ],
        ignore_index=True,
    )
    rows = found.merge(recent, on="feedback_id").merge(_main_irritant(spoken, assigned), on="feedback_id", how="left")
    return [_signal(row) for row in rows.to_dict("records")]


def _detractors(answers: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    low = answers[(answers["metric"] == "nps") & (answers["value"] <= rules.detractor_max)]
    lowest = low.groupby("feedback_id", as_index=False)["value"].min().rename(columns={"value": "_score"})
    return lowest.assign(_kind=DETRACTOR, _about=None)


def _said(mentions: pd.DataFrame, kind: str) -> pd.DataFrame:
    first = mentions.sort_values("unit_no").drop_duplicates("feedback_id")
    about = first["urgency"].astype(object) if kind == URGENCY else None
    return pd.DataFrame({"feedback_id": first["feedback_id"]}).assign(_score=0.0, _kind=kind, _about=about)


def _main_irritant(mentions: pd.DataFrame, assigned: pd.DataFrame) -> pd.DataFrame:
    known = assigned[assigned["irritant_id"] != UNCLASSIFIED][["mention_id", "irritant_id"]]
    joined = mentions[["mention_id", "feedback_id", "polarity"]].merge(known, on="mention_id")
    ordered = joined.sort_values(["polarity", "mention_id"]).drop_duplicates("feedback_id")
    return ordered[["feedback_id", "irritant_id"]]


def _signal(row: dict[str, Any]) -> Signal:
    def text(name: str) -> str | None:
        value = row.get(name)
        return None if value is None or pd.isna(value) else str(value)

    language = text("language")
    return Signal(
        customer_id=str(row["customer_id"]),
        kind=str(row["_kind"]),
        feedback_id=str(row["feedback_id"]),
        at=pd.Timestamp(row["occurred_at"]).to_pydatetime().astimezone(UTC),
        score=float(row["_score"]),
        segment=text("segment"),
        irritant_id=text("irritant_id"),
        language=language if language in ("fr", "en") else None,
        recontact=text("recontact") or "not_asked",
        anonymous=bool(row["anonymous"]) if text("anonymous") else False,
        urgent_about=text("_about"),
    )
