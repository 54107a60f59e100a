"""A token bucket that keeps every window of a plan's limit below 70 % of it: the rest belongs to the CRM's other users."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

SHARE = 0.7
BURST_PART = 7  # a seventh of the share at once, the rest spread evenly: together never more than the share


class Bucket:
    """`limit` calls in any `seconds` are the plan's; `share` of them is used.

    `used`: seconds since each call already made, by whichever process. `clock` gives seconds.
    """

    def __init__(
        self,
        limit: float,
        seconds: float,
        used: Iterable[float] = (),
        share: float = SHARE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        most = limit * share
        self.burst = max(most / BURST_PART, 1.0)
        self.per_second = max(most - self.burst, most / BURST_PART) / seconds
        self._clock = clock
        now = clock()
        self._tokens, self._at = self.burst, now - seconds
        for age in sorted((age for age in used if age < seconds), reverse=True):
            self._refill(now - age)
            self._tokens -= 1
        self._refill(now)

    def take(self) -> None:
        """Count one call."""
        self._refill(self._clock())
        self._tokens -= 1

    def wait_seconds(self, n: int = 1) -> float:
        """Seconds until `n` calls may pass; 0 when they may now."""
        self._refill(self._clock())
        return max(min(n, self.burst) - self._tokens, 0.0) / self.per_second

    def _refill(self, now: float) -> None:
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
        self._at = max(now, self._at)
