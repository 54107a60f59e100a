-- grain: one customer and month end (and $last_t0 itself, the scoring day); features from rows held by the end of t0 only
-- key: customer_id, t0
-- reads: answer, churn_event, contact, customer_snapshot, feedback, invitation, mention, irritant_now
-- params: first_t0, last_t0, complete_through, household_gap, household_horizon, business_gap, business_horizon,
--         competitors
-- A row counts at t0 when both the day it happened and the day its source held it (UTC) are not after t0; a window of
-- n days is (t0 - n, t0]. Events are first counted by customer and day, so that the windows join few rows.
-- Negative: polarity under -0.15. A survey is silent when seven days have passed and no response is held.
-- A picture older than 100 days is no picture: the customer has gone from the CRM.
WITH months AS (
    SELECT last_day(CAST(month AS DATE)) AS t0
    FROM generate_series(date_trunc('month', $first_t0::DATE), $last_t0::DATE, INTERVAL 1 MONTH) AS s(month)
    UNION
    SELECT $last_t0::DATE
),
slices AS (
    SELECT t0 FROM months WHERE t0 BETWEEN $first_t0::DATE AND $last_t0::DATE
),
-- The picture in force: the newest as_of among those held. A late picture older than one already held is passed over.
held_pictures AS (
    SELECT *, greatest(as_of, CAST(available_at AT TIME ZONE 'UTC' AS DATE)) AS usable_on
    FROM customer_snapshot
    WHERE available_at IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY customer_id, usable_on ORDER BY as_of DESC) = 1
),
pictures AS (
    SELECT *
    FROM held_pictures
    QUALIFY as_of > coalesce(
        max(as_of) OVER (
            PARTITION BY customer_id ORDER BY usable_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), DATE '0001-01-01')
),
-- An interval join, where ASOF JOIN would read better: the planner takes the list of t0 for tiny and runs ASOF as a
-- nested loop (measured on 12,000 customers and 25 months: 101 s against 0.6 s).
dated_pictures AS (
    SELECT *, lead(usable_on, 1, DATE '9999-12-31') OVER (PARTITION BY customer_id ORDER BY usable_on) AS replaced_on
    FROM pictures
),
base AS (
    SELECT
        s.t0,
        p.* EXCLUDE (usable_on, replaced_on, available_at),
        CASE WHEN p.segment = 'small_business' THEN $business_gap ELSE $household_gap END::INTEGER AS gap_days,
        CASE WHEN p.segment = 'small_business' THEN $business_horizon ELSE $household_horizon END::INTEGER
            AS horizon_days
    FROM slices s
    JOIN dated_pictures p ON s.t0 >= p.usable_on AND s.t0 < p.replaced_on
),
population AS (
    SELECT b.*
    FROM base b
    WHERE b.as_of >= b.t0 - 100
      AND NOT coalesce(b.leaving, false)
      AND NOT coalesce(b.objection, false)
      -- gone, unless a new contract began after the departure
      AND NOT EXISTS (
          SELECT 1 FROM churn_event d
          WHERE d.customer_id = b.customer_id
            AND d.learned_on <= b.t0
            AND d.learned_on >= coalesce(b.contract_start_on, d.learned_on)
      )
),
departures AS (
    SELECT
        *, lag(learned_on, 1, DATE '0001-01-01') OVER (PARTITION BY customer_id ORDER BY learned_on) AS previous_on
    FROM churn_event
    WHERE learned_on <= $complete_through::DATE
),
outcome AS (
    SELECT
        b.customer_id,
        b.t0,
        d.cause,
        d.learned_on - b.t0 AS days_to_event,
        b.t0 + b.gap_days + b.horizon_days <= $complete_through::DATE AS matured
    FROM population b
    LEFT JOIN departures d  -- the first one after t0
        ON d.customer_id = b.customer_id AND d.previous_on <= b.t0 AND d.learned_on > b.t0
),
contact_days AS (
    SELECT
        customer_id,
        CAST(occurred_at AT TIME ZONE 'UTC' AS DATE) AS day,
        CAST(available_at AT TIME ZONE 'UTC' AS DATE) AS held_on,
        count(*) AS n,
        count(*) FILTER (WHERE transferred) AS n_transferred,
        count(*) FILTER (WHERE abandoned) AS n_abandoned
    FROM contact
    WHERE customer_id IS NOT NULL
    GROUP BY ALL
),
contacts AS (
    SELECT
        e.customer_id,
        s.t0,
        sum(e.n) FILTER (WHERE e.day > s.t0 - 30) AS n_contacts_30d,
        sum(e.n) FILTER (WHERE e.day > s.t0 - 90) AS n_contacts_90d,
        sum(e.n) AS n_contacts_365d,
        sum(e.n_transferred) FILTER (WHERE e.day > s.t0 - 90) AS n_transfers_90d,
        sum(e.n_abandoned) FILTER (WHERE e.day > s.t0 - 90) AS n_abandoned_90d
    FROM contact_days e
    JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 365
    WHERE e.held_on IS NOT NULL
    GROUP BY ALL
),
complaint_days AS (
    SELECT
        customer_id,
        CAST(occurred_at AT TIME ZONE 'UTC' AS DATE) AS day,
        CAST(available_at AT TIME ZONE 'UTC' AS DATE) AS held_on,
        count(*) AS n
    FROM feedback
    WHERE kind = 'ticket' AND customer_id IS NOT NULL AND suspect_wave IS NULL
    GROUP BY ALL
),
complaints AS (
    SELECT e.customer_id, s.t0, sum(e.n) AS n_complaints_90d
    FROM complaint_days e
    JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 90
    WHERE e.held_on IS NOT NULL
    GROUP BY ALL
),
copied AS (  -- waves of copies are shown and counted nowhere
    SELECT feedback_id FROM feedback WHERE suspect_wave IS NOT NULL
),
placed_answers AS (
    SELECT
        customer_id,
        metric,
        value,
        scale,
        (occurred_at, feedback_id, question_id) AS place_in_time,
        CAST(occurred_at AT TIME ZONE 'UTC' AS DATE) AS day,
        CAST(available_at AT TIME ZONE 'UTC' AS DATE) AS held_on,
        TRY_CAST(regexp_extract(scale, '^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)', 1) AS DOUBLE) AS lowest,
        TRY_CAST(regexp_extract(scale, '^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)', 2) AS DOUBLE) AS highest
    FROM answer a
    WHERE customer_id IS NOT NULL AND metric IN ('nps', 'csat', 'ces')
      AND NOT EXISTS (SELECT 1 FROM copied c WHERE c.feedback_id = a.feedback_id)
),
answers AS (
    SELECT
        *,
        CASE
            WHEN contains(lower(scale), 'low is good') THEN (highest - value) / (highest - lowest)
            ELSE (value - lowest) / (highest - lowest)
        END AS share
    FROM placed_answers
    WHERE highest > lowest AND value BETWEEN lowest AND highest
),
scores AS (
    SELECT
        a.customer_id,
        s.t0,
        arg_max(a.value, a.place_in_time) FILTER (WHERE a.metric = 'nps' AND a.lowest = 0 AND a.highest = 10)
            AS nps_last,
        arg_max(a.share, a.place_in_time) FILTER (WHERE a.metric = 'csat' AND a.day > s.t0 - 90) AS csat_last_share,
        arg_max(a.share, a.place_in_time) FILTER (WHERE a.metric = 'ces' AND a.day > s.t0 - 90) AS ces_last_share
    FROM answers a
    JOIN slices s ON greatest(a.day, a.held_on) <= s.t0 AND a.day > s.t0 - 365
    WHERE a.held_on IS NOT NULL
    GROUP BY ALL
),
asked AS (
    SELECT
        i.customer_id,
        CAST(i.sent_at AT TIME ZONE 'UTC' AS DATE) AS day,
        CAST(i.available_at AT TIME ZONE 'UTC' AS DATE) AS held_on,
        greatest(
            CAST(f.occurred_at AT TIME ZONE 'UTC' AS DATE), CAST(f.available_at AT TIME ZONE 'UTC' AS DATE)
        ) AS answered_on
    FROM invitation i
    LEFT JOIN feedback f USING (feedback_id)
    WHERE i.customer_id IS NOT NULL AND i.sent_at IS NOT NULL AND i.suppressed_reason IS NULL
),
silence AS (
    SELECT
        e.customer_id,
        s.t0,
        count(*) AS n_asked_365d,
        count(*) FILTER (WHERE e.day <= s.t0 - 7 AND coalesce(e.answered_on > s.t0, true)) AS n_silent_365d
    FROM asked e
    JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 365
    WHERE e.held_on IS NOT NULL
    GROUP BY ALL
),
said AS (
    SELECT
        mention_id,
        customer_id,
        CAST(occurred_at AT TIME ZONE 'UTC' AS DATE) AS day,
        CAST(available_at AT TIME ZONE 'UTC' AS DATE) AS held_on,
        polarity < -0.15 AS negative,
        leave_intent,
        effort,
        len($competitors) > 0 AND regexp_matches(
            strip_accents(lower(text)),
            '\b(' || array_to_string(
                list_transform($competitors, name -> regexp_escape(strip_accents(lower(name)))), '|') || ')\b'
        ) AS competitor
    FROM mention m
    WHERE voice = 'customer' AND customer_id IS NOT NULL AND available_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM copied c WHERE c.feedback_id = m.feedback_id)
),
said_days AS (
    SELECT
        customer_id, day, held_on,
        count(*) FILTER (WHERE negative) AS n_negative,
        count(*) FILTER (WHERE leave_intent) AS n_leave_intent,
        count(*) FILTER (WHERE effort) AS n_effort,
        bool_or(competitor) AS competitor
    FROM said
    GROUP BY ALL
),
texts AS (
    SELECT
        e.customer_id,
        s.t0,
        sum(e.n_negative) FILTER (WHERE e.day > s.t0 - 30) AS n_negative_30d,
        sum(e.n_negative) FILTER (WHERE e.day > s.t0 - 90) AS n_negative_90d,
        sum(e.n_negative) AS n_negative_365d,
        sum(e.n_leave_intent) FILTER (WHERE e.day > s.t0 - 30) AS n_leave_intent_30d,
        sum(e.n_leave_intent) FILTER (WHERE e.day > s.t0 - 90) AS n_leave_intent_90d,
        sum(e.n_effort) FILTER (WHERE e.day > s.t0 - 90) AS n_effort_90d,
        bool_or(e.competitor) FILTER (WHERE e.day > s.t0 - 90) AS competitor_90d
    FROM said_days e
    JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 365
    GROUP BY ALL
),
-- Two days, not two texts: a call and the survey about it are one contact.
named AS (
    SELECT
        e.customer_id,
        s.t0,
        i.irritant_id,
        count(DISTINCT e.day) FILTER (WHERE e.day > s.t0 - 30) >= 2 AS repeated_30d
    FROM said e
    JOIN irritant_now i USING (mention_id)
    JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 90
    WHERE e.negative AND i.irritant_id <> 'unclassified'
    GROUP BY ALL
),
irritants AS (
    SELECT
        customer_id,
        t0,
        list(irritant_id ORDER BY irritant_id) AS irritants_90d,
        bool_or(repeated_30d) AS same_irritant_30d
    FROM named
    GROUP BY ALL
)
SELECT
    b.customer_id,
    b.t0,
    b.segment,
    b.margin_eur_year * b.horizon_days / 365.0 AS value_eur,
    b.gap_days,
    b.horizon_days,
    (b.t0 - b.contract_start_on) / 30.4375 AS tenure_months,
    b.contract_start_on IS NOT NULL AND (b.t0 - b.contract_start_on) / 30.4375 < 12 AS first_year,
    coalesce(b.contract_end_on BETWEEN b.t0 AND b.t0 + 60, false) AS contract_end_60d,
    coalesce(b.price_change_on BETWEEN b.t0 AND b.t0 + 60, false) AS price_change_60d,
    CAST(coalesce(b.n_unpaid, 0) AS INTEGER) AS n_unpaid,
    CASE WHEN b.usage_30d_last_year > 0 THEN coalesce(b.usage_30d / b.usage_30d_last_year - 1, 0.0) ELSE 0.0 END
        AS usage_change_share,
    coalesce(b.usage_30d_last_year > 0 AND b.usage_30d IS NOT NULL, false) AS usage_known,
    CAST(coalesce(b.n_logins_30d, 0) AS INTEGER) AS n_logins_30d,
    CAST(coalesce(c.n_contacts_30d, 0) AS INTEGER) AS n_contacts_30d,
    CAST(coalesce(c.n_contacts_90d, 0) AS INTEGER) AS n_contacts_90d,
    CAST(coalesce(c.n_contacts_365d, 0) AS INTEGER) AS n_contacts_365d,
    CAST(coalesce(c.n_transfers_90d, 0) AS INTEGER) AS n_transfers_90d,
    CAST(coalesce(c.n_abandoned_90d, 0) AS INTEGER) AS n_abandoned_90d,
    CAST(coalesce(k.n_complaints_90d, 0) AS INTEGER) AS n_complaints_90d,
    a.nps_last,
    a.csat_last_share,
    a.ces_last_share,
    CAST(coalesce(q.n_asked_365d, 0) AS INTEGER) AS n_asked_365d,
    CAST(coalesce(q.n_silent_365d, 0) AS INTEGER) AS n_silent_365d,
    coalesce(q.n_asked_365d, 0) = 0 AS never_asked,
    CAST(coalesce(t.n_negative_30d, 0) AS INTEGER) AS n_negative_30d,
    CAST(coalesce(t.n_negative_90d, 0) AS INTEGER) AS n_negative_90d,
    CAST(coalesce(t.n_negative_365d, 0) AS INTEGER) AS n_negative_365d,
    CAST(coalesce(t.n_leave_intent_30d, 0) AS INTEGER) AS n_leave_intent_30d,
    CAST(coalesce(t.n_leave_intent_90d, 0) AS INTEGER) AS n_leave_intent_90d,
    CAST(coalesce(t.n_effort_90d, 0) AS INTEGER) AS n_effort_90d,
    coalesce(r.same_irritant_30d, false) AS same_irritant_30d,
    coalesce(t.competitor_90d, false) AS competitor_90d,
    coalesce(r.irritants_90d, []::VARCHAR[]) AS irritants_90d,
    CASE
        WHEN NOT o.matured THEN NULL
        WHEN o.days_to_event IS NULL OR o.days_to_event > b.gap_days + b.horizon_days THEN false
        WHEN o.cause = 'chosen' AND o.days_to_event > b.gap_days THEN true
        -- learned within the gap (too late to act on), or lost for another reason (censored): out of training
    END AS label,
    CASE
        WHEN o.days_to_event <= b.gap_days + b.horizon_days THEN o.cause
        WHEN o.matured THEN 'none'
    END AS event
FROM population b
JOIN outcome o ON o.customer_id = b.customer_id AND o.t0 = b.t0
LEFT JOIN contacts c ON c.customer_id = b.customer_id AND c.t0 = b.t0
LEFT JOIN complaints k ON k.customer_id = b.customer_id AND k.t0 = b.t0
LEFT JOIN scores a ON a.customer_id = b.customer_id AND a.t0 = b.t0
LEFT JOIN silence q ON q.customer_id = b.customer_id AND q.t0 = b.t0
LEFT JOIN texts t ON t.customer_id = b.customer_id AND t.t0 = b.t0
LEFT JOIN irritants r ON r.customer_id = b.customer_id AND r.t0 = b.t0
ORDER BY b.t0, b.customer_id
