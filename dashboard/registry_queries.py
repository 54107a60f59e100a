"""The SELECTs of the registry's pages, under the rules of `dashboard/queries.py`."""

# grain: irritant as called today
COUNTS = """
SELECT irritant_id, count(*) AS n_year, count(*) FILTER (occurred_at >= $recent) AS n_month, max(occurred_at) AS last_at
FROM mention_now
WHERE voice = 'customer' AND irritant_id IS NOT NULL AND NOT suspect AND occurred_at >= $since AND occurred_at < $until
GROUP BY irritant_id
"""

# grain: distinct text of one irritant, the surest first; too short ones say little, too long ones are not read
TYPICAL = """
WITH surest AS (
    SELECT text_key, max(confidence) AS confidence, arg_max(mention_key, occurred_at) AS mention_key,
        max(occurred_at) AS occurred_at
    FROM mention_now WHERE irritant_id = $irritant AND voice = 'customer' AND n_characters BETWEEN 25 AND 240
    GROUP BY text_key ORDER BY confidence DESC, text_key LIMIT $size
)
SELECT m.text, s.confidence
FROM surest s JOIN mention m ON m.occurred_at = s.occurred_at AND hash(m.mention_id) = s.mention_key
ORDER BY s.confidence DESC, s.text_key
"""

# where the texts of these hashes were said last
_LAST = """
last AS (
    SELECT text_key, arg_max(mention_key, (occurred_at, mention_key)) AS mention_key, max(occurred_at) AS occurred_at
    FROM mention_slim WHERE voice = 'customer' AND text_key IN (SELECT hash(unnest($shas::VARCHAR[]))) GROUP BY text_key
)
"""
TEXTS = f"""
WITH {_LAST}
SELECT m.text_sha, m.text
FROM last l JOIN mention m ON m.occurred_at = l.occurred_at AND hash(m.mention_id) = l.mention_key
"""

# grain: the last feedback that says a text
WHERE_SAID = f"""
WITH {_LAST}
SELECT f.verbatim, f.kind, f.channel, f.occurred_at, f.product, f.brand
FROM last l
JOIN mention m ON m.occurred_at = l.occurred_at AND hash(m.mention_id) = l.mention_key
JOIN feedback f ON f.occurred_at = l.occurred_at AND f.feedback_id = m.feedback_id
"""

WEAK_SIGNALS = "SELECT * FROM weak_signal ORDER BY lift DESC, n_new DESC, signal_id"

NOTES = "SELECT note, started_at FROM run WHERE step = $step ORDER BY started_at DESC LIMIT 50"

CHANGES = """
SELECT irritant_id, n_seen_before, n_base, n_now, customers, model, week FROM irritant_change
WHERE week = (SELECT max(week) FROM irritant_change) AND irritant_id <> 'unclassified'
ORDER BY abs(customers) + abs(model) DESC, irritant_id LIMIT $size
"""

# grain: discovery week; the irritants that one stands for today, together
MODEL_CHANGES = """
SELECT week, sum(n_seen_before) AS n_seen_before, sum(n_base) AS n_base, sum(n_now) AS n_now,
    sum(customers) AS customers, sum(model) AS model
FROM irritant_change
WHERE list_contains($ids::VARCHAR[], irritant_id) AND week >= $since AND week <= $until
GROUP BY week ORDER BY week
"""

# grain: irritant as called today, of those asked for; what an edit would change is counted before and after
EFFECT = """
SELECT irritant_id, count(*) AS n_year, count(*) FILTER (occurred_at >= $recent) AS n_month,
    count(DISTINCT person_key) AS people_year,
    count(DISTINCT person_key) FILTER (occurred_at >= $recent) AS people_month
FROM mention_now
WHERE list_contains($ids::VARCHAR[], irritant_id) AND voice = 'customer' AND NOT suspect
    AND occurred_at >= $since AND occurred_at < $until
GROUP BY irritant_id
"""

RANKING = """
SELECT irritant_id, rank, CASE WHEN basis = 'eur' THEN coalesce(value_at_risk_eur, 0) ELSE n_mentions END AS worth
FROM priority WHERE week = (SELECT max(week) FROM priority WHERE week <= $until) AND NOT coalesce(weak_signal, false)
ORDER BY rank
"""

SEGMENTS_OF = """
SELECT * FROM segment_difference
WHERE list_contains($measures::VARCHAR[], measure) AND place IS NOT NULL ORDER BY difference DESC, segment_key
"""
