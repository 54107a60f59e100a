"""The HTTP client of pulls: one JSON page at a time, patient with a service that is busy, deaf to redirects.

Retried: connection errors, cut answers, 429 and 5xx; with the wait the service asks for, else twice as long each time.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from insights.errors import SourceError

ATTEMPTS = 6
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 960.0  # X's windows are 15 minutes long; who asks for more is asked again at the next run
LARGEST_BYTES = 64 << 20
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class _Again(Exception):
    """This attempt failed in a way that may pass; `wait` is what the service asked for, if it did."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


class WebClient:
    """A client of one service: the origin of `url`. The token goes there and nowhere else.

    `token`: `user:password` is sent as Basic, `apikey=...` as a header apikey, all else as Bearer. `sleep`, `now` and
    `draw` (0 to 1) are arguments so that a test need not wait.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._origin = _origin(url)
        if self._origin[0] != "https" and urlsplit(url).hostname not in LOOPBACK:
            raise SourceError(f"{_shown(url)}: only https is asked, so that no token or text crosses the net in clear.")
        self._attempts, self._sleep, self._now, self._draw = attempts, sleep, now, draw
        auth = httpx.BasicAuth(*token.split(":", 1)) if ":" in token else None
        self._http = httpx.Client(
            timeout=TIMEOUT, follow_redirects=False, auth=auth, headers={"Accept": "application/json", **_header(token)}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON at `url`. Raises SourceError, with what to do next, when it cannot be had."""
        if _origin(url) != self._origin:
            raise SourceError(
                f"{_shown(url)}: the next page lies on another host than the configured address; refused."
            )
        asked = httpx.URL(url).copy_merge_params({name: str(value) for name, value in (params or {}).items()})
        for attempt in range(1, self._attempts + 1):
            try:
                return self._once(asked)
            except _Again as error:
                wait = self._wait(attempt, error.wait)
                if attempt == self._attempts or wait > LONGEST_WAIT_SECONDS:
                    said = f" It asks to wait {error.wait:.0f} s." if error.wait else ""
                    raise SourceError(
                        f"{_shown(url)}: {error} ({attempt} attempt(s)).{said} What came before is kept; run it again "
                        "later and it goes on from there."
                    ) from error
                self._sleep(wait)
        raise AssertionError("unreachable")

    def _once(self, url: httpx.URL) -> Any:
        try:
            with self._http.stream("GET", url) as answer:
                self._judge(answer)
                return _json(answer)
        except httpx.TransportError as error:
            raise _Again(f"no whole answer ({type(error).__name__})") from error

    def _judge(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status == httpx.codes.OK:
            return
        where = _shown(str(answer.url))
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
            raise _Again(f"it answered {status}", _asked_wait(answer.headers, self._now()))
        if status in (401, 403):
            raise SourceError(f"{where}: it answered {status}. Look at this source's token in VOC_PULL_TOKENS.")
        if answer.is_redirect:
            raise SourceError(f"{where}: it answered {status} and points elsewhere. Write the final address in `url`.")
        raise SourceError(f"{where}: it answered {status}. Look at `url` of this source in sources.yaml.")

    def _wait(self, attempt: int, asked: float | None) -> float:
        """Seconds to wait: at least what was asked, with up to a quarter more so that clients do not come in step."""
        own = FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1) * (0.5 + 0.5 * self._draw())
        return own if asked is None else asked * (1 + 0.25 * self._draw()) if asked < 60 else asked + 5 * self._draw()


def _json(answer: httpx.Response) -> Any:
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > LARGEST_BYTES:
            raise SourceError(f"{_shown(str(answer.url))}: the page is larger than {LARGEST_BYTES >> 20} MB; refused.")
        parts.append(part)
    try:
        return json.loads(b"".join(parts))
    except (ValueError, RecursionError) as error:
        raise _Again("it answered something that is not JSON") from error


def _asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds by Retry-After (a number or an HTTP date), else until X's `x-rate-limit-reset`; None where none is said."""
    given = headers.get("retry-after", "").strip()
    try:
        if given.isdigit():
            return float(given)
        if given:
            return max(0.0, (parsedate_to_datetime(given).astimezone(UTC) - now).total_seconds())
        reset = headers.get("x-rate-limit-reset", "").strip()
        return max(0.0, float(reset) - now.timestamp()) if reset else None
    except (ValueError, TypeError, OverflowError):
        return None


def _header(token: str) -> dict[str, str]:
    if not token or ":" in token:
        return {}
    if token.startswith("apikey="):
        return {"apikey": token.removeprefix("apikey=")}
    return {"Authorization": f"Bearer {token}"}


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError as error:
        raise SourceError(f"{url!r} is not an address. Look at `url` of this source in sources.yaml.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError(f"{url!r} is not an http(s) address. Look at `url` of this source in sources.yaml.")
    return parts.scheme, parts.hostname, port


def _shown(url: str) -> str:
    """The address without its query, which may hold what should not stand in a log."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or '?'}{':' + str(parts.port) if parts.port else ''}{parts.path}"
