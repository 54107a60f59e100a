-- grain: one survey, month and reason: customers who were not asked, and why
-- key: survey, month, reason, weighed
-- reads: contact, customer_snapshot, feedback, invitation, questionnaire
-- One customer counts once a survey and month, by the reason noted last; (none) where nobody noted one. weighed: they are
-- among the never asked of response_cell, so that their group keeps its share in the weights.
-- asked, said, spoken, opened, last_picture, stands_for: the same in response_cell
WITH asked AS (
    SELECT
        survey, customer_id, feedback_id,
        CAST(date_trunc('month', sent_at AT TIME ZONE 'Europe/Paris') AS DATE) AS month
    FROM invitation
    WHERE sent_at IS NOT NULL AND suppressed_reason IS NULL AND customer_id IS NOT NULL AND survey IS NOT NULL
),
spoken AS (
    SELECT survey, month, customer_id FROM asked
    UNION
    SELECT survey, CAST(date_trunc('month', occurred_at AT TIME ZONE 'Europe/Paris') AS DATE) AS month, customer_id
    FROM feedback
    WHERE kind = 'survey' AND survey IS NOT NULL AND customer_id IS NOT NULL AND suspect_wave IS NULL
      AND occurred_at IS NOT NULL AND NOT coalesce(anonymous, false)
      AND feedback_id NOT IN (SELECT feedback_id FROM asked WHERE feedback_id IS NOT NULL)
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
suppressed AS (
    SELECT
        survey, customer_id, suppressed_reason AS reason,
        CAST(date_trunc('month', available_at AT TIME ZONE 'Europe/Paris') AS DATE) AS month
    FROM invitation
    WHERE suppressed_reason IS NOT NULL AND customer_id IS NOT NULL AND survey IS NOT NULL AND available_at IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY survey, month, customer_id ORDER BY available_at DESC, invitation_id DESC) = 1
),
unasked AS (
    SELECT survey, month, customer_id, s.reason, w.customer_id IS NOT NULL AS weighed
    FROM suppressed s
    FULL JOIN (SELECT survey, month, customer_id FROM stands_for) w USING (survey, month, customer_id)
    ANTI JOIN spoken USING (survey, month, customer_id)
)
SELECT survey, month, coalesce(reason, '(none)') AS reason, weighed, CAST(count(*) AS INTEGER) AS n_customers
FROM unasked
GROUP BY ALL
ORDER BY ALL
