"""Every SELECT of the pages. Values arrive as `$parameters` only; DuckDB aggregates, pages receive small tables.

What is counted is counted on `feedback_slim` and `mention_now` (insights/lake/slim.py): ids as hashes, no texts. `mention_now`
shows irritants as the registry sees them at this ledger version (insights/irritants/now.py), so that a merge, a split or
a correction shows at once and nothing is rewritten. Empty filter lists mean "all". Texts are fetched for the few rows
that are shown: joined on the instant first, by which the lake's files are ordered.
The f-strings join constants of this module, never a value.
"""

KEPT = """
    (len($segments::VARCHAR[]) = 0 OR list_contains($segments::VARCHAR[], f.segment))
    AND (len($brands::VARCHAR[]) = 0 OR list_contains($brands::VARCHAR[], f.brand))
    AND (len($products::VARCHAR[]) = 0 OR list_contains($products::VARCHAR[], f.product))
    AND (len($channels::VARCHAR[]) = 0 OR list_contains($channels::VARCHAR[], f.channel))
"""

# grain: feedback of customers in the period, under the filters
HEARD = f"""
heard AS (
    SELECT f.* FROM feedback_slim f
    WHERE f.kind <> 'employee' AND NOT f.suspect AND f.occurred_at >= $since AND f.occurred_at < $until
        AND {KEPT}
)
"""

# grain: negative mention (polarity under -0.15, as in insights/sql/irritant_weekly.sql) and irritant as called today;
# NULL: none
AGAINST = f"""
against AS (
    SELECT f.* FROM mention_now f
    WHERE f.voice = 'customer' AND f.polarity < -0.15 AND f.kind <> 'employee' AND NOT f.suspect
        AND f.occurred_at >= $since AND f.occurred_at < $until AND {KEPT}
)
"""

SAID = f"""
{HEARD}, {AGAINST},
said AS (SELECT * FROM against WHERE irritant_id IS NOT NULL)
"""

IRRITANTS = f"""
WITH {SAID}
SELECT irritant_id,
    count(*) FILTER (occurred_at >= $middle) AS n_mentions, count(*) FILTER (occurred_at < $middle) AS n_before,
    count(DISTINCT person_key) FILTER (occurred_at >= $middle) AS n_customers
FROM said GROUP BY irritant_id
"""

EXPOSURE = f"""
WITH {HEARD}
SELECT count(*) FILTER (occurred_at >= $middle) AS n_feedback, count(*) FILTER (occurred_at < $middle) AS n_before
FROM heard
"""

BREAKDOWN = f"""
WITH {SAID},
everyone AS (
    SELECT CASE WHEN $dimension = 'brand' THEN brand ELSE product END AS name, count(*) AS n_feedback
    FROM heard GROUP BY name
),
touched AS (
    SELECT CASE WHEN $dimension = 'brand' THEN brand ELSE product END AS name, count(DISTINCT feedback_key) AS n_naming
    FROM said WHERE irritant_id = $irritant GROUP BY name
)
SELECT name, n_feedback, coalesce(n_naming, 0) AS n_naming
FROM everyone LEFT JOIN touched USING (name)
WHERE name IS NOT NULL
ORDER BY n_naming DESC, n_feedback DESC, name
LIMIT 15
"""

TREND = f"""
WITH {SAID},
quarters AS ( -- of an hour, first: a calendar costs much more a row than a division
    SELECT epoch_us(occurred_at) // 900000000 AS quarter, count(*) AS n FROM heard GROUP BY 1
),
of_week AS MATERIALIZED (
    SELECT quarter, n, date_trunc('week', make_timestamptz(quarter * 900000000) AT TIME ZONE $zone)::DATE AS week
    FROM quarters
),
weeks AS (SELECT week, sum(n)::BIGINT AS n_feedback FROM of_week GROUP BY 1),
named AS (
    SELECT week, count(*) AS n_mentions FROM said s JOIN of_week w ON w.quarter = epoch_us(s.occurred_at) // 900000000
    WHERE irritant_id = $irritant GROUP BY week
)
SELECT week, n_feedback, coalesce(n_mentions, 0) AS n_mentions
FROM weeks LEFT JOIN named USING (week) ORDER BY week
"""

