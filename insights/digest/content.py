"""What the digest says, from the week's tables: a pure function of frames and the business instant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from insights.digest import callbacks, quotes, sentences, trends
from insights.digest.model import EUR, VOLUME, Digest, Item, New
from insights.digest.scores import main_score, to_scores
from insights.digest.words import Words

N_ITEMS = 3
N_NEWS = 2
NEW_DAYS = 28
EVENING = 18  # a day counts as over from this local hour on: Monday 8:00 tells of the week to Sunday


def build(
    *,
    priorities: pd.DataFrame,
    weekly: pd.DataFrame,
    scores: pd.DataFrame,
    verbatims: pd.DataFrame,
    cases: pd.DataFrame,
    registry: pd.DataFrame,
    snapshot_id: int,
    week: date,
    as_of: datetime,
    language: str,
    company: str,
    role: str = "all",
    timezone: str = "Europe/Paris",
    window_days: int | None = None,
    dashboard_url: str = "",
    example: bool = False,
) -> Digest:
    """One digest.

    `priorities`: PRIORITY rows of `week`. `weekly`: IRRITANT_WEEKLY rows of the last months. `scores`: from
    `scores.compare`. `verbatims`: negative MENTION rows with irritant_id, confidence and channel beside them.
    `cases`: from `cases_frame`. `registry`: IRRITANT rows (labels, owner, born_on). Irritant ids resolved alike.
    `window_days`: days that the counts of `priorities` look back. `example`: made-up data, and the mail says so.
    """
    words = Words(language, timezone)
    last_day = last_complete_day(as_of, timezone)
    first_day = last_day - timedelta(days=6)
    labels = _registry(registry, language)
    ranked = priorities[~priorities["weak_signal"].fillna(False).astype(bool)].sort_values("rank")
    verdicts = trends.real_trends(priorities)
    items: tuple[Item, ...] = ()
    for place, row in enumerate(ranked.head(N_ITEMS).to_dict("records")):
        quoted = [quote.mention_id for item in items for quote in item.quotes]  # a clause is quoted once
        unsaid = verbatims[~verbatims["mention_id"].isin(quoted)]
        items += (_item(row, place, ranked, labels, verdicts, weekly, unsaid, last_day, timezone),)
    found = to_scores(scores)
    counted = callbacks.count(cases, as_of)
    return Digest(
        publication_id=f"digest-{week.isoformat()}-{role}-{language}",
        company=company,
        week=week,
        first_day=first_day,
        last_day=last_day,
        language=language,
        timezone=timezone,
        as_of=as_of,
        snapshot_id=snapshot_id,
        basis=EUR if any(item.value_eur is not None for item in items) else VOLUME,
        subject=sentences.subject(items, company, words.period(first_day, last_day), words),
        headline=sentences.headline(items, found, main_score(found), words),
        decision=sentences.decision(items, counted, words),
        items=items,
        scores=found,
        news=_news(priorities, registry, labels, weekly, last_day),
        callbacks=counted,
        window_days=window_days,
        dashboard_url=dashboard_url,
        example=example,
    )


def last_complete_day(as_of: datetime, timezone: str) -> date:
    """The business day once its evening has come, else the day before."""
    local = as_of.astimezone(ZoneInfo(timezone))
    return local.date() if local.hour >= EVENING else local.date() - timedelta(days=1)


def _item(
    row: dict[Any, Any],
    place: int,
    ranked: pd.DataFrame,
    labels: dict[str, dict[str, Any]],
    verdicts: dict[str, str],
    weekly: pd.DataFrame,
    verbatims: pd.DataFrame,
    last_day: date,
    timezone: str,
) -> Item:
    irritant_id = str(row["irritant_id"])
    named = labels.get(irritant_id, {})
    effect = _number(row["nps_effect"])
    told = _text(row.get("effect_metric")) is not None  # of which score; NULL in a ranking of an older version
    sure = told and effect is not None and (_number(row["nps_effect_high"]) or 0.0) < 0
    return Item(
        irritant_id=irritant_id,
        label=named.get("label") or irritant_id,
        rank=_whole(row["rank"], place + 1),
        rank_low=_whole(row["rank_low"], _whole(row["rank"], place + 1)),
        rank_high=_whole(row["rank_high"], _whole(row["rank"], place + 1)),
        tied=_tied(ranked, row.get("tie")),
        value_eur=_number(row["value_at_risk_eur"]),
        value_low_eur=_number(row["value_at_risk_low_eur"]),
        value_high_eur=_number(row["value_at_risk_high_eur"]),
        n_mentions=_whole(row["n_mentions"], 0),
        n_customers=_whole(row["n_customers"], 0),
        nps_effect=effect if sure else None,
        trend=verdicts[irritant_id],
        trend_ratio=_number(row["trend_ratio"]),
        trend_low=_number(row["trend_low"]),
        trend_high=_number(row["trend_high"]),
        owner=named.get("owner"),
        points=trends.weekly_points(weekly, irritant_id, last_day),
        quotes=quotes.choose(verbatims, irritant_id, last_day, timezone),
        effect_of=_effect_of(row),
        trend_weeks=_whole(row.get("trend_weeks"), 4),
    )


def _effect_of(row: dict[Any, Any]) -> tuple[str, str, str]:
    """The score an effect speaks of; relational NPS where the row does not say."""
    told = [row.get(f"effect_{name}") for name in ("metric", "survey", "scale")]
    known = all(isinstance(one, str) for one in told)
    return (str(told[0]), str(told[1]), str(told[2])) if known else ("nps", "relational", "0-10")


def _tied(ranked: pd.DataFrame, group: Any) -> bool:
    """True when another ranked irritant is in the same tie group; the rule is that of the page Priorities."""
    return not pd.isna(group) and int((ranked["tie"] == group).sum()) > 1


def _registry(registry: pd.DataFrame, language: str) -> dict[str, dict[str, Any]]:
    """Label and owner by irritant; a label missing in the reader's language is shown in the other, with its mark."""
    other = "en" if language == "fr" else "fr"
    found: dict[str, dict[str, Any]] = {}
    for row in registry.to_dict("records"):
        own, borrowed = _text(row.get(f"label_{language}")), _text(row.get(f"label_{other}"))
        label = own or (f"{borrowed} [{other}]" if borrowed else None)
        found[str(row["irritant_id"])] = {"label": label, "owner": _text(row.get("owner"))}
    return found


