-- grain: one customer and month end (and $last_t0 itself, the scoring day); features from rows held by the end of t0 only
-- key: customer_id, t0
-- reads: answer, churn_event, contact, customer_snapshot, feedback, invitation, mention, irritant_now
-- params: first_t0, last_t0, complete_through, household_gap, household_horizon, business_gap, business_horizon,
--         competitors, callback_customers, callback_days, callback_reached (three lists of one length: the ledger's calls)
-- A row counts at t0 when both the day it happened and the day its source held it (UTC) are not after t0; a window of
-- n days is (t0 - n, t0]. Events are first counted by customer and day, so that the windows join few rows.
-- Negative: polarity under -0.15. A survey is silent when seven days have passed and no response is held.
-- A picture older than 100 days is no picture: the customer has gone from the CRM.
-- The UTC day of an instant: CAST(make_timestamp(epoch_us(x)) AS DATE), ten times faster than AT TIME ZONE 'UTC'.
-- A slice reads a year back and no other slice: any range of t0 gives the same rows, so a large base is built in parts.
WITH months AS (
    SELECT last_day(CAST(month AS DATE)) AS t0
    FROM generate_series(date_trunc('month', $first_t0::DATE), $last_t0::DATE, INTERVAL 1 MONTH) AS s(month)
    UNION
    SELECT $last_t0::DATE
),
slices AS (
    SELECT t0 FROM months WHERE t0 BETWEEN $first_t0::DATE AND $last_t0::DATE
),
pictures AS NOT MATERIALIZED (
    SELECT
        customer_id, as_of, segment, acquisition_channel, contract_start_on, contract_end_on, price_change_on, energy,
        payment_method, monthly_amount_eur, margin_eur_year, usage_30d, usage_30d_last_year, n_logins_30d, n_unpaid,
        leaving, objection,
        CAST(make_timestamp(epoch_us(available_at)) AS DATE) AS held_on,
        -- exact sums: the order of rows changes no byte
        CAST(usage_30d AS DECIMAL(18, 3)) AS usage,
        CAST(usage_30d_last_year AS DECIMAL(18, 3)) AS usage_last_year
    FROM customer_snapshot
    WHERE available_at IS NOT NULL AND as_of > $first_t0::DATE - 466 AND as_of <= $last_t0::DATE
),
-- The picture in force: the newest as_of among those held. A late picture older than one already held is passed over.
-- ASOF JOIN reads better and is slower (12,000 customers, 25 months, duckdb 1.5.5: 0.92 s; an interval join 0.75 s; this
-- 0.39 s): only the pictures of 100 days can be in force, a handful a customer.
in_force AS (
    SELECT s.t0, p.customer_id, max(p.as_of) AS as_of
    FROM slices s
    JOIN pictures p ON p.as_of <= s.t0 AND p.as_of >= s.t0 - 100 AND p.held_on <= s.t0
    GROUP BY ALL
),
base AS (
    SELECT
        i.t0,
        p.* EXCLUDE (held_on, usage, usage_last_year),
        CASE WHEN p.segment = 'small_business' THEN $business_gap ELSE $household_gap END::INTEGER AS gap_days,
        CASE WHEN p.segment = 'small_business' THEN $business_horizon ELSE $household_horizon END::INTEGER
            AS horizon_days
    FROM in_force i
    JOIN pictures p ON p.customer_id = i.customer_id AND p.as_of = i.as_of
),
-- known_on: the day from which the feed told us, often the day it was learned
departures AS (
    SELECT
        customer_id,
        learned_on,
        cause,
        greatest(learned_on, coalesce(CAST(make_timestamp(epoch_us(available_at)) AS DATE), learned_on)) AS known_on
    FROM churn_event
),
gone AS (  -- unless a new contract began after the departure
    SELECT DISTINCT b.customer_id, b.t0
    FROM base b
    JOIN departures d ON d.customer_id = b.customer_id
    WHERE d.known_on <= b.t0 AND d.learned_on >= coalesce(b.contract_start_on, d.learned_on)
),
population AS (
    SELECT b.* EXCLUDE (leaving, objection)
    FROM base b
    ANTI JOIN gone USING (customer_id, t0)
    WHERE NOT coalesce(b.leaving, false) AND NOT coalesce(b.objection, false)
),
-- The first departure after t0, or one already learned that the feed had not yet told (days_to_event under 1).
next_departure AS (
    SELECT b.customer_id, b.t0, arg_min_null(d.cause, d.learned_on) AS cause, min(d.learned_on - b.t0) AS days_to_event
    FROM population b
    JOIN departures d ON d.customer_id = b.customer_id
    WHERE d.learned_on <= $complete_through::DATE
      AND (d.learned_on > b.t0
           OR (d.known_on > b.t0 AND d.learned_on >= coalesce(b.contract_start_on, d.learned_on)))
    GROUP BY ALL
),
-- How often those who came by a channel left by choice in the year before t0, over the mean of all: each side with ten
-- departures of the mean added, so that a small channel stays near 1. Known at t0: departures and pictures held by then.
channel_departures AS (
    SELECT s.t0, d.customer_id, arg_max(p.acquisition_channel, p.as_of) AS acquisition_channel
    FROM slices s
    JOIN departures d ON d.known_on <= s.t0 AND d.learned_on > s.t0 - 365 AND d.cause = 'chosen'
    JOIN pictures p
        ON p.customer_id = d.customer_id
        AND p.as_of <= d.learned_on AND p.as_of > d.learned_on - 100 AND p.held_on <= s.t0
    GROUP BY ALL
),
channel_sizes AS (
    SELECT t0, acquisition_channel, count(*) AS n_here, 0 AS n_left
    FROM population
    WHERE acquisition_channel IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT t0, acquisition_channel, 0, count(*)
    FROM channel_departures
    WHERE acquisition_channel IS NOT NULL
    GROUP BY ALL
),
channel_counts AS (
    SELECT
        t0,
        acquisition_channel,
        sum(n_here) AS n_here,
        sum(n_left) AS n_left,
        sum(sum(n_here)) OVER (PARTITION BY t0) AS n_here_all,
        sum(sum(n_left)) OVER (PARTITION BY t0) AS n_left_all
    FROM channel_sizes
    GROUP BY t0, acquisition_channel
),
channels AS (
    SELECT
        t0,
        acquisition_channel,
        (n_left + 10) / (n_here * n_left_all / nullif(n_here_all, 0) + 10) AS departure_ratio
    FROM channel_counts
),
-- Means of pictures, as a CRM takes them by the day, week or month. The same weeks a year ago: the CRM's own column,
-- else the pictures of that time.
habits_90d AS (
    SELECT
        s.t0,
        p.customer_id,
        avg(p.n_logins_30d) AS logins_month,
        avg(p.usage) AS usage,
        avg(CASE WHEN p.usage_last_year > 0 THEN p.usage END) AS usage_then_known,
        avg(CASE WHEN p.usage_last_year > 0 AND p.usage IS NOT NULL THEN p.usage_last_year END) AS usage_last_year
    FROM slices s
    JOIN pictures p ON p.as_of <= s.t0 AND p.as_of > s.t0 - 90 AND p.held_on <= s.t0
    GROUP BY ALL
),
habits_365d AS (
    SELECT s.t0, p.customer_id, avg(p.n_logins_30d) AS logins_month
    FROM slices s
    JOIN pictures p ON p.as_of <= s.t0 AND p.as_of > s.t0 - 365 AND p.held_on <= s.t0
    GROUP BY ALL
),
year_ago AS (  -- the picture nearest to that day, 20 days off at most; the older one of two that are as near
    SELECT
        s.t0,
        p.customer_id,
        avg(CASE WHEN p.as_of <= s.t0 - 365 THEN p.usage END) AS usage_90d,
        arg_min(p.usage_30d, 2 * abs(s.t0 - 365 - p.as_of) + CAST(p.as_of > s.t0 - 365 AS INTEGER))
            FILTER (WHERE abs(s.t0 - 365 - p.as_of) <= 20) AS usage,
        arg_min(p.monthly_amount_eur, 2 * abs(s.t0 - 365 - p.as_of) + CAST(p.as_of > s.t0 - 365 AS INTEGER))
            FILTER (WHERE abs(s.t0 - 365 - p.as_of) <= 20) AS amount_eur
    FROM slices s
    JOIN pictures p ON p.as_of <= s.t0 - 345 AND p.as_of > s.t0 - 455 AND p.held_on <= s.t0
    GROUP BY ALL
),
contact_days AS (
    SELECT
        customer_id,
        CAST(make_timestamp(epoch_us(occurred_at)) AS DATE) AS day,
        CAST(make_timestamp(epoch_us(available_at)) AS DATE) AS held_on,
        count(*) AS n,
        count(*) FILTER (WHERE transferred) AS n_transferred,
        count(*) FILTER (WHERE abandoned) AS n_abandoned
    FROM contact
    WHERE customer_id IS NOT NULL AND available_at IS NOT NULL
      AND occurred_at >= ($first_t0::DATE - 365)::TIMESTAMPTZ AND occurred_at < ($last_t0::DATE + 1)::TIMESTAMPTZ
    GROUP BY ALL
),
contacts AS (
    SELECT
        e.customer_id,
        s.t0,
        sum(e.n) FILTER (WHERE e.day > s.t0 - 7) AS n_contacts_7d,
        sum(e.n) FILTER (WHERE e.day > s.t0 - 30) AS n_contacts_30d,
        sum(e.n) FILTER (WHERE e.day > s.t0 - 90) AS n_contacts_90d,
        sum(e.n) AS n_contacts_365d,
        sum(e.n_transferred) FILTER (WHERE e.day > s.t0 - 90) AS n_transfers_90d,
        sum(e.n_abandoned) FILTER (WHERE e.day > s.t0 - 90) AS n_abandoned_90d,
        min(s.t0 - e.day) AS days_since_contact
    FROM contact_days e
    JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 365
    GROUP BY ALL
),
complaint_days AS (
    SELECT
        customer_id,
        CAST(make_timestamp(epoch_us(occurred_at)) AS DATE) AS day,
        CAST(make_timestamp(epoch_us(available_at)) AS DATE) AS held_on,
        count(*) AS n
    FROM feedback
    WHERE kind = 'ticket' AND customer_id IS NOT NULL AND suspect_wave IS NULL AND available_at IS NOT NULL
      AND occurred_at >= ($first_t0::DATE - 365)::TIMESTAMPTZ AND occurred_at < ($last_t0::DATE + 1)::TIMESTAMPTZ
    GROUP BY ALL
),
complaints AS (
    SELECT
        e.customer_id,
        s.t0,
        sum(e.n) FILTER (WHERE e.day > s.t0 - 90) AS n_complaints_90d,
        sum(e.n) AS n_complaints_365d
    FROM complaint_days e
    JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 365
    GROUP BY ALL
),
-- Calls made to the customer on a case: what the ledger held, in business time.
callback_days AS (
    SELECT customer_id, day, count(*) FILTER (WHERE reached) AS n_reached, count(*) FILTER (WHERE NOT reached) AS n_missed
    FROM (
        SELECT
            unnest($callback_customers::VARCHAR[]) AS customer_id,
            unnest($callback_days::DATE[]) AS day,
            unnest($callback_reached::BOOLEAN[]) AS reached
    )
    GROUP BY ALL
),
callbacks AS (
    SELECT
        e.customer_id,
        s.t0,
        sum(e.n_reached) FILTER (WHERE e.day > s.t0 - 90) AS n_callbacks_90d,
        sum(e.n_reached) AS n_callbacks_365d,
        sum(e.n_missed) FILTER (WHERE e.day > s.t0 - 90) AS n_callbacks_missed_90d
    FROM callback_days e
    JOIN slices s ON e.day <= s.t0 AND e.day > s.t0 - 365
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
        CAST(make_timestamp(epoch_us(occurred_at)) AS DATE) AS day,
        CAST(make_timestamp(epoch_us(available_at)) AS DATE) AS held_on,
        TRY_CAST(regexp_extract(scale, '^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)', 1) AS DOUBLE) AS lowest,
        TRY_CAST(regexp_extract(scale, '^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)', 2) AS DOUBLE) AS highest
    FROM answer a
    WHERE customer_id IS NOT NULL AND metric IN ('nps', 'csat', 'ces') AND available_at IS NOT NULL
      AND occurred_at >= ($first_t0::DATE - 365)::TIMESTAMPTZ AND occurred_at < ($last_t0::DATE + 1)::TIMESTAMPTZ
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
    GROUP BY ALL
),
asked AS (
    SELECT
        i.customer_id,
        CAST(make_timestamp(epoch_us(i.sent_at)) AS DATE) AS day,
        CAST(make_timestamp(epoch_us(i.available_at)) AS DATE) AS held_on,
        greatest(
            CAST(make_timestamp(epoch_us(f.occurred_at)) AS DATE), CAST(make_timestamp(epoch_us(f.available_at)) AS DATE)
        ) AS answered_on
    FROM invitation i
    LEFT JOIN feedback f USING (feedback_id)
    WHERE i.customer_id IS NOT NULL AND i.suppressed_reason IS NULL AND i.available_at IS NOT NULL
      AND i.sent_at >= ($first_t0::DATE - 365)::TIMESTAMPTZ AND i.sent_at < ($last_t0::DATE + 1)::TIMESTAMPTZ
),
silence AS (
    SELECT
        e.customer_id,
        s.t0,
        count(*) AS n_asked_365d,
        count(*) FILTER (WHERE e.answered_on <= s.t0) AS n_answered_365d,
        count(*) FILTER (WHERE e.day <= s.t0 - 7 AND coalesce(e.answered_on > s.t0, true)) AS n_silent_365d
    FROM asked e
    JOIN slices s ON greatest(e.day, e.held_on) <= s.t0 AND e.day > s.t0 - 365
    GROUP BY ALL
),
-- A competitor as read with the clause; the names of the settings too, for clauses read before there was such a column.
said AS (
    SELECT
        mention_id,
        customer_id,
        CAST(make_timestamp(epoch_us(occurred_at)) AS DATE) AS day,
        CAST(make_timestamp(epoch_us(available_at)) AS DATE) AS held_on,
        polarity,
        polarity < -0.15 AS negative,
        leave_intent,
        effort,
        competitor IS NOT NULL OR (len($competitors) > 0 AND regexp_matches(
            strip_accents(lower(text)),
            '\b(' || array_to_string(
                list_transform($competitors, name -> regexp_escape(strip_accents(lower(name)))), '|') || ')\b'
        )) AS competitor
    FROM mention m
    WHERE voice = 'customer' AND customer_id IS NOT NULL AND available_at IS NOT NULL
      AND occurred_at >= ($first_t0::DATE - 365)::TIMESTAMPTZ AND occurred_at < ($last_t0::DATE + 1)::TIMESTAMPTZ
      AND NOT EXISTS (SELECT 1 FROM copied c WHERE c.feedback_id = m.feedback_id)
),
said_days AS (
    SELECT
        customer_id, day, held_on,
        count(*) FILTER (WHERE negative) AS n_negative,
        min(polarity) FILTER (WHERE negative) AS worst_polarity,
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
        min(s.t0 - e.day) FILTER (WHERE e.n_negative > 0) AS days_since_negative,
        min(e.worst_polarity) FILTER (WHERE e.day > s.t0 - 90) AS worst_polarity_90d,
        sum(e.n_leave_intent) FILTER (WHERE e.day > s.t0 - 7) AS n_leave_intent_7d,
        sum(e.n_leave_intent) FILTER (WHERE e.day > s.t0 - 30) AS n_leave_intent_30d,
        sum(e.n_leave_intent) FILTER (WHERE e.day > s.t0 - 90) AS n_leave_intent_90d,
        sum(e.n_leave_intent) AS n_leave_intent_365d,
        min(s.t0 - e.day) FILTER (WHERE e.n_leave_intent > 0) AS days_since_leave_intent,
        sum(e.n_effort) FILTER (WHERE e.day > s.t0 - 90) AS n_effort_90d,
        bool_or(e.competitor) FILTER (WHERE e.day > s.t0 - 90) AS competitor_90d,
        bool_or(e.competitor) AS competitor_365d
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
        count(DISTINCT e.day) FILTER (WHERE e.day > s.t0 - 30) >= 2 AS repeated_30d,
        count(DISTINCT e.day) >= 2 AS repeated_90d
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
        bool_or(repeated_30d) AS same_irritant_30d,
        bool_or(repeated_90d) AS same_irritant_90d
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
    coalesce(b.contract_end_on > b.t0, false) AS fixed_term,
    coalesce(b.contract_end_on BETWEEN b.t0 AND b.t0 + 60, false) AS contract_end_60d,
    coalesce(b.price_change_on BETWEEN b.t0 AND b.t0 + 60, false) AS price_change_60d,
    CASE WHEN g.amount_eur > 0 THEN coalesce(b.monthly_amount_eur / g.amount_eur - 1, 0.0) ELSE 0.0 END
        AS amount_change_share,
    coalesce(b.payment_method = 'direct_debit', false) AS direct_debit,
    coalesce(b.energy = 'dual', false) AS dual_energy,
    coalesce(w.departure_ratio, 1.0) AS channel_departure_ratio,
    CAST(coalesce(b.n_unpaid, 0) AS INTEGER) AS n_unpaid,
    CASE
        WHEN b.usage_30d_last_year > 0 THEN coalesce(b.usage_30d / b.usage_30d_last_year - 1, 0.0)
        WHEN g.usage > 0 THEN coalesce(b.usage_30d / g.usage - 1, 0.0)
        ELSE 0.0
    END AS usage_change_share,
    CASE
        WHEN h.usage_last_year > 0 THEN coalesce(h.usage_then_known / h.usage_last_year - 1, 0.0)
        WHEN g.usage_90d > 0 THEN coalesce(h.usage / g.usage_90d - 1, 0.0)
        ELSE 0.0
    END AS usage_change_90d_share,
    coalesce((b.usage_30d_last_year > 0 OR g.usage > 0) AND b.usage_30d IS NOT NULL, false) AS usage_known,
    CAST(coalesce(b.n_logins_30d, 0) AS INTEGER) AS n_logins_30d,
    coalesce(h.logins_month, 0.0) AS logins_month_90d,
    coalesce(y.logins_month, 0.0) AS logins_month_365d,
    CASE WHEN y.logins_month > 0 THEN coalesce(h.logins_month / y.logins_month - 1, 0.0) ELSE 0.0 END
        AS logins_change_share,
    CAST(coalesce(c.n_contacts_7d, 0) AS INTEGER) AS n_contacts_7d,
    CAST(coalesce(c.n_contacts_30d, 0) AS INTEGER) AS n_contacts_30d,
    CAST(coalesce(c.n_contacts_90d, 0) AS INTEGER) AS n_contacts_90d,
    CAST(coalesce(c.n_contacts_365d, 0) AS INTEGER) AS n_contacts_365d,
    CAST(c.days_since_contact AS INTEGER) AS days_since_contact,
    CAST(coalesce(c.n_transfers_90d, 0) AS INTEGER) AS n_transfers_90d,
    CAST(coalesce(c.n_abandoned_90d, 0) AS INTEGER) AS n_abandoned_90d,
    CAST(coalesce(k.n_complaints_90d, 0) AS INTEGER) AS n_complaints_90d,
    CAST(coalesce(k.n_complaints_365d, 0) AS INTEGER) AS n_complaints_365d,
    CAST(coalesce(v.n_callbacks_90d, 0) AS INTEGER) AS n_callbacks_90d,
    CAST(coalesce(v.n_callbacks_365d, 0) AS INTEGER) AS n_callbacks_365d,
    CAST(coalesce(v.n_callbacks_missed_90d, 0) AS INTEGER) AS n_callbacks_missed_90d,
    a.nps_last,
    a.csat_last_share,
    a.ces_last_share,
    CAST(coalesce(q.n_asked_365d, 0) AS INTEGER) AS n_asked_365d,
    CAST(coalesce(q.n_answered_365d, 0) AS INTEGER) AS n_answered_365d,
    CAST(coalesce(q.n_silent_365d, 0) AS INTEGER) AS n_silent_365d,
    coalesce(q.n_asked_365d, 0) = 0 AS never_asked,
    CASE
        WHEN q.n_answered_365d > 0 THEN 'answered'
        WHEN q.n_silent_365d > 0 THEN 'silent'
        WHEN q.n_asked_365d > 0 THEN 'waiting'
        ELSE 'never_asked'
    END AS asked_state,
    CAST(coalesce(t.n_negative_30d, 0) AS INTEGER) AS n_negative_30d,
    CAST(coalesce(t.n_negative_90d, 0) AS INTEGER) AS n_negative_90d,
    CAST(coalesce(t.n_negative_365d, 0) AS INTEGER) AS n_negative_365d,
    CAST(t.days_since_negative AS INTEGER) AS days_since_negative,
    t.worst_polarity_90d,
    CAST(coalesce(t.n_leave_intent_7d, 0) AS INTEGER) AS n_leave_intent_7d,
    CAST(coalesce(t.n_leave_intent_30d, 0) AS INTEGER) AS n_leave_intent_30d,
    CAST(coalesce(t.n_leave_intent_90d, 0) AS INTEGER) AS n_leave_intent_90d,
    CAST(coalesce(t.n_leave_intent_365d, 0) AS INTEGER) AS n_leave_intent_365d,
    CAST(t.days_since_leave_intent AS INTEGER) AS days_since_leave_intent,
    CAST(coalesce(t.n_effort_90d, 0) AS INTEGER) AS n_effort_90d,
    coalesce(r.same_irritant_30d, false) AS same_irritant_30d,
    coalesce(r.same_irritant_90d, false) AS same_irritant_90d,
    coalesce(t.competitor_90d, false) AS competitor_90d,
    coalesce(t.competitor_365d, false) AS competitor_365d,
    coalesce(r.irritants_90d, []::VARCHAR[]) AS irritants_90d,
    CASE
        WHEN NOT coalesce(b.t0 + b.gap_days + b.horizon_days <= $complete_through::DATE, false) THEN NULL
        WHEN o.days_to_event IS NULL OR o.days_to_event > b.gap_days + b.horizon_days THEN false
        WHEN o.cause = 'chosen' AND o.days_to_event > b.gap_days THEN true
        -- learned within the gap (too late to act on), or lost for another reason (censored): out of training
    END AS label,
    CASE
        WHEN o.days_to_event <= b.gap_days + b.horizon_days THEN o.cause
        WHEN b.t0 + b.gap_days + b.horizon_days <= $complete_through::DATE THEN 'none'
    END AS event
FROM population b
LEFT JOIN next_departure o ON o.customer_id = b.customer_id AND o.t0 = b.t0
LEFT JOIN habits_90d h ON h.customer_id = b.customer_id AND h.t0 = b.t0
LEFT JOIN habits_365d y ON y.customer_id = b.customer_id AND y.t0 = b.t0
LEFT JOIN year_ago g ON g.customer_id = b.customer_id AND g.t0 = b.t0
LEFT JOIN channels w ON w.acquisition_channel = b.acquisition_channel AND w.t0 = b.t0
LEFT JOIN contacts c ON c.customer_id = b.customer_id AND c.t0 = b.t0
LEFT JOIN complaints k ON k.customer_id = b.customer_id AND k.t0 = b.t0
LEFT JOIN callbacks v ON v.customer_id = b.customer_id AND v.t0 = b.t0
LEFT JOIN scores a ON a.customer_id = b.customer_id AND a.t0 = b.t0
LEFT JOIN silence q ON q.customer_id = b.customer_id AND q.t0 = b.t0
LEFT JOIN texts t ON t.customer_id = b.customer_id AND t.t0 = b.t0
LEFT JOIN irritants r ON r.customer_id = b.customer_id AND r.t0 = b.t0
ORDER BY b.t0, b.customer_id
