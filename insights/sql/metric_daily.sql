-- grain: one day, metric and combination of dimension values; components only, the rate is taken last
-- key: day, metric, survey, segment, channel, touchpoint, journey_stage, product, brand, region, agent_team
-- reads: answer, feedback
-- Surveys only. The stars of a review count as csat under survey = 'review', so that they never mix with a sample.
-- Posts, waves of copies, employee voice, answers outside their scale and NPS on another scale than 0-10 are left out.
WITH scored AS (
    SELECT
        CAST(f.occurred_at AT TIME ZONE 'Europe/Paris' AS DATE) AS day,
        a.metric,
        a.value,
        a.scale,
        CASE f.kind WHEN 'review' THEN 'review' ELSE coalesce(f.survey, '(none)') END AS survey,
        coalesce(f.segment, '(none)') AS segment,
        coalesce(f.channel, '(none)') AS channel,
        coalesce(a.touchpoint, f.touchpoint, '(none)') AS touchpoint,
        coalesce(f.journey_stage, '(none)') AS journey_stage,
        coalesce(f.product, '(none)') AS product,
        coalesce(f.brand, '(none)') AS brand,
        coalesce(f.region, '(none)') AS region,
        coalesce(f.agent_team, '(none)') AS agent_team,
        regexp_extract(a.scale, '^\s*(-?[0-9.]+)\s*-\s*(-?[0-9.]+)', ['low', 'high']) AS ends
    FROM answer a
    JOIN feedback f USING (feedback_id)
    WHERE a.value IS NOT NULL AND f.suspect_wave IS NULL
      AND (f.kind = 'survey' AND a.metric IN ('nps', 'csat', 'ces') OR f.kind = 'review' AND a.metric = 'csat')
),
placed AS (
    SELECT
        * EXCLUDE (ends),
        TRY_CAST(ends.low AS DOUBLE) AS lowest,
        TRY_CAST(ends.high AS DOUBLE) AS highest,
        -- place on the scale, 0 bad to 1 good; a scale that says 'low is good' is turned round
        CASE
            WHEN contains(lower(scale), 'low is good') THEN (highest - value) / (highest - lowest)
            ELSE (value - lowest) / (highest - lowest)
        END AS place
    FROM scored
),
judged AS (
    SELECT
        *,
        CASE metric
            WHEN 'nps' THEN value >= 9
            WHEN 'csat' THEN place >= 0.75 - 1e-9     -- 4 and 5 of 1-5; top quarter of the range elsewhere
            WHEN 'ces' THEN place >= 2.0 / 3 - 1e-9   -- 5, 6 and 7 of 1-7; top third of the range elsewhere
        END AS positive,
        metric = 'nps' AND value <= 6 AS negative
    FROM placed
    WHERE highest > lowest
      AND value BETWEEN lowest AND highest
      AND (metric <> 'nps' OR (lowest = 0 AND highest = 10))
)
SELECT
    day, metric, survey, segment, channel, touchpoint, journey_stage, product, brand, region, agent_team,
    CAST(count(*) FILTER (WHERE positive) - count(*) FILTER (WHERE negative) AS DOUBLE) AS numerator,
    CAST(count(*) AS DOUBLE) AS denominator,
    CAST(count(*) FILTER (WHERE positive) AS INTEGER) AS n_positive,
    CAST(count(*) FILTER (WHERE negative) AS INTEGER) AS n_negative
FROM judged
GROUP BY ALL
ORDER BY ALL
