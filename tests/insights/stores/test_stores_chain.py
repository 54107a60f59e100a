"""The whole chain, an erasure and a move on a real PostgreSQL and a real S3 interface: minutes, run by `make test-faults`."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chain import ROOT, Company, environment, voc_run
from stores_servers import PostgresServer, S3Server, without_secret

from insights.errors import LakeError
from insights.lake import open_lake
from insights.lake.files import lake_files
from insights.ledger import open_ledger
from insights.ledger.ledger import ledger_engine
from insights.privacy.erase import erase
from insights.privacy.search import Search
from insights.settings import Settings
from insights.stores.lake_copy import FROM, TO, both, contents
from insights.stores.ledger_copy import ledger_contents
from insights.stores.move import move
from insights.stores.target import target_settings

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def served(
    company: Company, postgres: PostgresServer, s3: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, str]]:
    """The small company, with `voc run` on the servers from the first row on; what the run said."""
    folder = tmp_path_factory.mktemp("served")
    there = {"catalog_url": postgres.database(), "ledger_url": postgres.ledger(), **s3.bucket()}
    own = {"data_dir": folder / "data", "keys_dir": folder / "keys", "drop_dir": folder / "drop"}
    settings = Settings(
        **{**{n: getattr(company.settings, n) for n in company.settings.model_fields_set}, **own, **there}
    )
    ran = voc_run(settings, str(company.folder / "exports"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    yield settings, ran.stdout + ran.stderr


def test_the_chain_writes_the_same_tables_there_as_here(company: Company, served: tuple[Settings, str]) -> None:
    settings, said = served
    with open_lake(company.settings, read_only=True) as here, open_lake(settings, read_only=True) as there:
        assert there.counts() == here.counts()
        assert there.check_keys() == []
        told = "SELECT irritant_id, count(*) AS n FROM mention_irritant GROUP BY ALL ORDER BY ALL"
        assert there.read(told)["n"].tolist() == here.read(told)["n"].tolist()
    with open_ledger(company.settings) as here_, open_ledger(settings) as there_:
        assert there_.version() == here_.version()
    assert len(lake_files(settings)[1]) > 50
    assert not (settings.lake_dir / "catalog.sqlite").exists() and not (settings.data_dir / "ledger.sqlite").exists()
    assert without_secret(said)


def test_running_again_on_the_servers_changes_no_count(company: Company, served: tuple[Settings, str]) -> None:
    settings, _ = served
    with open_lake(settings, read_only=True) as lake:
        before = lake.counts()
    ran = voc_run(settings, str(company.folder / "exports"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with open_lake(settings, read_only=True) as lake:
        after = lake.counts()
    assert {name: after[name] for name in ("feedback", "mention", "mention_irritant")} == {
        name: before[name] for name in ("feedback", "mention", "mention_irritant")
    }


def test_an_erasure_is_proven_in_the_objects_and_in_the_catalog(served: tuple[Settings, str]) -> None:
    settings, _ = served
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        said = "SELECT customer_id FROM feedback WHERE customer_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        customer = str(lake.scalar(said))
        receipt = erase(lake, ledger, customer)
        assert receipt.proven and receipt.control.n_found == receipt.control.n_required > 0
        assert receipt.after.n_found == 0
        assert receipt.after.read["parquet_files"] == sum(one.extension == "parquet" for one in lake_files(settings)[1])
        assert any(place.startswith("lake.") for place in receipt.control.places)
        assert lake.scalar("SELECT count(*) FROM feedback WHERE customer_id = $id", id=customer) == 0
        assert lake.check_keys() == []


@pytest.fixture
def mine(company: Company, tmp_path: Path) -> Settings:
    """A copy of the embedded company."""
    for name in ("data", "keys"):
        shutil.copytree(company.folder / name, tmp_path / name)
    return company.settings.model_copy(update={"data_dir": tmp_path / "data", "keys_dir": tmp_path / "keys"})


@pytest.fixture
def target(mine: Settings, postgres: PostgresServer, s3: S3Server, tmp_path: Path) -> Path:
    """An env file with empty stores on the servers."""
    there = {"catalog_url": postgres.database(), "ledger_url": postgres.ledger(), **s3.bucket()}
    path = tmp_path / "servers.env"
    path.write_text("".join(f"VOC_{name.upper()}={value}\n" for name, value in there.items()), encoding="utf-8")
    return path


def migrating(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "insights.cli.main", "migrate", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env={**environment(settings), "COLUMNS": "140"}, **pipes)


def snapshot_of(settings: Settings) -> tuple[int, dict[str, int], list[tuple[str, int]]]:
    """What must not change in a source: its snapshot, its rows, its files."""
    with open_lake(settings, read_only=True) as lake:
        return lake.snapshot_id(), lake.counts(), [(one.path, one.size) for one in lake_files(settings)[1]]


def test_a_move_that_is_killed_again_and_again_ends_with_the_same_content(mine: Settings, target: Path) -> None:
    before = snapshot_of(mine)
    for seconds in (4.0, 7.0, 11.0):  # in the making of tables, in the copy, between two tables
        with migrating(mine, "--to", str(target)) as process:
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
    with migrating(mine, "--to", str(target)) as process:
        said, _ = process.communicate()
    assert process.returncode == 0, said
    assert "feedback" in said and "VOC_CATALOG_URL=postgresql://" in said and without_secret(said)
    assert snapshot_of(mine) == before
    from insights.stores.target import from_file

    there = target_settings(mine, from_file(target))
    with both(mine, there, read_only=True) as connection:
        wanted = contents(connection, FROM)
        assert contents(connection, TO) == wanted and wanted["feedback"].n_rows == before[1]["feedback"]
    old, new = ledger_engine(mine), ledger_engine(there)
    assert ledger_contents(new) == ledger_contents(old)
    old.dispose(), new.dispose()
    with open_lake(there, read_only=True) as lake:
        named = lake.scalar("SELECT count(*) FROM __ducklake_metadata_lake.ducklake_data_file")
        assert named == len([one for one in lake_files(there)[1] if one.extension == "parquet"])  # no orphan
        assert lake.scalar("SELECT count(*) FROM ducklake_snapshots('lake')") == 1  # no history to look back into
    with open_ledger(there) as ledger, open_ledger(mine) as left:  # ids go on, none is given twice
        at = mine.business_now()
        for one in (ledger, left):
            one.append("case.noted", "C", {}, actor="test", at=at, key="after the move")
        assert ledger.version() == left.version()

    # and back: the embedded default is empty again once the old folder is out of the way
    mine.lake_dir.rename(mine.data_dir / "lake.before")
    (mine.data_dir / "ledger.sqlite").rename(mine.data_dir / "ledger.before")
    for path in mine.data_dir.glob("ledger.sqlite-*"):
        path.unlink()
    moved = move(
        there, target_settings(there, {name: "" for name in ("catalog_url", "files_url", "ledger_url")}), print
    )
    assert {one.table: one.content for one in moved if one.store == "lake"} == wanted
    with open_lake(mine, read_only=True) as lake:
        assert lake.counts() == before[1] and lake.check_keys() == []


def test_a_target_with_other_data_is_refused_and_untouched(
    mine: Settings, target: Path, served: tuple[Settings, str]
) -> None:
    other, _ = served
    before = snapshot_of(other)
    there = {name: getattr(other, name) for name in other.model_fields_set if name.startswith("s3_")}
    aim = target_settings(mine, {"catalog_url": other.catalog_url, "files_url": other.files_url, **there})
    with pytest.raises(LakeError, match="holds other data"):
        move(mine, aim, print)
    assert snapshot_of(other) == before


def test_the_search_of_an_erasure_reads_what_lies_in_the_bucket(served: tuple[Settings, str]) -> None:
    settings, _ = served
    with open_ledger(settings) as ledger:
        search = Search([], ledger.keys, "nobody")
        search.lake(settings)
    assert search.found.read["parquet_files"] > 20 and search.found.read["values"] > 1000
