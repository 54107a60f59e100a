"""The SELECTs of the registry's pages, under the rules of `dashboard/queries.py`."""

# grain: irritant as called today
COUNTS = """
SELECT i.irritant_id, count(*) AS n_year, count(*) FILTER (m.occurred_at >= $recent) AS n_month, max(m.occurred_at) AS last_at
FROM irritant_now i JOIN mention m USING (mention_id)
WHERE m.voice = 'customer' AND m.occurred_at >= $since AND m.occurred_at < $until
    AND m.feedback_id NOT IN (
        SELECT feedback_id FROM feedback
        WHERE suspect_wave IS NOT NULL AND occurred_at >= $since AND occurred_at < $until
    )
GROUP BY i.irritant_id
"""

# grain: distinct text of one irritant, the surest first; too short ones say little, too long ones are not read
TYPICAL = """
SELECT min(m.text) AS text, max(i.confidence) AS confidence
FROM irritant_now i JOIN mention m USING (mention_id)
WHERE i.irritant_id = $irritant AND m.voice = 'customer' AND length(m.text) BETWEEN 25 AND 240
GROUP BY m.text_sha ORDER BY confidence DESC, text LIMIT $size
"""

TEXTS = """
SELECT text_sha, min(text) AS text FROM mention
WHERE voice = 'customer' AND text_sha IN (SELECT unnest($shas::VARCHAR[])) GROUP BY text_sha
"""

# grain: the last feedback that says a text
WHERE_SAID = """
SELECT f.verbatim, f.kind, f.channel, f.occurred_at, f.product, f.brand
FROM mention m JOIN feedback f USING (feedback_id)
WHERE m.text_sha = $sha AND m.voice = 'customer' ORDER BY f.occurred_at DESC, f.feedback_id LIMIT 1
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
SELECT i.irritant_id, count(DISTINCT i.mention_id) AS n_year,
    count(DISTINCT i.mention_id) FILTER (m.occurred_at >= $recent) AS n_month,
    count(DISTINCT coalesce(f.customer_id, f.author_key, f.feedback_id)) AS people_year,
    count(DISTINCT coalesce(f.customer_id, f.author_key, f.feedback_id)) FILTER (m.occurred_at >= $recent) AS people_month
FROM irritant_now i JOIN mention m USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE list_contains($ids::VARCHAR[], i.irritant_id) AND m.voice = 'customer' AND f.suspect_wave IS NULL
    AND m.occurred_at >= $since AND m.occurred_at < $until AND f.occurred_at >= $since AND f.occurred_at < $until
GROUP BY i.irritant_id
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
