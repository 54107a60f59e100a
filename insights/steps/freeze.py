"""Keep what is published of each month as rows, and list what has changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from insights.contracts import RESTATEMENT
from insights.errors import SourceError
from insights.frozen import IMPORTED, figures, frozen_rows, restatements
from insights.frozen_import import Imported, read_figures
from insights.frozen_reach import first_whole_months
from insights.lake import Lake
from insights.ledger import Ledger
from insights.retention import load_policy
from insights.steps.run_log import StepReport, recorded

WITHDRAWN = "withdrawn"
IS_THIS = "publication_id = $publication AND item = $item"
IMPORTED_OF = "SELECT * FROM published WHERE kind = 'score' AND publication_id = $publication ORDER BY item"
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
    reach = _reach(lake) if len(found) else None
    due = frozen_rows(found, settings.business_now(), settings.timezone, lake.snapshot_id(), reach)
    before = lake.read(PUBLISHED_SCORES)
    changed = _changed(lake, pd.concat([before, due]) if len(before) else due, found)
    with lake.write() as writer:
        n_frozen = writer.insert_new("published", due)
        n_restated = writer.replace("restatement", changed)
    return Frozen(n_frozen, n_restated)


def restate(lake: Lake) -> int:
    """List the restatements anew, freezing nothing; returns how many there are."""
    found = figures(lake.read(DAILY), lake.settings.min_answers)
    changed = _changed(lake, lake.read(PUBLISHED_SCORES), found)
    with lake.write() as writer:
        return writer.replace("restatement", changed)


def _reach(lake: Lake) -> Mapping[str, date]:
    return first_whole_months(load_policy(lake.settings), lake.settings.business_day())


def _changed(lake: Lake, published: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """RESTATEMENT rows; none of a lake that counts nothing: there is nothing to hold the published figures to."""
    told = restatements(published, found, _reach(lake)) if len(found) and len(published) else None
    return pd.DataFrame(columns=list(RESTATEMENT.column_names)) if told is None else told


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
        report.note = {"file": name, "known": found.n_known, "restated": restate(lake)}
    return report, found


def withdraw_score(lake: Lake, *, run_id: str, month: date, item: str, reason: str) -> StepReport:
    """Take an imported figure back: its row becomes one of kind withdrawn, with the reason, and counts no longer.

    `item`: metric/survey/scale/segment. Raises SourceError naming what was imported of that month. What this system has
    frozen itself cannot be withdrawn.
    """
    with recorded(lake, run_id, "withdraw_score") as report:
        publication = f"{IMPORTED}-{month:%Y-%m}"
        held = lake.read(IMPORTED_OF, publication=publication)
        row = held[held["item"] == item]
        if row.empty:
            there = ", ".join(held["item"]) or "nothing"
            raise SourceError(f"No imported figure {item} of {month:%Y-%m}: imported of that month: {there}.")
        now = lake.settings.business_now()
        told = json.loads(row["value"].iloc[0]) | {"reason": reason, "imported_at": str(row["published_at"].iloc[0])}
        trace = {"publication_id": f"{WITHDRAWN}-{run_id}", "kind": WITHDRAWN, "published_at": now}
        trace["value"] = json.dumps(told, ensure_ascii=False, sort_keys=True)
        with lake.write() as writer:
            writer.replace("published", row.assign(**trace), IS_THIS, {"publication": publication, "item": item})
        report.n_out, report.note = 1, {"month": f"{month:%Y-%m}", "item": item, "reason": reason}
        report.note["restated"] = restate(lake)
    return report
