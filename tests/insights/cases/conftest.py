"""Rules, teams and customers of the inner loop, as the project ships them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests_cases_events import Recorded

from insights.calendar import Calendar, load_teams
from insights.cases import EventDraft, Rules, load_rules
from insights.settings import Settings

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
NOW = datetime(2026, 10, 29, 10, tzinfo=UTC)  # a Thursday, 11:00 in Paris


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def calendars() -> dict[str, Calendar]:
    return {team_id: team.calendar for team_id, team in load_teams(REFERENCE / "teams.yaml").items()}


@pytest.fixture
def make_rules(tmp_path: Path, calendars: dict[str, Calendar]) -> Callable[..., Rules]:
    """The shipped rules with other settings."""

    def make(**settings: Any) -> Rules:
        chosen = {"holdout_share": 0.0, **settings}
        found = Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", _env_file=None, **chosen)
        return load_rules(REFERENCE / "case_rules.yaml", found, calendars)

    return make


@pytest.fixture
def customers() -> pd.DataFrame:
    """Twelve customers; C06 objected, C07 is leaving, C08 is a small business, C09 does not want proactive calls."""
    ids = [f"C{number:02d}" for number in range(1, 13)]
    return pd.DataFrame(
        {
            "customer_id": ids,
            "segment": ["small_business" if one == "C08" else "household" for one in ids],
            "preferred_language": ["en" if one == "C02" else "fr" for one in ids],
            "margin_eur_year": [240.0 if one == "C08" else 62.0 for one in ids],
            "objection": [one == "C06" for one in ids],
            "leaving": [one == "C07" for one in ids],
            "recontact": ["no" if one == "C09" else "not_asked" for one in ids],
        }
    )


@pytest.fixture
def record() -> Callable[..., list[Recorded]]:
    """Number drafts as a ledger would; a key seen before is left out."""

    def recorded(*groups: list[EventDraft]) -> list[Recorded]:
        seen: dict[str, Recorded] = {}
        for draft in [draft for group in groups for draft in group]:
            row = Recorded(len(seen) + 1, draft.kind, draft.subject, draft.at, draft.actor, draft.payload)
            seen.setdefault(draft.key, row)
        return list(seen.values())

    return recorded
