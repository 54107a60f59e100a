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
WITH calendar AS ( -- week of each quarter of an hour: asked for each contact it costs much more
    SELECT quarter, date_trunc('week', make_timestamptz(quarter * 900000000) AT TIME ZONE $zone)::DATE AS week
    FROM (SELECT unnest(range(epoch_us($since::TIMESTAMPTZ) // 900000000,
        epoch_us($until::TIMESTAMPTZ) // 900000000 + 1)) AS quarter)
),
named AS (
    SELECT epoch_us(occurred_at) // 900000000 AS quarter, reason AS key
    FROM contact WHERE reason IS NOT NULL AND occurred_at >= $since AND occurred_at < $until
)
SELECT week, key, count(*) AS n FROM named JOIN calendar USING (quarter) GROUP BY ALL ORDER BY ALL
"""
