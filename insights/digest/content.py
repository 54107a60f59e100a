"""What the digest says, from the week's tables: a pure function of frames and the business instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from insights.digest import callbacks, quotes, sentences, trends
from insights.digest.model import COMPANY, DOWN, EUR, SLICE, UP, VOLUME, Digest, Fix, Item, New, Quote
from insights.digest.owners import ALL, Owner
from insights.digest.scope import WHOLE, Scope
from insights.digest.scores import MAX_SCORES, main_score, to_scores
from insights.digest.words import Words

N_ITEMS = 3
N_LOOKED = 10  # irritants of the company among which one that moves is told
N_NEWS = 2
TOLD = "told"
N_FIXES = 2
N_OWNER_SCORES = 2
NEW_DAYS = 28
EVENING = 18  # a day counts as over from this local hour on: Monday 8:00 tells of the week to Sunday


@dataclass(frozen=True)
class _Seen:
    """What every part of one digest looks at."""

    ranked: pd.DataFrame
    labels: dict[str, dict[str, Any]]
    verdicts: dict[str, str]
    weekly: trends.Counts
    model_shares: Mapping[str, float]
    actions: Mapping[str, str]
    scope: Scope
    last_day: date
    timezone: str


def build(
    *,
    priorities: pd.DataFrame,
    weekly: trends.Counts,
    scores: pd.DataFrame,
    verbatims: pd.DataFrame,
    cases: pd.DataFrame,
    registry: pd.DataFrame,
    snapshot_id: int,
    week: date,
    as_of: datetime,
    language: str,
    company: str,
    owner: Owner | None = None,
    scope: Scope = WHOLE,
    changes: pd.DataFrame | None = None,
    fixes: Sequence[Fix] = (),
    actions: Mapping[str, str] | None = None,
    timezone: str = "Europe/Paris",
    window_days: int | None = None,
    dashboard_url: str = "",
    example: bool = False,
) -> Digest:
    """One digest, of the whole company or of what `scope` holds.

    `priorities`: PRIORITY rows of `week`, with a column `told` where they are told in another order than that of `rank`.
    `weekly`: from `trends.counts`. `scores`: from `scores.compare`, of the owner's slice where they
    have one. `verbatims`: negative MENTION rows with irritant_id, confidence and channel beside them, of the slice
    likewise. `cases`: from `cases_frame`. `registry`: IRRITANT rows (labels, owner, born_on). Irritant ids resolved
    alike. `changes`: IRRITANT_CHANGE rows of the week, if there are any. `fixes`: newest first. `actions`: title of the
    action under way by irritant. `window_days`: days that the counts of `priorities` look back. `example`: made-up data,
    and the mail says so.
    """
    last_day = last_complete_day(as_of, timezone)
    order = TOLD if TOLD in priorities.columns else "rank"
    ranked = priorities[~priorities["weak_signal"].fillna(False).astype(bool)].sort_values(order, kind="stable")
    seen = _Seen(
        ranked, _registry(registry, language), trends.real_trends(priorities), weekly, _model_shares(changes),
        actions or {}, scope, last_day, timezone,
    )  # fmt: skip
    told = tuple(one for one in fixes if one.irritant_id in scope or _is(one.owner, owner))[:N_FIXES]
    items = _items(seen, verbatims)
    frame = Digest(
        publication_id=f"digest-{week.isoformat()}-{owner.owner_id if owner is not None else ALL}-{language}",
        company=company,
        week=week,
        first_day=last_day - timedelta(days=6),
        last_day=last_day,
        language=language,
        timezone=timezone,
        as_of=as_of,
        snapshot_id=snapshot_id,
        basis=EUR if any(item.value_eur is not None for item in items) else VOLUME,
        subject="",
        headline=(),
        decision="",
        items=items,
        scores=to_scores(scores, MAX_SCORES if scope.everything else N_OWNER_SCORES),
        news=_news(priorities, registry, seen),
        callbacks=callbacks.count(_of_scope(cases, scope), as_of),
        window_days=window_days,
        dashboard_url=dashboard_url,
        example=example,
        owner_id=owner.owner_id if owner is not None else ALL,
        owner_name=owner.name if owner is not None else "",
        fixes=told,
        scores_of=SLICE if owner is not None and not scope.everything and owner.has_slice else COMPANY,
        everything=scope.everything,
    )
    return _said(frame, seen)


def _said(frame: Digest, seen: _Seen) -> Digest:
    """The digest with its sentences; for an owner who has nothing this week, the two lines that say so."""
    words, yours = Words(frame.language, frame.timezone), not seen.scope.everything
    period = words.period(frame.first_day, frame.last_day)
    subject = sentences.subject(frame.items, frame.company, period, words)
    if frame.is_empty and yours:
        whole = replace(seen, scope=WHOLE)
        leading = [_item(row, n, whole, ()) for n, row in enumerate(seen.ranked.head(N_LOOKED).to_dict("records"))]
        nothing = words._("Nothing of yours this week: none of your irritants has enough mentions to be ranked.")
        company_line = sentences.in_company(leading, words)
        return replace(frame, subject=subject, headline=(nothing,), company_line=company_line, scores=())
    return replace(
        frame,
        subject=subject,
        headline=sentences.headline(
            frame.items, _movers(frame, seen), frame.scores, main_score(frame.scores), words, yours=yours
        ),
        decision=sentences.decision(frame.items, frame.callbacks, words, reader=frame.owner_name),
    )


def _movers(frame: Digest, seen: _Seen) -> list[Item]:
    """Irritants of the scope that move for certain, those to act on first: what changed is told wherever it ranks."""
    known = {item.irritant_id for item in frame.items}
    moved = [key for key, verdict in seen.verdicts.items() if verdict in (UP, DOWN) and key not in known]
    here = seen.ranked["irritant_id"].map(lambda one: str(one) in moved and str(one) in seen.scope)
    inside = seen.ranked[here.astype(bool)]
    return [*frame.items, *(_item(row, place, seen, ()) for place, row in enumerate(inside.to_dict("records")))]


def _is(name: str | None, owner: Owner | None) -> bool:
    return owner is not None and name in (owner.name, owner.owner_id)


def _of_scope(rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """The rows whose irritant the digest speaks of; all of them in a digest of the whole company."""
    return rows if scope.everything else rows[rows["irritant_id"].map(lambda one: one in scope).astype(bool)]


def _items(seen: _Seen, verbatims: pd.DataFrame) -> tuple[Item, ...]:
    """The three to act on: the reader's own by rank, then those of others by mentions in the reader's slice."""
    items: tuple[Item, ...] = ()
    for place, row in enumerate(_chosen(seen).to_dict("records")):
        irritant_id = str(row["irritant_id"])
        quoted = [quote.mention_id for item in items for quote in item.quotes]  # a clause is quoted once
        theirs = verbatims[verbatims["irritant_id"] == irritant_id]
        unsaid = theirs[~theirs["mention_id"].isin(quoted)]
        limit = quotes.MAX_QUOTES + (place == 0)
        said = quotes.choose(unsaid, irritant_id, seen.last_day, seen.timezone, limit)
        items += (_item(row, place, seen, said),)
    return items


def _chosen(seen: _Seen) -> pd.DataFrame:
    ranked, scope = seen.ranked, seen.scope
    inside = ranked[ranked["irritant_id"].map(lambda one: str(one) in scope).astype(bool)]
    if scope.everything:
        return inside.head(N_ITEMS)
    theirs = ~inside["irritant_id"].astype(str).isin(list(scope.own))
    here = [-scope.heard.get(str(one), (0, 0))[0] for one in inside["irritant_id"]]
    ordered = inside.assign(_theirs=theirs, _here=here).assign(
        _here=lambda rows: rows["_here"].where(rows["_theirs"], 0)
    )
    return ordered.sort_values(["_theirs", "_here"], kind="stable").head(N_ITEMS)


def _model_shares(changes: pd.DataFrame | None) -> dict[str, float]:
    """Part of each irritant's change that comes from the model (0 to 1), where there is any change."""
    if changes is None or changes.empty:
        return {}
    model, customers = (changes[name].astype("float64").abs() for name in ("model", "customers"))
    share = (model / (model + customers)).where(model + customers > 0)
    known = dict(zip(changes["irritant_id"].astype(str), share, strict=True))
    return {one: float(value) for one, value in known.items() if pd.notna(value)}


