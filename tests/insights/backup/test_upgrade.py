"""Every migration goes up, down and up again on a filled ledger; an older version leaves what it does not know."""

from __future__ import annotations

import pytest
from backup_tools import contents, ledger_contents
from privacy_people import HER, HIM
from sqlalchemy import Engine, create_engine, text
from stores_servers import PostgresServer

from insights.backup.upgrade import go_back, upgrade
from insights.contracts import TABLES
from insights.errors import BackupError, LedgerError
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.ledger.cursors import save_position
from insights.ledger.ledger import ledger_url
from insights.ledger.migrate import downgrade, head, known, revision
from insights.ledger.migrate import upgrade as migrate
from insights.privacy.erase import erase
from insights.settings import Settings


def up_down_up(settings: Settings, engine: Engine) -> None:
    """From each migration back to the one before, and up again: rows of the tables that stay are the same."""
    for newer, older in zip(known(), known()[1:], strict=False):
        before = ledger_contents(settings)
        assert revision(engine) == newer
        downgrade(engine, older, settings.data_dir)
        left = ledger_contents(settings)
        assert revision(engine) == older and set(left) < set(before)
        assert {name: before[name] for name in left} == left, newer
        migrate(engine, settings.data_dir)
        again = ledger_contents(settings)
        assert set(before) <= set(again) and {name: again[name] for name in left} == left, newer
        downgrade(engine, older, settings.data_dir)
    migrate(engine, settings.data_dir)
    with open_ledger(settings) as ledger:  # in use again
        assert ledger.remember_identities([("email", "b@exemple.fr", HIM)]) == 1


def test_migrations_on_a_filled_sqlite(own) -> None:
    engine = create_engine(ledger_url(own.settings))
    up_down_up(own.settings, engine)
    engine.dispose()


@pytest.mark.faults
def test_migrations_on_a_filled_postgres(own, postgres: PostgresServer) -> None:
    team = own.settings.model_copy(update={"ledger_url": postgres.ledger()})
    with open_ledger(team) as ledger:
        ledger.append("case.noted", "k", {}, actor="ines", at=_at(own), key="k")
        ledger.put_text("note", HER, "une note")
        ledger.remember_identities([("email", "a@exemple.fr", HER), ("name", "Martin", HER)])
        save_position(ledger, "mastodon", "feed", "12")
        up_down_up(team, ledger.engine)


def _at(own):
    with open_ledger(own.settings) as ledger:
        return ledger.events()[0].at


@pytest.mark.faults
def test_an_upgrade_backs_up_first_and_can_be_taken_back(own) -> None:
    engine = create_engine(ledger_url(own.settings))
    with pytest.raises(BackupError, match="No backup in .* is of an earlier migration"):
        go_back(own.settings, own.backups)
    downgrade(engine, known()[1], own.settings.data_dir)  # as the version before left it
    done = upgrade(own.settings, own.backups)
    assert (done.before, done.after, done.problems) == (known()[1], head(), ())
    back = go_back(own.settings, own.backups)
    assert (back.before, back.after) == (head(), known()[1]) and len(back.gone) >= 1
    assert revision(engine) == known()[1]
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(LedgerError, match="at migration 9999, this version knows .*: a later version wrote it"):
        open_ledger(own.settings)


def newer_lake(settings: Settings) -> None:
    """What a later version makes of the lake: a column more in each table, and values in it."""
    with open_lake(settings) as lake, lake.write() as writer:
        for table in TABLES:
            writer.execute(f'ALTER TABLE "{table.name}" ADD COLUMN from_later VARCHAR')
            writer.execute(f"UPDATE \"{table.name}\" SET from_later = 'kept'")


@pytest.mark.faults
def test_an_older_version_leaves_columns_it_does_not_know(own) -> None:
    before = contents(own.settings)
    newer_lake(own.settings)
    with open_lake(own.settings) as lake:
        pictures = lake.read("SELECT * FROM customer_snapshot")
        with lake.write() as writer:
            writer.upsert("customer_snapshot", pictures[pictures["customer_id"] == HIM])
            writer.insert_new("customer_snapshot", pictures)
        assert lake.check_keys() == []
        kept = lake.read_arrow("SELECT customer_id, from_later FROM customer_snapshot").to_pylist()
    found = {row["customer_id"]: row["from_later"] for row in kept}
    assert (found[HER], found[HIM]) == ("kept", None)  # a row written anew is without what its writer does not know
    with open_lake(own.settings) as lake, lake.write() as writer:
        for table in TABLES:
            writer.execute(f'ALTER TABLE "{table.name}" DROP COLUMN from_later')
    assert contents(own.settings) == before


@pytest.mark.faults
def test_an_older_version_erases_in_a_newer_lake(own) -> None:
    newer_lake(own.settings)
    with open_lake(own.settings) as lake, open_ledger(own.settings) as ledger:
        assert erase(lake, ledger, HER).proven
