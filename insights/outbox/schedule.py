"""When a message is tried again, and the id under which it always goes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Protocol

# Delay before each attempt, counted from the failure before it (Standard Webhooks 1.0.0).
SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
)
JITTER_SHARE = 0.2
LEASE = timedelta(seconds=60)  # an attempt without result: its sender is still at it, or was killed


class Tried(Protocol):
    """What the schedule needs to know of a message."""

    @property
    def message_id(self) -> str: ...
    @property
    def n_failures(self) -> int: ...


def message_id(case_id: str, event_id: int) -> str:
    """The same for every attempt of one event of one case: the receiver's idempotency key."""
    return f"msg_{hashlib.sha256(f'{case_id}:{event_id}'.encode()).hexdigest()[:24]}"


def next_attempt(delivery: Tried, now: datetime) -> datetime | None:
    """When to try again after one more failure; None when the schedule has run out.

    The jitter (up to a fifth) comes from the id and the attempt: spread over messages, the same at each replay.
    """
    failures = delivery.n_failures + 1
    if failures >= len(SCHEDULE):
        return None
    digest = hashlib.sha256(f"{delivery.message_id}:{failures}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    return now + SCHEDULE[failures] * (1 + JITTER_SHARE * share)
