"""Never calm when something is not seen: a watch that waits for a store, a source that no longer answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from insights.intake.pulse import WORKING, Heart
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.cursors import feed_id, save_position
from insights.settings import Settings
from insights.steps.watch_heart import BLIND, CALM, INGEST, WATCH, outlook, watch_pulse_path

SOURCE, URL = "mastodon", "https://social.example/api"


@pytest.fixture
def live(settings: Settings, lake: Lake, tmp_path: Path) -> Settings:
    """A company that collects now: the business day is today, files were read a minute ago."""
    at = pd.Timestamp(datetime.now(UTC))
    row = {"run_id": "r", "step": "ingest", "started_at": at, "seconds": 0.1, "note": "{}"}
    with lake.write() as writer:
        writer.insert_new("run", pd.DataFrame([row]))
    return settings.model_copy(update={"as_of": None})


def looked(settings: Settings, problem: str = "") -> None:
    Heart(watch_pulse_path(settings)).beat(WORKING, problem)


def test_a_watch_that_looks_is_calm_and_one_that_waits_for_a_store_is_blind(live: Settings, lake: Lake, ledger: Ledger):
    looked(live)
    assert outlook(live, ledger, lake, {}).state == CALM
    looked(live, "The watch waits for a store (LakeError).")
    found = outlook(live, ledger, lake, {})
    assert (found.state, found.blind) == (BLIND, (WATCH,))


def test_a_source_that_no_longer_answers_blinds(
    live: Settings, lake: Lake, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    reference = tmp_path / "reference"
    reference.mkdir()
    (reference / "sources.yaml").write_text(f"{SOURCE}:\n  url: {URL}\n", encoding="utf-8")
    mine = live.model_copy(update={"reference_dir": reference})
    looked(mine)
    assert outlook(mine, ledger, lake, {}).blind == (INGEST,)  # never asked
    save_position(ledger, SOURCE, feed_id(URL), "1")
    assert outlook(mine, ledger, lake, {}).state == CALM
    later = datetime.now(UTC) + timedelta(hours=1)
    assert INGEST in outlook(mine, ledger, lake, {}, later).blind
