"""HTTP out of the house: the judged address is the one that is called, no redirect, no proxy of the environment."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from insights.errors import DeliveryError
from insights.outbox.address import resolve

TIMEOUT_SECONDS = 15.0
THROTTLES = (429, 502, 503, 504)
MAX_RETRY_AFTER_SECONDS = 24 * 3600.0
MOST_BYTES = 8_000_000


@dataclass(frozen=True)
class Answer:
    """What the receiver said. `status` None: no answer; then `error` is a code (address, timeout, tls, connection).

    `final`: another try of the same message is refused too, so that it is given up at once and people look at it.
    """

    status: int | None
    error: str | None = None
    detail: str = ""
    retry_after_seconds: float | None = None
    final: bool = False
    reference: str = ""  # what the receiver calls it there, such as the key of an issue
    record_id: str = ""  # its lasting id there, where its name may change

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def throttled(self) -> bool:
        """The receiver asks for a pause: nothing more is sent to it until then."""
        return not self.ok and self.retry_after_seconds is not None


@dataclass(frozen=True)
class Reply:
    """An answer with its body, where it was read."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Calls one host's addresses. `allow_private` lets it call this machine and the house's own network."""

    def __init__(
        self, *, allow_private: bool, timeout_seconds: float = TIMEOUT_SECONDS, tls: ssl.SSLContext | None = None
    ) -> None:
        self.allow_private, self.timeout_seconds = allow_private, timeout_seconds
        self._http = httpx.Client(
            verify=tls or ssl.create_default_context(),
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": "voc-insights"},
        )

    def close(self) -> None:
        self._http.close()

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None = None, read: bool = False
    ) -> Reply:
        """One request. TLS and Host keep the name while the resolved address is called: it cannot lead elsewhere.

        `read`: the body too, 8 MB at most. Raises DeliveryError (address refused) and httpx.HTTPError.
        """
        target = resolve(url, allow_private=self.allow_private)
        request = self._http.build_request(
            method,
            target.url,
            content=content,
            headers={**headers, "host": target.host_header},
            extensions={"sni_hostname": target.host},
        )
        response = self._http.send(request, stream=True)
        try:
            body = self._body(response) if read else b""
        finally:
            response.close()  # an unread body is of no interest and may be endless
        return Reply(response.status_code, response.headers, body)

    def _body(self, response: httpx.Response) -> bytes:
        until, body = time.monotonic() + self.timeout_seconds, b""
        for part in response.iter_bytes():
            body += part
            if len(body) > MOST_BYTES or time.monotonic() > until:
                raise httpx.ReadTimeout("the answer is too long", request=response.request)
        return body


def no_answer(error: Exception) -> Answer:
    """The answer that stands for an error of `Client.call`. The text of a URL never enters it."""
    if isinstance(error, DeliveryError):
        return Answer(None, "address", str(error))
    if isinstance(error, httpx.TimeoutException):
        return Answer(None, "timeout", type(error).__name__)
    return Answer(None, "tls" if _is_tls(error) else "connection", type(error).__name__)


def retry_after(reply: Reply, now: datetime) -> float | None:
    """Seconds of Retry-After, given as a number or as a date; at most a day; None when absent or unreadable."""
    text = reply.headers.get("retry-after", "").strip()
    if reply.status not in THROTTLES or not text:
        return None
    if text.isdecimal():
        return min(float(text), MAX_RETRY_AFTER_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), MAX_RETRY_AFTER_SECONDS)


def _is_tls(error: BaseException | None) -> bool:
    """True when a certificate or handshake stands behind an error."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
