"""What the hold-outs have shown so far: the table `callback_effect`, rebuilt once a day from ledger and lake."""

from __future__ import annotations

from datetime import date

import pandas as pd

from insights.cases.holdout import Experiment, units
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps import arms
from insights.steps.horizons import horizon_days
from insights.steps.window import analysis_day
from insights.uplift.reading import outcomes, read

DEPARTURES = """
SELECT customer_id, learned_on AS "on" FROM churn_event
WHERE cause = 'chosen' AND customer_id IN (SELECT unnest($ids)) AND learned_on <= $day
"""
COMPLAINTS = """
SELECT customer_id, CAST(occurred_at AS DATE) AS "on" FROM feedback
WHERE kind = 'ticket' AND customer_id IN (SELECT unnest($ids)) AND CAST(occurred_at AS DATE) <= $day
"""
SCORES = """
SELECT f.customer_id, CAST(f.occurred_at AS DATE) AS "on", a.value
FROM answer a JOIN feedback f USING (feedback_id)
WHERE a.metric = 'nps' AND f.customer_id IN (SELECT unnest($ids)) AND CAST(f.occurred_at AS DATE) <= $day
"""
# the account a customer was last known in: who has left still belongs to it
LAST_PICTURE = """
SELECT * FROM customer_snapshot WHERE customer_id IN (SELECT unnest($ids))
QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY as_of DESC) = 1
"""
NEWEST = "SELECT max(read_at) FROM callback_effect"


def refresh_effects(lake: Lake, ledger: Ledger) -> int | None:
    """Rows written; None when no hold-out was ever on, or today's reading is there already."""
    found = arms.experiments(ledger)
    if not found or lake.scalar(NEWEST) == analysis_day(lake):
        return None
    frames = [reading(lake, ledger, one) for one in found]
    with lake.write() as writer:
        return writer.replace("callback_effect", pd.concat(frames, ignore_index=True))


def reading(lake: Lake, ledger: Ledger, experiment: Experiment) -> pd.DataFrame:
    """Rows of CALLBACK_EFFECT of one experiment, as of the analysis day."""
    today = analysis_day(lake)
    ripe, n_entered, unit_of = followed(lake, ledger, experiment, today)
    return read(ripe, n_entered, experiment, today, unit_of)


def followed(
    lake: Lake, ledger: Ledger, experiment: Experiment, today: date
) -> tuple[pd.DataFrame, int, pd.Series[str]]:
    """`outcomes` of those followed to the end by the day of reading, how many entered, and the unit of each.

    What happens after the day of reading is not looked at. An erased person stands in neither arm.
    """
    until = min(today, experiment.read_on)
    entered = arms.entered(ledger, experiment.experiment_id)
    known = lake.read(LAST_PICTURE, ids=list(entered["customer_id"]))
    entered = entered[entered["customer_id"].isin(known["customer_id"])]
    entered = entered.assign(
        entered_on=entered["entered_at"].dt.date,
        horizon_days=[horizon_days(lake.settings, segment) for segment in entered["segment"]],
    )
    ids = list(entered["customer_id"])
    facts = [lake.read(sql, ids=ids, day=until) for sql in (DEPARTURES, COMPLAINTS, SCORES)]
    return outcomes(entered, facts[0], facts[1], facts[2], until), len(entered), units(known)
