"""Every SELECT of the page Journey, under the rules of `dashboard/queries.py`.

`$said` and `$codes` (of equal length): every name of a stage and its code (data/reference/journey.yaml).
"""

from dashboard.queries import HEARD, KEPT
from insights.steps.segments import ARRIVED, HAPPENED

STAGE = "coalesce(list_extract($codes::VARCHAR[], list_position($said::VARCHAR[], f.journey_stage)), f.journey_stage)"

# grain: feedback under the filters, at its stage; then its negative mentions. unasked: not an answer to the survey of
# everybody, whose waves make a volume jump
PLACED = f"""
{HEARD},
placed AS (
    SELECT f.feedback_id, f.kind, f.channel, f.occurred_at, f.touchpoint, f.product, {STAGE} AS stage,
        f.survey IS DISTINCT FROM 'relational' AS unasked,
        coalesce(f.customer_id, f.author_key, f.feedback_id) AS person, f.occurred_at >= $middle AS recent
    FROM heard f
),
against AS (
    SELECT p.*, m.mention_id, m.text, m.unit_no,
        m.polarity <= $harsh OR coalesce(m.leave_intent, false) AS angry
    FROM placed p JOIN mention m ON m.feedback_id = p.feedback_id
    WHERE m.voice = 'customer' AND m.polarity < -0.15 AND m.occurred_at >= $since AND m.occurred_at < $until
)
"""

# grain: stage; inside one stage ($stage), point of contact
SPOTS = f"""
WITH {PLACED},
spot AS (
    SELECT feedback_id, person, recent, kind, CASE WHEN $stage::VARCHAR IS NULL THEN stage ELSE touchpoint END AS name
    FROM placed WHERE $stage::VARCHAR IS NULL OR stage = $stage
),
heard_there AS (
    SELECT name, count(*) FILTER (recent) AS n_feedback, count(*) FILTER (NOT recent) AS n_feedback_before,
        count(DISTINCT person) FILTER (recent) AS n_people,
        count(*) FILTER (recent AND kind IN ('call', 'chat', 'mail', 'ticket')) AS n_contacts
    FROM spot GROUP BY name
),
hurt AS (
    SELECT s.name, count(DISTINCT a.person) FILTER (a.recent) AS n_hurt,
        count(DISTINCT a.person) FILTER (a.recent AND a.unasked) AS n_unasked,
        count(DISTINCT a.person) FILTER (NOT a.recent AND a.unasked) AS n_unasked_before,
        count(DISTINCT a.person) FILTER (a.recent AND a.angry) AS n_angry
    FROM spot s JOIN against a USING (feedback_id) GROUP BY s.name
)
SELECT h.*, coalesce(n_hurt, 0) AS n_hurt, coalesce(n_unasked, 0) AS n_unasked,
    coalesce(n_unasked_before, 0) AS n_unasked_before, coalesce(n_angry, 0) AS n_angry
FROM heard_there h LEFT JOIN hurt u ON u.name IS NOT DISTINCT FROM h.name ORDER BY h.name
"""

# grain: stage and irritant
NAMED = f"""
WITH {PLACED}
SELECT a.stage, i.irritant_id, count(DISTINCT a.person) FILTER (a.recent) AS n_people,
    count(DISTINCT a.mention_id) FILTER (a.recent) AS n_mentions,
    count(DISTINCT a.mention_id) FILTER (NOT a.recent) AS n_before
FROM against a JOIN irritant_now i USING (mention_id)
GROUP BY ALL ORDER BY n_people DESC, i.irritant_id
"""

# grain: week of one stage
TREND = f"""
WITH {PLACED},
quarters AS ( -- of an hour, first: a calendar costs much more a row than a division
    SELECT epoch_us(occurred_at) // 900000000 AS quarter, count(*) AS n FROM placed GROUP BY 1
),
weeks AS (
    SELECT date_trunc('week', make_timestamptz(quarter * 900000000) AT TIME ZONE $zone)::DATE AS week,
        sum(n)::BIGINT AS n_feedback
    FROM quarters GROUP BY 1
),
hurt AS (
    SELECT date_trunc('week', occurred_at AT TIME ZONE $zone)::DATE AS week, count(DISTINCT person) AS n_people
    FROM against WHERE stage = $stage AND unasked GROUP BY 1
)
SELECT week, n_feedback, coalesce(n_people, 0) AS n_mentions FROM weeks LEFT JOIN hurt USING (week) ORDER BY week
"""

# grain: feedback of one stage, its first sentence against us that can be read alone
QUOTES = f"""
WITH {PLACED},
one AS (
    SELECT a.feedback_id, arg_min(a.text, a.unit_no) AS text, arg_min(i.irritant_id, a.unit_no) AS irritant_id,
        any_value(a.kind) AS kind, any_value(a.channel) AS channel, any_value(a.touchpoint) AS touchpoint,
        max(a.occurred_at) AS occurred_at, any_value(a.product) AS product
    FROM against a JOIN irritant_now i USING (mention_id)
    WHERE a.stage = $stage AND a.recent AND length(a.text) BETWEEN 25 AND 240
    GROUP BY a.feedback_id
)
SELECT * FROM one
QUALIFY row_number() OVER (PARTITION BY lower(text) ORDER BY occurred_at DESC, feedback_id) = 1
ORDER BY occurred_at DESC, feedback_id LIMIT $size
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
