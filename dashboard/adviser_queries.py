"""Every SELECT of the page Voice of advisers, under the rules of `dashboard/queries.py`. No tone of an employee is read."""

# grain: comment of an adviser in the period, and its irritants as called today
COMMENTS = """
comments AS (
    SELECT feedback_id, agent_team, occurred_at FROM feedback
    WHERE kind = 'employee' AND verbatim IS NOT NULL AND occurred_at >= $since AND occurred_at < $until
),
told AS (
    SELECT DISTINCT c.feedback_id, c.agent_team, c.occurred_at, i.irritant_id
    FROM comments c JOIN mention m USING (feedback_id) JOIN irritant_now i USING (mention_id)
    WHERE m.voice = 'employee' AND i.irritant_id <> 'unclassified' AND m.occurred_at >= $since AND m.occurred_at < $until
)
"""

# grain: feedback of customers, and its irritants
NAMED = """
heard AS (
    SELECT f.feedback_id, f.occurred_at, coalesce(f.customer_id, f.author_key, f.feedback_id) AS person FROM feedback f
    WHERE f.kind <> 'employee' AND f.suspect_wave IS NULL AND f.occurred_at >= $since AND f.occurred_at < $until
),
against AS (
    SELECT DISTINCT m.feedback_id, i.irritant_id FROM mention m JOIN irritant_now i USING (mention_id)
    WHERE m.voice = 'customer' AND m.polarity < -0.15 AND i.irritant_id <> 'unclassified'
        AND m.occurred_at >= $since AND m.occurred_at < $until
),
named AS (
    SELECT h.feedback_id, h.person, h.occurred_at, a.irritant_id FROM heard h JOIN against a USING (feedback_id)
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
    SELECT irritant_id, count(*) AS n_feedback, count(DISTINCT person) AS n_customers FROM named GROUP BY irritant_id
),
unplaced AS (SELECT * FROM comments WHERE feedback_id NOT IN (SELECT feedback_id FROM told))
SELECT irritant_id, coalesce(n_comments, 0) AS n_comments, coalesce(teams, []) AS teams,
    coalesce(n_feedback, 0) AS n_feedback, coalesce(n_customers, 0) AS n_customers,
    NULL::BIGINT AS n_placed, NULL::BIGINT AS n_naming, NULL::BIGINT AS n_unplaced, NULL::VARCHAR[] AS teams_unplaced
FROM theirs FULL JOIN customers USING (irritant_id)
UNION ALL
SELECT NULL, (SELECT count(*) FROM comments), (SELECT list(DISTINCT agent_team ORDER BY agent_team) FROM comments),
    (SELECT count(*) FROM heard WHERE feedback_id IN (
        SELECT feedback_id FROM mention WHERE occurred_at >= $since AND occurred_at < $until)),
    0, (SELECT count(DISTINCT feedback_id) FROM told), (SELECT count(DISTINCT feedback_id) FROM named),
    (SELECT count(*) FROM unplaced), (SELECT list(DISTINCT agent_team ORDER BY agent_team) FROM unplaced)
ORDER BY irritant_id NULLS LAST
"""

# grain: quarter; comments and customers' feedback that name some irritant, and those that name this one
QUARTERS = f"""
WITH {COMMENTS}, {NAMED},
every AS (
    SELECT DISTINCT 'advisers' AS voice, feedback_id, agent_team, occurred_at FROM told
    UNION ALL SELECT DISTINCT 'customers', feedback_id, NULL, occurred_at FROM named
),
naming AS (
    SELECT feedback_id FROM told WHERE irritant_id = $irritant
    UNION ALL SELECT feedback_id FROM named WHERE irritant_id = $irritant
)
SELECT voice, date_trunc('quarter', occurred_at AT TIME ZONE $zone)::DATE AS quarter, count(*) AS n,
    count(*) FILTER (feedback_id IN (SELECT feedback_id FROM naming)) AS n_naming,
    list(DISTINCT agent_team ORDER BY agent_team) FILTER (feedback_id IN (SELECT feedback_id FROM naming)) AS teams
FROM every GROUP BY ALL ORDER BY ALL
"""

# grain: distinct sentence of advisers about one irritant ('unclassified': of comments that none holds), newest first
QUOTES = f"""
WITH {COMMENTS},
uttered AS MATERIALIZED (
    SELECT c.feedback_id, c.occurred_at, m.text, m.text_sha, i.irritant_id
    FROM comments c JOIN mention m USING (feedback_id) LEFT JOIN irritant_now i USING (mention_id)
    WHERE m.voice = 'employee' AND m.occurred_at >= $since AND m.occurred_at < $until
),
said AS (
    SELECT *, regexp_replace(lower(strip_accents(text)), '[^a-z]+', ' ', 'g') AS plain_text FROM uttered
    WHERE length(text) BETWEEN 20 AND 300 AND CASE WHEN $irritant = 'unclassified'
        THEN feedback_id NOT IN (SELECT feedback_id FROM uttered WHERE irritant_id <> 'unclassified')
        ELSE irritant_id = $irritant END
)
SELECT text, text_sha, occurred_at, count(*) OVER (PARTITION BY plain_text) AS n_alike FROM said
QUALIFY row_number() OVER (PARTITION BY plain_text ORDER BY occurred_at DESC, text_sha) = 1
ORDER BY n_alike DESC, occurred_at DESC, text_sha LIMIT $size
"""
