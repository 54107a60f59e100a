"""An incident as people read it: its title and lines, with quotes found again by id in the lake."""

from __future__ import annotations

from typing import Any

import pandas as pd

from insights.alarms.evidence import quotes, shortened
from insights.alarms.incidents import Incident
from insights.alarms.model import POOLED
from insights.alarms.words import RANG, message, name_of
from insights.contracts import UNCLASSIFIED
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.resolved import registry, sight_of
from insights.steps.watch_record import incidents
from insights.steps.watch_tell import EVIDENCE, evidence_by_incident, facts_of, frame_of

# grain: one complaint of the feedback that the incident's alarms counted, of the irritant it is named after
QUOTED = """
SELECT DISTINCT m.mention_id, f.feedback_id, coalesce(f.customer_id, f.author_key) AS author, m.text AS said,
    f.occurred_at, f.kind, f.channel
FROM alert_feedback a JOIN alert USING (alert_id) JOIN feedback f ON f.feedback_id = a.feedback_id
JOIN mention m ON m.feedback_id = f.feedback_id JOIN irritant_now i ON i.mention_id = m.mention_id
WHERE alert.incident_id = $incident AND m.voice = 'customer' AND m.polarity < -0.15
    AND ($series = 'pooled' OR i.irritant_id = $series)
ORDER BY m.mention_id
"""


# grain: one count of people who named the series of an incident while it went on
PEOPLE = """
SELECT count(DISTINCT coalesce(f.customer_id, f.author_key, f.feedback_id)) AS n
FROM feedback f JOIN mention m USING (feedback_id) JOIN irritant_now i USING (mention_id)
WHERE list_contains($series::VARCHAR[], i.irritant_id) AND m.voice = 'customer' AND m.polarity < -0.15
    AND f.kind <> 'employee' AND f.suspect_wave IS NULL AND f.occurred_at >= $since AND f.occurred_at <= $until
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
    reader = lake.seen_through(sight_of(ledger, names))
    own = evidence.get(one.incident_id, {})
    said = quoted(reader.read(QUOTED, incident=one.incident_id, series=one.lead), own)
    frame = frame_of(one, known, evidence, names)
    told = {
        "subject_code": RANG,
        "facts": facts_of(one, own, lake.settings),
        "said": {"frame": frame, "quotes": [shortened(text) for text in said["said"]]},
    }
    return message(told, language)


def quoted(rows: pd.DataFrame, evidence: dict[str, Any]) -> pd.DataFrame:
    """Three quotes by different people, those with the new words first."""
    return quotes(rows, [term["term"] for term in evidence.get("terms", ())])


def name_in(series: str, known: Registry, language: str) -> str:
    """What a series is called now."""
    found = None if series in (POOLED, UNCLASSIFIED) else known.irritants.get(known.resolve(series))
    return name_of(series, found.label_fr if found else None, found.label_en if found else None, language)
