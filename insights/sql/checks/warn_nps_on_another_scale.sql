-- says: an answer called NPS on a scale other than 0-10: it is left out of the NPS
-- reads: answer
SELECT 'answer' AS table_name, feedback_id || ' ' || question_id AS row_key, 'scale ' || coalesce(scale, 'NULL') AS found
FROM answer
WHERE metric = 'nps' AND coalesce(NOT regexp_matches(scale, '^\s*0\s*-\s*10\b'), true)
ORDER BY ALL
