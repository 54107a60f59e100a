"""A real ledger in a temporary folder, and cases opened in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from receivers import NOW

from insights.ledger import Ledger, open_ledger
from insights.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", _env_file=None)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    with open_ledger(settings) as found:
        yield found


@pytest.fixture
def open_case(ledger: Ledger) -> Callable[..., None]:
    def opened(case_id: str = "k1", at: datetime = NOW, due_hours: float = 48) -> None:
        due = at + timedelta(hours=due_hours)
        payload = {
            **{"customer_id": f"C-{case_id}", "reason": "detractor", "owner_team": "callbacks", "promise": "standard"},
            **{"due_at": due.isoformat(), "waiting_since": at.isoformat(), "signals": ["detractor:f1"]},
            **{"irritant_id": "IR-0001", "segment": "household", "language": "fr", "value_eur_year": 62.0},
        }
        assert ledger.append("case.opened", case_id, payload, actor="rules", at=at, key=f"case:C-{case_id}:opened:1")

    return opened