def last_complete_day(as_of: datetime, timezone: str) -> date:
    """The business day once its evening has come, else the day before."""
    local = as_of.astimezone(ZoneInfo(timezone))
    return local.date() if local.hour >= EVENING else local.date() - timedelta(days=1)


def _item(row: dict[Any, Any], place: int, seen: _Seen, said: tuple[Quote, ...]) -> Item:
    irritant_id = str(row["irritant_id"])
    named = seen.labels.get(irritant_id, {})
    effect = _number(row["nps_effect"])
    told = _text(row.get("effect_metric")) is not None  # of which score; NULL in a ranking of an older version
    sure = told and effect is not None and (_number(row["nps_effect_high"]) or 0.0) < 0
    n_yours, n_heard = seen.scope.heard.get(irritant_id, (None, None))
    return Item(
        irritant_id=irritant_id,
        label=named.get("label") or irritant_id,
        rank=_whole(row["rank"], place + 1),
        rank_low=_whole(row["rank_low"], _whole(row["rank"], place + 1)),
        rank_high=_whole(row["rank_high"], _whole(row["rank"], place + 1)),
        tied=_tied(seen.ranked, row.get("tie")),
        value_eur=_number(row["value_at_risk_eur"]),
        value_low_eur=_number(row["value_at_risk_low_eur"]),
        value_high_eur=_number(row["value_at_risk_high_eur"]),
        n_mentions=_whole(row["n_mentions"], 0),
        n_customers=_whole(row["n_customers"], 0),
        nps_effect=effect if sure else None,
        trend=seen.verdicts[irritant_id],
        trend_ratio=_number(row["trend_ratio"]),
        trend_low=_number(row["trend_low"]),
        trend_high=_number(row["trend_high"]),
        owner=named.get("owner"),
        points=trends.weekly_points(seen.weekly, irritant_id, seen.last_day),
        quotes=said,
        effect_of=_effect_of(row),
        trend_weeks=_whole(row.get("trend_weeks"), 4),
        model_share=seen.model_shares.get(irritant_id),
        n_yours=n_yours,
        n_heard=n_heard,
        action=seen.actions.get(irritant_id),
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


def _news(priorities: pd.DataFrame, registry: pd.DataFrame, seen: _Seen) -> tuple[New, ...]:
    """Irritants born in the last four weeks, then weak signals whose 90 % interval lies above 1; those of the scope."""
    last_day, labels = seen.last_day, seen.labels
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
            n_mentions=trends.recent_mentions(seen.weekly, key, last_day),
            since=born[key] if key in fresh else None,
            weak=key not in fresh,
            rising=key not in loudest,
        )
        for key in fresh | rising | loudest
        if key in seen.scope
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
