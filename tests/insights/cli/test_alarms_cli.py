"""`voc alarms`: what stands, decisions and their way back, a round of the watch, a test to who is on call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner
from watch_company import outage, put, quiet_weeks

from insights.alarms.incidents import FALSE_ALARM
from insights.cli.main import app
from insights.errors import LedgerError, SettingsError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.settings import Settings, default_settings
from insights.steps.watch_record import incidents

RUN = CliRunner()


@pytest.fixture
def pointed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The commands see these settings."""
    for name in ("data_dir", "keys_dir", "reference_dir", "extension_dir", "as_of"):
        monkeypatch.setenv(f"VOC_{name.upper()}", str(getattr(settings, name)))
    default_settings.cache_clear()
    yield settings
    default_settings.cache_clear()


def said(*arguments: str) -> str:
    done = RUN.invoke(app, ["alarms", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_incident_from_its_ring_to_its_end(pointed: Settings, lake: Lake, ledger: Ledger) -> None:
    assert "blind since 2026-10-31" in said("list") and "No open incident." in said("list")
    quiet_weeks(lake, ledger)
    with lake.write() as writer:  # history was played before
        import pandas as pd

        writer.upsert("run", pd.DataFrame([{"run_id": "r0", "step": "watch"}]))
    put(lake, outage())
    assert "opened 1" in said("watch", "--once")
    [one] = incidents(ledger).values()
    assert f"{one.incident_id}  open" in said("list")
    shown = said("show", one.incident_id, "--language", "fr")
    assert "Alarme : Espace client en panne (5 personnes)" in shown and "Réseaux sociaux" in shown
    said("take", one.incident_id, "--by", "Nadia")
    said("close", one.incident_id, "--reason", "false_alarm", "--note", "essai", "--by", "Nadia")
    assert incidents(ledger)[one.incident_id].reason == FALSE_ALARM
    assert "> essai" in said("show", one.incident_id)
    assert "open" in said("undo", one.incident_id, "--by", "Nadia")
    assert incidents(ledger)[one.incident_id].is_open
    with pytest.raises(LedgerError, match="no incident 'x'"):
        said("show", "x")


def test_a_test_needs_somebody_on_call(pointed: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_DRY_RUN", "false")
    default_settings.cache_clear()
    with pytest.raises(SettingsError, match="Nobody is on call"):
        said("test")
