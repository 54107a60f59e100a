"""A catalog on a real PostgreSQL and files behind a real S3 interface: open, write, read, lock, and no secret told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pandas as pd
import psycopg
import pytest
from chain import ROOT, environment
from stores_servers import PostgresServer, S3Server, without_secret

from insights.cli.checks import all_checks
from insights.errors import LakeBusyError, LakeError
from insights.lake import Lake, open_lake
from insights.lake.files import lake_files, table_of
from insights.lake.locks import ADVISORY, write_lock
from insights.lake.place import there
from insights.settings import Settings

HOLD = """
import sys
from insights.lake.locks import write_lock
from insights.settings import load_settings
with write_lock(load_settings(), 5):
    print("held", flush=True)
    sys.stdin.read()
"""


def feedback(n: int, start: int = 0) -> pd.DataFrame:
    ids = [f"f{one:05d}" for one in range(start, start + n)]
    return pd.DataFrame({"feedback_id": ids, "occurred_at": pd.Timestamp("2026-10-30T10:00:00Z"), "verbatim": "rappel"})


@pytest.fixture(scope="module")
def served(
    postgres: PostgresServer, s3: S3Server, tmp_path_factory: pytest.TempPathFactory, extension_dir: object
) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("served")
    settings = Settings(
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        extension_dir=extension_dir,
        catalog_url=postgres.database(),
        ledger_url=postgres.ledger(),
        **s3.bucket(),
    )
    assert not there(settings)
    with pytest.raises(LakeError, match="There is no lake at postgresql://"):
        open_lake(settings, read_only=True)
    with open_lake(settings) as lake:
        yield lake


def test_rows_large_and_small_are_written_once_and_read(served: Lake) -> None:
    for expected in ((3, 50), (0, 0)):  # three rows stay in the catalog, fifty go to the bucket
        with served.write() as writer:
            assert (
                writer.insert_new("feedback", feedback(3)),
                writer.insert_new("feedback", feedback(50, 3)),
            ) == expected
    with open_lake(served.settings, read_only=True) as reader:
        before = reader.stamps().of("SELECT * FROM feedback")
        assert reader.counts()["feedback"] == 53
        with served.write() as writer:
            writer.upsert("feedback", feedback(1).assign(verbatim="autre"))
        assert reader.scalar("SELECT verbatim FROM feedback ORDER BY feedback_id LIMIT 1") == "autre"
        assert reader.stamps().of("SELECT * FROM feedback") > before
        assert reader.stamps().of("SELECT * FROM mention") < before
    files = [table_of(served.settings, one.path) for one in lake_files(served.settings)[1]]
    assert "feedback" in files
    assert not (served.settings.lake_dir / "files").exists()


@pytest.mark.faults
def test_the_lake_is_compacted_in_a_process_of_its_own(served: Lake) -> None:
    before = served.counts()
    served.maintain(35)
    assert served.counts() == before


def test_one_process_writes_at_a_time_on_whatever_machine(served: Lake) -> None:
    command = [sys.executable, "-c", HOLD]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment(served.settings), **pipes) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(LakeBusyError, match="Another process has been writing"), write_lock(served.settings, 0.2):
            pass
        with open_lake(served.settings, read_only=True) as reader:
            assert reader.counts()["feedback"] >= 0  # who reads waits for nobody
        holder.kill()
    with write_lock(served.settings, 10):  # who dies leaves no lock
        pass


def test_a_lock_that_was_lost_stops_the_write(served: Lake) -> None:
    before = served.counts()["feedback"]
    with pytest.raises(LakeError, match="held the lake's lock was cut"), served.write() as writer:
        writer.insert_new("feedback", feedback(1, 900))
        with psycopg.connect(served.settings.catalog_url, autocommit=True) as other:
            holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
            other.execute(holders, (ADVISORY,))
    assert served.counts()["feedback"] == before


def test_another_lakes_files_are_not_mixed_with_a_new_catalog(served: Lake, postgres: PostgresServer) -> None:
    other = served.settings.model_copy(update={"catalog_url": postgres.database()})
    with pytest.raises(LakeError, match="Files of another lake lie at s3://"):
        open_lake(other)


def test_what_fails_tells_no_secret(served: Lake) -> None:
    gone = served.settings.model_copy(update={"s3_endpoint": "127.0.0.1:1"})
    with open_lake(gone, read_only=True) as reader, pytest.raises(LakeError) as told:
        reader.read("SELECT * FROM feedback")
    assert without_secret(str(told.value)) and without_secret(repr(told.value.__cause__)) and without_secret(repr(gone))
    assert without_secret(str(served.read("SELECT * FROM duckdb_secrets()").to_dict()))


@pytest.mark.faults
def test_doctor_looks_at_the_servers(served: Lake) -> None:
    seen = {name: (passed, said) for name, passed, said in all_checks(served.settings)}
    assert seen["extension postgres_scanner"][0] and seen["extension httpfs"][0]
    assert seen["lake"][0] and "snapshot" in seen["lake"][1]
