"""Alarms become incidents of the ledger and rows of `alert`: the same alarm found again changes nothing.

The ledger comes first and never waits for the lake; a row the lake could not take is written at a later round, as each
round finds the alarms of the last minutes again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from insights.alarms import POOLED, Alarm, emerging_terms
from insights.alarms.evidence import evidence
from insights.alarms.incidents import KINDS, Incident, fold_incidents, home_of, joining, known_as, opening
from insights.contracts import UNCLASSIFIED
from insights.lake import Lake
from insights.ledger import Ledger
from insights.settings import Settings
from insights.steps.watch_posts import Posts, feedback_in

TERM_WEEKS = 4
TERM_TEXTS = 3_000  # newest texts that a term is held against
MOST_TERMS = 6
STORED = "SELECT alert_id FROM alert WHERE alert_id IN (SELECT unnest($ids))"
COUNTED = "SELECT alert_id, feedback_id FROM alert_feedback WHERE alert_id IN (SELECT unnest($ids))"


@dataclass
class Recorded:
    """What one round made of its alarms. `opened`: incidents of this round."""

    opened: list[Incident] = field(default_factory=list)
    n_joined: int = 0


def incidents(ledger: Ledger) -> dict[str, Incident]:
    """All incidents as they stand."""
    return fold_incidents(ledger.events(KINDS))


def record(
    ledger: Ledger,
    alarms: Sequence[Alarm],
    parents: Mapping[str, str],
    now: datetime,
    counted: Mapping[str, frozenset[str]] | None = None,
    *,
    replayed_before: datetime,
) -> tuple[Recorded, dict[str, str]]:
    """Open and join incidents; returns what was done, and the incident of each alarm by alarm_id, new or known.

    `counted`: feedback that earlier alarms of open incidents counted, by incident. An alarm raised before
    `replayed_before` is history: its incident is marked replayed, stamped with its own time.
    """
    done, of = Recorded(), dict[str, str]()
    known = incidents(ledger)
    posts: dict[str, frozenset[str]] = dict(counted or {})
    for alarm in alarms:
        before = known_as(alarm, known.values())
        if before:
            one, alarm_id = before
            of |= {alarm.alarm_id: one.incident_id} if alarm_id == alarm.alarm_id else {}
        else:
            old = alarm.raised_at < replayed_before
            at = alarm.raised_at if old else now
            fits = [one for one in known.values() if one.replayed == old]
            home = home_of(alarm, fits, posts, parents)
            row = joining(alarm, home, at) if home else opening(alarm, replayed=old, at=at)
            fresh = ledger.append_many([row])
            known = incidents(ledger)
            of[alarm.alarm_id] = row["subject"]
            done.n_joined += fresh if home else 0
            done.opened += [known[row["subject"]]] if fresh and not home else []
        if alarm.alarm_id in of:
            key = of[alarm.alarm_id]
            posts[key] = posts.get(key, frozenset()) | set(alarm.feedback_ids)
    return done, of


def counted_by_incident(lake: Lake, known: Mapping[str, Incident]) -> dict[str, frozenset[str]]:
    """Feedback that the alarms of each open incident counted."""
    of = {alarm: one.incident_id for one in known.values() if one.is_open for alarm in one.alarm_ids}
    rows = lake.read(COUNTED, ids=sorted(of)) if of else pd.DataFrame({"alert_id": [], "feedback_id": []})
    by = rows.groupby(rows["alert_id"].map(of))["feedback_id"]
    return {str(key): frozenset(found) for key, found in by}


def parents_of(posts: Posts) -> dict[str, str]:
    """Theme by irritant."""
    return {key: one.parent for key, one in posts.registry.irritants.items() if one.parent}


def alert_rows(
    alarms: Sequence[Alarm], of: Mapping[str, str], told: Mapping[str, Incident], posts: Posts, now: datetime
) -> dict[str, pd.DataFrame]:
    """Rows of `alert` and `alert_feedback` by table, of alarms that have an incident."""
    wanted = [alarm for alarm in alarms if alarm.alarm_id in of]
    rows = [_row(alarm, told[of[alarm.alarm_id]], posts, now) for alarm in wanted]
    counted = [
        {"alert_id": alarm.alarm_id, "feedback_id": one, "place": place}
        for alarm in wanted
        for place, one in enumerate(alarm.feedback_ids, start=1)
    ]
    return {"alert": pd.DataFrame(rows), "alert_feedback": pd.DataFrame(counted)}


def missing(lake: Lake, alarms: Sequence[Alarm]) -> list[Alarm]:
    """Alarms that `alert` does not hold yet."""
    if not alarms:
        return []
    known = set(lake.read(STORED, ids=[alarm.alarm_id for alarm in alarms])["alert_id"])
    return [alarm for alarm in alarms if alarm.alarm_id not in known]


def write(lake: Lake, frames: Mapping[str, pd.DataFrame]) -> int:
    """Keep the rows of alarms, each once. Raises LakeError when the lake is locked."""
    if frames["alert"].empty:
        return 0
    with lake.write() as writer:
        n = writer.insert_new("alert", frames["alert"])
        writer.insert_new("alert_feedback", frames["alert_feedback"])
    return n


def _row(alarm: Alarm, one: Incident, posts: Posts, now: datetime) -> dict[str, Any]:
    rows = counted_posts(alarm, posts)
    terms = terms_of(alarm, rows, posts, posts.lake.settings)
    return {
        "alert_id": alarm.alarm_id,
        "incident_id": one.incident_id,
        "series": alarm.series,
        "started_at": alarm.started_at,
        "raised_at": alarm.raised_at,
        "found_at": alarm.raised_at if one.replayed else now,
        "n_authors": alarm.n_authors,
        "n_feedback": len(alarm.feedback_ids),
        "expected": alarm.expected,
        "statistic": alarm.statistic,
        "threshold": alarm.threshold,
        "replayed": one.replayed,
        "evidence": json.dumps(evidence(rows, terms), ensure_ascii=False, sort_keys=True),
    }


def counted_posts(alarm: Alarm, posts: Posts) -> pd.DataFrame:
    """The complaints behind an alarm: of its irritant, or all for the pooled series. Columns of `watch_posts`."""
    found = posts.between(alarm.started_at - timedelta(minutes=1), alarm.raised_at)
    rows = found[found["feedback_id"].isin(list(alarm.feedback_ids))]
    return rows if alarm.series == POOLED else rows[rows["series"] == alarm.series]


def terms_of(alarm: Alarm, rows: pd.DataFrame, posts: Posts, settings: Settings) -> list[dict[str, Any]]:
    """Emerging terms of an alarm: words its people say and others of the weeks before do not."""
    if rows.empty:
        return []
    before = posts.history(alarm.started_at - timedelta(weeks=TERM_WEEKS), alarm.started_at)
    recent, base = (frame.drop_duplicates("feedback_id") for frame in (rows, before))
    found = emerging_terms(recent, base.tail(TERM_TEXTS), known=names_known(settings), most=MOST_TERMS)
    return [{"term": one.term, "n": one.n_authors, "before": one.n_before} for one in found]


def names_known(settings: Settings) -> list[str]:
    """Words that are nothing new: the company and its brands."""
    return [settings.company, *settings.brands]


def incident_posts(one: Incident, posts: Posts, now: datetime) -> pd.DataFrame:
    """All complaints of an incident's irritants since it began, up to its end; copies left out."""
    until = min(one.ended_at, now)
    found = posts.between(one.started_at - timedelta(minutes=1), until)
    series = [name for name in one.series if name != POOLED] or sorted(set(found["series"]) - {UNCLASSIFIED})
    return feedback_in(found, series, one.started_at - timedelta(minutes=1), until)
