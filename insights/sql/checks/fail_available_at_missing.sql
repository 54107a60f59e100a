-- says: a record without the instant its source held it: it can enter no feature
-- reads: answer, contact, customer_snapshot, feedback, mention
SELECT table_name, row_key, 'available_at is NULL' AS found
FROM (
    SELECT 'feedback' AS table_name, feedback_id AS row_key, available_at FROM feedback
    UNION ALL
    SELECT 'answer', feedback_id || ' ' || question_id, available_at FROM answer
    UNION ALL
    SELECT 'contact', contact_id, available_at FROM contact
    UNION ALL
    SELECT 'mention', mention_id, available_at FROM mention
    UNION ALL
    SELECT 'customer_snapshot', customer_id || ' ' || as_of, available_at FROM customer_snapshot
)
WHERE available_at IS NULL
ORDER BY ALL
