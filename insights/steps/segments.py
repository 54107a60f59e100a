"""Segments: which groups of customers differ from the whole, and how the newly arrived fare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from insights.contracts import UNCLASSIFIED
from insights.lake import Lake
from insights.lake.lake import Reader
from insights.ledger import Ledger
from insights.segments.cohorts import welcome
from insights.segments.explore import Candidate, candidates, explore
from insights.segments.personas import personas, without_echoes
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.resolved import seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.window import analysis_day

READS = (
    *(
        "feedback",
        "answer",
        "contact",
        "mention",
        "mention_irritant",
        "customer_snapshot",
        "churn_score",
        "churn_event",
    ),
    "questionnaire",
)
DIMENSIONS = (
    *("tenure", "segment", "product", "region", "acquisition_channel", "preferred_language", "age_band"),
    *("digital_habit", "tariff_option", "energy", "heating", "payment_method", "low_income", "paper_bill"),
)
RULES = "segments-3"
WINDOW_DAYS = 365
LEAST_NAMED = 30  # customers who named an irritant, for it to be a measure
LEAST_ANSWERED = 200  # customers who answered a question
LEAST_POINTS = 5.0  # difference of a score that matters, in points
LEAST_RISK = 0.25  # difference of the risk that matters, as a share of the mean risk
PEOPLE = """
SELECT
    customer_id, segment, product, region, acquisition_channel, preferred_language, age_band, digital_habit,
    tariff_option, energy, heating, payment_method,
    CASE WHEN low_income THEN 'yes' WHEN NOT low_income THEN 'no' END AS low_income,
    CASE WHEN paper_bill THEN 'yes' WHEN NOT paper_bill THEN 'no' END AS paper_bill,
    CASE
        WHEN contract_start_on IS NULL OR contract_start_on > $day THEN NULL
        WHEN date_diff('day', contract_start_on, $day) <= 90 THEN '0-3'
        WHEN date_diff('day', contract_start_on, $day) <= 425 THEN '4-14'
        WHEN date_diff('day', contract_start_on, $day) <= 1095 THEN '15-36'
        ELSE '37+'
    END AS tenure,
    CASE WHEN contract_start_on IS NULL THEN 365
        ELSE least(greatest(date_diff('day', contract_start_on, $day), 1), 365) END AS known_days,
    coalesce(margin_eur_year, 0.0) AS margin_eur_year
FROM customer_snapshot
WHERE as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $day) AND leaving IS DISTINCT FROM true
ORDER BY customer_id
"""
# an answer as the declared boxes judge it, else the usual ones: the same reading as insights/sql/metric_daily.sql
JUDGED = r"""
placed AS (
    SELECT f.customer_id, f.occurred_at, f.survey, a.metric, a.value, contains(lower(a.scale), 'low is good') AS said_low,
        TRY_CAST(regexp_extract(a.scale, '^\s*(-?[0-9.]+)', 1) AS DOUBLE) AS lowest,
        TRY_CAST(regexp_extract(a.scale, '^\s*-?[0-9.]+\s*-\s*(-?[0-9.]+)', 1) AS DOUBLE) AS highest
    FROM answer a JOIN feedback f USING (feedback_id)
    WHERE f.kind = 'survey' AND f.survey IS NOT NULL AND f.customer_id IS NOT NULL AND f.suspect_wave IS NULL
        AND a.value IS NOT NULL AND a.metric IN ('nps', 'csat', 'ces') AND f.occurred_at >= $since
),
ruled AS (
    SELECT p.*, q.top_from, q.top_to, coalesce(q.low_is_good, p.said_low) AS low_is_good,
        CASE WHEN coalesce(q.low_is_good, p.said_low) THEN highest - value ELSE value - lowest END
            / (highest - lowest) AS place
    FROM placed p LEFT JOIN questionnaire q USING (survey, metric, lowest, highest)
    WHERE highest > lowest AND value BETWEEN lowest AND highest
        AND (metric <> 'nps' OR (lowest = 0 AND highest = 10))
),
judged AS (
    SELECT customer_id, occurred_at, survey, metric,
        printf('%g-%g', lowest, highest) || CASE WHEN low_is_good THEN ' (low is good)' ELSE '' END AS scale,
        CASE WHEN metric = 'nps' THEN value >= 9 WHEN top_from IS NOT NULL THEN value BETWEEN top_from AND top_to
            WHEN metric = 'csat' THEN place >= 0.75 - 1e-9 ELSE place >= 2.0 / 3 - 1e-9 END AS positive,
        metric = 'nps' AND value <= 6 AS negative
    FROM ruled
)
"""
SCORED = f"""
WITH {JUDGED}
SELECT customer_id, 'score:' || survey || ':' || metric || ':' || scale AS measure,
    100 * avg(positive::INT - negative::INT) AS value
