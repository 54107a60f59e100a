"""An incident as people read it: its title and lines, with quotes found again by id in the lake."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.alarms.evidence import quotes, shortened
from insights.alarms.incidents import Incident
from insights.alarms.model import POOLED
from insights.alarms.words import RANG, message, name_of
from insights.contracts import UNCLASSIFIED
from insights.irritants.now import Sight, as_today
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.resolved import registry, sight_of
from insights.steps.watch_record import incidents
from insights.steps.watch_tell import EVIDENCE, evidence_by_incident, facts_of, frame_of

# Three small reads in the place of one join over all mentions: each is bound by ids or by days
# grain: one feedback that the incident's alarms counted
COUNTED = """
SELECT f.feedback_id, coalesce(f.customer_id, f.author_key) AS author, f.occurred_at, f.kind, f.channel
FROM feedback f
WHERE f.feedback_id IN (
    SELECT a.feedback_id FROM alert_feedback a JOIN alert USING (alert_id) WHERE alert.incident_id = $incident
)
"""

# grain: one complaint of these feedback and one irritant it was assigned to
COMPLAINED = """
WITH own AS (
    SELECT m.mention_id, m.feedback_id, m.text AS said, m.text_sha FROM mention m
    WHERE m.occurred_at >= $first AND m.occurred_at <= $last AND m.voice = 'customer' AND m.polarity < -0.15
        AND m.feedback_id IN (SELECT unnest($ids::VARCHAR[]))
)
SELECT o.mention_id, o.feedback_id, o.said, o.text_sha, i.irritant_id
FROM mention_irritant i JOIN own o ON o.mention_id = i.mention_id
"""


# grain: one count of people who named the series of an incident while it went on
PEOPLE = """
SELECT count(DISTINCT coalesce(f.customer_id, f.author_key, f.feedback_id)) AS n
FROM feedback f JOIN mention m USING (feedback_id) JOIN irritant_now i USING (mention_id)
WHERE list_contains($series::VARCHAR[], i.irritant_id) AND m.voice = 'customer' AND m.polarity < -0.15
    AND f.kind <> 'employee' AND f.suspect_wave IS NULL AND f.occurred_at >= $since AND f.occurred_at <= $until
    AND m.occurred_at >= $since AND m.occurred_at <= $until
"""


def people_so_far(lake: Lake, ledger: Ledger, one: Incident) -> int:
    """People who named its irritants from its start to its end, or till now; 0 for all irritants together."""
    series = [name for name in one.series if name != POOLED]
    if not series:
        return 0
    reader = lake.seen_through(sight_of(ledger))
    return int(reader.read(PEOPLE, series=series, since=one.started_at, until=one.ended_at)["n"].iloc[0])


def story(lake: Lake, ledger: Ledger, one: Incident, language: str) -> tuple[str, list[str]]:
    """Title and lines of an incident."""
    known, names = incidents(ledger), registry(ledger)
    evidence = evidence_by_incident(lake.read(EVIDENCE).to_dict("records"))
    own = evidence.get(one.incident_id, {})
    said = quoted(complaints(lake, sight_of(ledger, names), one), own)
    frame = frame_of(one, known, evidence, names)
    told = {
        "subject_code": RANG,
        "facts": facts_of(one, own, lake.settings),
        "said": {"frame": frame, "quotes": [shortened(text) for text in said["said"]]},
    }
    return message(told, language)


def complaints(lake: Lake, sight: Sight, one: Incident) -> pd.DataFrame:
    """Complaints the incident's alarms counted, of the irritant it is named after (any, for all together), by mention_id.

    Columns: mention_id, feedback_id, author, said, occurred_at, kind, channel; one row a mention.
    """
    counted = lake.read(COUNTED, incident=one.incident_id)
    days = {"first": counted["occurred_at"].min(), "last": counted["occurred_at"].max()} if len(counted) else {}
    if not days:
        return counted.assign(mention_id=[], said=[])
    rows = as_today(lake.read(COMPLAINED, ids=counted["feedback_id"].tolist(), **days), sight)
    rows = rows[(rows["irritant_id"] == one.lead) | (one.lead == POOLED)].drop_duplicates("mention_id")
    named = rows[["mention_id", "feedback_id", "said"]].merge(counted, on="feedback_id")
    return named.sort_values("mention_id").reset_index(drop=True)


def quoted(rows: pd.DataFrame, evidence: dict[str, Any]) -> pd.DataFrame:
    """Three quotes by different people, those with the new words first."""
    return quotes(rows, [term["term"] for term in evidence.get("terms", ())])


def name_in(series: str, known: Registry, language: str) -> str:
    """What a series is called now."""
    found = None if series in (POOLED, UNCLASSIFIED) else known.irritants.get(known.resolve(series))
    return name_of(series, found.label_fr if found else None, found.label_en if found else None, language)
