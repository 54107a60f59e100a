"""A move to real servers, and the same command given again once they have gone on: refused, and nothing is overwritten."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from stores_servers import PostgresServer, S3Server

from insights.errors import LakeError, LedgerError
from insights.lake import open_lake
from insights.lake.files import lake_files
from insights.ledger import Event, open_ledger
from insights.settings import Settings
from insights.stores.move import move
from insights.stores.target import target_settings

pytestmark = pytest.mark.faults
AT = datetime(2026, 10, 31, 18, tzinfo=UTC)


def written(settings: Settings, start: int) -> None:
    ids = [f"f{one}" for one in range(start, start + 50)]
    rows = {"feedback_id": ids, "occurred_at": pd.Timestamp("2026-10-30T10:00:00Z"), "verbatim": "rappel"}
    with open_lake(settings) as lake, lake.write() as writer:
        writer.insert_new("feedback", pd.DataFrame(rows))


def noted(settings: Settings, key: str) -> None:
    with open_ledger(settings) as ledger:
        ledger.append("case.noted", "C", {}, actor="t", at=AT, key=key)


def held(settings: Settings) -> tuple[int, int, list[str], list[Event]]:
    """Rows, snapshot, files and events of a place."""
    files = [one.path for one in lake_files(settings)[1]]
    with open_lake(settings, read_only=True) as lake, open_ledger(settings) as ledger:
        return lake.counts()["feedback"], lake.snapshot_id(), files, ledger.events()


def test_servers_that_went_on_are_not_overwritten(settings: Settings, postgres: PostgresServer, s3: S3Server) -> None:
    written(settings, 0)
    noted(settings, "a")
    there = {"catalog_url": postgres.database(), "ledger_url": postgres.ledger(), **s3.bucket()}
    target = target_settings(settings, there)
    moved = move(settings, target, lambda _: None)
    assert {one.table: one.content.n_rows for one in moved if one.content.n_rows}.keys() >= {"feedback", "event"}
    went_on = held(target)
    assert move(settings, target, lambda _: None) == moved and held(target) == went_on  # all there: untouched
    noted(target, "b")
    for _ in range(2):  # asked once more it is no half a copy either
        went_on = held(target)
        with pytest.raises(LedgerError, match=r"holds other data \(event\)"):
            move(settings, target, lambda _: None)
        assert held(target) == went_on
    noted(settings, "b")
    written(target, 50)
    went_on = held(target)
    with pytest.raises((LakeError, LedgerError), match="holds other data"):
        move(settings, target, lambda _: None)
    assert held(target) == went_on
    assert not (settings.data_dir / "migration.json").exists()
