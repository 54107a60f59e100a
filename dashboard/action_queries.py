"""The SELECTs of the pages Actions and Proofs."""

FIXES = "SELECT * FROM fix ORDER BY action_id, measure_no"

FIX_WEEKS = "SELECT * FROM fix_week WHERE action_id = $action_id AND measure = $measure ORDER BY week"

FIX_PLACEBOS = "SELECT * FROM fix_placebo WHERE action_id = $action_id AND measure = $measure ORDER BY placebo_no"

AT_RISK = """
SELECT irritant_id, value_at_risk_eur, n_mentions FROM priority
WHERE week = (SELECT max(week) FROM priority WHERE week <= $until)
"""

REASONS = "SELECT reason, count(*) AS n FROM contact WHERE reason IS NOT NULL GROUP BY 1 ORDER BY n DESC, reason"

# grain: week and contact reason, whole weeks only
REASON_WEEKS = """
SELECT date_trunc('week', occurred_at AT TIME ZONE $zone)::DATE AS week, reason AS key, count(*) AS n
FROM contact WHERE reason IS NOT NULL AND occurred_at >= $since AND occurred_at < $until GROUP BY ALL ORDER BY ALL
"""
