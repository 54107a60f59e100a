"""What the door bounds: the size of a body, the time it takes to come, and the posts a minute."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable

BODY_SECONDS = 30.0  # for the whole of it


class TooLarge(Exception):
    """The body is over the limit; what came of it has been thrown away."""


class TooSlow(Exception):
    """The body was not there in time; what came of it has been thrown away."""


async def bounded_body(chunks: AsyncIterator[bytes], declared: str | None, limit: int) -> bytes:
    """The whole body, never more than `limit` bytes in memory. Raises TooLarge, before reading where it is declared; TooSlow."""
    if declared and declared.isdecimal() and (len(declared) > 18 or int(declared) > limit):
        raise TooLarge
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                parts.append(chunk)
    except TimeoutError as error:
        raise TooSlow from error
    return b"".join(parts)


class Rate:
    """So many a minute and name, at most a minute's worth at once. `clock` gives seconds."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._most, self._clock = per_minute / 60, float(per_minute), clock
        self._left: dict[str, tuple[float, float]] = {}  # name -> tokens, at

    def wait_seconds(self, name: str) -> int:
        """0 where one more may pass, and counts it; else whole seconds until it may."""
        now = self._clock()
        left, at = self._left.get(name, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_second)
        passes = left >= 1
        self._left[name] = (left - 1 if passes else left, now)
        return 0 if passes else max(1, math.ceil((1 - left) / self._per_second))
