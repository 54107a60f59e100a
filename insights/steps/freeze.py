"""Keep what is published of each month as rows, and list what has changed since."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from insights.frozen import figures, frozen_rows, restatements
from insights.frozen_import import Imported, read_figures
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.run_log import StepReport, recorded

PUBLISHED_SCORES = "SELECT * FROM published WHERE kind = 'score'"
# by day, segment and questionnaire: all that a frozen figure needs
DAILY = """
SELECT day, metric, survey, scale, segment, sum(numerator) AS numerator, sum(denominator) AS denominator,
    sum(n_positive)::BIGINT AS n_positive, sum(n_negative)::BIGINT AS n_negative, sum(squares) AS squares,
    CASE WHEN count(denominator_weighted) = count(*) THEN sum(denominator_weighted) END AS denominator_weighted,
    sum(positive_weighted) AS positive_weighted, sum(negative_weighted) AS negative_weighted,
    sum(weight_squares) AS weight_squares
FROM metric_daily WHERE survey <> 'review' GROUP BY ALL ORDER BY ALL
"""
SCALES = """
SELECT survey, metric, min(scale) AS scale FROM metric_daily GROUP BY survey, metric HAVING count(DISTINCT scale) = 1
"""


@dataclass(frozen=True)
class Frozen:
    """Rows written by one run."""

    n_frozen: int
    n_restated: int


def freeze_months(lake: Lake) -> Frozen:
    """Freeze the months that are due and list the restatements, in one transaction. Twice changes nothing."""
    settings = lake.settings
    found = figures(lake.read(DAILY), settings.min_answers)
    due = frozen_rows(found, settings.business_now(), settings.timezone, lake.snapshot_id())
    before = lake.read(PUBLISHED_SCORES)
    changed = restatements(pd.concat([before, due]) if len(before) else due, found) if len(found) else found.head(0)
    with lake.write() as writer:
        n_frozen = writer.insert_new("published", due)
        n_restated = writer.replace("restatement", changed) if len(found) else 0
    return Frozen(n_frozen, n_restated)


def import_scores(
    lake: Lake, _ledger: Ledger, *, run_id: str, table: pd.DataFrame, name: str
) -> tuple[StepReport, Imported]:
    """Keep the figures of a file as frozen months; rows that cannot be are told one by one."""
    with recorded(lake, run_id, "import_scores") as report:
        scales = {(row.survey, row.metric): str(row.scale) for row in lake.read(SCALES).itertuples()}
        found = read_figures(table, name, lake.read(PUBLISHED_SCORES), scales, lake.settings.business_now())
        report.n_in, report.n_quarantined = len(table), len(found.refused)
        with lake.write() as writer:
            report.n_out = writer.insert_new("published", found.rows)
        report.note = {"file": name, "known": found.n_known, "restated": freeze_months(lake).n_restated}
    return report, found
