-- says: a mention whose polarity is outside -1..1, or that points outside its own text
-- reads: mention
SELECT
    'mention' AS table_name,
    mention_id AS row_key,
    'polarity ' || coalesce(CAST(polarity AS VARCHAR), 'NULL') || ', characters ' || coalesce(start_char, -1) || ' to '
        || coalesce(end_char, -1) AS found
FROM mention
WHERE polarity NOT BETWEEN -1 AND 1 OR isnan(polarity) OR start_char < 0 OR end_char < start_char
ORDER BY ALL
