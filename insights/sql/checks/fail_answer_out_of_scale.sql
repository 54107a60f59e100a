-- says: an answer outside the scale it declares, or whose scale cannot be read
-- reads: answer
WITH placed AS (
    SELECT
        feedback_id, question_id, scale, value,
        TRY_CAST(regexp_extract(scale, '^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)', 1) AS DOUBLE) AS lowest,
        TRY_CAST(regexp_extract(scale, '^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)', 2) AS DOUBLE) AS highest
    FROM answer
    WHERE metric IN ('nps', 'csat', 'ces') AND value IS NOT NULL
)
SELECT
    'answer' AS table_name,
    feedback_id || ' ' || question_id AS row_key,
    'value ' || value || ' on scale ' || coalesce(scale, 'NULL') AS found
FROM placed
WHERE coalesce(value NOT BETWEEN lowest AND highest OR lowest >= highest, true)
ORDER BY ALL
