"""What each slice of the churn panel is counted from, as one mark: a slice whose mark stays is not counted again.

A mark is made of the rows themselves, not of what was done to them: an addition, a late row, a correction, an erasure and
a new id of an irritant all change the mark of every slice that reads the row, and of no other. Rows are added up by the
month they happened in and the month their source held them, so a company of any size gives some hundred numbers. A
month is the finest it looks at: a slice may be counted again without need, never left as it was when it should change.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pandas as pd

from insights.lake.lake import Reader
from insights.lake.queries import sql

REACH = {"customer_snapshot": 466, "irritant": 90}  # days before t0 that a slice reads of a source; of the others:
YEAR = 365
# an instant as the panel reads it: its UTC day
_DAY = "CAST(make_timestamp(epoch_us({0})) AS DATE)"
_WHOSE = "customer_id IS NOT NULL AND available_at IS NOT NULL"
_SINCE = "occurred_at >= ($first::DATE - 365)::TIMESTAMPTZ"
_EVENT = f"{_DAY.format('occurred_at')} AS day, {_DAY.format('available_at')} AS held"
# one row of a source as its slices read it (hash), the day it happened and the day it was held
ROWS = f"""
WITH copied AS (SELECT feedback_id FROM feedback WHERE suspect_wave IS NOT NULL),
said AS (
    SELECT mention_id, customer_id, polarity, leave_intent, effort, competitor, text, {_EVENT}
    FROM mention WHERE voice = 'customer' AND {_WHOSE} AND {_SINCE} AND feedback_id NOT IN (SELECT feedback_id FROM copied)
),
asked AS (
    SELECT i.customer_id, i.invitation_id, {_DAY.format("i.sent_at")} AS day, {_DAY.format("i.available_at")} AS held,
        greatest({_DAY.format("f.occurred_at")}, {_DAY.format("f.available_at")}) AS answered
    FROM invitation i LEFT JOIN feedback f USING (feedback_id)
    WHERE i.customer_id IS NOT NULL AND i.suppressed_reason IS NULL AND i.available_at IS NOT NULL
        AND i.sent_at >= ($first::DATE - 365)::TIMESTAMPTZ
),
read AS (
    SELECT 'customer_snapshot' AS source, as_of AS day, {_DAY.format("available_at")} AS held,
        hash(customer_id, as_of, segment, acquisition_channel, contract_start_on, contract_end_on, price_change_on, energy,
            payment_method, monthly_amount_eur, margin_eur_year, usage_30d, usage_30d_last_year, n_logins_30d, n_unpaid,
            leaving, objection) AS mark
    FROM customer_snapshot WHERE available_at IS NOT NULL
    UNION ALL
    SELECT 'contact', {_EVENT}, hash(contact_id, customer_id, transferred, abandoned)
    FROM contact WHERE {_WHOSE} AND {_SINCE}
    UNION ALL
    SELECT 'feedback', {_EVENT}, hash(feedback_id, customer_id)
    FROM feedback WHERE kind = 'ticket' AND suspect_wave IS NULL AND {_WHOSE} AND {_SINCE}
    UNION ALL
    SELECT 'answer', {_EVENT}, hash(feedback_id, question_id, customer_id, metric, value, scale, occurred_at)
    FROM answer WHERE metric IN ('nps', 'csat', 'ces') AND {_WHOSE} AND {_SINCE}
        AND feedback_id NOT IN (SELECT feedback_id FROM copied)
    UNION ALL
    SELECT 'asked', day, held, hash(invitation_id, customer_id) FROM asked
    UNION ALL
    SELECT 'answered', day, greatest(held, answered), hash(invitation_id, customer_id) FROM asked WHERE answered IS NOT NULL
    UNION ALL
    SELECT 'mention', day, held, hash(mention_id, customer_id, polarity, leave_intent, effort, competitor, text)
    FROM said
    UNION ALL
    SELECT 'irritant', day, held, hash(mention_id, irritant_id)
    FROM said JOIN irritant_now USING (mention_id) WHERE polarity < -0.15 AND irritant_id <> 'unclassified'
    UNION ALL
    SELECT 'callback', day, day, hash(customer_id, reached)
    FROM (
        SELECT unnest($callback_customers::VARCHAR[]) AS customer_id, unnest($callback_days::DATE[]) AS day,
            unnest($callback_reached::BOOLEAN[]) AS reached
    )
)
SELECT source, last_day(day) AS month, last_day(greatest(day, held)) AS known_by, count(*) AS n,
    sum(hash(mark, day, held))::VARCHAR AS total
FROM read GROUP BY ALL ORDER BY ALL
"""
DEPARTURES = f"""
SELECT learned_on, greatest(learned_on, coalesce({_DAY.format("available_at")}, learned_on)) AS known_on, count(*) AS n,
    sum(hash(customer_id, cause))::VARCHAR AS total
FROM churn_event GROUP BY ALL ORDER BY ALL
"""


def marks(
    reader: Reader, months: Sequence[date], params: Mapping[str, Any], left_out: Collection[str]
) -> dict[date, str]:
    """t0 -> mark of what that slice is counted from. `params`: those of churn_panel.sql but its first and last t0."""
    calls = {name: value for name, value in params.items() if name.startswith("callback_")}
    rows = reader.read(ROWS, first=months[0], **calls)
    gone = reader.read(DEPARTURES)
    fixed = {name: value for name, value in params.items() if name not in calls and name != "complete_through"}
    ruled = _hashed([sql("churn_panel"), json.dumps(fixed, sort_keys=True), *sorted(left_out)])
    return {t0: _hashed([ruled, *_read_at(rows, t0), *_learned_at(gone, t0, params)]) for t0 in months}


def _read_at(rows: pd.DataFrame, t0: date) -> list[str]:
    """The sums of the rows that a slice reads, and of some of the same months that it does not."""
    end = (pd.Timestamp(t0) + pd.offsets.MonthEnd(0)).to_datetime64()
    reach = rows["source"].map(REACH).fillna(YEAR)
    since = pd.Timestamp(t0) - pd.to_timedelta(reach, unit="D")
    inside = (pd.to_datetime(rows["known_by"]) <= end) & (pd.to_datetime(rows["month"]) >= since)
    return _told(rows[inside])


def _learned_at(gone: pd.DataFrame, t0: date, params: Mapping[str, Any]) -> list[str]:
    """The departures that a slice knows or that its outcomes rest on, and which of these are complete."""
    ends = [t0 + timedelta(days=params[f"{who}_gap"] + params[f"{who}_horizon"]) for who in ("household", "business")]
    through = params["complete_through"]
    if through is None:
        return [*_told(gone[pd.to_datetime(gone["known_on"]) <= pd.Timestamp(t0)]), "no feed"]
    last = pd.Timestamp(min(through, max(ends)))
    rests = (pd.to_datetime(gone["known_on"]) <= pd.Timestamp(t0)) | (pd.to_datetime(gone["learned_on"]) <= last)
    return [*_told(gone[rests]), *(str(end <= through) for end in ends)]


def _told(rows: pd.DataFrame) -> list[str]:
    return [" ".join(map(str, row)) for row in rows.itertuples(index=False)]


def _hashed(parts: Sequence[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()
