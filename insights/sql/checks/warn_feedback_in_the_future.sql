-- says: feedback dated after the business instant (a time zone or a date format read wrong)
-- reads: feedback
-- params: now
SELECT 'feedback' AS table_name, feedback_id AS row_key, 'occurred_at ' || (occurred_at AT TIME ZONE 'UTC') || ' UTC' AS found
FROM feedback
WHERE occurred_at > $now::TIMESTAMPTZ
ORDER BY ALL
