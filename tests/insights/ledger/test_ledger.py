"""The ledger for real: append once, fold in order, notes that die with their key, keyed identities."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from insights.errors import LedgerError
from insights.ledger import Ledger, open_ledger
from insights.ledger.inbox import Posted, put, retry_later, take
from insights.ledger.migrate import head, revision
from insights.settings import Settings

AT = datetime(2026, 10, 31, 18, tzinfo=UTC)


def opened(ledger: Ledger, key: str, subject: str = "case-1") -> bool:
    return ledger.append("case.opened", subject, {"reason": "detractor"}, actor="rule", at=AT, key=key)


def test_an_idempotency_key_counts_once(ledger: Ledger) -> None:
    assert [opened(ledger, "k"), opened(ledger, "k")] == [True, False]
    assert len(ledger.events()) == 1


def test_events_keep_order_and_are_filtered(ledger: Ledger) -> None:
    opened(ledger, "a")
    ledger.append("irritant.born", "IR-0001", {"label_fr": "été"}, actor="policy", at=AT, key="b")
    opened(ledger, "c", "case-2")
    assert [e.subject for e in ledger.events(("case.",))] == ["case-1", "case-2"]
    assert [e.payload["label_fr"] for e in ledger.events(subject="IR-0001")] == ["été"]
    assert [e.event_id for e in ledger.events(after=2)] == [3]
    assert ledger.version() == 3
    assert ledger.events()[0].at == AT


def test_append_many_skips_what_is_known(ledger: Ledger) -> None:
    rows = [{"kind": "k", "subject": "s", "payload": {}, "actor": "a", "at": AT, "key": str(n % 3)} for n in range(6)]
    assert ledger.append_many(rows) == 3
    assert ledger.append_many(rows) == 0


def test_two_threads_append_one_key_and_one_wins(ledger: Ledger) -> None:
    wins: list[bool] = []
    threads = [threading.Thread(target=lambda: wins.append(opened(ledger, "same"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False] * 7 + [True]


def test_an_instant_without_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="without time zone"):
        ledger.append("k", "s", {}, actor="a", at=datetime(2026, 1, 1), key="x")  # noqa: DTZ001


def test_a_note_is_encrypted_at_rest_and_dies_with_its_key(ledger: Ledger) -> None:
    ledger.put_text("note-1", "C1", "rappeler après 18 h")
    with ledger.engine.connect() as connection:
        stored = connection.execute(text("SELECT sealed FROM event_text")).scalar_one()
    assert "rappeler" not in stored
    assert ledger.text("note-1") == "rappeler après 18 h"
    assert ledger.keys.forget("C1") is True
    assert ledger.text("note-1") is None


def test_identities_are_found_without_being_stored(ledger: Ledger) -> None:
    assert ledger.remember_identities([("email", "Ana.Roy@exemple.fr", "C1"), ("phone", "0639981247", "C1")]) == 2
    assert ledger.remember_identities([("email", "ana.roy@exemple.fr ", "C1")]) == 0
    assert ledger.customers_of(["ANA.ROY@exemple.fr", "x@exemple.fr"]) == {"ANA.ROY@exemple.fr": "C1"}
    with ledger.engine.connect() as connection:
        assert "ana" not in str(connection.execute(text("SELECT * FROM identity")).all()).lower()


def test_keys_are_private_and_outside_the_data(ledger: Ledger, settings: Settings) -> None:
    ledger.put_text("n", "C1", "x")
    ledger.keys.seal("y")
    assert ledger.keys.problems() == []
    assert settings.data_dir not in settings.keys_dir.parents
    (settings.keys_dir / "inbox.key").chmod(0o644)
    assert "chmod 600" in ledger.keys.problems()[0]


def test_what_was_sealed_with_another_key_says_so(ledger: Ledger, settings: Settings) -> None:
    sealed = ledger.keys.seal("une ligne")
    assert ledger.keys.unseal(sealed) == "une ligne"
    (settings.keys_dir / "inbox.key").unlink()
    with pytest.raises(LedgerError, match="another key"):
        ledger.keys.unseal(sealed)


def test_the_ledger_is_at_the_newest_migration_and_opens_twice(ledger: Ledger, settings: Settings) -> None:
    opened(ledger, "k")
    with open_ledger(settings) as again:
        assert revision(again.engine) == head() is not None
        assert again.version() == 1


def test_an_unreachable_ledger_is_a_sentence(settings: Settings) -> None:
    lost = settings.model_copy(update={"ledger_url": "sqlite:////no/such/folder/ledger.sqlite"})
    with pytest.raises(LedgerError, match="cannot be opened"):
        open_ledger(lost)


def test_a_post_put_off_by_a_clock_that_was_ahead_is_taken_when_it_is_put_right(ledger: Ledger) -> None:
    at = datetime(2026, 10, 31, 9, tzinfo=UTC)
    put(ledger, [Posted("tool", "k", at, "sealed")])
    (first,) = take(ledger, at)
    retry_later(ledger, first.inbox_id, at + timedelta(minutes=10), "TimeoutError")
    assert take(ledger, at) == []
    retry_later(ledger, first.inbox_id, at + timedelta(days=1, minutes=10), "TimeoutError")
    assert [one.inbox_id for one in take(ledger, at)] == [first.inbox_id]
