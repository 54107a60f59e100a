"""What came of the cases: the table `loop_reading`, rebuilt once a day from ledger and lake."""

from __future__ import annotations

import pandas as pd

from insights.cases import fold_cases
from insights.cases.loop import Reading, loop_rows, readings
from insights.contracts import LOOP_READING
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps import arms
from insights.steps.resolved import registry
from insights.steps.window import analysis_day

SCORES = """
SELECT f.customer_id, f.occurred_at AS "at", a.value
FROM answer a JOIN feedback f USING (feedback_id)
WHERE a.metric = 'nps' AND a.value IS NOT NULL AND f.customer_id IN (SELECT unnest($ids))
    AND NOT coalesce(f.anonymous, false) AND f.occurred_at <= $now
"""
NEWEST = "SELECT max(read_at) FROM loop_reading"


def refresh_loop(lake: Lake, ledger: Ledger) -> int | None:
    """Rows written; None when there is no case yet, or today's reading is there already."""
    if lake.scalar(NEWEST) == analysis_day(lake):
        return None
    frame = loop_reading(lake, ledger)
    if frame is None:
        return None
    with lake.write() as writer:
        return writer.replace("loop_reading", frame)


def loop_reading(lake: Lake, ledger: Ledger) -> pd.DataFrame | None:
    """Rows of LOOP_READING as of now; None when there is no case. Nothing is written."""
    settings, now = lake.settings, lake.settings.business_now()
    cases = fold_cases(ledger.events(("case.",)))
    if not cases:
        return None
    rows = loop_rows(cases, now, registry(ledger).resolve)
    experiments = [one.experiment_id for one in arms.experiments(ledger)]
    entered = {one: people for one in experiments if not (people := arms.entered(ledger, one)).empty}
    ids = sorted({*rows["customer_id"], *(one for people in entered.values() for one in people["customer_id"])})
    scores = lake.read(SCORES, ids=ids, now=now)
    how = Reading(now, analysis_day(lake), settings.min_answers, settings.seed)
    found = readings(rows, scores, how, entered)
    return found.reindex(columns=[column.name for column in LOOP_READING.columns])
