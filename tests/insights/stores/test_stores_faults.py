"""Servers that fail while they are used: a sentence, nothing lost, nothing twice, and the next run ends the work."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import psycopg
import pytest
from chain import Company, voc_run
from stores_servers import Flaky, PostgresServer, S3Server, flaky, postgres_server, without_secret

from insights.errors import LakeError, LedgerError
from insights.lake import Lake, open_lake
from insights.lake.files import lake_files
from insights.ledger import open_ledger
from insights.privacy.scrub import scrub_lake
from insights.settings import Settings

pytestmark = pytest.mark.faults
AT = datetime(2026, 10, 31, 18, tzinfo=UTC)


def feedback(start: int, n: int = 500) -> pd.DataFrame:
    ids = [f"f{one:06d}" for one in range(start, start + n)]
    return pd.DataFrame({"feedback_id": ids, "occurred_at": pd.Timestamp("2026-10-30T10:00:00Z"), "verbatim": "rappel"})


@pytest.fixture
def own_postgres(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A PostgreSQL of this test alone: it is restarted."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[Flaky]:
    with flaky(s3, one_in=0) as started:
        yield started


@pytest.fixture
def settings(tmp_path: Path, extension_dir: Path, own_postgres: PostgresServer, s3: S3Server, proxy: Flaky) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        extension_dir=extension_dir,
        catalog_url=own_postgres.database(),
        ledger_url=own_postgres.ledger(),
        **s3.bucket(port=proxy.port),
    )


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
    with open_lake(settings) as opened:
        yield opened


def written(lake: Lake, start: int) -> int:
    with lake.write() as writer:
        return writer.insert_new("feedback", feedback(start))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgres_restarts_in_the_middle_of_a_write(lake: Lake, own_postgres: PostgresServer, mode: str) -> None:
    written(lake, 0)
    with pytest.raises(LakeError, match="cut|not confirm|refused") as told, lake.write() as writer:
        writer.insert_new("feedback", feedback(500))
        own_postgres.restart(mode)
    assert "Traceback" not in str(told.value)
    assert lake.counts()["feedback"] == 500  # the same process goes on
    assert (written(lake, 500), written(lake, 500)) == (500, 0)
    assert lake.counts()["feedback"] == 1000 and lake.check_keys() == []


def test_postgres_is_away_for_a_while_and_a_long_lived_process_goes_on(
    lake: Lake, own_postgres: PostgresServer, settings: Settings
) -> None:
    written(lake, 0)
    with open_ledger(settings) as ledger:
        ledger.append("case.opened", "C", {}, actor="t", at=AT, key="1")
        own_postgres.stop()
        with pytest.raises(LakeError, match="cannot be reached"):
            written(lake, 500)
        with pytest.raises(LakeError):
            lake.counts()
        with pytest.raises(LedgerError, match="does not answer"):
            ledger.append("case.opened", "C", {}, actor="t", at=AT, key="2")
        own_postgres.start()
        assert written(lake, 500) == 500 and lake.counts()["feedback"] == 1000
        assert ledger.append("case.opened", "C", {}, actor="t", at=AT, key="2")
        own_postgres.restart()  # between two steps: nobody notices
        assert ledger.version() == 2 and lake.counts()["feedback"] == 1000
        assert written(lake, 1000) == 500


def test_an_s3_that_fails_one_call_in_ten_is_not_noticed(lake: Lake, proxy: Flaky, settings: Settings) -> None:
    proxy.one_in = 10
    for start in range(0, 5000, 500):
        assert written(lake, start) == 500
    lake.maintain(35)
    assert lake.counts()["feedback"] == 5000
    assert lake.scalar("SELECT count(DISTINCT feedback_id) FROM feedback WHERE verbatim = 'rappel'") == 5000
    sys.stdout.write(f"{proxy.failed} of {proxy.calls} calls failed\n")
    assert proxy.failed >= 5


def test_an_s3_that_is_down_is_a_sentence_and_nothing_is_lost(lake: Lake, proxy: Flaky, settings: Settings) -> None:
    written(lake, 0)
    proxy.one_in = 1
    with pytest.raises(LakeError, match="refused the write|did not confirm") as told:
        written(lake, 500)
    assert without_secret(str(told.value))
    proxy.one_in = 0
    assert (written(lake, 500), written(lake, 500)) == (500, 0)
    assert lake.counts()["feedback"] == 1000 and lake.check_keys() == []
    scrub_lake(settings)  # what the failed write left in the bucket goes with the next cleaning
    named = lake.scalar("SELECT count(*) FROM __ducklake_metadata_lake.ducklake_data_file")
    assert len([one for one in lake_files(settings)[1] if "/feedback/" in one.path]) <= named
    assert lake.counts()["feedback"] == 1000


def test_a_catalog_that_somebody_locked_is_a_sentence_after_a_while(lake: Lake, settings: Settings) -> None:
    patient = settings.model_copy(update={"catalog_url": f"{settings.catalog_url}?options=-c%20lock_timeout%3D500ms"})
    with psycopg.connect(settings.catalog_url) as other:
        other.execute("LOCK TABLE ducklake_snapshot IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LakeError, match="lock timeout"), open_lake(patient, read_only=True) as reader:
            reader.counts()
    assert written(lake, 0) == 500


def test_the_whole_chain_ends_though_postgres_restarts_and_the_bucket_stutters(
    company: Company, own_postgres: PostgresServer, settings: Settings, proxy: Flaky
) -> None:
    given = {n: getattr(company.settings, n) for n in company.settings.model_fields_set}
    mine = Settings(**{**given, **{n: getattr(settings, n) for n in settings.model_fields_set}})
    proxy.one_in = 10
    stop = threading.Event()

    def restart_now_and_then() -> None:
        for seconds in (15, 25, 40):
            if stop.wait(seconds):
                return
            own_postgres.restart()

    troubles = threading.Thread(target=restart_now_and_then)
    troubles.start()
    said, runs, began = "", 0, time.monotonic()
    for runs in range(1, 5):  # noqa: B007
        ran = voc_run(mine, str(company.folder / "exports"))
        said += ran.stdout + ran.stderr
        if ran.returncode == 0:
            break
    stop.set()
    troubles.join()
    assert ran.returncode == 0, said[-3000:]
    assert without_secret(said)
    sys.stdout.write(f"{runs} runs, {time.monotonic() - began:.0f} s, {proxy.failed} of {proxy.calls} calls failed\n")
    with open_lake(mine, read_only=True) as there, open_lake(company.settings, read_only=True) as here:
        assert there.check_keys() == []
        for name in ("feedback", "mention", "mention_irritant", "customer_snapshot", "churn_score"):
            assert there.counts()[name] == here.counts()[name], name
