-- says: an irritant was assigned to a mention that is not in the lake
-- reads: mention, mention_irritant
SELECT
    'mention_irritant' AS table_name,
    i.mention_id || ' ' || i.irritant_id AS row_key,
    'no mention of this id' AS found
FROM mention_irritant i
ANTI JOIN mention m ON m.mention_id = i.mention_id
ORDER BY ALL
