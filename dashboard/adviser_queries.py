"""Every SELECT of the page Voice of advisers, under the rules of `dashboard/queries.py`. No tone of an employee is read."""

# grain: comment of an adviser in the period, and its irritants as called today
COMMENTS = """
comments AS (
    SELECT feedback_key, agent_team, occurred_at FROM feedback_slim
    WHERE kind = 'employee' AND has_words AND occurred_at >= $since AND occurred_at < $until
),
uttered AS (
    SELECT * FROM mention_now
    WHERE kind = 'employee' AND voice = 'employee' AND occurred_at >= $since AND occurred_at < $until
),
told AS (
    SELECT DISTINCT feedback_key, agent_team, occurred_at, irritant_id FROM uttered
    WHERE irritant_id <> 'unclassified' AND feedback_key IN (SELECT feedback_key FROM comments)
)
"""

# grain: feedback of customers, and its irritants
NAMED = """
heard AS (
    SELECT feedback_key, person_key, occurred_at, has_words FROM feedback_slim
    WHERE kind <> 'employee' AND NOT suspect AND occurred_at >= $since AND occurred_at < $until
),
named AS (
    SELECT DISTINCT feedback_key, person_key, occurred_at, irritant_id FROM mention_now
    WHERE kind <> 'employee' AND NOT suspect AND voice = 'customer' AND polarity < -0.15
        AND irritant_id <> 'unclassified' AND occurred_at >= $since AND occurred_at < $until
)
"""

# both pictures of the page in one reading. grain: irritant that either voice names; the row without irritant: what was
# heard of both, and the comments that no irritant holds
BOTH = f"""
WITH {COMMENTS}, {NAMED},
theirs AS (
    SELECT irritant_id, count(*) AS n_comments, list(DISTINCT agent_team ORDER BY agent_team) AS teams
    FROM told GROUP BY irritant_id
),
customers AS (
    SELECT irritant_id, count(*) AS n_feedback, count(DISTINCT person_key) AS n_customers FROM named GROUP BY irritant_id
),
unplaced AS (SELECT * FROM comments WHERE feedback_key NOT IN (SELECT feedback_key FROM told))
SELECT irritant_id, coalesce(n_comments, 0) AS n_comments, coalesce(teams, []) AS teams,
    coalesce(n_feedback, 0) AS n_feedback, coalesce(n_customers, 0) AS n_customers,
    NULL::BIGINT AS n_placed, NULL::BIGINT AS n_naming, NULL::BIGINT AS n_unplaced, NULL::VARCHAR[] AS teams_unplaced
FROM theirs FULL JOIN customers USING (irritant_id)
UNION ALL
SELECT NULL, (SELECT count(*) FROM comments), (SELECT list(DISTINCT agent_team ORDER BY agent_team) FROM comments),
    (SELECT count(*) FROM heard WHERE has_words),
    0, (SELECT count(DISTINCT feedback_key) FROM told), (SELECT count(DISTINCT feedback_key) FROM named),
    (SELECT count(*) FROM unplaced), (SELECT list(DISTINCT agent_team ORDER BY agent_team) FROM unplaced)
ORDER BY irritant_id NULLS LAST
"""

# grain: quarter; comments and customers' feedback that name some irritant, and those that name this one
QUARTERS = f"""
WITH {COMMENTS}, {NAMED},
every AS (
    SELECT DISTINCT 'advisers' AS voice, feedback_key, agent_team, occurred_at FROM told
    UNION ALL SELECT DISTINCT 'customers', feedback_key, NULL, occurred_at FROM named
),
naming AS (
    SELECT feedback_key FROM told WHERE irritant_id = $irritant
    UNION ALL SELECT feedback_key FROM named WHERE irritant_id = $irritant
)
SELECT voice, date_trunc('quarter', occurred_at AT TIME ZONE $zone)::DATE AS quarter, count(*) AS n,
    count(*) FILTER (feedback_key IN (SELECT feedback_key FROM naming)) AS n_naming,
    list(DISTINCT agent_team ORDER BY agent_team) FILTER (feedback_key IN (SELECT feedback_key FROM naming)) AS teams
FROM every GROUP BY ALL ORDER BY ALL
"""

# grain: distinct sentence of advisers about one irritant ('unclassified': of comments that none holds), newest first
QUOTES = f"""
WITH {COMMENTS},
picked AS (
    SELECT DISTINCT mention_key, occurred_at FROM uttered
    WHERE n_characters BETWEEN 20 AND 300 AND feedback_key IN (SELECT feedback_key FROM comments)
        AND CASE WHEN $irritant = 'unclassified' THEN feedback_key NOT IN (SELECT feedback_key FROM told)
            ELSE irritant_id = $irritant END
),
said AS (
    SELECT m.text, m.text_sha, m.occurred_at,
        regexp_replace(lower(strip_accents(m.text)), '[^a-z]+', ' ', 'g') AS plain_text
    FROM picked p JOIN mention m ON m.occurred_at = p.occurred_at AND hash(m.mention_id) = p.mention_key
)
SELECT text, text_sha, occurred_at, count(*) OVER (PARTITION BY plain_text) AS n_alike FROM said
QUALIFY row_number() OVER (PARTITION BY plain_text ORDER BY occurred_at DESC, text_sha) = 1
ORDER BY n_alike DESC, occurred_at DESC, text_sha LIMIT $size
"""
