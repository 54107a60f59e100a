"""Reads of the page Segments."""

DIFFERENCES = "SELECT * FROM segment_difference WHERE place IS NOT NULL ORDER BY place, p_value, measure"
N_CUSTOMERS = """
SELECT count(*) AS n FROM customer_snapshot
WHERE as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $until) AND leaving IS DISTINCT FROM true
"""
COHORTS = """
SELECT * FROM welcome_cohort
ORDER BY cohort_on DESC, list_position(['day_7', 'first_bill', 'day_90'], stage)
"""
