-- says: a response dated before its invitation was sent
-- reads: feedback, invitation
SELECT
    'invitation' AS table_name,
    i.invitation_id AS row_key,
    'answered ' || round(epoch(i.sent_at - f.occurred_at) / 3600.0, 1) || ' h before it was sent' AS found
FROM invitation i
JOIN feedback f USING (feedback_id)
WHERE f.occurred_at < i.sent_at
ORDER BY ALL
