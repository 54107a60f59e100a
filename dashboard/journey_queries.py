"""Every SELECT of the page Journey, under the rules of `dashboard/queries.py`.

`$said` and `$codes` (of equal length): every name of a stage and its code (data/reference/journey.yaml).
"""

from dashboard.queries import AGAINST, HEARD, KEPT
from insights.steps.segments import ARRIVED, HAPPENED

STAGE = "coalesce(list_extract($codes::VARCHAR[], list_position($said::VARCHAR[], f.journey_stage)), f.journey_stage)"

# grain: feedback under the filters, at its stage; then its negative mentions with their irritants. unasked: not an answer
# to the survey of everybody, whose waves make a volume jump
_PLACE = f"""{STAGE} AS stage, f.survey IS DISTINCT FROM 'relational' AS unasked, f.occurred_at >= $middle AS recent"""
PLACED = f"""
{HEARD}, {AGAINST},
placed AS (SELECT f.*, {_PLACE} FROM heard f),
hurting AS (SELECT f.*, {_PLACE}, f.polarity <= $harsh OR f.leave_intent AS angry FROM against f)
"""

# grain: stage; inside one stage ($stage), point of contact
_NAME = "CASE WHEN $stage::VARCHAR IS NULL THEN stage ELSE touchpoint END AS name"
SPOTS = f"""
WITH {PLACED},
met AS ( -- each person once a spot, then counted: one grouping in the place of several distinct counts
    SELECT {_NAME}, person_key, count(*) FILTER (recent) AS n, count(*) FILTER (NOT recent) AS n_before,
        count(*) FILTER (recent AND kind IN ('call', 'chat', 'mail', 'ticket')) AS n_contacts
    FROM placed WHERE $stage::VARCHAR IS NULL OR stage = $stage GROUP BY name, person_key
),
heard_there AS (
    SELECT name, sum(n)::BIGINT AS n_feedback, sum(n_before)::BIGINT AS n_feedback_before,
        count(*) FILTER (n > 0) AS n_people, sum(n_contacts)::BIGINT AS n_contacts
    FROM met GROUP BY name
),
suffered AS (
    SELECT {_NAME}, person_key, bool_or(recent) AS hurt, bool_or(recent AND unasked) AS unasked,
        bool_or(NOT recent AND unasked) AS unasked_before, bool_or(recent AND angry) AS angry
    FROM hurting WHERE $stage::VARCHAR IS NULL OR stage = $stage GROUP BY name, person_key
),
hurt AS (
    SELECT name, count(*) FILTER (hurt) AS n_hurt, count(*) FILTER (unasked) AS n_unasked,
        count(*) FILTER (unasked_before) AS n_unasked_before, count(*) FILTER (angry) AS n_angry
    FROM suffered GROUP BY name
)
SELECT h.*, coalesce(n_hurt, 0) AS n_hurt, coalesce(n_unasked, 0) AS n_unasked,
    coalesce(n_unasked_before, 0) AS n_unasked_before, coalesce(n_angry, 0) AS n_angry
FROM heard_there h LEFT JOIN hurt u ON u.name IS NOT DISTINCT FROM h.name ORDER BY h.name
"""

# grain: stage and irritant (`mention_now` has a mention once an irritant)
NAMED = f"""
WITH {PLACED}
SELECT stage, irritant_id, count(DISTINCT person_key) FILTER (recent) AS n_people,
    count(*) FILTER (recent) AS n_mentions, count(*) FILTER (NOT recent) AS n_before
FROM hurting WHERE irritant_id IS NOT NULL
GROUP BY ALL ORDER BY n_people DESC, irritant_id
"""

# grain: week of one stage
TREND = f"""
WITH {PLACED},
quarters AS ( -- of an hour, first: a calendar costs much more a row than a division
    SELECT epoch_us(occurred_at) // 900000000 AS quarter, count(*) AS n FROM placed GROUP BY 1
),
of_week AS MATERIALIZED (
    SELECT quarter, n, date_trunc('week', make_timestamptz(quarter * 900000000) AT TIME ZONE $zone)::DATE AS week
    FROM quarters
),
weeks AS (SELECT week, sum(n)::BIGINT AS n_feedback FROM of_week GROUP BY 1),
hurt AS (
    SELECT week, count(DISTINCT person_key) AS n_people
    FROM hurting h JOIN of_week w ON w.quarter = epoch_us(h.occurred_at) // 900000000
    WHERE stage = $stage AND unasked GROUP BY 1
)
SELECT week, n_feedback, coalesce(n_people, 0) AS n_mentions FROM weeks LEFT JOIN hurt USING (week) ORDER BY week
"""

