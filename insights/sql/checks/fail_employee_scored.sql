-- says: a figure or an irritant count that rests on employee voice
-- reads: answer, feedback, mention
SELECT 'answer' AS table_name, a.feedback_id || ' ' || a.question_id AS row_key, 'metric ' || a.metric AS found
FROM answer a
JOIN feedback f USING (feedback_id)
WHERE f.kind = 'employee' AND a.metric IN ('nps', 'csat', 'ces')
UNION ALL
SELECT 'mention', m.mention_id, 'voice customer on an employee comment'
FROM mention m
JOIN feedback f USING (feedback_id)
WHERE f.kind = 'employee' AND m.voice = 'customer'
ORDER BY ALL
