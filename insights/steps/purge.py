"""Remove what is past its date, and say how much by rule and table."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, select

from insights.lake import Lake, Writer
from insights.ledger import Ledger
from insights.ledger.inbox import purge_inbox
from insights.ledger.readings import purge_readings
from insights.ledger.schema import EVENT, EVENT_TEXT
from insights.retention import Policy, load_policy
from insights.steps.comments import wipe_deleted

PAST = "SELECT feedback_id FROM feedback WHERE retention_until < $day"
PAST_BY_RULE = """
SELECT source, kind, country, customer_id IS NOT NULL AS linked, count(*) AS n
FROM feedback WHERE retention_until < $day GROUP BY ALL
"""
OF_FEEDBACK = ("answer", "turn", "mention", "response_weight", "alert_feedback", "feedback")
DAY = {
    "contact": "CAST(coalesce(occurred_at, available_at) AS DATE)",
    "invitation": "CAST(coalesce(sent_at, available_at) AS DATE)",
    "customer_snapshot": "as_of",
    "churn_event": "learned_on",
    "churn_panel": "t0",
    "churn_score": "scored_on",
    "published": "CASE WHEN kind = 'quote' THEN CAST(published_at AS DATE) END",
}
Purged = dict[str, int]  # rows by "rule: table"


def purge(lake: Lake, ledger: Ledger) -> Purged:
    """Delete everything past its date; only what was found is told."""
    policy, day = load_policy(lake.settings), lake.settings.business_day()
    done = _past_in_lake(lake, policy, day)
    if done:
        with lake.write() as writer:
            _delete(writer, policy, day)
    done |= {"inbox: inbox": purge_inbox(ledger, day), "notes: event_text": _purge_notes(ledger, policy, day)}
    done["audit: reading"] = purge_readings(ledger, datetime.now(UTC) - timedelta(days=lake.settings.audit_days))
    done |= {"deleted comments: event_text": wipe_deleted(ledger, day)}
    return {name: n for name, n in done.items() if n}


def overdue(lake: Lake) -> Purged:
    """What the next night will remove from the lake: `voc doctor` shows it."""
    return _past_in_lake(lake, load_policy(lake.settings), lake.settings.business_day())


def _past_in_lake(lake: Lake, policy: Policy, day: date) -> Purged:
    done: Counter[str] = Counter()
    for row in lake.read(PAST_BY_RULE, day=day).to_dict("records"):
        rule = policy.of_feedback(str(row["source"]), str(row["kind"]), str(row["country"]), bool(row["linked"]))
        done[f"{rule.name}: feedback"] += int(row["n"])
    for table, dated in DAY.items():
        rule = policy.of_table(table)
        query = f'SELECT count(*) FROM "{table}" WHERE {dated} < $cutoff'
        done[f"{rule.name}: {table}"] += int(lake.scalar(query, cutoff=day - timedelta(days=rule.days)))
    done["quarantine: quarantine"] += int(
        lake.scalar("SELECT count(*) FROM quarantine WHERE expires_on < $day", day=day)
    )
    return {name: n for name, n in done.items() if n}


def _delete(writer: Writer, policy: Policy, day: date) -> None:
    mentions = f"SELECT mention_id FROM mention WHERE feedback_id IN ({PAST})"
    writer.execute(f"DELETE FROM mention_irritant WHERE mention_id IN ({mentions})", day=day)
    for table in OF_FEEDBACK:
        writer.execute(f'DELETE FROM "{table}" WHERE feedback_id IN ({PAST})', day=day)
    said = "SELECT text_sha FROM mention WHERE text_sha IS NOT NULL"
    writer.execute(f"DELETE FROM embedding WHERE text_sha NOT IN ({said})")
    for table, dated in DAY.items():
        cutoff = day - timedelta(days=policy.of_table(table).days)
        writer.execute(f'DELETE FROM "{table}" WHERE {dated} < $cutoff', cutoff=cutoff)
    writer.execute("DELETE FROM quarantine WHERE expires_on < $day", day=day)


def _purge_notes(ledger: Ledger, policy: Policy, day: date) -> int:
    """Notes whose event is past the date; the event itself, without a word of the note, stays."""
    cutoff = datetime.combine(day - timedelta(days=policy.of_table("event_text").days), time(), tzinfo=UTC)
    with ledger.engine.begin() as connection:
        keys = connection.execute(select(EVENT_TEXT.c.text_key)).scalars().all()
        old = set(connection.execute(select(EVENT.c.idempotency_key).where(EVENT.c.at < cutoff)).scalars())
        past = [key for key in keys if str(key).removeprefix("note:").partition("#")[0] in old]
        for key in past:
            connection.execute(delete(EVENT_TEXT).where(EVENT_TEXT.c.text_key == key))
    return len(past)
