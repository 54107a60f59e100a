-- says: a mention whose feedback is not in the lake
-- reads: feedback, mention
SELECT 'mention' AS table_name, m.mention_id AS row_key, 'feedback_id ' || coalesce(m.feedback_id, 'NULL') AS found
FROM mention m
ANTI JOIN feedback f ON f.feedback_id = m.feedback_id
ORDER BY ALL
