"""Feedback and mentions without their texts, for pages that count: two relations any reader of the lake can name.

`feedback_slim`: one row a feedback. `mention_slim`: one row a mention and irritant as assigned (NULL: none), with what its
feedback is counted by; neutral clauses that no irritant holds are left out. Ids stand as 64-bit hashes
(`hash(feedback_id)` and so on), so that joins and distinct counts cost little. Both are views over the lake's tables,
unless a process keeps them in memory (insights/lake/mirror.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from insights.irritants.now import FEEDBACK_SLIM, MENTION_SLIM, SLIM_VIEW
from insights.lake.connect import ALIAS

BEHIND: Mapping[str, tuple[str, ...]] = {
    FEEDBACK_SLIM: ("feedback",),
    MENTION_SLIM: ("feedback", "mention", "mention_irritant"),
}

NEUTRAL = 0.15  # up to here a polarity is neither good nor bad (insights/sql/irritant_weekly.sql)
_PERSON = "hash(coalesce(f.customer_id, f.author_key, f.feedback_id)) AS person_key"
_COUNTED_BY = """f.kind, f.survey, f.channel, f.touchpoint, f.journey_stage, f.product, f.segment, f.brand, f.region,
    f.agent_team, f.language"""

# {feedback}, {mention}, {assigned}: the tables they are made of, or parts of them; {slim}: the first for the second
FEEDBACK_ROWS = f"""
SELECT hash(f.feedback_id) AS feedback_key, {_PERSON},
    CASE WHEN f.customer_id IS NOT NULL AND NOT coalesce(f.anonymous, false) THEN hash(f.customer_id) END
        AS customer_key,
    f.occurred_at, f.ingested_at, {_COUNTED_BY}, f.suspect_wave IS NOT NULL AS suspect,
    f.verbatim IS NOT NULL AS has_words
FROM {{feedback}} f
"""
# neutral clauses of customers that no irritant holds, most of all mentions, count nowhere
MENTION_ROWS = f"""
SELECT m.*, i.irritant_id, i.confidence, i.model_version, f.person_key, f.suspect, {_COUNTED_BY}
FROM (
    SELECT hash(mention_id) AS mention_key, hash(feedback_id) AS feedback_key, hash(text_sha) AS text_key, unit_no,
        length(text)::INTEGER AS n_characters, voice, polarity, coalesce(leave_intent, false) AS leave_intent, occurred_at
    FROM {{mention}}
) m
JOIN {{slim}} f ON f.feedback_key = m.feedback_key
LEFT JOIN (SELECT hash(mention_id) AS mention_key, irritant_id, confidence, model_version FROM {{assigned}}) i
    ON i.mention_key = m.mention_key
WHERE i.irritant_id IS NOT NULL OR abs(m.polarity) > {NEUTRAL} OR m.voice = 'employee'
"""
ROWS = {FEEDBACK_SLIM: FEEDBACK_ROWS, MENTION_SLIM: MENTION_ROWS}
WHOLE = {
    "feedback": f"{ALIAS}.main.feedback",
    "mention": f"{ALIAS}.main.mention",
    "assigned": f"{ALIAS}.main.mention_irritant",
    "slim": f"{FEEDBACK_SLIM}_whole",
}
LAKE, MIRROR = "lake", "mirror"  # where the relations are read from


def views(place: str) -> tuple[str, ...]:
    """The relations, read from LAKE or MIRROR: whole ones, and under their own names what a reader's rights may cut."""
    made = []
    for name, rows in ROWS.items():
        whole = rows.format(**WHOLE) if place == LAKE else f'SELECT * FROM {MIRROR}.main."{name}"'
        made.append(f"CREATE TEMP VIEW {name}_whole AS {whole}")
        made.append(f"CREATE TEMP VIEW {name} AS SELECT * FROM {name}_whole")
    return tuple(made)


def named(*texts: str) -> bool:
    """Whether a query, or a view before it, names one of the relations."""
    return any(name in text for text in texts for name in (*ROWS, SLIM_VIEW))
