"""The lake for real: two processes, two writers, keys, contracts, a failed commit."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from chain import ROOT, environment

from insights.contracts import BY_NAME, FEEDBACK, TABLES
from insights.errors import ContractError, LakeError
from insights.lake import Lake, open_lake
from insights.settings import Settings


def feedback(*ids: str) -> pd.DataFrame:
    at = pd.Timestamp("2026-10-30T10:00:00Z")
    return pd.DataFrame({"feedback_id": list(ids), "occurred_at": at, "verbatim": "rappel promis jamais reçu"})


def test_migrate_makes_every_contract_and_is_idempotent(lake: Lake) -> None:
    assert set(lake.counts()) == {table.name for table in TABLES}
    before = lake.snapshot_id()
    lake.migrate()
    assert lake.snapshot_id() == before


def test_migrate_adds_a_column_a_newer_contract_has(lake: Lake) -> None:
    with lake.write() as writer:
        writer.execute('ALTER TABLE feedback DROP COLUMN "brand"')
    lake.migrate()
    assert "brand" in lake.read("SELECT * FROM feedback").columns


def test_writing_twice_changes_no_count(lake: Lake) -> None:
    for expected in (2, 0):
        with lake.write() as writer:
            assert writer.insert_new("feedback", feedback("a", "b")) == expected
    assert lake.counts()["feedback"] == 2
    assert lake.check_keys() == []


def test_upsert_replaces_by_key(lake: Lake) -> None:
    with lake.write() as writer:
        writer.insert_new("feedback", feedback("a", "b"))
    with lake.write() as writer:
        writer.upsert("feedback", feedback("b", "c").assign(verbatim="autre"))
    found = lake.read("SELECT feedback_id, verbatim FROM feedback ORDER BY ALL")
    assert found["verbatim"].tolist() == ["rappel promis jamais reçu", "autre", "autre"]


def test_replace_is_bounded_by_its_condition(lake: Lake) -> None:
    with lake.write() as writer:
        writer.insert_new("feedback", feedback("a", "b"))
        writer.replace("feedback", feedback("z"), "feedback_id = $id", {"id": "a"})
    assert lake.read("SELECT feedback_id FROM feedback ORDER BY ALL")["feedback_id"].tolist() == ["b", "z"]


def test_instants_come_back_in_utc(lake: Lake) -> None:
    with lake.write() as writer:
        writer.insert_new("feedback", feedback("a"))
    assert str(lake.read("SELECT occurred_at FROM feedback")["occurred_at"].iloc[0]) == "2026-10-30 10:00:00+00:00"


@pytest.mark.parametrize(
    ("frame", "word"),
    [
        (feedback("a", "a"), "share a key"),
        (feedback("a").assign(feedback_id=None), "NULL"),
        (feedback("a").assign(colour="red"), "no column 'colour'"),
        (feedback("a").drop(columns="feedback_id"), "needs its key"),
    ],
)
def test_a_frame_against_the_contract_is_refused(lake: Lake, frame: pd.DataFrame, word: str) -> None:
    with pytest.raises(ContractError, match=word), lake.write() as writer:
        writer.insert_new("feedback", frame)
    assert lake.counts()["feedback"] == 0


def test_a_failed_transaction_leaves_nothing_and_the_lake_usable(lake: Lake) -> None:
    with pytest.raises(LakeError, match="nothing was written"), lake.write() as writer:
        writer.insert_new("feedback", feedback("a"))
        writer.execute("INSERT INTO no_such_table VALUES (1)")
    assert lake.counts()["feedback"] == 0
    with lake.write() as writer:
        writer.insert_new("feedback", feedback("a"))
    assert lake.counts()["feedback"] == 1


def test_check_keys_names_a_key_that_stands_twice(lake: Lake) -> None:
    with lake.write() as writer:
        writer.execute("INSERT INTO feedback BY NAME SELECT 'x' AS feedback_id FROM range(2)")
    assert [(p.table, p.key, p.n_rows) for p in lake.check_keys()] == [("feedback", "x", 2)]


def test_a_read_only_lake_refuses_to_write(lake: Lake, settings: Settings) -> None:
    with open_lake(settings, read_only=True) as reader, pytest.raises(LakeError, match="read only"), reader.write():
        pass


def test_no_lake_yet_is_a_sentence(settings: Settings) -> None:
    with pytest.raises(LakeError, match="There is no lake"):
        open_lake(settings, read_only=True)


WRITE_FROM_ANOTHER_PROCESS = """
import sys, pandas as pd
from insights.lake import open_lake
from insights.settings import load_settings
settings = load_settings()
frame = pd.DataFrame({"feedback_id": sys.argv[1:], "occurred_at": pd.Timestamp("2026-10-30T10:00:00Z")})
with open_lake(settings) as lake, lake.write() as writer:
    print(writer.insert_new("feedback", frame))
