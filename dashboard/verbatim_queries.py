"""SELECTs of the pages Verbatims and One customer. Values arrive as `$parameters` only.

`hash(feedback_id)` is a verbatim's key in the search index (insights/steps/index.py). The f-strings join constants of
this module, never a value.
"""

SEARCHED = "f.kind <> 'employee' AND f.has_words"
# filter -> its condition on feedback_slim; only those that are asked for stand in a query
CONDITIONS = {
    "since": "f.occurred_at >= $since AND f.occurred_at < $until",
    "kinds": "list_contains($kinds::VARCHAR[], f.kind)",
    "channels": "list_contains($channels::VARCHAR[], f.channel)",
    "products": "list_contains($products::VARCHAR[], f.product)",
    "segments": "list_contains($segments::VARCHAR[], f.segment)",
    "regions": "list_contains($regions::VARCHAR[], f.region)",
    "languages": "list_contains($languages::VARCHAR[], f.language)",
    "irritants": """f.feedback_key IN (
        SELECT feedback_key FROM mention_now
        WHERE voice = 'customer' AND list_contains($irritants::VARCHAR[], irritant_id))""",
    "negative": "f.feedback_key IN (SELECT feedback_key FROM mention_slim WHERE voice = 'customer' AND polarity < -0.15)",
    "positive": "f.feedback_key IN (SELECT feedback_key FROM mention_slim WHERE voice = 'customer' AND polarity > 0.15)",
    "least": """f.feedback_key IN (
        SELECT hash(feedback_id) FROM answer WHERE metric = 'nps' AND value BETWEEN $least AND $most)""",
    "after": "f.ingested_at > $after",
}
ALLOWED = "SELECT f.feedback_key AS key FROM feedback_slim f WHERE {kept}"
COUNT = "SELECT count(*) AS n FROM feedback_slim f WHERE {kept}"
DAY = "datediff('day', DATE '1970-01-01', f.occurred_at::DATE)::INTEGER AS day"
NEWEST = f"""
SELECT f.feedback_key AS key, {DAY} FROM feedback_slim f WHERE {{kept}}
ORDER BY f.occurred_at DESC, f.feedback_key LIMIT $size
"""
# without an index: the words of each verbatim, as the index takes them (insights/search/words.py); `$token`: a redaction
# token, which is no word
_SMALL = "nfc_normalize(lower(f.verbatim))"
_WORDS = r"regexp_extract_all(regexp_replace(nfc_normalize(lower(f.verbatim)), $token, ' ', 'g'), '[\pL\pN]+')"
SPOKEN = (
    f"SELECT DISTINCT f.language, unnest({_WORDS}) AS word FROM feedback f WHERE hash(f.feedback_id) IN ({ALLOWED})"
)
# `$wanted`: of each list one must stand there as whole words, in this order; `$without`: none of any
SCANNED = f"""
WITH near AS MATERIALIZED (
    SELECT f.feedback_id, f.occurred_at, {_WORDS} AS words FROM feedback f
    WHERE hash(f.feedback_id) IN ({ALLOWED}) AND len(list_filter($wanted::VARCHAR[][],
        lambda one: len(list_filter(one, lambda said: contains({_SMALL}, split_part(said, ' ', 1)))) = 0)) = 0
),
lines AS MATERIALIZED (SELECT feedback_id, occurred_at, ' ' || array_to_string(words, ' ') || ' ' AS line FROM near)
SELECT hash(f.feedback_id) AS key, {DAY}, count(*) OVER () AS n_all FROM lines f
WHERE len(list_filter($wanted::VARCHAR[][],
        lambda one: len(list_filter(one, lambda said: contains(f.line, ' ' || said || ' '))) = 0)) = 0
    AND len(list_filter($without::VARCHAR[], lambda said: contains(f.line, ' ' || said || ' '))) = 0
ORDER BY f.occurred_at DESC, f.feedback_id LIMIT $size
"""
# how many verbatims the index does not have yet
NEWER = f"SELECT count(*) AS n FROM feedback_slim f WHERE {SEARCHED} AND f.ingested_at > $after"

# with how many verbatims there are: their texts are looked at once for both
CHOICES = """
WITH heard AS (
    SELECT kind, channel, product, segment, region, language, count(*) AS n
    FROM feedback_slim WHERE kind <> 'employee' AND has_words GROUP BY ALL
)
SELECT list(DISTINCT kind ORDER BY kind) FILTER (kind IS NOT NULL) AS kinds,
    list(DISTINCT channel ORDER BY channel) FILTER (channel IS NOT NULL) AS channels,
    list(DISTINCT product ORDER BY product) FILTER (product IS NOT NULL) AS products,
    list(DISTINCT segment ORDER BY segment) FILTER (segment IS NOT NULL) AS segments,
    list(DISTINCT region ORDER BY region) FILTER (region IS NOT NULL) AS regions,
    list(DISTINCT language ORDER BY language) FILTER (language IS NOT NULL) AS languages,
    coalesce(sum(n), 0)::BIGINT AS n
FROM heard
"""

# grain: feedback; the days bound what is read
FOUND = """
SELECT hash(f.feedback_id) AS key, f.feedback_id, f.kind, f.survey, f.channel, f.occurred_at, f.customer_id, f.segment,
    f.journey_stage, f.touchpoint, f.product, f.brand, f.region, f.agent_team, f.language, f.verbatim, f.anonymous
FROM feedback f
WHERE f.occurred_at >= $first AND f.occurred_at < $last AND hash(f.feedback_id) IN (SELECT unnest($keys::UBIGINT[]))
"""
# grain: clause and irritant as it was assigned (NULL: none); `irritant_now` would read every mention of the lake
CLAUSES = """
WITH own AS (
    SELECT feedback_id, mention_id, unit_no, turn_no, start_char, end_char, text, text_sha, hash(text_sha) AS text_key,
        language, type, polarity, leave_intent, effort
    FROM mention
    WHERE occurred_at >= $first AND occurred_at < $last AND feedback_id IN (SELECT unnest($ids::VARCHAR[]))
        AND voice = 'customer'
)
SELECT o.feedback_id, o.mention_id, o.unit_no, o.turn_no, o.start_char, o.end_char, o.text, o.text_sha, o.text_key,
    o.language, o.type, o.polarity, o.leave_intent, o.effort, i.irritant_id, i.confidence
FROM own o LEFT JOIN mention_irritant i ON i.mention_id = o.mention_id
ORDER BY o.feedback_id, o.unit_no, i.confidence DESC
"""
MARKS = """
SELECT feedback_id, metric, scale, value FROM answer
WHERE feedback_id IN (SELECT unnest($ids::VARCHAR[])) AND metric <> 'other' AND value IS NOT NULL
ORDER BY feedback_id, question_id
"""

ONE = "SELECT * FROM feedback WHERE feedback_id = $feedback AND kind <> 'employee'"
TURNS = """
SELECT turn_no, speaker, start_s, end_s, text, asr_confidence FROM turn WHERE feedback_id = $feedback ORDER BY turn_no
"""
