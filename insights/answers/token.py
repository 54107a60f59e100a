"""Signed links of a digest: who answers what about which irritant of which issue, until when; nothing else can be read.

A token is base64url of an HMAC-SHA256 (cut to 128 bits) and of a small JSON list. The HMAC also covers the recipient's
address, which the token does not carry: after the address has changed, links sent to the old one are refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from insights.errors import VocError

FORGED, EXPIRED = "forged", "expired"
LONGEST = 600  # characters of a token
MAC_BYTES = 16
DOMAIN = b"voc-digest-link-1\0"  # the key signs nothing else, and nothing else can pass for a link


class LinkError(VocError):
    """A link that cannot be used. `reason`: forged (altered, or made for somebody else) or expired."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "This link was altered or made for somebody else: use the buttons of your own last digest."
            if reason == FORGED
            else "This link has expired: use the buttons of your last digest."
        )
        self.reason = reason


@dataclass(frozen=True)
class Token:
    """What one link says. `answer`: one of the answers, or what the link opens (frequency, unsubscribe)."""

    publication_id: str
    recipient_id: str
    irritant_id: str
    answer: str
    expires_at: datetime


def sign(token: Token, address: str, keys: Mapping[int, bytes]) -> str:
    """The token as text, signed with the newest key for the recipient's present address."""
    version = max(keys)
    fields = [
        *(version, token.publication_id, token.recipient_id, token.irritant_id, token.answer),
        int(token.expires_at.timestamp()),
    ]
    payload = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return _text(_mac(keys[version], payload, address) + payload)


def read(text: str, address_of: Callable[[str], str | None], keys: Mapping[int, bytes], now: datetime) -> Token:
    """The token, once it is genuine and in time. `address_of`: a recipient's present address, None when unknown.

    Raises LinkError.
    """
    mac, payload = _parts(text)
    version, token = _fields(payload)
    address, key = address_of(token.recipient_id), keys.get(version)
    expected = _mac(key or bytes(32), payload, address or "")
    if not hmac.compare_digest(mac, expected) or key is None or address is None:
        raise LinkError(FORGED)
    if now >= token.expires_at:
        raise LinkError(EXPIRED)
    return token


def _mac(key: bytes, payload: bytes, address: str) -> bytes:
    who = address.strip().casefold().encode()
    return hmac.new(key, DOMAIN + payload + b"\0" + who, hashlib.sha256).digest()[:MAC_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _parts(text: str) -> tuple[bytes, bytes]:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise LinkError(FORGED) from error
    if len(text) > LONGEST or _text(raw) != text:  # one token has one text
        raise LinkError(FORGED)
    return raw[:MAC_BYTES], raw[MAC_BYTES:]


def _fields(payload: bytes) -> tuple[int, Token]:
    try:
        version, *words, ends = json.loads(payload)
        publication_id, recipient_id, irritant_id, answer = (str(word) for word in words)
        return int(version), Token(
            publication_id, recipient_id, irritant_id, answer, datetime.fromtimestamp(int(ends), UTC)
        )
    except (ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
        raise LinkError(FORGED) from error