"""


def write_elsewhere(settings: Settings, *ids: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITE_FROM_ANOTHER_PROCESS, *ids]
    own = environment(settings)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=own)


def test_a_process_commits_while_a_reader_holds_its_transaction(lake: Lake, settings: Settings) -> None:
    with open_lake(settings, read_only=True) as reader:
        cursor = reader._connection.cursor()
        cursor.execute("USE lake").begin()
        assert cursor.execute("SELECT count(*) FROM feedback").fetchall() == [(0,)]
        out, err = write_elsewhere(settings, "a", "b").communicate()
        assert out.strip() == "2", err
        assert cursor.execute("SELECT count(*) FROM feedback").fetchall() == [(0,)]  # still its own snapshot
        cursor.rollback()
        cursor.close()
        assert reader.counts()["feedback"] == 2


def test_two_writers_meet_and_neither_loses_nor_doubles(lake: Lake, settings: Settings) -> None:
    shared = [str(n) for n in range(50)]
    others = [write_elsewhere(settings, *shared, "left"), write_elsewhere(settings, *shared, "right")]
    done = [process.communicate() for process in others]
    assert sum(int(out) for out, _ in done) == 52, done
    assert lake.counts()["feedback"] == 52
    assert lake.check_keys() == []


def test_a_writer_that_waits_too_long_says_who_to_wait_for(lake: Lake, settings: Settings) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with open_lake(settings) as other, other.write():
            entered.set()
            leave.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    try:
        with (
            open_lake(settings, lock_seconds=0.2) as late,
            pytest.raises(LakeError, match="Another process"),
            late.write(),
        ):
            pass
    finally:
        leave.set()
        holder.join()


def test_maintenance_keeps_the_rows(lake: Lake) -> None:
    for key in "abcdef":
        with lake.write() as writer:
            writer.insert_new("feedback", feedback(key))
    lake.maintain(35)
    assert lake.counts()["feedback"] == 6


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_contracts_are_whole(table: object) -> None:
    contract = BY_NAME[table.name]  # type: ignore[attr-defined]
    assert contract.grain
    assert set(contract.key) <= set(contract.column_names)
    assert all(column.doc for column in contract.columns)
    assert len(set(contract.column_names)) == len(contract.columns)


def test_key_columns_are_not_nullable() -> None:
    assert [c.name for c in FEEDBACK.columns if not c.nullable] == ["feedback_id"]


def test_a_lake_that_was_moved_opens_where_it_is(settings: Settings, tmp_path: Path) -> None:
    with open_lake(settings) as lake, lake.write() as writer:
        writer.insert_new("feedback", pd.concat([feedback(str(n)) for n in range(40)]))  # enough to leave the catalog
    moved = settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    settings.data_dir.rename(moved.data_dir)
    for read_only in (True, False):
        with open_lake(moved, read_only=read_only) as lake:
            assert lake.read("SELECT feedback_id FROM feedback")["feedback_id"].nunique() == 40


def test_arrow_rows_replace_a_table_whole_and_keep_its_contract(lake: Lake) -> None:
    rows = pa.table({"text_sha": ["a", "b"], "encoder_version": ["v", "v"], "vector": [[1.0], [2.0]]})
    with lake.write() as writer:
        assert writer.replace_arrow("embedding", rows) == 2
        assert writer.replace_arrow("embedding", rows.slice(0, 1)) == 1
    assert lake.counts()["embedding"] == 1
    twice, missing = pa.concat_tables([rows, rows]), rows.drop_columns(["vector"])
    null = rows.set_column(0, "text_sha", pa.array(["a", None]))
    for wrong, said in ((twice, "stands twice"), (null, "is NULL"), (missing, "not those of its contract")):
        with pytest.raises(ContractError, match=said), lake.write() as writer:
            writer.replace_arrow("embedding", wrong)
    assert lake.counts()["embedding"] == 1
