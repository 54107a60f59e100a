"""Keyed hashes: lookups under every live key, rows that move to the newest, versions that retire, names."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from insights.keys import KeyRing, keyed_hash
from insights.ledger import Ledger
from insights.ledger.schema import IDENTITY, NAME
from insights.redaction.known import name_hash, name_words

PAIRS = [("email", "A@Exemple.fr", "C1"), ("phone", "0639981247", "C1"), ("email", "b@exemple.fr", "C2")]


def test_a_rotation_keeps_every_lookup_and_moves_rows_when_they_are_seen(ledger: Ledger) -> None:
    assert ledger.remember_identities(PAIRS) == 3
    assert ledger.keys.rotate_identity() == 2
    assert ledger.identity_rows() == {1: 3, 2: 0}
    assert ledger.retire_versions() == []  # rows still need version 1
    assert ledger.customers_of(["a@exemple.fr"]) == {"a@exemple.fr": "C1"}
    assert ledger.identity_rows() == {1: 2, 2: 1}  # a sighting moved it
    ledger.remember_identities(PAIRS)  # a CRM picture moves the rest
    assert ledger.identity_rows() == {1: 0, 2: 3}
    assert ledger.retire_versions() == [1]
    assert list(ledger.keys.identity_versions()) == [2]
    assert ledger.customers_of(["A@EXEMPLE.FR ", "0639981247", "nobody"]) == {"A@EXEMPLE.FR ": "C1", "0639981247": "C1"}
    with ledger.engine.connect() as connection:
        kinds = sorted(connection.execute(select(IDENTITY.c.kind)).scalars())
    assert kinds == ["email", "email", "phone"]


def test_the_newest_version_never_retires_though_no_row_needs_it(ledger: Ledger) -> None:
    assert ledger.retire_versions() == []
    assert ledger.keys.rotate_identity() == 2
    assert ledger.retire_versions() == [1]
    assert ledger.keys.retire_identity([2]) == []


def test_what_must_last_outlives_every_rotation(tmp_path: Path) -> None:
    old = KeyRing(tmp_path / "keys")
    author = old.identity_hash("social:@jeanne", 1)  # how authors were hashed before there was a lasting key
    old.seal_for("C1", "a note")
    sealed = old.seal_for("C1", "un mot")
    assert old.lasting_hash("social:@jeanne") == author
    old.rotate_identity()
    old.retire_identity([1])
    again = KeyRing(tmp_path / "keys")
    assert again.lasting_hash("social:@jeanne") == author
    assert again.unseal_for("C1", sealed) == "un mot"
    assert again.problems() == []


def test_names_are_kept_as_hashes_of_their_words(ledger: Ledger) -> None:
    pairs = [("first_name", "Anne-Sophie", "C1"), ("last_name", "de La Fontaine", "C1"), ("name", "Paul Petit", "C2")]
    assert ledger.remember_identities(pairs) == 0  # none of them is an identity
    key = ledger.keys.name_key()
    expected = {name_hash(key, word) for word in [*name_words("Anne-Sophie"), *name_words("de La Fontaine")]}
    assert ledger.names_of(["C1", "C3"]) == {"C1": frozenset(expected)}
    assert ledger.name_gazetteer() == expected | {name_hash(key, word) for word in name_words("Paul Petit")}
    assert ledger.remember_names([("Paul PETIT", "C2")]) == 0  # nothing new
    with ledger.engine.connect() as connection:
        stored = json.dumps([tuple(row) for row in connection.execute(select(NAME))])
    assert "petit" not in stored.lower() and "fontaine" not in stored.lower()


def test_a_renewed_name_key_waits_for_the_next_picture(ledger: Ledger) -> None:
    ledger.remember_names([("Paul Petit", "C2")])
    before = ledger.names_of(["C2"])
    assert ledger.renew_names() == 2
    assert ledger.names_of(["C2"]) == {}
    assert ledger.remember_names([("Paul Petit", "C2")]) == 2
    assert ledger.names_of(["C2"])["C2"].isdisjoint(before["C2"])


def test_forgotten_people_can_be_kept_again_by_the_same_process(ledger: Ledger) -> None:
    ledger.remember_identities(PAIRS)
    with ledger.engine.begin() as connection:
        connection.execute(IDENTITY.delete())
    ledger.forget_seen()
    assert ledger.remember_identities(PAIRS) == 3


def test_a_value_is_hashed_without_blanks_and_case(ledger: Ledger) -> None:
    key = ledger.keys.identity_versions()[1]
    assert keyed_hash(key, " A@Exemple.FR ") == keyed_hash(key, "a@exemple.fr")
