"""Prioritize: what goes with a low score, and this week's irritants ranked by value at risk, with rank ranges."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from insights.churn.panel import resolve_irritants
from insights.drivers import DRAWS, drivers
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.lake.lake import Reader
from insights.ledger import Ledger
from insights.priorities import WINDOW_DAYS, rank
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.resolved import registry, seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.score import load_model
from insights.steps.weekly import weekly
from insights.steps.window import analysis_day, monday

READS = ("mention", "mention_irritant", "answer", "churn_panel", "feedback", "contact", "customer_snapshot")
RULES = "priorities-2"  # raise it when the same rows give another ranking: they are ranked anew on the same day
SCORE_DAYS = 730  # of answers behind the effect on the score; quarter and questionnaire are held fixed
EUROS = ["value_at_risk_eur", "value_at_risk_low_eur", "value_at_risk_high_eur"]
MENTIONS = """
SELECT m.mention_id, m.feedback_id, m.customer_id, i.irritant_id, m.polarity, m.occurred_at, f.author_key
FROM mention m
JOIN feedback f USING (feedback_id)
LEFT JOIN irritant_now i USING (mention_id)
WHERE m.voice = 'customer' AND m.occurred_at >= $since AND m.score_contradicts IS DISTINCT FROM true
  AND f.suspect_wave IS NULL
  AND ($dimension = '' OR $value = CASE $dimension WHEN 'brand' THEN f.brand WHEN 'product' THEN f.product ELSE f.region END)
"""
ANSWERED = """
SELECT m.feedback_id, i.irritant_id, min(m.polarity) AS polarity
FROM mention m
JOIN feedback f USING (feedback_id)
LEFT JOIN irritant_now i USING (mention_id)
WHERE m.voice = 'customer' AND m.occurred_at >= $since AND m.score_contradicts IS DISTINCT FROM true
  AND f.suspect_wave IS NULL AND f.kind IN ('survey', 'review')
  AND ($dimension = '' OR $value = CASE $dimension WHEN 'brand' THEN f.brand WHEN 'product' THEN f.product ELSE f.region END)
GROUP BY ALL
"""
ANSWERS = """
SELECT a.feedback_id, a.question_id, a.metric, a.scale, a.value, a.occurred_at, f.customer_id,
    CASE f.kind WHEN 'review' THEN 'review' ELSE f.survey END AS survey,
    f.segment, f.channel, f.brand, f.product, f.region,
    date_diff('day', c.contract_start_on, CAST(a.occurred_at AT TIME ZONE 'UTC' AS DATE)) / 30.4375 AS tenure_months
FROM answer a
JOIN feedback f USING (feedback_id)
LEFT JOIN (
    SELECT customer_id, arg_max(contract_start_on, as_of) AS contract_start_on FROM customer_snapshot GROUP BY ALL
) c ON c.customer_id = f.customer_id
WHERE f.kind IN ('survey', 'review') AND f.verbatim IS NOT NULL AND a.occurred_at >= $since
  AND a.metric IN ('nps', 'csat', 'ces') AND a.value IS NOT NULL AND f.suspect_wave IS NULL
  AND ($dimension = '' OR $value = CASE $dimension WHEN 'brand' THEN f.brand WHEN 'product' THEN f.product ELSE f.region END)
"""
PANEL = "SELECT * FROM churn_panel WHERE t0 = $day"
PANEL_OF = """
SELECT p.* FROM churn_panel p JOIN customer_snapshot c USING (customer_id)
WHERE p.t0 = $day AND c.as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $day)
  AND $value = CASE $dimension WHEN 'product' THEN c.product WHEN 'region' THEN c.region END
"""
DIMENSIONS = ("brand", "product", "region")


def prioritize(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Rank the week of the business day; earlier weeks are kept as they were."""
    with recorded(lake, run_id, "prioritize") as report:
        day = analysis_day(lake)
        known = registry(ledger)
        extra = {"registry": known.version, "factor": lake.settings.portfolio_factor, "rules": RULES}
        read = fingerprint(lake, READS, extra)
        report.note[FINGERPRINT] = read
        if unchanged(lake, "prioritize", read):
            report.note["said"] = "nothing new since the last run"
            return report
        effects, table, n = ranked(lake, seen(lake, ledger, known), known, day)
        with lake.write() as writer:
            writer.replace("priority", table, "week = $week", {"week": monday(day)})
            writer.replace("driver", effects)
        report.n_in, report.n_out = n, len(table)
        report.note["registry"] = known.version
        report.note["drivers"] = int(effects["points"].notna().sum())
        report.note["basis"] = "eur" if (table["basis"] == "eur").any() else "volume_severity"
    return report


def ranked(
    lake: Lake, reader: Reader, known: Registry, day: date, dimension: str = "", value: str = "", draws: int = 1000
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Rows of `driver` and of `priority` on a day, and the mentions read; nothing is written.

    With a `dimension` (brand, product, region): of the feedback with that value alone, by euros where the CRM knows
    whose customers these are; only a brand has a trend of its own.
    """
    settings, of = lake.settings, {"dimension": dimension, "value": value}
    recent, since = (pd.Timestamp(day - timedelta(days=days), tz="UTC") for days in (WINDOW_DAYS + 1, SCORE_DAYS))
    mentions = reader.read(MENTIONS, since=recent, **of)
    answered, answers = reader.read(ANSWERED, since=since, **of), lake.read(ANSWERS, since=since, **of)
    effects = drivers(answered, answers, settings.seed, day, draws=min(DRAWS, draws))
    panel = lake.read(PANEL_OF, day=day, **of) if dimension else lake.read(PANEL, day=day)
    counted = weekly(reader, known)
    if dimension:
        own = counted[(counted["brand"] == value) & (dimension == "brand")]
        counted = own.assign(n_contacts=0, n_active=0)  # those of all brands: a part is measured by what is read of it
    current = {one: known.resolve(one) for one in known.irritants}
    customers = resolve_irritants(panel, current) if not panel.empty else None
    model = load_model(settings, day)
    table = rank(customers, model, mentions, effects, counted, day, settings.seed, draws)
    return effects, table.assign(**(table[EUROS] * settings.portfolio_factor)), len(mentions)
