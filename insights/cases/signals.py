"""Signals from the lake's tables: who is at risk, gave a low answer, says they leave, is in danger, complains formally or
in public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from insights.cases.complaints import Complaints
from insights.cases.config import Rules
from insights.cases.holdout import draw
from insights.cases.model import COMPLAINT, DETRACTOR, DISSATISFIED, LEAVE_INTENT, PUBLIC, RISK, URGENCY, Signal
from insights.cases.satisfaction import lowest_places
from insights.contracts import UNCLASSIFIED


@dataclass(frozen=True)
class Reach:
    """How far down the scores a day's list looks. `relative_cut`, `avoided`: as in `insights.cases.plan.Planning`."""

    n_best: int = 1000
    n_random: int = 0
    seed: int = 0
    relative_cut: float | None = None
    avoided: Mapping[str, float] = field(default_factory=dict)


def risk_signals(
    scores: pd.DataFrame, rules: Rules, now: datetime, customers: pd.DataFrame | None = None, reach: Reach | None = None
) -> list[Signal]:
    """Customers a proactive call could be for, of one scoring day (CHURN_SCORE rows; the newest `scored_on` is taken).

    With probabilities: the `n_best` of those whose call is worth more than it costs, by CUSTOMER_SNAPSHOT rows
    `customers`. With the points card, whose index is no probability: those above the risk quantile, ties at the limit left
    out so that a card with few distinct values does not open a thousand cases. Beside them `n_random` customers drawn
    among all who may be called, marked `explored`.
    """
    if scores.empty:
        return []
    reach = reach or Reach()
    day = _callable(scores[scores["scored_on"] == scores["scored_on"].max()], customers)
    fitted = day["probability"].notna()
    score = day["probability"].astype("float64").fillna(day["index"].astype("float64") / 100)
    worth = rules.proactive.net_eur(score, day["_margin"], reach.relative_cut)
    if reach.avoided:
        saved = day["customer_id"].map(reach.avoided)
        worth = rules.proactive.net_eur(saved, day["_margin"], 1.0).where(saved.notna(), worth)
    high = (fitted & (worth > 0)) | (~fitted & (score > score.quantile(rules.risk_quantile)))
    day = day.assign(_score=score, _fitted=fitted, _worth=worth.where(fitted, score * day["_margin"]))
    best = day[high].sort_values(["_worth", "_score", "customer_id"], ascending=[False, False, True]).head(reach.n_best)
    drawn = set(_drawn(day["customer_id"], f"pool:{reach.seed}:{scores['scored_on'].max()}", reach.n_random))
    more = day[day["customer_id"].isin(drawn) & ~day["customer_id"].isin(best["customer_id"])].sort_values(
        "customer_id"
    )
    return [_risk(row, now, row["customer_id"] in drawn) for row in pd.concat([best, more]).to_dict("records")]


def _callable(day: pd.DataFrame, customers: pd.DataFrame | None) -> pd.DataFrame:
    """Scores of customers who may be called, with their margin a year; all of them where no picture is given."""
    if customers is None:
        return day.assign(_margin=1.0)
    barred = customers["objection"].fillna(False).astype(bool) | customers["leaving"].fillna(False).astype(bool)
    if "recontact" in customers:
        barred |= customers["recontact"] == "no"
    margin = customers.loc[~barred, ["customer_id", "margin_eur_year"]].rename(columns={"margin_eur_year": "_margin"})
    return day.merge(margin.fillna({"_margin": 0.0}), on="customer_id")


def _risk(row: Mapping[Any, Any], now: datetime, explored: bool) -> Signal:
    return Signal(
        customer_id=str(row["customer_id"]),
        kind=RISK,
        feedback_id=f"{row['customer_id']}:{pd.Timestamp(row['scored_on']).date()}",
        at=now.astimezone(UTC),
        score=float(row["_score"]),
        is_probability=bool(row["_fitted"]),
        explored=explored,
    )


