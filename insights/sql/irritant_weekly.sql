-- grain: one week, irritant, segment, brand and channel group
-- key: week, irritant_id, segment, brand, channel_group
-- reads: contact, customer_snapshot, feedback, mention, irritant_now
-- Customer voice and negative mentions only (polarity under -0.15); waves of copies are left out. Every cell with
-- feedback has an `unclassified` row, at 0 if need be, so that exposure never goes missing from a trend.
-- Only feedback with words is heard (a verbatim, or a mention made of one since removed): scores alone name nothing.
-- Exposure comes in three parts, components only: feedback heard in the cell, contacts of the channel group in that week
-- (recorded or not) and customers of the week (the CRM pictures of the newest month that had one by its end).
WITH placed AS (
    SELECT
        feedback_id,
        CAST(date_trunc('week', occurred_at AT TIME ZONE 'Europe/Paris') AS DATE) AS week,
        coalesce(segment, '(none)') AS segment,
        coalesce(brand, '(none)') AS brand,
        CASE
            WHEN kind = 'survey' THEN 'survey'
            WHEN kind IN ('post', 'review') THEN 'public'
            WHEN kind = 'call' THEN 'phone'
            WHEN kind = 'chat' THEN 'chat'
            ELSE 'written'
        END AS channel_group,
        coalesce(customer_id, author_key, feedback_id) AS author
    FROM feedback
    WHERE kind <> 'employee' AND suspect_wave IS NULL
        AND (verbatim IS NOT NULL OR feedback_id IN (SELECT feedback_id FROM mention))
),
heard AS (
    SELECT week, segment, brand, channel_group, count(*) AS n_heard
    FROM placed
    GROUP BY ALL
),
contacts AS (
    SELECT
        CAST(date_trunc('week', occurred_at AT TIME ZONE 'Europe/Paris') AS DATE) AS week,
        CASE channel WHEN 'phone' THEN 'phone' WHEN 'chat' THEN 'chat' ELSE 'written' END AS channel_group,
        count(*) AS n_contacts
    FROM contact
    GROUP BY ALL
),
pictures AS (
    SELECT min(as_of) AS first_on, count(DISTINCT customer_id) AS n_active
    FROM customer_snapshot
    GROUP BY date_trunc('month', as_of)
),
-- the first picture also stands for the weeks before it
customers AS (
    SELECT
        n_active,
        CASE WHEN lag(first_on) OVER (ORDER BY first_on) IS NULL THEN DATE '0001-01-01' ELSE first_on END AS since,
        lead(first_on, 1, DATE '9999-12-31') OVER (ORDER BY first_on) AS until
    FROM pictures
),
exposure AS (
    SELECT h.*, coalesce(c.n_contacts, 0) AS n_contacts, coalesce(p.n_active, 0) AS n_active
    FROM heard h
    LEFT JOIN contacts c USING (week, channel_group)
    LEFT JOIN customers p ON h.week + 6 >= p.since AND h.week + 6 < p.until
),
named AS (
    SELECT p.*, i.irritant_id, m.polarity
    FROM mention m
    JOIN irritant_now i USING (mention_id)
    JOIN placed p USING (feedback_id)
    WHERE m.voice = 'customer' AND m.polarity < -0.15
),
counted AS (
    SELECT
        week, irritant_id, segment, brand, channel_group,
        count(*) AS n_mentions,
        count(DISTINCT author) AS n_customers,
        count(DISTINCT feedback_id) AS n_feedback,
        sum(polarity) AS polarity_sum
    FROM named
    GROUP BY ALL
),
cells AS (
    SELECT week, irritant_id, segment, brand, channel_group FROM counted
    UNION
    SELECT week, 'unclassified', segment, brand, channel_group FROM exposure
)
SELECT
    week, irritant_id, segment, brand, channel_group,
    CAST(coalesce(n_mentions, 0) AS INTEGER) AS n_mentions,
    CAST(coalesce(n_customers, 0) AS INTEGER) AS n_customers,
    CAST(coalesce(n_feedback, 0) AS INTEGER) AS n_feedback,
    coalesce(polarity_sum, 0.0) AS polarity_sum,
    CAST(n_heard AS INTEGER) AS n_heard,
    CAST(n_contacts AS INTEGER) AS n_contacts,
    CAST(n_active AS INTEGER) AS n_active
FROM cells
JOIN exposure USING (week, segment, brand, channel_group)
LEFT JOIN counted USING (week, irritant_id, segment, brand, channel_group)
ORDER BY ALL
