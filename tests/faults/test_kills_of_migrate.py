"""`voc migrate` killed again and again: run to its end, it has moved every row once, and the source is as it was."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest
from stores_servers import PostgresServer

from insights.bench.faults import Nursery, founded, last_words
from insights.bench.faults_company import SECOND_DAY, settings_of, write_company
from insights.cli.checks import all_checks
from insights.lake import open_lake
from insights.lake.place import asked, catalog_connection, files_root
from insights.ledger import open_ledger
from insights.settings import load_settings
from insights.stores.ledger_copy import ledger_contents

pytestmark = pytest.mark.faults
KILLS, SEED = 20, 7


def test_a_migration_killed_twenty_times_moves_everything_once(
    postgres: PostgresServer, tmp_path: Path, extension_dir: Path
) -> None:
    write_company(tmp_path / "company")
    nursery, draw = Nursery(extension_dir), random.Random(SEED)
    try:
        home = founded(tmp_path, nursery)
        before = nursery.told(home, SECOND_DAY, "")
        addresses = {"catalog_url": postgres.database(), "ledger_url": postgres.ledger()}
        empty = {"catalog_url": postgres.database(), "ledger_url": postgres.ledger()}
        whole = nursery.whole(home, SECOND_DAY, target=empty)
        died = []
        while len(died) < KILLS:
            share = draw.random() * len(died) / KILLS
            how = (
                {"moment": 1 + int(share * len(whole.moments))}
                if len(died) % 2
                else {"seconds": 0.1 + share * whole.seconds}
            )
            life = nursery.life(home, SECOND_DAY, target=addresses, **how)
            assert life.code in (0, -signal.SIGKILL), last_words(home)
            died.append(life.moments[0] if life.code else "too late")
            if life.code == 0:  # moved already: to other stores the next time
                addresses = {"catalog_url": postgres.database(), "ledger_url": postgres.ledger()}
        nursery.whole(home, SECOND_DAY, target=addresses)
        assert nursery.told(home, SECOND_DAY, "")["same"] == before["same"]
    finally:
        nursery.close()
    print(f"migration: {KILLS - died.count('too late')} kills, seed {SEED}: {died}")  # noqa: T201
    source = settings_of(home, extension_dir)
    target = load_settings(**{**{name: getattr(source, name) for name in type(source).model_fields}, **addresses})
    with open_lake(source, read_only=True) as old, open_lake(target, read_only=True) as new:
        assert new.counts() == old.counts() and new.check_keys() == []
        assert sum(old.counts().values()) > 1000
    with open_ledger(source) as old_ledger, open_ledger(target) as new_ledger:
        assert ledger_contents(new_ledger.engine) == ledger_contents(old_ledger.engine)
    with catalog_connection(target) as connection:
        named = {Path(str(row[0])).name for row in asked(connection, "SELECT path FROM ducklake_data_file")}
    assert {path.name for path in Path(files_root(target)).rglob("*") if path.is_file()} == named
    assert [name for name, passed, _ in all_checks(target) if not passed] == []
