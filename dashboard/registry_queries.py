"""The SELECTs of the registry's pages, under the rules of `dashboard/queries.py`."""

# grain: irritant as called today
COUNTS = """
SELECT i.irritant_id, count(DISTINCT i.mention_id) AS n_year,
    count(DISTINCT i.mention_id) FILTER (m.occurred_at >= $recent) AS n_month, max(m.occurred_at) AS last_at
FROM irritant_now i JOIN mention m USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE m.voice = 'customer' AND f.suspect_wave IS NULL AND m.occurred_at >= $since AND m.occurred_at < $until
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

THERE = "SELECT count(*) AS n FROM information_schema.tables WHERE table_name = $name"
