"""Who is who, without saying it: keyed hashes of e-mails, phones, accounts and of the words of names.

The identity key has versions: a lookup tries all that live, a new sighting moves the row to the newest, and a version
without rows retires (`retire_versions`). The names' key has none: names come again whole with every CRM picture.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from insights.keys import KeyRing, keyed_hash
from insights.ledger.schema import IDENTITY, NAME

BATCH = 500
NAME_KINDS = frozenset({"name", "first_name", "last_name"})
Pair = tuple[str, str, str]  # kind, value, customer_id


class Identities:
    """The part of the ledger that links people; `Ledger` is one."""

    engine: Engine
    keys: KeyRing
    _seen: set[Pair]  # (hash, kind, customer_id) this process has already kept
    _seen_names: set[tuple[str, str]]
    _seen_pairs: set[int]  # of names already hashed: a CRM picture repeats the last one

    def remember_identities(self, pairs: Iterable[Pair]) -> int:
        """Keep (kind, value, customer_id) as keyed hashes under the newest key; returns the new ones.

        A pair of kind `name`, `first_name` or `last_name` goes to the names. A value known under an older key moves.
        """
        given = list(pairs)
        self.remember_names((value, customer) for kind, value, customer in given if kind in NAME_KINDS)
        values = [pair for pair in given if pair[0] not in NAME_KINDS]
        versions = self.keys.identity_versions()
        newest = max(versions)
        hashed = {(keyed_hash(versions[newest], value), kind, customer) for kind, value, customer in values}
        hashed -= self._seen
        rows = {found: {"kind": kind, "customer_id": customer} for found, kind, customer in sorted(hashed)}
        if not rows:
            return 0
        with self.engine.begin() as connection:
            n_new = _keep(connection, rows, newest)
            for version, key in versions.items():
                if version != newest:
                    _drop(connection, [keyed_hash(key, value) for _, value, _ in values], version)
        self._seen |= hashed
        return n_new

    def customers_of(self, values: Sequence[str]) -> dict[str, str]:
        """customer_id by e-mail, phone or account, for the values that are known under any live key version."""
        versions = self.keys.identity_versions()
        found: dict[str, str] = {}
        older: list[Pair] = []
        with self.engine.connect() as connection:
            for version, key in versions.items():
                hashes = {keyed_hash(key, value): value for value in values}
                known = _known(connection, list(hashes), version)
                found |= {hashes[hashed]: row[1] for hashed, row in known.items()}
                if version != max(versions):
                    older += [(row[0], hashes[hashed], row[1]) for hashed, row in known.items()]
        if older:
            with suppress(IntegrityError):  # another process moved them at the same moment
                self.remember_identities(older)
        return found

    def identity_hashes(self, customer_id: str) -> set[tuple[int, str]]:
        """(key version, hash) of all that is kept of one customer."""
        query = select(IDENTITY.c.key_version, IDENTITY.c.identity_hash).where(IDENTITY.c.customer_id == customer_id)
        with self.engine.connect() as connection:
            return {(int(version), str(found)) for version, found in connection.execute(query)}

    def identity_rows(self) -> dict[int, int]:
        """Rows by key version: every live version, and any that rows still name."""
        query = select(IDENTITY.c.key_version, func.count()).group_by(IDENTITY.c.key_version)
        with self.engine.connect() as connection:
            rows = {int(version): int(n) for version, n in connection.execute(query)}
        return dict(sorted({**dict.fromkeys(self.keys.identity_versions(), 0), **rows}.items()))

    def retire_versions(self, needed: Collection[int] = ()) -> list[int]:
        """Delete the older identity keys that no row needs any more, save `needed` ones; returns their numbers."""
        rows = self.identity_rows()
        return self.keys.retire_identity([version for version, n in rows.items() if n == 0 and version not in needed])

    def remember_names(self, pairs: Iterable[tuple[str, str]]) -> int:
        """Keep (full name or a part of it, customer_id) as keyed hashes of the words; returns the new ones."""
        given = [pair for pair in set(pairs) if hash(pair) not in self._seen_pairs]
        if not given:
            return 0
        from insights.redaction.known import name_hash, name_words

        key = self.keys.name_key()
        found = {(name_hash(key, word), customer) for name, customer in given for word in name_words(name)}
        found -= self._seen_names
        with self.engine.begin() as connection:
            known = _known_names(connection, sorted({customer for _, customer in found}))
            rows = [{"name_hash": one, "customer_id": customer} for one, customer in sorted(found - known)]
            if rows:
                connection.execute(insert(NAME), rows)
        self._seen_names |= found
        self._seen_pairs |= {hash(pair) for pair in given}
        return len(rows)

    def forget_seen(self) -> None:
        """Look everything up again: what this process has kept may have been erased."""
        self._seen.clear()
        self._seen_names.clear()
        self._seen_pairs.clear()

    def names_of(self, customer_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Hashes of the words of each customer's name, for those that have any."""
        found: dict[str, set[str]] = {}
        with self.engine.connect() as connection:
            for one, customer in _known_names(connection, sorted(set(customer_ids))):
                found.setdefault(customer, set()).add(one)
        return {customer: frozenset(hashes) for customer, hashes in found.items()}

    def name_gazetteer(self) -> frozenset[str]:
        """Hashes of every word of every customer's name."""
        with self.engine.connect() as connection:
            return frozenset(str(one) for one in connection.execute(select(NAME.c.name_hash).distinct()).scalars())

    def renew_names(self) -> int:
        """Forget all names and their key: the next CRM picture brings them under a new one. Returns the rows deleted."""
        with self.engine.begin() as connection:
            n_gone = connection.execute(delete(NAME)).rowcount
        self.keys.renew_name_key()
        self._seen_names.clear()
        self._seen_pairs.clear()
        return int(n_gone)


def _keep(connection: Connection, rows: dict[str, dict[str, str]], version: int) -> int:
    known = _known(connection, list(rows), version)
    fresh: list[dict[str, Any]] = [
        {"identity_hash": found, "key_version": version, **row} for found, row in rows.items() if found not in known
    ]
    if fresh:
        connection.execute(insert(IDENTITY), fresh)
    return len(fresh)


def _drop(connection: Connection, hashes: Sequence[str], version: int) -> None:
    for part in _parts(hashes):
        connection.execute(
            delete(IDENTITY).where(IDENTITY.c.key_version == version, IDENTITY.c.identity_hash.in_(part))
        )


def _known(connection: Connection, hashes: Sequence[str], version: int) -> dict[str, tuple[str, str]]:
    """(kind, customer_id) by hash."""
    found: dict[str, tuple[str, str]] = {}
    for part in _parts(hashes):
        query = select(IDENTITY.c.identity_hash, IDENTITY.c.kind, IDENTITY.c.customer_id).where(
            IDENTITY.c.key_version == version, IDENTITY.c.identity_hash.in_(part)
        )
        found |= {str(row.identity_hash): (str(row.kind), str(row.customer_id)) for row in connection.execute(query)}
    return found


def _known_names(connection: Connection, customer_ids: Sequence[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for part in _parts(customer_ids):
        query = select(NAME.c.name_hash, NAME.c.customer_id).where(NAME.c.customer_id.in_(part))
        found |= {(str(row.name_hash), str(row.customer_id)) for row in connection.execute(query)}
    return found


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
