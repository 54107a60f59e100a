"""What takes messages to one endpoint, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from insights.cases.model import Case
from insights.outbox.http import Answer


@dataclass(frozen=True)
class Parcel:
    """One message as a carrier gets it. `case`: its newest state; `body` is the same for every attempt."""

    message_id: str
    kind: str
    body: bytes
    case: Case | None = None
    is_new: bool = True  # nothing of the case has arrived there yet, as far as we know


class Carrier(Protocol):
    """Hands messages over. Shared between `endpoint.connections` threads, never between processes."""

    together: int  # messages of one `carry`
    claim: int  # messages of one connection that are claimed at a time: all their timeouts stay within the lease
    folder: str  # of a dry run, below the output folder
    suffix: str  # of its files

    def wait_seconds(self) -> float:
        """Seconds until the endpoint's own rate limit lets the next `carry` pass; counts it when that is 0."""
        ...

    def carry(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """One answer a parcel, in order. Never raises for what the endpoint does. `at`: wall clock."""
        ...

    def written(self, parcel: Parcel, at: datetime) -> bytes:
        """What would be sent, for a dry run."""
        ...

    def close(self) -> None: ...
