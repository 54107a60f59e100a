"""A circuit breaker for one endpoint, folded from what its attempts came to: closed, open, half-open.

It holds no state of its own: the same events give the same breaker in every process, after every restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from insights.jumps import ahead

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"
FAILURES_IN_A_ROW = 5  # then the receiver is down, not the message bad
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
OF_THE_MESSAGE = (
    400,
    409,
    413,
    422,
    429,
)  # says something of the message or the rate, nothing of the endpoint's health


@dataclass
class Breaker:
    """Opens after five failures in a row, for 30 s; then one message tries, and each failed try doubles the pause."""

    failures: int = 0
    opened: int = 0
    until: datetime | None = None
    failed_at: datetime | None = None

    def succeed(self) -> None:
        self.failures, self.opened, self.until, self.failed_at = 0, 0, None, None

    def fail(self, at: datetime) -> None:
        """Count a failure. One that comes while it is open belongs to those that opened it."""
        if self.state(at) == OPEN:
            return
        self.failures, self.failed_at = self.failures + 1, at
        if self.failures >= FAILURES_IN_A_ROW:
            self.opened += 1
            self.until = at + min(FIRST_PAUSE * 2 ** min(self.opened - 1, 16), LONGEST_PAUSE)

    def note(self, status: int | None, error: str | None, at: datetime) -> None:
        """Fold in one answer."""
        if status is not None and 200 <= status < 300:
            self.succeed()
        elif status not in OF_THE_MESSAGE and error != "too_large":
            self.fail(at)

    def state(self, now: datetime) -> str:
        if self.until is None or self.failed_at is None:
            return CLOSED
        return OPEN if now < self.until and not ahead(self.failed_at, now) else HALF_OPEN
