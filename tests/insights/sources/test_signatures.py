"""A tool's signature opens the door, in its own scheme; anything else is refused by a sentence without a secret in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from insights.errors import SignatureError
from insights.sources import RecordSource, registry, signatures
from insights.sources.base import Hook

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BODY = '{"event_id": "1", "texte": "déçu"}'.encode()
SECRET = "api-key&not-a-real-secret"
STANDARD = "whsec_" + base64.b64encode(b"not-a-real-secret-of-32-bytes!!!").decode()


def digest(algorithm: str, body: bytes, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), body, algorithm).digest()


def standard(body: bytes, at: datetime, secret: str = STANDARD) -> dict[str, str]:
    """Headers as the reference library of Standard Webhooks signs them."""
    signed = Webhook(secret).sign("msg_1", at, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed}


SIGNED: dict[str, tuple[str, Callable[[bytes], dict[str, str]]]] = {
    "typeform": (
        SECRET,
        lambda body: {"typeform-signature": "sha256=" + base64.b64encode(digest("sha256", body)).decode()},
    ),
    "surveymonkey": (SECRET, lambda body: {"sm-signature": base64.b64encode(digest("sha1", body)).decode()}),
    "delighted": (SECRET, lambda body: {"x-delighted-webhook-signature": "sha256=" + digest("sha256", body).hex()}),
    "formbricks": (STANDARD, lambda body: standard(body, NOW)),
}


def hook(name: str) -> Hook:
    source = registry()[name]
    assert isinstance(source, RecordSource) and source.hook is not None
    return source.hook


@pytest.mark.parametrize("name", SIGNED)
def test_what_the_tool_signed_is_accepted_with_any_of_two_secrets(name: str) -> None:
    secret, sign = SIGNED[name]
    hook(name).verify(sign(BODY), BODY, [secret], NOW)
    hook(name).verify(sign(BODY), BODY, [STANDARD if secret == SECRET else STANDARD[:-8] + "AAAA", secret], NOW)


@pytest.mark.parametrize("name", [*SIGNED, "qualtrics"])
@pytest.mark.parametrize("how", ["body", "secret", "header", "no secret"])
def test_what_it_did_not_sign_is_refused_without_a_secret_in_the_sentence(name: str, how: str) -> None:
    secret, sign = SIGNED.get(name, (SECRET, lambda _: {"authorization": f"Bearer {SECRET}"}))
    headers, body, secrets = sign(BODY), BODY, [secret]
    if how == "body":
        body, headers = BODY + b" ", headers if name != "qualtrics" else {"authorization": "Bearer guessed"}
    elif how == "header":
        headers = {}
    elif how == "secret":
        secrets = ["whsec_" + base64.b64encode(b"another secret, just as made up!").decode()]
    else:
        secrets = ["", ""]
    with pytest.raises(SignatureError) as refused:
        hook(name).verify(headers, body, secrets, NOW)
    assert not any(
        part in str(refused.value)
        for part in (SECRET, STANDARD, STANDARD[6:], *headers.values(), *filter(None, secrets))
    )


@pytest.mark.parametrize("minutes", [-5.1, 5.1])
def test_an_old_or_early_request_is_refused(minutes: float) -> None:
    signatures.verify_standard(standard(BODY, NOW), BODY, [STANDARD], NOW + timedelta(minutes=4.9))
    with pytest.raises(SignatureError, match="more than 5 minutes"):
        signatures.verify_standard(standard(BODY, NOW), BODY, [STANDARD], NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("stamp", ["soon", "", "9" * 400, "1e9", "\u0661"])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    with pytest.raises(SignatureError):
        signatures.verify_standard(standard(BODY, NOW) | {"webhook-timestamp": stamp}, BODY, [STANDARD], NOW)


def test_one_of_several_standard_signatures_is_enough() -> None:
    headers = standard(BODY, NOW)
    headers["webhook-signature"] = f"v1,AAAA v2,else {headers['webhook-signature']}"
    signatures.verify_standard(headers, BODY, [STANDARD], NOW)


def test_your_own_tool_may_sign_in_three_ways_and_a_wrong_signature_is_not_saved_by_a_token() -> None:
    right = {"x-signature": "sha256=" + digest("sha256", BODY).hex().upper()}
    token = {"authorization": f"bearer {SECRET}"}
    signatures.verify_any(standard(BODY, NOW), BODY, [STANDARD], NOW)
    signatures.verify_any(right, BODY, [SECRET], NOW)
    signatures.verify_any(token, BODY, [SECRET], NOW)
    with pytest.raises(SignatureError, match="x-signature"):
        signatures.verify_any({**token, "x-signature": "sha256=00"}, BODY, [SECRET], NOW)
    with pytest.raises(SignatureError, match="is not signed"):
        signatures.verify_any({}, BODY, [SECRET], NOW)


@pytest.mark.parametrize("secret", ["whsec_not base64!", "whsec_é"])
def test_a_secret_that_is_no_standard_one_is_named_as_such(secret: str) -> None:
    with pytest.raises(SignatureError, match="copy it from the tool again") as refused:
        signatures.verify_standard(standard(BODY, NOW), BODY, [secret], NOW)
    assert secret[6:] not in str(refused.value)


def test_header_values_may_be_anything() -> None:
    for value in ("é", "\ud800", "\x00", "a" * 100_000):
        with pytest.raises(SignatureError):
            signatures.verify_token({"authorization": value}, [SECRET])
        with pytest.raises(SignatureError):
            signatures.verify_hmac({"x-signature": value}, BODY, [SECRET], header="x-signature")


@pytest.mark.parametrize(
    ("name", "body", "key"),
    [
        ("typeform", b'{"event_id": "01EV"}', "01EV"),
        ("delighted", b'{"event_id": "ev9"}', "ev9"),
        ("surveymonkey", b'{"event_id": "7", "event_type": "response_updated"}', "response_updated:7:"),
        ("typeform", b"not json", hashlib.sha256(b"not json").hexdigest()),
        ("surveymonkey", b"[]", hashlib.sha256(b"[]").hexdigest()),
        ("qualtrics", b"{}", hashlib.sha256(b"{}").hexdigest()),
    ],
)
def test_an_event_has_the_same_key_at_every_retry(name: str, body: bytes, key: str) -> None:
    assert hook(name).event_key({}, body) == key


def test_formbricks_events_are_known_by_their_message_id() -> None:
    assert hook("formbricks").event_key({"webhook-id": "m1"}, b"{}") == "m1"
