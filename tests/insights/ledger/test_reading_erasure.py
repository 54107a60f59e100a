"""An erased customer leaves the audit log under the pseudonym that events carry; old readings leave in the night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from insights.access import at_home
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.ledger.readings import note, readings
from insights.privacy.held import Held
from insights.privacy.ledger_rows import erase_ledger_rows, pseudonym
from insights.privacy.terms import Term
from insights.settings import Settings
from insights.steps.purge import purge

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
EVER = {"since": AT - timedelta(days=400), "until": AT + timedelta(days=400)}
HER, HIM = "C0000001", "C00000012"  # one id begins the other


def held(until: date | None = None) -> Held:
    return Held(HER, until, ("feedback0001",), (), (), (), (), ())


@pytest.fixture
def place(tmp_path):
    return Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")


@pytest.mark.parametrize("until", [None, date(2026, 11, 2)])
def test_an_erasure_leaves_the_readings_and_nobodys_id(place, until):
    with open_ledger(place) as ledger:
        for days, customer in ((0, HER), (0, HIM), (3, HER), (0, None)):
            note(ledger, at_home(), "customer", "customer", customer_id=customer, at=AT + timedelta(days=days))
        note(ledger, at_home(), "verbatims", "export", detail=f"call {HER}", at=AT)
        terms = [Term(HER, "id")] if until is None else []
        counted = erase_ledger_rows(ledger, held(until), terms, dry_run=True)
        assert HER in set(readings(ledger, **EVER)["customer_id"])
        assert erase_ledger_rows(ledger, held(until), terms) == counted == {"reading": 3 if until is None else 2}
        left = readings(ledger, **EVER)
        assert len(left) == 5
        after = AT + timedelta(days=3)
        assert set(left.loc[left["at"] < after, "customer_id"].dropna()) == {HIM, pseudonym(ledger.keys, HER)}
        assert left.loc[left["at"] == after, "customer_id"].tolist() == [
            HER if until else pseudonym(ledger.keys, HER)  # what is dated after the erasure is a new relation
        ]
        assert left["detail"].str.contains(HER).sum() == 0


def test_the_night_removes_readings_past_their_days_by_the_wall_clock(place):
    mine = replace(at_home(), subject="s1")
    pinned = place.model_copy(update={"as_of": date(2020, 1, 1), "audit_days": 200})
    now = datetime.now(UTC)
    with open_lake(pinned) as lake, open_ledger(pinned) as ledger:
        for days in (199, 201):
            note(ledger, mine, "customer", "customer", customer_id=HER, at=now - timedelta(days=days))
        assert purge(lake, ledger) == {"audit: reading": 1}
        assert len(readings(ledger, since=now - timedelta(days=300), until=now)) == 1
