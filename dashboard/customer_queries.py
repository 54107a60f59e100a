"""SELECTs of the page of one customer. Values arrive as `$parameters` only; what was said anonymously is nobody's."""

FIND = """
SELECT DISTINCT customer_id FROM customer_snapshot
WHERE contains(upper(customer_id), upper($part)) ORDER BY customer_id LIMIT $size
"""
KNOWN = """
SELECT EXISTS (SELECT 1 FROM customer_snapshot WHERE customer_id = $customer)
    OR EXISTS (SELECT 1 FROM feedback WHERE customer_id = $customer AND NOT coalesce(anonymous, false)) AS known
"""
FIRST_AT_RISK = """
SELECT customer_id, probability, expected_loss_eur FROM churn_score
WHERE scored_on = (SELECT max(scored_on) FROM churn_score WHERE scored_on <= $until)
ORDER BY expected_loss_eur DESC NULLS LAST, rank, customer_id LIMIT $size
"""
NAMED = """
WITH own AS (
    SELECT feedback_id FROM feedback WHERE customer_id = $customer AND NOT coalesce(anonymous, false)
)
SELECT i.irritant_id, count(DISTINCT m.feedback_id) AS n, max(m.occurred_at) AS last_at
FROM mention m JOIN own USING (feedback_id) JOIN irritant_now i ON i.mention_id = m.mention_id
WHERE m.voice = 'customer' AND m.polarity < -0.15 AND m.occurred_at < $now AND i.irritant_id <> 'unclassified'
GROUP BY i.irritant_id ORDER BY n DESC, last_at DESC
"""
SCORES = """
SELECT a.metric, a.scale, a.value, a.occurred_at FROM answer a JOIN feedback f USING (feedback_id)
WHERE f.customer_id = $customer AND NOT coalesce(f.anonymous, false) AND a.metric <> 'other' AND a.value IS NOT NULL
    AND a.occurred_at < $now
ORDER BY a.occurred_at
"""
LAST_HEARD = """
SELECT occurred_at, kind, channel FROM feedback
WHERE customer_id = $customer AND NOT coalesce(anonymous, false) AND occurred_at < $now
ORDER BY occurred_at DESC LIMIT 1
"""
