"""The erasure log, beside the keys and outside every backup of the data: who must stay away, as keyed hashes only.

One JSON line per state of an erasure: `requested` first, `done` last. It survives the restoring of a backup, so that
`replay_erasures` can erase again, and it keeps old exports from bringing a person back. Rows dated after the day of
the erasure are a new relation and welcome.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from insights.errors import LedgerError
from insights.keys import KeyRing, keyed_hash

FILE = "erasures.jsonl"
REQUESTED, DONE = "requested", "done"


@dataclass(frozen=True)
class Entry:
    """One state of one erasure. `customer` and `feedback` are lasting hashes, `identities` (key version, hash)."""

    customer: str
    state: str
    at: str
    erased_on: str
    feedback: tuple[str, ...] = ()
    identities: tuple[tuple[int, str], ...] = ()
    receipt: str = ""

    @property
    def day(self) -> date:
        """What is dated on or before this day stays out."""
        return date.fromisoformat(self.erased_on)


@dataclass(frozen=True)
class Erased:
    """The log as read once. All questions are answered with a day: None where there was no erasure."""

    keys: KeyRing
    entries: tuple[Entry, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.entries)

    @cached_property
    def _customers(self) -> Mapping[str, date]:
        return _latest((entry.customer, entry.day) for entry in self.entries)

    @cached_property
    def _feedback(self) -> frozenset[str]:
        return frozenset(found for entry in self.entries for found in entry.feedback)

    @cached_property
    def _identities(self) -> Mapping[tuple[int, str], date]:
        return _latest((tuple(pair), entry.day) for entry in self.entries for pair in entry.identities)

    @cached_property
    def _versions(self) -> Mapping[int, bytes]:
        return self.keys.identity_versions()

    def customer_day(self, customer_id: str) -> date | None:
        """The day a customer was erased."""
        return self._customers.get(customer_hash(self.keys, customer_id)) if self.entries else None

    def has_feedback(self, feedback_id: str) -> bool:
        """Whether this very feedback was erased: it never comes back, whatever its date."""
        return bool(self._feedback) and feedback_hash(self.keys, feedback_id) in self._feedback

    def identity_day(self, values: Iterable[str]) -> date | None:
        """The day somebody with one of these e-mails or phones was erased."""
        if not self._identities:
            return None
        hashes = ((version, keyed_hash(key, value)) for value in values for version, key in self._versions.items())
        return max((day for one in hashes if (day := self._identities.get(one))), default=None)


class ErasureLog:
    """The file of one installation."""

    def __init__(self, keys: KeyRing) -> None:
        self.keys = keys
        self.path: Path = keys.folder / FILE

    def entries(self) -> tuple[Entry, ...]:
        """All lines in order. A last line cut short by a crash is passed over; any other damage is told."""
        if not self.path.is_file():
            return ()
        lines = self.path.read_bytes().split(b"\n")
        found = []
        for number, line in enumerate(lines, start=1):
            try:
                if line.strip():
                    found.append(_entry(json.loads(line)))
            except (ValueError, TypeError, KeyError) as error:
                if number < len(lines):
                    raise LedgerError(
                        f"{self.path}, line {number} is damaged: restore the file from the copy of the keys' folder, "
                        "as without it erased people could come back."
                    ) from error
        return tuple(found)

    def key_versions(self) -> frozenset[int]:
        """Identity keys by which the log knows somebody: while they live, an old export with an e-mail is refused."""
        return frozenset(version for entry in self.entries() for version, _ in entry.identities)

    def erased(self) -> Erased:
        """The log, ready to be asked."""
        return Erased(self.keys, self.entries())

    def append(self, entry: Entry) -> None:
        """Write a line and wait until it is on the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self.path.with_suffix(".lock"), mode=0o600):
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "r+b") as stream:
                stream.seek(0)
                before = stream.read()
                if before and not before.endswith(b"\n"):  # a line that a crash cut short says nothing
                    stream.truncate(before.rfind(b"\n") + 1)
                stream.seek(0, os.SEEK_END)
                stream.write(json.dumps(asdict(entry)).encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())

    def open_requests(self) -> list[str]:
        """Customers' hashes whose last line says requested: their erasure was not finished."""
        last = {entry.customer: entry.state for entry in self.entries()}
        return [customer for customer, state in last.items() if state == REQUESTED]


def customer_hash(keys: KeyRing, customer_id: str) -> str:
    """How the log names a customer."""
    return keys.lasting_hash(f"erased:customer:{customer_id}")


def feedback_hash(keys: KeyRing, feedback_id: str) -> str:
    """How the log names a feedback."""
    return keys.lasting_hash(f"erased:feedback:{feedback_id}")


def dated(instant: Any) -> date | None:
    """The day of a cell: an instant, a date, a text of either, or None."""
    if instant is None or pd.isna(instant):
        return None
    if isinstance(instant, datetime):
        return instant.date()
    return instant if isinstance(instant, date) else date.fromisoformat(str(instant)[:10])


def _entry(told: Mapping[str, Any]) -> Entry:
    identities = tuple((int(version), str(found)) for version, found in told.get("identities", ()))
    plain = {name: str(told[name]) for name in ("customer", "state", "at", "erased_on")}
    entry = Entry(**plain, feedback=tuple(told.get("feedback", ())), identities=identities, receipt=told["receipt"])
    date.fromisoformat(entry.erased_on)
    return entry


def _latest(pairs: Iterable[tuple[Any, date]]) -> dict[Any, date]:
    found: dict[Any, date] = {}
    for key, day in pairs:
        found[key] = max(day, found.get(key, day))
    return found
