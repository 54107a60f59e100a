-- grain: one survey answer that can be weighted
-- key: feedback_id
-- reads: cell_weight, customer_snapshot, feedback, invitation
-- The weight of the answer's cell (cell_weight), mean 1 over the known answers of its survey and month of asking. Who is
-- not known (anonymous, even where an invitation names them, or not in the CRM) weighs 1. A survey and month without weights has no row: nothing is corrected.
-- asked: the same in response_cell; so is the channel, the first by name of those a customer was asked by in the month
WITH asked AS (
    SELECT
        survey, customer_id, channel, feedback_id,
        CAST(date_trunc('month', sent_at AT TIME ZONE 'Europe/Paris') AS DATE) AS month
    FROM invitation
    WHERE sent_at IS NOT NULL AND suppressed_reason IS NULL AND customer_id IS NOT NULL AND survey IS NOT NULL
),
reached AS (
    SELECT survey, month, customer_id, min(channel) AS channel FROM asked GROUP BY ALL
),
invited AS (
    SELECT feedback_id, min(customer_id) AS customer_id, min(month) AS month
    FROM asked
    WHERE feedback_id IS NOT NULL
    GROUP BY feedback_id
),
answered AS (
    SELECT
        f.feedback_id, f.survey,
        CASE WHEN NOT coalesce(f.anonymous, false) THEN coalesce(i.customer_id, f.customer_id) END AS customer_id,
        coalesce(i.month, CAST(date_trunc('month', f.occurred_at AT TIME ZONE 'Europe/Paris') AS DATE)) AS month
    FROM feedback f
    LEFT JOIN invited i USING (feedback_id)
    WHERE f.kind = 'survey' AND f.suspect_wave IS NULL
),
corrected AS (
    SELECT DISTINCT survey, month, basis FROM cell_weight
),
cuts AS (
    SELECT as_of, quantile_cont(margin_eur_year, [0.25, 0.5, 0.75]) AS q FROM customer_snapshot GROUP BY as_of
),
pictures AS (
    SELECT customer_id, age_band, digital_habit, segment, contract_start_on,
        CASE WHEN margin_eur_year IS NULL THEN NULL
            ELSE 1 + (margin_eur_year > q[1])::INT + (margin_eur_year > q[2])::INT + (margin_eur_year > q[3])::INT
        END AS value_band,
        CASE WHEN row_number() OVER mine = 1 THEN DATE '0001-01-01' ELSE as_of END AS since,
        lead(as_of, 1, DATE '9999-12-31') OVER mine AS until
    FROM customer_snapshot
    JOIN cuts USING (as_of)
    WINDOW mine AS (PARTITION BY customer_id ORDER BY as_of)
),
profiled AS (
    SELECT
        a.feedback_id, a.survey, a.month, coalesce(r.channel, '(none)') AS channel,
        coalesce(p.age_band, '(none)') AS age_band,
        coalesce(p.digital_habit, '(none)') AS digital_habit,
        CASE
            WHEN p.contract_start_on IS NULL THEN '(none)'
            WHEN a.month - p.contract_start_on < 91 THEN '0-3'
            WHEN a.month - p.contract_start_on < 426 THEN '4-14'
            WHEN a.month - p.contract_start_on < 1096 THEN '15-36'
            ELSE '37+'
        END AS tenure_band,
        coalesce(p.segment, '(none)') AS segment,
        coalesce(CAST(p.value_band AS VARCHAR), '(none)') AS value_band
    FROM answered a
    LEFT JOIN reached r USING (survey, month, customer_id)
    LEFT JOIN pictures p ON a.customer_id = p.customer_id AND a.month >= p.since AND a.month < p.until
),
found AS (
    SELECT p.feedback_id, p.survey, p.month, w.weight, c.basis
    FROM profiled p
    JOIN corrected c USING (survey, month)
    LEFT JOIN cell_weight w
        USING (survey, month, age_band, digital_habit, tenure_band, segment, channel, value_band)
)
SELECT
    feedback_id, survey, month,
    coalesce(weight * count(weight) OVER known / sum(weight) OVER known, 1.0) AS weight,
    CASE WHEN weight IS NULL THEN 'unknown' ELSE basis END AS basis
FROM found
WINDOW known AS (PARTITION BY survey, month)
ORDER BY feedback_id