FROM judged WHERE occurred_at < $until GROUP BY ALL ORDER BY ALL
"""
NAMED = """
SELECT DISTINCT m.customer_id, i.irritant_id
FROM mention m JOIN irritant_now i USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE m.voice = 'customer' AND m.polarity < -0.15 AND m.customer_id IS NOT NULL AND i.irritant_id <> $none
    AND f.suspect_wave IS NULL
    AND m.occurred_at >= $since AND m.occurred_at < $until
ORDER BY ALL
"""
RISK = """
SELECT customer_id, probability AS risk FROM churn_score
WHERE scored_on = (SELECT max(scored_on) FROM churn_score WHERE scored_on <= $day) AND probability IS NOT NULL
ORDER BY customer_id
"""
ARRIVED = """
SELECT customer_id, max(contract_start_on) AS started_on FROM customer_snapshot
WHERE contract_start_on > $first AND contract_start_on <= $day GROUP BY ALL ORDER BY ALL
"""
HAPPENED = f"""
WITH {JUDGED},
arrived AS (
    SELECT customer_id, max(contract_start_on) AS started_on FROM customer_snapshot
    WHERE contract_start_on > $first AND contract_start_on <= $day GROUP BY ALL
),
happened AS (
    SELECT customer_id, occurred_at AS moment, 'answer' AS what, survey || ' ' || scale AS survey, positive AS satisfied,
        NULL::VARCHAR AS irritant_id
    FROM judged WHERE metric = 'csat'
    UNION ALL
    SELECT customer_id, occurred_at, 'contact', NULL, NULL, NULL FROM contact WHERE occurred_at >= $since
    UNION ALL
    SELECT m.customer_id, m.occurred_at, 'complaint', NULL, NULL, nullif(i.irritant_id, 'unclassified')
    FROM mention m JOIN feedback f USING (feedback_id) LEFT JOIN irritant_now i USING (mention_id)
    WHERE m.voice = 'customer' AND m.polarity < -0.15 AND m.occurred_at >= $since AND f.suspect_wave IS NULL
        AND f.occurred_at >= $since
    UNION ALL
    SELECT customer_id, learned_on::TIMESTAMP AT TIME ZONE 'Europe/Paris', 'departure', NULL, NULL, NULL
    FROM churn_event WHERE cause = 'chosen' AND learned_on > $first
)
SELECT customer_id, CAST(moment AT TIME ZONE 'Europe/Paris' AS DATE) AS happened_on, what, survey, satisfied, irritant_id
FROM happened JOIN arrived USING (customer_id)
WHERE date_diff('day', started_on, CAST(moment AT TIME ZONE 'Europe/Paris' AS DATE)) BETWEEN 0 AND 90
ORDER BY ALL
"""


def segments(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Rebuild both tables when something changed; without customers they stay empty."""
    with recorded(lake, run_id, "segments") as report:
        reader = seen(lake, ledger)
        extra = {"registry": reader.sight.version, "factor": lake.settings.portfolio_factor, "rules": RULES}
        read = fingerprint(lake, READS, extra)
        report.note[FINGERPRINT] = read
        if unchanged(lake, "segments", read):
            report.note["said"] = "nothing new since the last run"
            return report
        day = analysis_day(lake)
        people = lake.read(PEOPLE, day=day)
        found = _differences(reader, people, day) if len(people) else pd.DataFrame()
        cohorts = _cohorts(reader, day)
        with lake.write() as writer:
            report.n_out = writer.replace("segment_difference", found) + writer.replace("welcome_cohort", cohorts)
        report.n_in = len(people)
        report.note["segments"] = int(found["segment_key"].nunique()) if len(found) else 0
    return report


