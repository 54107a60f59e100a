"""One signed delivery, as Standard Webhooks 1.0.0 asks: id, timestamp, signature; 2xx or it did not arrive.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx

from insights.errors import DeliveryError, SettingsError
from insights.outbox.carrier import Parcel
from insights.outbox.endpoint import Endpoint
from insights.outbox.http import Answer, Client, no_answer, retry_after

PREFIX = "whsec_"
MIN_KEY_BYTES = 24
MAX_BODY_BYTES = 20_000
SETTING = "VOC_WEBHOOK_SECRET"

__all__ = ["Answer", "Endpoint", "Sender", "parse_keys", "sign"]


def parse_keys(secret: str, setting: str = SETTING) -> tuple[bytes, ...]:
    """Keys of a setting (`whsec_...`, comma separated, newest first). Raises SettingsError naming the setting."""
    keys = []
    for place, text in enumerate((part.strip() for part in secret.split(",") if part.strip()), 1):
        where = f"{setting}, key {place}"
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
        raise SettingsError(f"{setting} is empty: deliveries must be signed.")
    return tuple(keys)


def sign(message_id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> str:
    """Value of `webhook-signature`: one v1 HMAC-SHA256 per key, space separated, so that keys can be changed."""
    content = f"{message_id}.{timestamp}.".encode() + body
    macs = (hmac.new(key, content, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs)


class Sender:
    """Carries case messages to one webhook. A context manager; safe to share between threads."""

    together = 1
    claim = 3  # of one connection: three timeouts are shorter than the lease
    folder, suffix = "webhooks", ".json"

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.client = Client(
            allow_private=endpoint.allow_private, timeout_seconds=endpoint.timeout_seconds, tls=endpoint.tls
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.client.close()

    def wait_seconds(self) -> float:
        """No limit is known of a webhook: it says 429 itself."""
        return 0.0

    def written(self, parcel: Parcel, at: datetime) -> bytes:
        """What a dry run shows."""
        return parcel.body

    def carry(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """One POST each."""
        return [self.send(one.message_id, one.body, at) for one in parcels]

    def send(self, message_id: str, body: bytes, signed_at: datetime) -> Answer:
        """POST one message, signed at `signed_at` (wall clock: receivers refuse old stamps). Never raises."""
        if len(body) > MAX_BODY_BYTES:
            return Answer(None, "too_large", f"{len(body)} bytes")
        timestamp = int(signed_at.timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(message_id, timestamp, body, self.endpoint.keys),
        }
        try:
            reply = self.client.call("POST", self.endpoint.url, headers=headers, content=body)
        except (DeliveryError, httpx.HTTPError) as error:
            return no_answer(error)
        return Answer(reply.status, retry_after_seconds=retry_after(reply, signed_at))