def _news(
    priorities: pd.DataFrame,
    registry: pd.DataFrame,
    labels: dict[str, dict[str, Any]],
    weekly: pd.DataFrame,
    last_day: date,
) -> tuple[New, ...]:
    """Irritants born in the last four weeks, then weak signals whose 90 % interval lies above 1."""
    born = {
        str(row["irritant_id"]): pd.Timestamp(row["born_on"]).date()
        for row in registry[registry["born_on"].notna() & (registry["status"] != "merged")].to_dict("records")
    }
    fresh = {key for key, day in born.items() if last_day - timedelta(days=NEW_DAYS) < day <= last_day}
    weak = priorities[priorities["weak_signal"].fillna(False).astype(bool)]
    rising = set(weak[weak["trend_low"].astype("float64") > 1]["irritant_id"].astype(str)) - fresh
    loudest: set[str] = set()
    if len(weak) == len(priorities):  # a small or young company has weak signals only: it still gets to know them
        loudest = set(weak.nlargest(N_NEWS, "n_mentions")["irritant_id"].astype(str)) - fresh - rising
    found = [
        New(
            irritant_id=key,
            label=labels.get(key, {}).get("label") or key,
            n_mentions=trends.recent_mentions(weekly, key, last_day),
            since=born[key] if key in fresh else None,
            weak=key not in fresh,
            rising=key not in loudest,
        )
        for key in fresh | rising | loudest
    ]
    named = [new for new in found if new.n_mentions > 0]
    order = sorted(named, key=lambda new: (new.weak, not new.rising, -new.n_mentions, new.irritant_id))
    return tuple(order[:N_NEWS])


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _whole(value: Any, default: int) -> int:
    return default if value is None or pd.isna(value) else int(value)


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value)