# grain: feedback of one stage, its first sentence against us that can be read alone; each text once
QUOTES = f"""
WITH {PLACED},
one AS (
    SELECT feedback_key, arg_min(mention_key, unit_no) AS mention_key, arg_min(text_key, unit_no) AS text_key,
        arg_min(irritant_id, unit_no) AS irritant_id, any_value(kind) AS kind, any_value(channel) AS channel,
        any_value(touchpoint) AS touchpoint, max(occurred_at) AS occurred_at, any_value(product) AS product
    FROM hurting
    WHERE stage = $stage AND recent AND irritant_id IS NOT NULL AND n_characters BETWEEN 25 AND 240
    GROUP BY feedback_key
),
page AS (
    SELECT * FROM one
    QUALIFY row_number() OVER (PARTITION BY text_key ORDER BY occurred_at DESC, feedback_key) = 1
    ORDER BY occurred_at DESC, feedback_key LIMIT $size
)
SELECT m.feedback_id, m.text, p.irritant_id, p.kind, p.channel, p.touchpoint, p.occurred_at, p.product
FROM page p JOIN mention m ON m.occurred_at = p.occurred_at AND hash(m.mention_id) = p.mention_key
ORDER BY p.occurred_at DESC, p.feedback_key
"""

# grain: score of one stage (of one point of contact of it); recent: inside the period
SCORES = f"""
SELECT CASE WHEN $stage::VARCHAR IS NULL THEN {STAGE} ELSE nullif(f.touchpoint, '(none)') END AS journey_stage,
    f.day >= $middle AS recent, metric, survey, scale, sum(numerator) AS numerator, sum(denominator) AS denominator,
    sum(n_positive)::BIGINT AS n_positive, sum(n_negative)::BIGINT AS n_negative, sum(squares) AS squares,
    CASE WHEN count(denominator_weighted) = count(*) THEN sum(denominator_weighted) END AS denominator_weighted,
    sum(positive_weighted) AS positive_weighted, sum(negative_weighted) AS negative_weighted,
    sum(weight_squares) AS weight_squares
FROM metric_daily f
WHERE f.metric IN ('nps', 'csat', 'ces') AND f.scale IS NOT NULL AND f.journey_stage <> '(none)'
    AND f.day >= $since AND f.day <= $until AND {KEPT} AND ($stage::VARCHAR IS NULL OR {STAGE} = $stage)
GROUP BY ALL ORDER BY ALL
"""

# how the newly arrived fare: arrivals after $recent beside those before, by fortnight since the start
NEWCOMERS = f"""
arrivals AS (SELECT customer_id, started_on, started_on > $recent AS newly FROM ({ARRIVED})),
lived AS (
    SELECT h.*, a.newly, a.started_on, date_diff('day', a.started_on, h.happened_on) // 14 AS fortnight
    FROM ({HAPPENED}) h JOIN arrivals a USING (customer_id)
),
fortnights AS (SELECT unnest(range($fortnights)) AS fortnight),
ripe AS (
    SELECT a.newly, t.fortnight, a.customer_id FROM arrivals a, fortnights t
    WHERE a.started_on + (14 * (t.fortnight + 1))::INT - 1 <= $day
)
"""

# grain: arrivals (newly or before) and fortnight since the start, of those who have lived it to its end
WELCOME = f"""
WITH {NEWCOMERS}
SELECT r.newly, r.fortnight, count(DISTINCT r.customer_id) AS n_customers,
    count(DISTINCT l.customer_id) FILTER (l.what = 'contact') AS n_contacting,
    count(DISTINCT l.customer_id) FILTER (l.what = 'complaint') AS n_complaining,
    count(DISTINCT l.customer_id) FILTER (l.what = 'departure') AS n_left,
    count(*) FILTER (l.what = 'answer') AS n_answers,
    count(*) FILTER (l.what = 'answer' AND l.satisfied) AS n_satisfied
FROM ripe r LEFT JOIN lived l ON l.customer_id = r.customer_id AND l.fortnight = r.fortnight
GROUP BY ALL ORDER BY ALL
"""

# grain: irritant of the first weeks; only customers who have lived them all
WELCOME_IRRITANTS = f"""
WITH {NEWCOMERS},
whole AS (SELECT newly, customer_id FROM ripe WHERE fortnight = $fortnights - 1),
named AS (
    SELECT w.newly, w.customer_id, l.irritant_id, min(date_diff('day', l.started_on, l.happened_on)) AS first_day
    FROM whole w JOIN lived l USING (customer_id)
    WHERE l.what = 'complaint' AND l.irritant_id IS NOT NULL AND l.fortnight < $fortnights GROUP BY ALL
)
SELECT irritant_id, count(*) FILTER (newly) AS n_newly, count(*) FILTER (NOT newly) AS n_before,
    median(first_day) AS median_day,
    (SELECT count(*) FROM whole WHERE newly) AS newly, (SELECT count(*) FROM whole WHERE NOT newly) AS before
FROM named GROUP BY irritant_id ORDER BY n_newly + n_before DESC, irritant_id
"""
