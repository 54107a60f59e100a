-- grain: one survey, month and combination of weighting variables: who answered, stayed silent, was never asked
-- key: survey, month, age_band, digital_habit, tenure_band, segment, channel, value_band
-- reads: contact, customer_snapshot, feedback, invitation, questionnaire
-- One customer counts once a survey and month. Asked: an invitation was sent. The month is that of asking; of the answer
-- where no invitation is known. Never asked: customers the survey stands for, as questionnaires.yaml declares: all of
-- the last picture before the month, or those with a contact of its channels in the month; a survey that declares
-- nothing stands for those asked. Posts, reviews and employee voice never enter.
-- asked: the same in response_weight; so is the channel, the first by name of those a customer was asked by in the month
WITH asked AS (
    SELECT
        survey, customer_id, channel, feedback_id,
        CAST(date_trunc('month', sent_at AT TIME ZONE 'Europe/Paris') AS DATE) AS month
    FROM invitation
    WHERE sent_at IS NOT NULL AND suppressed_reason IS NULL AND customer_id IS NOT NULL AND survey IS NOT NULL
),
said AS (
    SELECT survey, customer_id, channel, feedback_id IS NOT NULL AS answered, month FROM asked
    UNION ALL
    SELECT
        survey, customer_id, NULL AS channel, true AS answered,
        CAST(date_trunc('month', occurred_at AT TIME ZONE 'Europe/Paris') AS DATE) AS month
    FROM feedback
    WHERE kind = 'survey' AND survey IS NOT NULL AND customer_id IS NOT NULL AND suspect_wave IS NULL
      AND occurred_at IS NOT NULL AND NOT coalesce(anonymous, false)
      AND feedback_id NOT IN (SELECT feedback_id FROM asked WHERE feedback_id IS NOT NULL)
),
spoken AS (
    SELECT survey, month, customer_id, min(channel) AS channel, bool_or(answered) AS answered
    FROM said
    GROUP BY ALL
),
opened AS (
    SELECT DISTINCT s.survey, s.month, q.population, q.contact_channels
    FROM spoken s
    JOIN questionnaire q USING (survey)
),
last_picture AS (
    SELECT o.month, max(c.as_of) AS as_of
    FROM (SELECT DISTINCT month FROM opened) o
    JOIN customer_snapshot c ON c.as_of <= o.month AND c.as_of > o.month - 31
    GROUP BY o.month
),
stands_for AS (
    SELECT o.survey, o.month, c.customer_id
    FROM opened o
    JOIN last_picture l USING (month)
    JOIN customer_snapshot c USING (as_of)
    WHERE o.population = 'customers' AND NOT coalesce(c.leaving, false)
    UNION
    SELECT o.survey, o.month, c.customer_id
    FROM opened o
    JOIN contact c ON CAST(date_trunc('month', c.occurred_at AT TIME ZONE 'Europe/Paris') AS DATE) = o.month
    WHERE o.population = 'contacts' AND list_contains(o.contact_channels, c.channel) AND c.customer_id IS NOT NULL
),
states AS (
    SELECT survey, month, customer_id, channel, answered FROM spoken
    UNION ALL
    SELECT survey, month, customer_id, NULL, NULL
    FROM stands_for ANTI JOIN spoken USING (survey, month, customer_id)
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
)
SELECT
    s.survey, s.month,
    coalesce(p.age_band, '(none)') AS age_band,
    coalesce(p.digital_habit, '(none)') AS digital_habit,
    CASE
        WHEN p.contract_start_on IS NULL THEN '(none)'
        WHEN s.month - p.contract_start_on < 91 THEN '0-3'
        WHEN s.month - p.contract_start_on < 426 THEN '4-14'
        WHEN s.month - p.contract_start_on < 1096 THEN '15-36'
        ELSE '37+'
    END AS tenure_band,
    coalesce(p.segment, '(none)') AS segment,
    coalesce(s.channel, '(none)') AS channel,
    coalesce(CAST(p.value_band AS VARCHAR), '(none)') AS value_band,
    CAST(count(*) FILTER (s.answered) AS INTEGER) AS n_answered,
    CAST(count(*) FILTER (NOT s.answered) AS INTEGER) AS n_silent,
    CAST(count(*) FILTER (s.answered IS NULL) AS INTEGER) AS n_never_asked
FROM states s
LEFT JOIN pictures p ON s.customer_id = p.customer_id AND s.month >= p.since AND s.month < p.until
GROUP BY ALL
ORDER BY ALL
