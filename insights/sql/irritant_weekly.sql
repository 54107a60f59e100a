-- grain: one week, irritant, segment and brand
-- key: week, irritant_id, segment, brand
-- reads: feedback, mention, irritant_now
-- Customer voice and negative mentions only (polarity under -0.15); waves of copies are left out. Exposure is all customer feedback of the cell, with
-- or without words. Every cell with feedback has an `unclassified` row, at 0 if need be, so that exposure never goes
-- missing from a trend.
WITH placed AS (
    SELECT
        feedback_id,
        CAST(date_trunc('week', occurred_at AT TIME ZONE 'Europe/Paris') AS DATE) AS week,
        coalesce(segment, '(none)') AS segment,
        coalesce(brand, '(none)') AS brand,
        coalesce(customer_id, author_key, feedback_id) AS author
    FROM feedback
    WHERE kind <> 'employee' AND suspect_wave IS NULL
),
exposure AS (
    SELECT week, segment, brand, count(*) AS n_exposed
    FROM placed
    GROUP BY ALL
),
named AS (
    SELECT p.week, p.segment, p.brand, p.author, p.feedback_id, i.irritant_id, m.mention_id, m.polarity
    FROM mention m
    JOIN irritant_now i USING (mention_id)
    JOIN placed p USING (feedback_id)
    WHERE m.voice = 'customer' AND m.polarity < -0.15
),
counted AS (
    SELECT
        week, irritant_id, segment, brand,
        count(*) AS n_mentions,
        count(DISTINCT author) AS n_customers,
        count(DISTINCT feedback_id) AS n_feedback,
        sum(polarity) AS polarity_sum
    FROM named
    GROUP BY ALL
),
cells AS (
    SELECT week, irritant_id, segment, brand FROM counted
    UNION
    SELECT week, 'unclassified', segment, brand FROM exposure
)
SELECT
    week, irritant_id, segment, brand,
    CAST(coalesce(n_mentions, 0) AS INTEGER) AS n_mentions,
    CAST(coalesce(n_customers, 0) AS INTEGER) AS n_customers,
    CAST(coalesce(n_feedback, 0) AS INTEGER) AS n_feedback,
    coalesce(polarity_sum, 0.0) AS polarity_sum,
    CAST(n_exposed AS INTEGER) AS n_exposed
FROM cells
JOIN exposure USING (week, segment, brand)
LEFT JOIN counted USING (week, irritant_id, segment, brand)
ORDER BY ALL
