"""Every SELECT of the page Scores. Values arrive as `$parameters` only."""

CHOICES = """
SELECT metric, survey, scale, sum(denominator) AS n FROM metric_daily WHERE day > $since AND day <= $until
GROUP BY metric, survey, scale ORDER BY metric, survey, scale
"""

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

CELLS = """
SELECT * FROM response_cell WHERE survey = $survey AND month >= $since AND month <= $until ORDER BY ALL
"""

WEIGHTS = """
SELECT * FROM cell_weight WHERE survey = $survey AND month >= $since AND month <= $until ORDER BY ALL
"""

WORDING = """
SELECT * FROM questionnaire WHERE survey = $survey AND metric = $metric AND starts_with($scale, scale)
"""

PUBLISHED = """
SELECT * FROM published WHERE kind = 'score' AND item = $item ORDER BY publication_id
"""

RESTATED = """
SELECT * FROM restatement ORDER BY month DESC, metric, survey, scale, segment
"""