VERBATIMS = f"""
WITH {SAID},
page AS (
    SELECT feedback_key, max(occurred_at) AS occurred_at, list(mention_key) AS keys, count(*) OVER () AS n_all
    FROM said WHERE irritant_id = $irritant GROUP BY feedback_key
    ORDER BY occurred_at DESC, feedback_key LIMIT $size OFFSET $start
),
clauses AS (
    SELECT p.feedback_key, arg_min(m.text, m.unit_no) AS text, list(DISTINCT m.text_sha ORDER BY m.text_sha) AS text_shas
    FROM page p JOIN mention m ON m.occurred_at = p.occurred_at AND hash(m.feedback_id) = p.feedback_key
    WHERE list_contains(p.keys, hash(m.mention_id)) GROUP BY p.feedback_key
)
SELECT f.feedback_id, c.text, c.text_shas, f.verbatim, f.language, f.kind, f.occurred_at, f.channel, f.segment, f.brand,
    f.product, p.n_all
FROM page p JOIN clauses c USING (feedback_key)
JOIN feedback f ON f.occurred_at = p.occurred_at AND hash(f.feedback_id) = p.feedback_key
ORDER BY f.occurred_at DESC, p.feedback_key
"""

DIMENSIONS = """
SELECT list(DISTINCT segment ORDER BY segment) FILTER (segment IS NOT NULL) AS segments,
    list(DISTINCT brand ORDER BY brand) FILTER (brand IS NOT NULL) AS brands,
    list(DISTINCT product ORDER BY product) FILTER (product IS NOT NULL) AS products,
    list(DISTINCT channel ORDER BY channel) FILTER (channel IS NOT NULL) AS channels
FROM feedback_slim WHERE kind <> 'employee' AND occurred_at >= $since AND occurred_at < $until
"""

FRESHNESS = """
SELECT count(*) AS n_feedback, max(occurred_at) FILTER (occurred_at < $until) AS last_at FROM feedback_slim
"""

SCORES = """
SELECT day, metric, survey, scale, sum(numerator) AS numerator, sum(denominator) AS denominator,
    sum(n_positive)::BIGINT AS n_positive, sum(n_negative)::BIGINT AS n_negative, sum(squares) AS squares,
    CASE WHEN count(denominator_weighted) = count(*) THEN sum(denominator_weighted) END AS denominator_weighted,
    sum(positive_weighted) AS positive_weighted, sum(negative_weighted) AS negative_weighted,
    sum(weight_squares) AS weight_squares
FROM metric_daily WHERE day > $since AND day <= $until AND metric IN ('nps', 'csat', 'ces')
GROUP BY day, metric, survey, scale ORDER BY day, metric, survey, scale
"""

VOLUMES = """
SELECT channel, count(*) FILTER (occurred_at >= $middle) AS n_now, count(*) FILTER (occurred_at < $middle) AS n_before
FROM feedback_slim
WHERE kind <> 'employee' AND NOT suspect AND occurred_at >= $since AND occurred_at < $until
GROUP BY channel ORDER BY n_now DESC, channel
"""

PRIORITIES = """
SELECT * FROM priority WHERE week = (SELECT max(week) FROM priority WHERE week <= $until) ORDER BY rank
"""

DRIVERS = """
SELECT * FROM driver ORDER BY metric, survey, scale, rank NULLS LAST, irritant_id
"""

# newest discovery of the last four weeks that followed another: what of a change of counts comes from the new model
MODEL_PART = """
SELECT irritant_id, customers, model FROM irritant_change
WHERE week = (SELECT max(week) FROM irritant_change WHERE week <= $until) AND week > $until::DATE - 28
QUALIFY sum(n_seen_before) FILTER (irritant_id <> 'unclassified') OVER () > 0
"""

# the values of one dimension in the window of the ranking, with enough of it to rank
PARTS = """
SELECT value, count(*) AS n FROM (
    SELECT CASE $dimension WHEN 'brand' THEN brand WHEN 'product' THEN product ELSE region END AS value
    FROM feedback_slim
    WHERE kind <> 'employee' AND NOT suspect AND has_words
        AND occurred_at >= $since AND occurred_at < $until
) WHERE value IS NOT NULL GROUP BY value HAVING n >= $least ORDER BY n DESC, value LIMIT 60
"""

