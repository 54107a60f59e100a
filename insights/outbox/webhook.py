"""One signed delivery, as Standard Webhooks 1.0.0 asks: id, timestamp, signature; 2xx or it did not arrive.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from insights.errors import DeliveryError, SettingsError
from insights.outbox.address import resolve

PREFIX = "whsec_"
MIN_KEY_BYTES = 24
TIMEOUT_SECONDS = 15.0
MAX_BODY_BYTES = 20_000
GONE = 410
THROTTLES = (429, 502, 503, 504)
MAX_RETRY_AFTER_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Endpoint:
    """Where deliveries go and the keys that sign them; the first key is the newest."""

    url: str
    keys: tuple[bytes, ...] = field(repr=False)
    allow_private: bool = False
    timeout_seconds: float = TIMEOUT_SECONDS
    tls: ssl.SSLContext | None = field(default=None, compare=False)

    @property
    def endpoint_id(self) -> str:
        """Stable name in the ledger; the address itself may hold a token and is not kept there."""
        return f"endpoint-{hashlib.sha256(self.url.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class Answer:
    """What the receiver said. `status` None: no answer; then `error` is a code (address, timeout, tls, connection)."""

    status: int | None
    error: str | None = None
    detail: str = ""
    retry_after_seconds: float | None = None

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def throttled(self) -> bool:
        """The receiver asks for a pause: nothing more is sent to it until then."""
        return self.status in THROTTLES and self.retry_after_seconds is not None


def parse_keys(secret: str) -> tuple[bytes, ...]:
    """Keys of VOC_WEBHOOK_SECRET (`whsec_...`, comma separated, newest first). Raises SettingsError."""
    keys = []
    for place, text in enumerate((part.strip() for part in secret.split(",") if part.strip()), 1):
        where = f"VOC_WEBHOOK_SECRET, key {place}"
        if not text.startswith(PREFIX):
            raise SettingsError(f"{where} must be {PREFIX} and {MIN_KEY_BYTES} or more bytes in base64.")
        body = text.removeprefix(PREFIX)
        try:
            key = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise SettingsError(f"{where} is no base64: make one with `openssl rand -base64 32`.") from error
        if len(key) < MIN_KEY_BYTES:
            raise SettingsError(f"{where} has {len(key)} bytes: at least {MIN_KEY_BYTES} are needed.")
        keys.append(key)
    if not keys:
        raise SettingsError("VOC_WEBHOOK_SECRET is empty: deliveries must be signed.")
    return tuple(keys)


def sign(message_id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> str:
    """Value of `webhook-signature`: one v1 HMAC-SHA256 per key, space separated, so that keys can be changed."""
    content = f"{message_id}.{timestamp}.".encode() + body
    macs = (hmac.new(key, content, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs)


class Sender:
    """An HTTP client for one endpoint. A context manager; follows no redirect and uses no proxy of the environment."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.client = httpx.Client(
            verify=endpoint.tls or ssl.create_default_context(),
            timeout=endpoint.timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": "voc-insights", "content-type": "application/json"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def send(self, message_id: str, body: bytes, signed_at: datetime) -> Answer:
        """POST one message, signed at `signed_at` (wall clock: receivers refuse old stamps). Never raises."""
        if len(body) > MAX_BODY_BYTES:
            return Answer(None, "too_large", f"{len(body)} bytes")
        timestamp = int(signed_at.timestamp())
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(message_id, timestamp, body, self.endpoint.keys),
        }
        try:
            return self._post(body, headers, signed_at)
        except DeliveryError as error:
            return Answer(None, "address", str(error))
        except httpx.TimeoutException as error:
            return Answer(None, "timeout", type(error).__name__)
        except httpx.HTTPError as error:
            return Answer(None, "tls" if _is_tls(error) else "connection", type(error).__name__)

    def _post(self, body: bytes, headers: dict[str, str], signed_at: datetime) -> Answer:
        """The resolved address is called, TLS and Host keep the name: the name cannot lead elsewhere in between."""
        target = resolve(self.endpoint.url, allow_private=self.endpoint.allow_private)
        request = self.client.build_request(
            "POST",
            target.url,
            content=body,
            headers={**headers, "host": target.host_header},
            extensions={"sni_hostname": target.host},
        )
        response = self.client.send(request, stream=True)  # the body is of no interest and may be endless
        response.close()
        return Answer(response.status_code, retry_after_seconds=_retry_after(response, signed_at))


def _is_tls(error: BaseException | None) -> bool:
    """True when a certificate or handshake stands behind an error."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _retry_after(response: httpx.Response, now: datetime) -> float | None:
    """Seconds of Retry-After, given as a number or as a date; at most a day; None when absent or unreadable."""
    text = response.headers.get("retry-after", "").strip()
    if response.status_code not in THROTTLES or not text:
        return None
    if text.isdecimal():
        return min(float(text), MAX_RETRY_AFTER_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), MAX_RETRY_AFTER_SECONDS)