def means_of(reader: Reader, people: pd.DataFrame, day: date) -> pd.DataFrame:
    """Scores and predicted risk (n customers, measures), in the order of `people`; NaN where a customer has none."""
    scored = reader.read(SCORED, **_window(reader, day)).pivot(index="customer_id", columns="measure", values="value")
    scores = scored.reindex(people["customer_id"])
    scores = scores.loc[:, scores.notna().sum() >= LEAST_ANSWERED]
    risk = reader.read(RISK, day=day).set_index("customer_id").reindex(people["customer_id"])
    return pd.concat([scores, risk], axis=1).astype(float).reset_index(drop=True).dropna(axis=1, how="all")


def counts_of(reader: Reader, people: pd.DataFrame, day: date) -> pd.DataFrame:
    """1 where a customer named an irritant (n customers, irritants), in the order of `people`."""
    named = reader.read(NAMED, none=UNCLASSIFIED, **_window(reader, day))
    said = pd.crosstab(named["customer_id"], "irritant:" + named["irritant_id"].astype(str))
    found = said.reindex(people["customer_id"]).fillna(0).clip(upper=1).astype(float)
    return found.loc[:, found.sum() >= LEAST_NAMED].reset_index(drop=True)


def _window(reader: Reader, day: date) -> dict[str, pd.Timestamp]:
    until = pd.Timestamp(day + timedelta(days=1), tz=reader.lake.settings.timezone)
    return {"since": until - pd.Timedelta(days=WINDOW_DAYS), "until": until}


@dataclass(frozen=True)
class Measured:
    """Customers with what is compared of them, row by row."""

    people: pd.DataFrame
    means: pd.DataFrame
    counts: pd.DataFrame

    def differences(self, people: pd.DataFrame | None = None) -> pd.DataFrame:
        """As `explore`; `people` stands in for the dimensions of these customers."""
        floors = {one: LEAST_POINTS for one in self.means.columns if one != "risk"}
        if "risk" in self.means:
            floors["risk"] = LEAST_RISK * float(self.means["risk"].mean())
        exposure = self.people["known_days"].to_numpy(float) / WINDOW_DAYS
        dimensions = self.people if people is None else people
        return explore(dimensions, self.means, self.counts, exposure, DIMENSIONS, floors)


def measured(reader: Reader, people: pd.DataFrame, day: date) -> Measured:
    """What is compared of the customers of a day."""
    return Measured(people, means_of(reader, people, day), counts_of(reader, people, day))


def _differences(reader: Reader, people: pd.DataFrame, day: date) -> pd.DataFrame:
    """Rows of `segment_difference`, places given."""
    found = measured(reader, people, day).differences()
    if found.empty:
        return found
    groups = {one.key: one for one in candidates(people, DIMENSIONS)}
    worth = people["margin_eur_year"].to_numpy() * reader.lake.settings.portfolio_factor
    margins = pd.Series({key: float(worth[groups[key].rows].sum()) for key in found["segment_key"].unique()})
    told = personas(found, margins)
    kept = without_echoes(told, _overlap({key: groups[key] for key in margins.index}, len(people)))
    place = {one.segment_key: number for number, one in enumerate(kept, start=1)}
    excess = {one.segment_key: one.excess_loss_eur for one in told}
    return found.assign(
        place=found["segment_key"].map(place),
        margin_eur_year=found["segment_key"].map(margins),
        excess_loss_eur=found["segment_key"].map(excess),
        found_on=day,
    )


def _overlap(groups: dict[str, Candidate], n: int) -> pd.DataFrame:
    """Share of the row's customers who are in the column's segment."""
    member = np.zeros((len(groups), n), dtype=np.float32)
    for row, one in enumerate(groups.values()):
        member[row, one.rows] = 1.0
    both = member @ member.T
    return pd.DataFrame(both / both.diagonal()[:, None], index=list(groups), columns=list(groups))


def _cohorts(reader: Reader, day: date) -> pd.DataFrame:
    """Rows of `welcome_cohort` for arrivals of the last two years."""
    first = pd.Period(day - timedelta(days=2 * WINDOW_DAYS), "Q").end_time.date()  # whole quarters only
    people = reader.read(ARRIVED, first=first, day=day)
    start = pd.Timestamp(first, tz=reader.lake.settings.timezone)
    return welcome(people, reader.read(HAPPENED, first=first, day=day, since=start), day)
