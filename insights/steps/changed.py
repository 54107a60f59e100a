"""Has anything changed since a step last ran? Derived tables are computed again only then."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from insights.lake import Lake

FINGERPRINT = "fingerprint"
MARKS = """
SELECT concat_ws(' ', count(suspect_wave), count(revised_at), max(revised_at), max(ingested_at)) FROM feedback
"""  # what changes when rows are replaced or marked and their number does not


def fingerprint(lake: Lake, tables: Sequence[str], extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Rows of the tables a step reads, the business day, and what else rules it."""
    counts = {table: int(lake.scalar(f'SELECT count(*) FROM "{table}"')) for table in tables}
    marks = str(lake.scalar(MARKS)) if "feedback" in tables else ""
    return {"counts": counts, "marks": marks, "as_of": str(lake.settings.business_day()), **(extra or {})}


def unchanged(lake: Lake, step: str, now: Mapping[str, Any]) -> bool:
    """True when the step's last run saw the same."""
    return bool(last_note(lake, step).get(FINGERPRINT) == json.loads(json.dumps(now)))


def last_note(lake: Lake, step: str) -> dict[str, Any]:
    """What the step's last run said; nothing where it never ran."""
    found = lake.read("SELECT note FROM run WHERE step = $step ORDER BY started_at DESC LIMIT 1", step=step)
    return {} if found.empty else dict(json.loads(found["note"].iloc[0]))
