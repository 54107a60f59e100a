-- says: a record held by its source before it happened (more than an hour: clocks differ a little)
-- reads: answer, contact, feedback, mention
SELECT
    table_name, row_key,
    'available_at lies ' || round(epoch(occurred_at - available_at) / 3600.0, 1) || ' h before occurred_at' AS found
FROM (
    SELECT 'feedback' AS table_name, feedback_id AS row_key, occurred_at, available_at FROM feedback
    UNION ALL
    SELECT 'answer', feedback_id || ' ' || question_id, occurred_at, available_at FROM answer
    UNION ALL
    SELECT 'contact', contact_id, occurred_at, available_at FROM contact
    UNION ALL
    SELECT 'mention', mention_id, occurred_at, available_at FROM mention
)
WHERE available_at < occurred_at - INTERVAL 1 HOUR
ORDER BY ALL
