"""What a move refuses before it writes, and the ledger's copy between two files: the servers are in test_stores_chain."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from insights.errors import LedgerError, SettingsError
from insights.ledger import open_ledger
from insights.ledger.schema import EVENT
from insights.settings import Settings, load_settings
from insights.stores.ledger_copy import ledger_contents
from insights.stores.move import move, new_settings
from insights.stores.target import from_file, target_settings

AT = datetime(2026, 10, 31, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"catalog_url": "postgresql://voc:word@db/lake"}, "VOC_CATALOG_URL holds a password"),
        ({"ledger_url": "postgresql+psycopg://db/l?password=word"}, "VOC_LEDGER_URL holds a password"),
        ({"catalog_url": "mysql://db/lake"}, "must begin with postgresql://"),
        ({"files_url": "https://bucket/lake"}, "must be s3://bucket"),
        ({"files_url": "s3://bucket/lake"}, "A lake moves whole"),
        ({"s3_key_id": "voc", "catalog_url": "postgresql://db/lake"}, "go together"),
        ({"data_dir": "/elsewhere", "catalog_url": "postgresql://db/lake"}, "VOC_DATA_DIR must stay"),
        ({"catalog_url": ""}, "nothing to move"),
    ],
)
def test_what_cannot_be_moved_to_is_a_sentence_without_the_password(
    settings: Settings, given: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as told:
        target_settings(settings, given)
    assert "word@" not in str(told.value) and "=word" not in str(told.value)


def test_an_env_file_names_the_stores(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "servers.env"
    with pytest.raises(SettingsError, match="is not there"):
        from_file(path)
    path.write_text("VOC_SEED=3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="names no store"):
        from_file(path)
    path.write_text("VOC_LEDGER_URL=postgresql+psycopg://voc@db/l\nVOC_S3_KEY_ID=a\nVOC_S3_SECRET=b-word\nVOC_SEED=3\n")
    target = target_settings(settings, from_file(path))
    assert (target.seed, target.s3_key_id) == (settings.seed, "a")
    assert new_settings(settings, target) == [
        "VOC_LEDGER_URL=postgresql+psycopg://voc@db/l", "VOC_S3_KEY_ID=a", "VOC_S3_SECRET=(your secret)",
    ]  # fmt: skip


def test_a_ledger_moves_with_its_numbers_and_not_onto_another(settings: Settings, tmp_path: Path) -> None:
    target = load_settings(**{**vars(settings), "ledger_url": f"sqlite:///{tmp_path / 'new.sqlite'}"})
    with open_ledger(settings) as old:
        for key in "abc":
            old.append("case.opened", "C", {"reason": "é"}, actor="rule", at=AT, key=key)
        with old.engine.begin() as connection:
            connection.execute(delete(EVENT).where(EVENT.c.event_id == 3))
        old.put_text("note", "C1", "rappeler")
        wanted = ledger_contents(old.engine)
    moved = move(settings, target, lambda _: None)
    assert {one.table: one.content for one in moved} == wanted and wanted["event"].n_rows == 2
    assert move(settings, target, lambda _: None) == moved  # again: all is there
    with open_ledger(target) as new:
        assert new.text("note") == "rappeler"
        new.append("case.opened", "D", {}, actor="rule", at=AT, key="d")
        assert new.version() == 4  # 3 was given once, to an event that is gone
    for _ in range(2):  # asked again, it is no half a copy either
        with pytest.raises(LedgerError, match=r"holds other data \(event\)"):
            move(settings, target, lambda _: None)