SCORED = """
SELECT max(scored_on) AS scored_on, count(*) AS n_scored, any_value(model_kind) AS model_kind,
    sum(expected_loss_eur) AS expected_loss_eur, any_value(model_version) AS model_version
FROM churn_score WHERE scored_on = (SELECT max(scored_on) FROM churn_score WHERE scored_on <= $until)
"""

AT_RISK = """
WITH scored AS (
    SELECT * FROM churn_score
    WHERE scored_on = (SELECT max(scored_on) FROM churn_score WHERE scored_on <= $until)
),
crm AS (
    SELECT customer_id, segment, product, region, margin_eur_year
    FROM customer_snapshot WHERE as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $until)
),
spoke AS (
    SELECT DISTINCT customer_key FROM feedback_slim
    WHERE customer_key IS NOT NULL AND occurred_at >= $spoke_since AND occurred_at < $spoke_until
)
SELECT s.*, c.segment, c.product, c.region, c.margin_eur_year, spoke.customer_key IS NOT NULL AS spoke,
    count(*) OVER () AS n_all, sum(s.expected_loss_eur) OVER () AS all_loss_eur
FROM scored s LEFT JOIN crm c USING (customer_id) LEFT JOIN spoke ON spoke.customer_key = hash(s.customer_id)
WHERE (len($segments::VARCHAR[]) = 0 OR list_contains($segments::VARCHAR[], c.segment))
    AND ($voice = 'all' OR ($voice = 'spoke') = (spoke.customer_key IS NOT NULL))
ORDER BY CASE WHEN $order_by = 'loss' THEN s.expected_loss_eur ELSE coalesce(s.probability, s.index) END
    DESC NULLS LAST, s.rank, s.customer_id
LIMIT $size
"""

CUSTOMER = """
SELECT * FROM customer_snapshot WHERE customer_id = $customer_id AND as_of <= $until ORDER BY as_of DESC LIMIT 1
"""

SCORE_OF = """
SELECT * FROM churn_score WHERE customer_id = $customer_id AND scored_on <= $until ORDER BY scored_on DESC LIMIT 1
"""

# grain: something that passed between one customer and the company; a response carries its scores as lists
TIMELINE = """
WITH scores AS (
    SELECT feedback_id, list(metric ORDER BY question_id) AS metrics, list(value ORDER BY question_id) AS marks,
        list(scale ORDER BY question_id) AS scales
    FROM answer WHERE customer_id = $customer_id AND metric <> 'other' AND value IS NOT NULL GROUP BY feedback_id
)
SELECT 'feedback' AS what, f.occurred_at AS happened_at, f.kind AS detail, f.channel, f.touchpoint,
    f.verbatim AS text, NULL::DOUBLE AS wait_seconds, s.metrics, s.marks, s.scales, f.feedback_id
FROM feedback f LEFT JOIN scores s USING (feedback_id)
WHERE f.customer_id = $customer_id AND f.occurred_at < $now AND NOT coalesce(f.anonymous, false)
UNION ALL
SELECT 'contact', occurred_at, CASE WHEN abandoned THEN 'abandoned' WHEN transferred THEN 'transferred' END, channel,
    touchpoint, reason, wait_seconds, NULL, NULL, NULL, NULL
FROM contact WHERE customer_id = $customer_id AND occurred_at < $now
UNION ALL
SELECT CASE WHEN feedback_id IS NULL THEN 'silent' ELSE 'asked' END, sent_at, survey, channel, touchpoint, NULL, NULL,
    NULL, NULL, NULL, NULL
FROM invitation WHERE customer_id = $customer_id AND sent_at < $now
UNION ALL
SELECT 'left', learned_on::TIMESTAMP AT TIME ZONE $zone, cause, NULL, NULL, reason, NULL, NULL, NULL, NULL, NULL
FROM churn_event WHERE customer_id = $customer_id AND learned_on <= $until
ORDER BY happened_at DESC, what LIMIT 200
"""

SIGNAL_WORDS = """
SELECT feedback_id, verbatim, occurred_at, channel, kind FROM feedback
WHERE customer_id = $customer_id AND list_contains($ids::VARCHAR[], feedback_id) AND NOT coalesce(anonymous, false)
ORDER BY occurred_at DESC LIMIT 3
"""

SCORED_SEGMENTS = """
SELECT DISTINCT segment FROM customer_snapshot
WHERE as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $until) AND segment IS NOT NULL ORDER BY segment
"""
