"""Prioritize: this week's irritants ranked by value at risk, with rank ranges."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from insights.churn.panel import resolve_irritants
from insights.lake import Lake
from insights.lake.queries import sql
from insights.ledger import Ledger
from insights.priorities import rank
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.resolved import registry, seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.score import load_model
from insights.steps.window import analysis_day, monday

READS = ("mention", "mention_irritant", "answer", "churn_panel", "feedback")
EUROS = ["value_at_risk_eur", "value_at_risk_low_eur", "value_at_risk_high_eur"]
MENTIONS = """
SELECT m.mention_id, m.feedback_id, m.customer_id, i.irritant_id, m.polarity, m.occurred_at, f.author_key
FROM mention m
JOIN feedback f USING (feedback_id)
LEFT JOIN irritant_now i USING (mention_id)
WHERE m.voice = 'customer' AND m.occurred_at >= $since AND m.score_contradicts IS DISTINCT FROM true
  AND f.suspect_wave IS NULL
"""
ANSWERS = """
SELECT a.* FROM answer a JOIN feedback f USING (feedback_id)
WHERE f.kind IN ('survey', 'review') AND f.verbatim IS NOT NULL AND a.occurred_at >= $since
  AND f.suspect_wave IS NULL
"""


def prioritize(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Rank the week of the business day; earlier weeks are kept as they were."""
    with recorded(lake, run_id, "prioritize") as report:
        day = analysis_day(lake)
        known = registry(ledger)
        read = fingerprint(lake, READS, {"registry": known.version, "factor": lake.settings.portfolio_factor})
        report.note[FINGERPRINT] = read
        if unchanged(lake, "prioritize", read):
            report.note["said"] = "nothing new since the last run"
            return report
        reader = seen(lake, ledger, known)
        current = {one: known.resolve(one) for one in known.irritants}
        panel = lake.read("SELECT * FROM churn_panel WHERE t0 = $day", day=day)
        since = pd.Timestamp(day - timedelta(days=365), tz="UTC")
        mentions = reader.read(MENTIONS, since=since)
        table = rank(
            resolve_irritants(panel, current) if not panel.empty else None,
            load_model(lake.settings, day),
            mentions,
            lake.read(ANSWERS, since=since),
            reader.read(sql("irritant_weekly")),
            day,
            lake.settings.seed,
        )
        table[EUROS] = table[EUROS] * lake.settings.portfolio_factor
        with lake.write() as writer:
            writer.replace("priority", table, "week = $week", {"week": monday(day)})
        report.n_in, report.n_out = len(mentions), len(table)
        report.note["registry"] = known.version
        report.note["basis"] = "eur" if (table["basis"] == "eur").any() else "volume_severity"
    return report
