"""The same files run on a real DuckLake, where they will: an empty one answers with no row and no error."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from undecided import UNDECIDED

from insights.contracts import BY_NAME
from insights.lake import Lake

SQL = Path(__file__).parents[3] / "insights" / "sql"
PARAMS = {
    "first_t0": date(2025, 1, 31),
    "last_t0": date(2025, 3, 31),
    "complete_through": date(2025, 3, 31),
    "household_gap": 14,
    "household_horizon": 90,
    "business_gap": 30,
    "business_horizon": 180,
    "competitors": ["Boréval"],
    **{"callback_customers": [], "callback_days": [], "callback_reached": []},
    "now": datetime(2025, 3, 31, tzinfo=UTC),
}


def test_sql_runs_on_an_empty_lake(lake: Lake) -> None:
    paths = sorted(SQL.rglob("*.sql"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        params = {name: one for name, one in PARAMS.items() if re.search(rf"\${name}\b", text)}
        found = lake.seen_through(UNDECIDED).read(text, **params)
        assert found.empty, path
        if path.stem in BY_NAME:
            assert list(found.columns) == list(BY_NAME[path.stem].column_names)
