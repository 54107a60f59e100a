"""The audit log: who opened whose page, once in ten minutes; exports each time; gone after its days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from insights.access import at_home
from insights.errors import LedgerError
from insights.ledger import Ledger, open_ledger
from insights.ledger.readings import COLUMNS, counts, exports, note, purge_readings, readings
from insights.settings import Settings

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
NADIA = replace(at_home("adviser"), subject="s1", name="Nadia", signed_in=True)
PAUL = replace(NADIA, subject="s2", name="Paul")
EVER = {"since": AT - timedelta(days=400), "until": AT + timedelta(days=400)}


@pytest.fixture
def ledger(tmp_path):
    with open_ledger(Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")) as opened:
        yield opened


def test_a_reading_counts_once_in_ten_minutes_for_each_reader_customer_and_page(ledger: Ledger):
    def opened(viewer=NADIA, page="customer", what="customer", customer="C1", minutes=0):
        return note(ledger, viewer, page, what, customer_id=customer, at=AT + timedelta(minutes=minutes))

    assert opened()
    assert not opened(minutes=9)
    assert opened(minutes=10)  # counted from the last one that was kept
    assert not opened(minutes=19)
    assert all((opened(viewer=PAUL), opened(page="risk"), opened(what="timeline"), opened(customer="C2")))
    assert opened(viewer=replace(NADIA, role="analyst"))
    assert opened(customer=None)
    assert not opened(customer=None)
    assert len(readings(ledger, **EVER)) == 8


def test_every_export_counts_and_is_told_with_its_size(ledger: Ledger):
    for n in (120, 7):
        assert note(ledger, NADIA, "verbatims", "export", detail=f"verbatims {n} xlsx", at=AT)
    note(ledger, NADIA, "verbatims", "verbatim", customer_id="C1", at=AT)
    assert exports(ledger, **EVER)["detail"].tolist() == ["verbatims 7 xlsx", "verbatims 120 xlsx"]
    assert counts(ledger, **EVER).to_dict("records") == [
        {"what": "export", "n": 2, "n_readers": 1},
        {"what": "verbatim", "n": 1, "n_readers": 1},
    ]


def test_readings_are_told_newest_first_within_their_bounds(ledger: Ledger):
    for hours, viewer, customer in ((0, NADIA, "C1"), (1, PAUL, "C1"), (2, NADIA, "C2")):
        note(ledger, viewer, "customer", "customer", customer_id=customer, at=AT + timedelta(hours=hours))
    found = readings(ledger, **EVER)
    assert tuple(found.columns) == COLUMNS
    assert found["at"].tolist() == [AT + timedelta(hours=hours) for hours in (2, 1, 0)]
    assert found[["name", "role"]].values.tolist()[0] == ["Nadia", "adviser"]
    assert readings(ledger, **EVER, customer_id="C1")["subject"].tolist() == ["s2", "s1"]
    assert readings(ledger, **EVER, subject="s1")["customer_id"].tolist() == ["C2", "C1"]
    assert len(readings(ledger, **EVER, limit=1)) == 1
    assert readings(ledger, since=AT, until=AT + timedelta(hours=1))["customer_id"].tolist() == ["C1"]
    empty = readings(ledger, since=AT - timedelta(days=2), until=AT - timedelta(days=1))
    assert (len(empty), tuple(empty.columns)) == (0, COLUMNS)


def test_what_is_not_known_is_refused(ledger: Ledger):
    with pytest.raises(LedgerError, match="'peek' is not known"):
        note(ledger, NADIA, "customer", "peek")


def test_a_reading_moves_no_version_that_caches_hang_on(ledger: Ledger):
    before = ledger.version()
    note(ledger, NADIA, "customer", "customer", customer_id="C1", at=AT)
    assert ledger.version() == before


def test_readings_leave_after_their_days(ledger: Ledger):
    for days in (0, 10):
        note(ledger, NADIA, "customer", "customer", customer_id="C1", at=AT + timedelta(days=days))
    assert purge_readings(ledger, AT + timedelta(days=10)) == 1
    assert readings(ledger, **EVER)["at"].tolist() == [AT + timedelta(days=10)]
