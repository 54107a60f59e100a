"""SELECTs of the risk page. Values arrive as `$parameters` only."""

# customers for whom a call is expected to bring more than it costs, as the rules of the day's list judge it
WORTH_A_CALL = """
SELECT count(*) FILTER (s.probability * c.margin_eur_year * $value_years * $relative_cut > $call_eur) AS n_worth
FROM churn_score s
JOIN customer_snapshot c ON c.customer_id = s.customer_id
    AND c.as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $until)
WHERE s.scored_on = (SELECT max(scored_on) FROM churn_score WHERE scored_on <= $until)
"""

# the largest line of business first
BACKTEST = """
SELECT * FROM churn_backtest
ORDER BY sum(n) OVER (PARTITION BY gap_days, horizon_days) DESC, gap_days, horizon_days,
    CASE dimension WHEN 'all' THEN 0 WHEN 'segment' THEN 1 WHEN 'tenure' THEN 2 ELSE 3 END, dimension, value, t0
"""

ABLATION = "SELECT * FROM churn_ablation ORDER BY place, metric"

DRIFT = """
SELECT * FROM churn_drift WHERE t0 = (SELECT max(t0) FROM churn_drift WHERE t0 <= $until)
ORDER BY moved DESC, psi / limit_psi DESC NULLS LAST, kind, name
"""
