"""Whether a posted body comes from the tool that claims it: each tool's own scheme, compared in constant time.

Every check tries each of `secrets`, so that a secret can be changed without losing an event, and raises SignatureError
with a sentence that holds neither the secret nor the signature that would have been right.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from insights.errors import SignatureError

TOLERANCE_SECONDS = 300  # how far a stated time may lie from ours, either way
Headers = Mapping[str, str]


def verify_hmac(
    headers: Headers,
    body: bytes,
    secrets: Sequence[str],
    *,
    header: str,
    algorithm: str = "sha256",
    encoding: str = "hex",
    prefix: str = "",
) -> None:
    """Accept a body whose HMAC stands in a header as `<prefix><digest>`; `encoding` is hex or base64."""
    given = _header(headers, header)
    if prefix and not given.startswith(prefix):
        raise SignatureError(
            f"The header {header} does not begin with {prefix!r}: look at the tool's webhook settings."
        )
    expected = (
        prefix + _encoded(hmac.new(secret.encode(), body, algorithm).digest(), encoding)
        for secret in _secrets(secrets, header)
    )
    _refuse_unless_one_fits(given.lower() if encoding == "hex" else given, expected, header)


def verify_standard(headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Accept a body signed as Standard Webhooks 1.0 says: `webhook-id`, `webhook-timestamp`, `webhook-signature`.

    Each secret is `whsec_` and base64, as the tool shows it. One of several space-separated v1 signatures is enough.
    """
    message = _header(headers, "webhook-id")
    stamp = _header(headers, "webhook-timestamp")
    refuse_old(stamp, now)
    given = [part[3:] for part in _header(headers, "webhook-signature").split() if part.startswith("v1,")]
    if not given:
        raise SignatureError("The header webhook-signature holds no v1 signature: look at the tool's webhook settings.")
    content = f"{message}.{stamp}.".encode() + body
    expected = [
        base64.b64encode(hmac.new(_standard_key(secret), content, "sha256").digest()).decode()
        for secret in _secrets(secrets, "webhook-signature")
    ]
    if not any([same(one, other) for one in given for other in expected]):
        raise _wrong("webhook-signature")


def verify_token(headers: Headers, secrets: Sequence[str], *, header: str = "authorization") -> None:
    """Accept a request that carries a shared secret in a header, as `Bearer <secret>` or alone.

    The weakest scheme: it proves nothing about the body. For tools that cannot sign.
    """
    given = _header(headers, header)
    if given[:7].lower() == "bearer ":
        given = given[7:].strip()
    _refuse_unless_one_fits(given, _secrets(secrets, header), header)


def verify_any(headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Accept what a tool of your own can do: Standard Webhooks, `X-Signature: sha256=<hex>`, or a bearer token.

    The strongest scheme whose header is there is the one that counts: a wrong signature is not saved by a token.
    """
    if "webhook-signature" in headers:
        verify_standard(headers, body, secrets, now)
    elif "x-signature" in headers:
        verify_hmac(headers, body, secrets, header="x-signature", prefix="sha256=")
    elif "authorization" in headers:
        verify_token(headers, secrets)
    else:
        raise SignatureError(
            "The request is not signed: send Standard Webhooks headers, X-Signature: sha256=<hex of the HMAC>, or "
            "Authorization: Bearer <secret>."
        )


def refuse_old(stamp: str, now: datetime) -> None:
    """Refuse a Unix time in seconds more than five minutes from `now`, either way."""
    try:
        seconds = int(stamp) if len(stamp) <= 12 else None
    except ValueError:
        seconds = None
    if seconds is None:
        raise SignatureError("The stated time of the request is not a Unix time in seconds.")
    if abs(now.timestamp() - seconds) > TOLERANCE_SECONDS:
        raise SignatureError(
            f"The request states a time more than {TOLERANCE_SECONDS // 60} minutes from ours: it is old, or a clock "
            "is wrong on one side."
        )


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def body_key(body: bytes) -> str:
    """The key of an event that carries no id of its own: the hash of its body, the same for every retry."""
    return hashlib.sha256(body).hexdigest()


def _refuse_unless_one_fits(given: str, expected: Iterable[str], header: str) -> None:
    if not any([same(given, value) for value in expected]):  # a list: every secret is tried, whichever fits
        raise _wrong(header)


def _header(headers: Headers, name: str) -> str:
    value = (headers.get(name) or "").strip()
    if not value:
        raise SignatureError(f"The header {name} is missing: the request is not signed as this tool signs.")
    return value


def _secrets(secrets: Sequence[str], header: str) -> list[str]:
    known = [secret for secret in secrets if secret]
    if not known:
        raise SignatureError(
            f"No secret is set for this source, so that {header} cannot be checked: nothing is accepted."
        )
    return known


def _standard_key(secret: str) -> bytes:
    try:
        bare = secret.removeprefix("whsec_").rstrip("=")
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError(
            "The secret of this source is not base64 after whsec_: copy it from the tool again."
        ) from error


def _encoded(digest: bytes, encoding: str) -> str:
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def _wrong(header: str) -> SignatureError:
    return SignatureError(
        f"The signature in {header} fits none of the secrets of this source: the body was changed on its way, or the "
        "secret differs from the tool's."
    )