def _drawn(customers: pd.Series, seed: str, n: int) -> list[str]:
    """`n` customers by a draw that depends on the seed and their id alone."""
    ids = customers.astype(str)
    return sorted(ids, key=lambda one: (draw(one, seed), one))[:n] if n else []


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
    says they leave); they join into one case. The irritant is that of the feedback's most negative mention. Danger, a
    formal complaint and a public post are signals without a known customer too.
    """
    since = pd.Timestamp(now).tz_convert("UTC") - timedelta(days=rules.lookback_days)
    recent = feedback[feedback["occurred_at"] >= since]
    if recent.empty:
        return []
    spoken = mentions[mentions["feedback_id"].isin(recent["feedback_id"]) & (mentions["voice"] != "employee")]
    leaving = spoken[spoken["leave_intent"].fillna(False).astype(bool)]
    known = recent.loc[recent["customer_id"].notna(), "feedback_id"]
    found = pd.concat(
        [
            _detractors(answers[answers["feedback_id"].isin(known)], rules),
            _dissatisfied(recent, answers[answers["feedback_id"].isin(known)], rules),
            _said(leaving[leaving["feedback_id"].isin(known)], LEAVE_INTENT),
            _said(spoken[spoken["urgency"].notna()], URGENCY),
            _complaints(recent, spoken, assigned, rules.complaints),
            _public(recent, spoken),
        ],
        ignore_index=True,
    )
    found["_intent"] = found["feedback_id"].isin(leaving["feedback_id"])
    rows = found.merge(recent, on="feedback_id").merge(_main_irritant(spoken, assigned), on="feedback_id", how="left")
    return [_signal(row) for row in rows.to_dict("records")]


def _complaints(recent: pd.DataFrame, spoken: pd.DataFrame, assigned: pd.DataFrame, rules: Complaints) -> pd.DataFrame:
    """Formal complaints, declared by a field or said outright, with their legal reason in `_about`."""
    found: dict[str, str] = {}
    if rules.reasons and "kind" in recent:
        clauses = spoken.get("text", pd.Series("", index=spoken.index)).fillna("").groupby(spoken["feedback_id"])
        texts = clauses.agg(". ".join).to_dict()
        irritants = _main_irritant(spoken, assigned).set_index("feedback_id")["irritant_id"].to_dict()
        for row in recent.to_dict("records"):
            key, whole = str(row["feedback_id"]), row.get("verbatim")
            text = f"{texts.get(key, '')}\n{whole if isinstance(whole, str) else ''}"
            if rules.declared(row) or rules.said(str(row["kind"]), text):
                found[key] = rules.reason_of(text, irritants.get(key))
    frame = pd.DataFrame({"feedback_id": list(found), "_about": list(found.values())}, dtype="object")
    return frame.assign(_score=0.0, _kind=COMPLAINT)


def _public(recent: pd.DataFrame, spoken: pd.DataFrame) -> pd.DataFrame:
    """Posts and reviews with something negative; the score is their lowest polarity."""
    posts = recent.loc[recent["kind"].isin(["post", "review"]), "feedback_id"] if "kind" in recent else []
    worst = (
        spoken[spoken["feedback_id"].isin(posts) & (spoken["polarity"] < 0)].groupby("feedback_id")["polarity"].min()
    )
    return pd.DataFrame({"feedback_id": worst.index, "_score": worst.to_numpy(), "_kind": PUBLIC, "_about": None})


def _detractors(answers: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    low = answers[(answers["metric"] == "nps") & (answers["value"] <= rules.detractor_max)]
    lowest = low.groupby("feedback_id", as_index=False)["value"].min().rename(columns={"value": "_score"})
    return lowest.assign(_kind=DETRACTOR, _about=None)


def _dissatisfied(recent: pd.DataFrame, answers: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Responses whose lowest answer on satisfaction or effort is low enough for a rule."""
    limit = rules.dissatisfied_max
    lowest = lowest_places(recent, answers.iloc[: 0 if limit is None else None], rules.downward)
    return lowest[lowest["_score"] <= (limit or 0.0)].assign(_kind=DISSATISFIED, _about=None)


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

    language, kind = text("language"), str(row["_kind"])
    return Signal(
        customer_id=text("customer_id") or "",
        kind=kind,
        feedback_id=str(row["feedback_id"]),
        at=pd.Timestamp(row["occurred_at"]).to_pydatetime().astimezone(UTC),
        score=float(row["_score"]),
        segment=text("segment"),
        irritant_id=text("irritant_id"),
        language=language if language in ("fr", "en") else None,
        recontact=text("recontact") or "not_asked",
        anonymous=bool(row["anonymous"]) if text("anonymous") else False,
        urgent_about=text("_about") if kind == URGENCY else None,
        matter=text("_about") or "" if kind == COMPLAINT else "",
        source=text("source"),
        said_in=text("kind"),
        channel=text("channel"),
        intent=bool(row["_intent"]),
    )
