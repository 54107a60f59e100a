"""Ledger and catalog on a real PostgreSQL, files behind a real S3 interface: backed up and restored to equality."""

from __future__ import annotations

from pathlib import Path

import pytest
from backup_tools import contents, elsewhere, without_restore
from privacy_people import HER, HIM, fill, ids_of
from stores_servers import PostgresServer, S3Server

from insights.backup import manifest as manifests
from insights.backup.restore import restore
from insights.backup.take import CATALOG_DUMP, FILES, LEDGER_DUMP, back_up
from insights.errors import BackupError
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.privacy.erase import erase
from insights.settings import Settings, load_settings

pytestmark = pytest.mark.faults


def place(postgres: PostgresServer, s3: S3Server) -> dict[str, object]:
    """An empty team's place: two databases and a bucket."""
    return {"catalog_url": postgres.database(), "ledger_url": postgres.ledger(), **s3.bucket()}


def at(settings: Settings, folder: Path, place: dict[str, object]) -> Settings:
    kept = {"keys_dir": settings.keys_dir, "extension_dir": settings.extension_dir, "as_of": settings.as_of}
    return load_settings(data_dir=folder / "data", reference_dir=settings.reference_dir, **kept, **place)


def test_a_team_is_restored_to_equality(
    settings: Settings, postgres: PostgresServer, s3: S3Server, tmp_path: Path
) -> None:
    team = at(settings, tmp_path / "team", place(postgres, s3))
    with open_lake(team) as lake, open_ledger(team) as ledger:
        fill(lake, ledger)
    backups = tmp_path / "backups"
    taken = back_up(team, backups)
    paths = {one.path for one in taken.manifest.files}
    assert taken.manifest.team and {CATALOG_DUMP, LEDGER_DUMP} <= paths
    assert sum(path.startswith(FILES) for path in paths) > 10
    assert 1 <= back_up(team, backups).n_new <= 2  # the dumps hold the hour they were made at
    before = contents(team)

    other = at(settings, tmp_path / "other", place(postgres, s3))
    done = restore(other, backups)
    assert without_restore(contents(other)) == without_restore(before)
    assert (done.manifest.lake, done.problems) == (done.lake, ())
    with open_ledger(other) as ledger:  # ids go on where they were
        last = ledger.version()
        ledger.append("case.noted", "k", {}, actor="adviser", at=ledger.events()[0].at, key="later")
        assert ledger.version() > last

    with open_lake(team) as lake, open_ledger(team) as ledger:
        erase(lake, ledger, HER)
    with pytest.raises(BackupError, match=r"not empty: .*tables at postgresql"):
        restore(other, backups)
    again = restore(other, backups, replace_old=True)
    assert again.erased_again == 1 and again.aside
    with open_lake(other) as lake:
        found = lake.read("SELECT feedback_id FROM feedback")["feedback_id"].tolist()
    assert not set(found) & set(ids_of(HER).values())
    assert set(ids_of(HIM).values()) <= set(found)


def test_a_store_of_another_kind_is_told(home, postgres: PostgresServer, tmp_path: Path) -> None:
    there = elsewhere(home.settings, tmp_path, ledger_url=postgres.ledger())
    with pytest.raises(BackupError, match=r"ledger is of a SQLite, VOC_LEDGER_URL names Postgres: .*voc migrate"):
        restore(there, home.backups)
    assert manifests.chosen(home.backups).team is False
