"""What the folds of the core read of an event; `insights.ledger.Event` is one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class LedgerEvent(Protocol):
    """One thing decided, promised or sent, in the ledger's order."""

    @property
    def event_id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def idempotency_key(self) -> str: ...
