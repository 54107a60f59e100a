-- says: an answer whose response is not in the lake
-- reads: answer, feedback
SELECT 'answer' AS table_name, a.feedback_id || ' ' || a.question_id AS row_key, 'no feedback of this id' AS found
FROM answer a
ANTI JOIN feedback f ON f.feedback_id = a.feedback_id
ORDER BY ALL
