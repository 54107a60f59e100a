"""Nobody comes back: neither from a backup nor with an old export; and a new relation is welcome."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from privacy_people import AT, EMAIL, HER, HIM, copied, ids_of, moved

from insights.border import Border, BorderBatch
from insights.errors import LedgerError
from insights.keys import KeyRing
from insights.lake import open_lake
from insights.ledger import Ledger, open_ledger
from insights.privacy.erase import erase
from insights.privacy.log import DONE, Entry, ErasureLog, customer_hash
from insights.privacy.refuse import without_erased
from insights.privacy.replay import replay_erasures
from insights.redaction import Redactor
from insights.settings import Settings
from insights.sources.base import Item, RawRecord
from insights.sources.tables import TableBatch
from insights.steps.govern import govern


@pytest.mark.faults
def test_a_restored_backup_is_erased_again_by_the_nightly_run(people: Settings, tmp_path: Path) -> None:
    settings = copied(people, tmp_path)
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        erase(lake, ledger, HER)
        assert replay_erasures(lake, ledger) == []  # nothing to do, and it says so
    shutil.rmtree(settings.data_dir)
    shutil.copytree(people.data_dir, settings.data_dir)  # the backup is from before; the keys' folder is not
    later = {"contact_id": "new", "customer_id": HER, "occurred_at": datetime(2026, 11, 5, tzinfo=UTC)}
    later["available_at"] = later["occurred_at"]
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        with lake.write() as writer:
            writer.insert_new("contact", pd.DataFrame([later]))
        report = govern(lake, ledger, run_id="night")
        assert (report.note["erased_again"], report.note["erasures_not_complete"]) == (1, 0)
        left = lake.read("SELECT contact_id FROM contact WHERE customer_id = $id", id=HER)
        assert left["contact_id"].tolist() == ["new"]  # she came back after her erasure: that stays
        assert lake.scalar("SELECT count(*) FROM feedback WHERE feedback_id = $id", id=ids_of(HER)["review"]) == 0
        assert lake.scalar("SELECT count(*) FROM contact WHERE customer_id = $id", id=HIM) == 1
        assert replay_erasures(lake, ledger) == []


def item(source_id: str, day: str, **more: Any) -> tuple[Item, RawRecord]:
    at = datetime.fromisoformat(f"{day}T10:00:00+00:00")
    feedback = {"kind": "mail", "occurred_at": at, "available_at": at, "verbatim": "toujours rien reçu"}
    emails = more.pop("emails", ())
    return Item(source_id, feedback | more, emails=emails), RawRecord("f", 1, {})


@pytest.fixture
def erased_ledger(ledger: Ledger) -> Ledger:
    """A ledger whose erasure log names one customer, one feedback and one e-mail, on 31 October."""
    from insights.privacy.log import feedback_hash
    from insights.sources.base import feedback_id

    keys = ledger.keys
    known = (1, keys.identity_hash(EMAIL, 1))
    gone = feedback_hash(keys, feedback_id("mails", "old-mail"))
    ErasureLog(keys).append(Entry(customer_hash(keys, HER), DONE, "now", "2026-10-31", (gone,), (known,)))
    return ledger


def passed(ledger: Ledger, settings: Settings, *items: tuple[Item, RawRecord]) -> BorderBatch:
    with Redactor(settings.brands) as redactor:
        return Border.of(ledger, settings, redactor, AT).pass_items("mails", items, Counter())


def test_the_border_refuses_what_an_erased_person_said_before(erased_ledger: Ledger, settings: Settings) -> None:
    batch = passed(
        erased_ledger, settings,
        item("by-id", "2026-10-30", customer_id=HER),
        item("by-mail", "2026-10-31", emails=(EMAIL,)),
        item("old-mail", "2026-12-01"),  # this very feedback was erased
        item("new-by-id", "2026-11-02", customer_id=HER),
        item("new-by-mail", "2026-11-02", emails=(EMAIL,)),
        item("his", "2026-10-30", customer_id=HIM),
    )  # fmt: skip
    assert sorted(batch.feedback["source_id"]) == ["his", "new-by-id", "new-by-mail"]
    assert batch.n_erased == 3


def test_table_rows_of_an_erased_customer_stay_out_with_their_identities(erased_ledger: Ledger) -> None:
    rows = pd.DataFrame({"customer_id": [HER, HER, HIM], "as_of": [date(2026, 9, 30), date(2026, 11, 30)] * 1 + [AT]})
    pairs = [("email", EMAIL, HER), ("email", "b@exemple.fr", HIM)]
    erased = ErasureLog(erased_ledger.keys).erased()
    kept, n_out = without_erased(TableBatch(rows, pd.DataFrame(), pairs), "customer_snapshot", erased)
    assert (list(kept.rows["customer_id"]), n_out, kept.identities) == ([HER, HIM], 1, pairs)
    old, n_old = without_erased(TableBatch(rows.iloc[[0, 2]], pd.DataFrame(), pairs), "customer_snapshot", erased)
    assert (list(old.rows["customer_id"]), n_old, old.identities) == ([HIM], 1, pairs[1:])
    undated = TableBatch(rows.iloc[[0]].assign(as_of=None), pd.DataFrame(), [])
    assert without_erased(undated, "customer_snapshot", erased)[1] == 1  # without a day it may be old: refused


def test_a_line_cut_short_is_passed_over_and_a_damaged_log_is_told(tmp_path: Path) -> None:
    log = ErasureLog(KeyRing(tmp_path))
    entry = Entry("c", DONE, "now", "2026-10-31")
    log.append(entry)
    with log.path.open("ab") as stream:
        stream.write(b'{"customer": "cut')
    assert log.entries() == (entry,)
    log.append(entry)  # the next line does not grow out of the cut one
    assert log.entries() == (entry, entry)
    log.path.write_bytes(b"broken\n" + log.path.read_bytes())
    with pytest.raises(LedgerError, match="line 1 is damaged: restore the file"):
        log.entries()


def test_the_log_is_readable_by_its_owner_only(erased_ledger: Ledger) -> None:
    assert erased_ledger.keys.problems() == []


def test_an_erasure_leaves_the_log_where_backups_do_not_reach(people: Settings, tmp_path: Path) -> None:
    with moved(people, tmp_path) as (lake, ledger):
        path = ErasureLog(ledger.keys).path
        assert lake.settings.data_dir not in path.parents and path.parent == ledger.keys.folder
