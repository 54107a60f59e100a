"""Every SELECT of the page Scores. Values arrive as `$parameters` only."""

CHOICES = """
SELECT metric, survey, scale, sum(denominator) AS n FROM metric_daily
WHERE day > $since AND day <= $until AND scale IS NOT NULL
GROUP BY metric, survey, scale ORDER BY metric, survey, scale
"""

# rows that a version without scales has left
UNMEASURED = "SELECT count(*) AS n FROM metric_daily WHERE scale IS NULL"

# grain: day of one score, whole
DAILY = """
SELECT day, metric, survey, scale, sum(numerator) AS numerator, sum(denominator) AS denominator,
    sum(n_positive)::BIGINT AS n_positive, sum(n_negative)::BIGINT AS n_negative, sum(squares) AS squares,
    CASE WHEN count(denominator_weighted) = count(*) THEN sum(denominator_weighted) END AS denominator_weighted,
    sum(positive_weighted) AS positive_weighted, sum(negative_weighted) AS negative_weighted,
    sum(weight_squares) AS weight_squares
FROM metric_daily
WHERE metric = $metric AND survey = $survey AND scale = $scale AND day > $since AND day <= $until
GROUP BY day, metric, survey, scale ORDER BY day
"""

CONTACTS = """
SELECT sum(denominator) AS n FROM metric_daily WHERE metric = 'fcr_7d' AND day > $since AND day <= $until
"""

# months of asking of the answers of some days
ASKING = """
SELECT DISTINCT w.month FROM response_weight w JOIN feedback f USING (feedback_id)
WHERE w.survey = $survey AND CAST(f.occurred_at AT TIME ZONE 'Europe/Paris' AS DATE) BETWEEN $since AND $until
ORDER BY w.month
"""

CELLS = """
SELECT * FROM response_cell WHERE survey = $survey AND list_contains($months, month) ORDER BY ALL
"""

# why customers were not asked in these months; weighed: counted in n_never_asked
NOT_ASKED = """
SELECT reason, CAST(coalesce(sum(n_customers) FILTER (weighed), 0) AS INTEGER) AS n_weighed,
    CAST(coalesce(sum(n_customers) FILTER (NOT weighed), 0) AS INTEGER) AS n_other
FROM not_asked WHERE survey = $survey AND list_contains($months, month)
GROUP BY reason ORDER BY reason
"""

WEIGHTS = """
SELECT * FROM cell_weight WHERE survey = $survey AND list_contains($months, month) ORDER BY ALL
"""

WORDING = """
SELECT * FROM questionnaire WHERE survey = $survey AND metric = $metric AND ($scale = scale OR starts_with($scale, scale || ' '))
"""

PUBLISHED = """
SELECT * FROM published WHERE kind = 'score' AND item = $item ORDER BY publication_id
"""

RESTATED = """
SELECT * FROM restatement ORDER BY month DESC, metric, survey, scale, segment
"""
