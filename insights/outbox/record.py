"""What the outbox needs of a ledger; `insights.ledger.Ledger` is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from insights.events import LedgerEvent

ACTOR = "outbox"


class LedgerLike(Protocol):
    """A ledger to append to and to read from."""

    def append(
        self, kind: str, subject: str, payload: Mapping[str, Any], *, actor: str, at: datetime, key: str
    ) -> bool: ...

    def append_many(self, events: Iterable[Mapping[str, Any]]) -> int: ...

    def events(
        self, kinds: Sequence[str] = (), subject: str | None = None, after: int = 0
    ) -> Sequence[LedgerEvent]: ...
