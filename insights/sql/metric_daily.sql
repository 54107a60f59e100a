-- grain: one day, metric and combination of dimension values (components only, the rate is taken last)
-- key: day, metric, survey, scale, segment, channel, touchpoint, journey_stage, product, brand, region, tenure_band, agent_team
-- reads: answer, case_promise, contact, customer_snapshot, feedback, invitation, irritant_now, mention, questionnaire, response_weight
-- Answers: surveys only. The stars of a review count as csat under survey = 'review', so that they never mix with a
-- sample. Posts, waves of copies, employee voice, answers outside their scale and NPS on another scale than 0-10 are
-- left out. Boxes and direction are the declared ones (questionnaire), else the usual ones.
-- Contacts: callers known only; abandoned ones are no contact, but a new attempt is a new contact. The last seven days
-- held are not ripe. Cases: promises that were kept or can no longer be kept, on the day they fell due; first contacts on
-- their own day; calls of our own initiative are promised to nobody. Invitations: suppressed ones were not sent; silent is who has not answered seven days after.
WITH pictures AS (
    SELECT customer_id, segment, product, region, contract_start_on,
        CASE WHEN row_number() OVER mine = 1 THEN DATE '0001-01-01' ELSE as_of END AS since,
        lead(as_of, 1, DATE '9999-12-31') OVER mine AS until
    FROM customer_snapshot
    WINDOW mine AS (PARTITION BY customer_id ORDER BY as_of)
),
scored AS (
    SELECT
        f.feedback_id, f.customer_id, a.metric, a.value,
        CAST(f.occurred_at AT TIME ZONE 'Europe/Paris' AS DATE) AS day,
        CASE f.kind WHEN 'review' THEN 'review' ELSE coalesce(f.survey, '(none)') END AS survey,
        f.segment, f.channel, coalesce(a.touchpoint, f.touchpoint) AS touchpoint, f.journey_stage, f.product, f.brand,
        f.region, f.agent_team,
        contains(lower(a.scale), 'low is good') AS said_low,
        regexp_extract(a.scale, '^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)', ['low', 'high']) AS ends
    FROM answer a
    JOIN feedback f USING (feedback_id)
    WHERE a.value IS NOT NULL AND f.suspect_wave IS NULL AND f.occurred_at IS NOT NULL
      AND (f.kind = 'survey' AND a.metric IN ('nps', 'csat', 'ces') OR f.kind = 'review' AND a.metric = 'csat')
),
placed AS (
    SELECT * EXCLUDE (ends), TRY_CAST(ends.low AS DOUBLE) AS lowest, TRY_CAST(ends.high AS DOUBLE) AS highest
    FROM scored
),
ruled AS (
    SELECT
        p.*, q.top_from, q.top_to, coalesce(q.low_is_good, p.said_low) AS low_is_good,
        -- place on the scale, 0 bad to 1 good
        CASE WHEN coalesce(q.low_is_good, p.said_low) THEN highest - value ELSE value - lowest END
            / (highest - lowest) AS place
    FROM (SELECT * FROM placed WHERE highest > lowest AND value BETWEEN lowest AND highest) p
    LEFT JOIN questionnaire q USING (survey, metric, lowest, highest)
    WHERE metric <> 'nps' OR (lowest = 0 AND highest = 10)
),
answers AS (
    SELECT
        r.day, r.metric, r.survey,
        printf('%g-%g', lowest, highest) || CASE WHEN low_is_good THEN ' (low is good)' ELSE '' END AS scale,
        r.customer_id, r.segment, r.channel, r.touchpoint, r.journey_stage, r.product, r.brand, r.region,
        r.agent_team,
        CASE
            WHEN metric = 'nps' THEN value >= 9
            WHEN top_from IS NOT NULL THEN value BETWEEN top_from AND top_to
            WHEN metric = 'csat' THEN place >= 0.75 - 1e-9  -- 4 and 5 of 1-5; top quarter of the range elsewhere
            ELSE place >= 2.0 / 3 - 1e-9                    -- ces: 5, 6 and 7 of 1-7; top third of the range elsewhere
        END AS positive,
        metric = 'nps' AND value <= 6 AS negative,
        NULL::DOUBLE AS amount,
        w.weight
    FROM ruled r
    LEFT JOIN response_weight w ON w.feedback_id = r.feedback_id
),
handled AS (
    SELECT
        *, CAST(occurred_at AT TIME ZONE 'Europe/Paris' AS DATE) AS day,
        count(*) OVER again = 0 AS once,
        occurred_at <= (SELECT max(occurred_at) FROM contact) - INTERVAL 7 DAY AS ripe
    FROM contact
    WHERE customer_id IS NOT NULL AND occurred_at IS NOT NULL
    WINDOW again AS (
        PARTITION BY customer_id ORDER BY occurred_at
        RANGE BETWEEN INTERVAL 1 MICROSECOND FOLLOWING AND INTERVAL 7 DAY FOLLOWING
    )
),
-- what a contact was about: the irritants of its own call, chat or message
about AS (
    SELECT DISTINCT c.contact_id, c.customer_id, c.occurred_at, i.irritant_id
    FROM contact c
    JOIN feedback f
      ON f.customer_id = c.customer_id AND f.kind IN ('call', 'chat', 'mail', 'ticket')
     AND f.occurred_at BETWEEN c.occurred_at - INTERVAL 15 MINUTE AND c.occurred_at + INTERVAL 15 MINUTE
    JOIN mention m ON m.feedback_id = f.feedback_id AND m.voice = 'customer' AND m.polarity < -0.15
    JOIN irritant_now i USING (mention_id)
    WHERE i.irritant_id <> 'unclassified'
),
same AS (
    SELECT DISTINCT a.contact_id
    FROM about a
    JOIN about b USING (customer_id, irritant_id)
    WHERE b.occurred_at > a.occurred_at AND b.occurred_at <= a.occurred_at + INTERVAL 7 DAY
),
-- somebody came back, nobody knows what about
doubtful AS (
    SELECT DISTINCT a.contact_id
    FROM about a
    JOIN contact c USING (customer_id)
    WHERE c.occurred_at > a.occurred_at AND c.occurred_at <= a.occurred_at + INTERVAL 7 DAY
      AND c.contact_id NOT IN (SELECT contact_id FROM about)
),
told AS (
    SELECT contact_id, contact_id NOT IN (SELECT contact_id FROM same) AS once_irritant
    FROM (SELECT DISTINCT contact_id FROM about)
    WHERE contact_id IN (SELECT contact_id FROM same) OR contact_id NOT IN (SELECT contact_id FROM doubtful)
),
counted AS (
    SELECT 'fcr_7d' AS metric, h.*, once AS positive, NULL::DOUBLE AS amount
    FROM handled h WHERE ripe AND NOT coalesce(abandoned, false)
    UNION ALL
    SELECT 'fcr_7d_irritant', h.*, once_irritant, NULL
    FROM handled h JOIN told USING (contact_id) WHERE ripe AND NOT coalesce(abandoned, false)
    UNION ALL
    SELECT 'first_human', h.*, NULL, wait_seconds / 60
    FROM handled h WHERE wait_seconds IS NOT NULL AND NOT coalesce(abandoned, false)
),
contacts AS (
    SELECT
        day, metric, 'contacts' AS survey, '(none)' AS scale, customer_id, NULL AS segment, channel, touchpoint,
        NULL AS journey_stage, NULL AS product, NULL AS brand, NULL AS region, team AS agent_team, positive,
        false AS negative, amount, NULL::DOUBLE AS weight
    FROM counted
),
invitations AS (
    SELECT
        CAST(sent_at AT TIME ZONE 'Europe/Paris' AS DATE) AS day, 'response_rate' AS metric,
        coalesce(survey, '(none)') AS survey, '(none)' AS scale, customer_id, NULL AS segment, channel, touchpoint,
        NULL AS journey_stage, NULL AS product, NULL AS brand, NULL AS region, NULL AS agent_team,
        feedback_id IS NOT NULL AS positive, false AS negative, NULL::DOUBLE AS amount, NULL::DOUBLE AS weight
    FROM invitation
    WHERE sent_at IS NOT NULL AND suppressed_reason IS NULL
      AND sent_at <= (SELECT max(available_at) FROM (
          SELECT available_at FROM invitation UNION ALL SELECT available_at FROM feedback)) - INTERVAL 7 DAY
),
owed AS (
    SELECT 'promise_kept' AS metric, *, due_at AS happened_at, kept AS positive, NULL::DOUBLE AS amount
    FROM case_promise WHERE owed AND kept IS NOT NULL
    UNION ALL
    SELECT 'time_to_contact', *, contacted_at, NULL, waited_hours
    FROM case_promise WHERE owed AND contacted_at IS NOT NULL AND waited_hours IS NOT NULL
),
cases AS (
    SELECT
        CAST(happened_at AT TIME ZONE 'Europe/Paris' AS DATE) AS day, metric, 'cases' AS survey, '(none)' AS scale,
        NULL AS customer_id, segment, NULL AS channel, NULL AS touchpoint, NULL AS journey_stage, NULL AS product,
        NULL AS brand, NULL AS region, team AS agent_team, positive, false AS negative, amount, NULL::DOUBLE AS weight
    FROM owed
),
together AS (
    SELECT * FROM answers UNION ALL SELECT * FROM contacts UNION ALL SELECT * FROM invitations UNION ALL SELECT * FROM cases
),
banded AS (
    SELECT
        t.* REPLACE (
            coalesce(t.segment, p.segment) AS segment, coalesce(t.product, p.product) AS product,
            coalesce(t.region, p.region) AS region
        ),
        CASE  -- months with us
            WHEN contract_start_on IS NULL THEN '(none)'
            WHEN day - contract_start_on < 91 THEN '0-3'
            WHEN day - contract_start_on < 426 THEN '4-14'
            WHEN day - contract_start_on < 1096 THEN '15-36'
            ELSE '37+'
        END AS tenure_band
    FROM together t
    LEFT JOIN pictures p ON t.customer_id = p.customer_id AND t.day >= p.since AND t.day < p.until
)
SELECT
    day, metric, survey, scale,
    coalesce(segment, '(none)') AS segment,
    coalesce(channel, '(none)') AS channel,
    coalesce(touchpoint, '(none)') AS touchpoint,
    coalesce(journey_stage, '(none)') AS journey_stage,
    coalesce(product, '(none)') AS product,
    coalesce(brand, '(none)') AS brand,
    coalesce(region, '(none)') AS region,
    tenure_band,
    coalesce(agent_team, '(none)') AS agent_team,
    coalesce(sum(amount), CAST(count(*) FILTER (positive) - count(*) FILTER (negative) AS DOUBLE)) AS numerator,
    CAST(count(*) AS DOUBLE) AS denominator,
    CAST(count(*) FILTER (positive) AS INTEGER) AS n_positive,
    CAST(count(*) FILTER (negative) AS INTEGER) AS n_negative,
    sum(amount * amount) AS squares,
    CASE WHEN count(weight) = count(*)
        THEN coalesce(sum(weight) FILTER (positive), 0.0) - coalesce(sum(weight) FILTER (negative), 0.0)
    END AS numerator_weighted,
    CASE WHEN count(weight) = count(*) THEN sum(weight) END AS denominator_weighted,
    CASE WHEN count(weight) = count(*) THEN coalesce(sum(weight) FILTER (positive), 0.0) END AS positive_weighted,
    CASE WHEN count(weight) = count(*) THEN coalesce(sum(weight) FILTER (negative), 0.0) END AS negative_weighted,
    CASE WHEN count(weight) = count(*) THEN sum(weight * weight) END AS weight_squares
FROM banded
GROUP BY ALL
ORDER BY ALL
