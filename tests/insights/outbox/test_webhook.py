"""Signatures an independent library accepts, no redirect, no internal address, keys that can be changed."""

from __future__ import annotations

import base64
import ipaddress
import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from receivers import certificate, client_tls, receiver, server_tls
from standardwebhooks import Webhook, WebhookVerificationError

from insights.errors import DeliveryError, SettingsError
from insights.outbox.address import is_public, resolve
from insights.outbox.webhook import Answer, Endpoint, Sender, parse_keys, sign

OLD, NEW = b"o" * 24, b"n" * 32
BODY = json.dumps({"type": "case.opened", "data": {"case_id": "k1", "é": "ü"}}).encode()


def secret(key: bytes) -> str:
    return f"whsec_{base64.b64encode(key).decode()}"


def send(endpoint: Endpoint, body: bytes = BODY, at: datetime | None = None) -> Answer:
    with Sender(endpoint) as sender:
        return sender.send("msg_1", body, at or datetime.now(UTC))


def test_a_delivery_verifies_with_the_independent_library_under_each_key():
    with receiver() as there:
        answer = send(Endpoint(there.url, (NEW, OLD), allow_private=True))
    assert answer.ok and answer.status == 200
    headers, body = there.got[0]
    for key in (OLD, NEW):
        assert Webhook(secret(key)).verify(body, headers) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(b"x" * 24)).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret(NEW)).verify(body + b" ", headers)
    assert headers["host"] == there.url.split("/")[2]
    assert headers["content-type"] == "application/json"


def test_the_signature_is_the_one_the_library_makes():
    at = datetime(2026, 10, 29, 10, tzinfo=UTC)
    expected = Webhook(secret(NEW)).sign("msg_1", at, BODY.decode())
    assert sign("msg_1", int(at.timestamp()), BODY, [NEW]) == expected
    assert sign("msg_1", int(at.timestamp()), BODY, [NEW, OLD]).split(" ")[0] == expected


def test_a_redirect_is_not_followed_and_is_no_success():
    with receiver() as there, receiver() as elsewhere:
        there.script = [(307, {"location": elsewhere.url})]
        answer = send(Endpoint(there.url, (NEW,), allow_private=True))
    assert (answer.ok, answer.status, elsewhere.got) == (False, 307, [])


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "120", 120), (503, "999999", 86400), (502, "soon", None), (504, "", None), (500, "120", None)],
)
def test_retry_after_is_read_where_the_receiver_throttles(status, header, seconds):
    with receiver() as there:
        there.script = [(status, {"retry-after": header} if header else {})]
        answer = send(Endpoint(there.url, (NEW,), allow_private=True))
    assert answer.retry_after_seconds == seconds
    assert answer.throttled == (seconds is not None)


def test_retry_after_may_be_a_date():
    now = datetime.now(UTC).replace(microsecond=0)
    with receiver() as there:
        there.script = [(429, {"retry-after": format_datetime(now + timedelta(minutes=5), usegmt=True)})]
        answer = send(Endpoint(there.url, (NEW,), allow_private=True), at=now)
    assert answer.retry_after_seconds == 300


def test_a_receiver_that_stalls_is_given_up_after_the_timeout():
    with receiver() as there:
        there.stall = threading.Event()
        answer = send(Endpoint(there.url, (NEW,), allow_private=True, timeout_seconds=0.2))
    assert (answer.status, answer.error) == (None, "timeout")


def test_nobody_there_is_a_connection_error():
    with receiver() as there:
        url = there.url
    answer = send(Endpoint(url, (NEW,), allow_private=True))
    assert (answer.ok, answer.error) == (False, "connection")


def test_a_body_too_large_is_not_sent():
    with receiver() as there:
        answer = send(Endpoint(there.url, (NEW,), allow_private=True), body=b"x" * 20_001)
    assert (answer.error, there.got) == ("too_large", [])


def test_tls_checks_the_name_though_the_address_is_pinned(tmp_path: Path):
    ours, other = certificate(tmp_path, "localhost"), certificate(tmp_path, "elsewhere.example")
    with receiver(server_tls(ours), host="localhost") as there:
        endpoint = Endpoint(there.url, (NEW,), allow_private=True, tls=client_tls(ours))
        assert send(endpoint).ok
        assert there.got[0][0]["host"] == there.url.split("/")[2]
    with receiver(server_tls(other), host="localhost") as there:
        answer = send(Endpoint(there.url, (NEW,), allow_private=True, tls=client_tls(other)))
        assert (answer.error, there.got) == ("tls", [])


def test_an_internal_receiver_is_refused_unless_allowed():
    with receiver() as there:
        answer = send(Endpoint(there.url, (NEW,)))
    assert (answer.error, there.got) == ("address", [])
    assert "internal address 127.0.0.1" in answer.detail
    assert "VOC_WEBHOOK_ALLOW_PRIVATE" in answer.detail


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::"),
        *(
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        ),
    ],
)
def test_internal_addresses_in_every_dress(host):
    assert not is_public(ipaddress.ip_address(host))
    literal = f"[{host}]" if ":" in host else host
    with pytest.raises(DeliveryError, match="internal address"):
        resolve(f"https://{literal}/hook", allow_private=False)


@pytest.mark.parametrize("host", ["1.1.1.1", "9.9.9.9", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_of_the_open_internet(host):
    assert is_public(ipaddress.ip_address(host))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1"])
def test_loopback_written_as_a_number_is_refused(host):
    with pytest.raises(DeliveryError):
        resolve(f"https://{host}/hook", allow_private=False)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://example.org/x", "no http"),
        ("https:///x", "no http"),
        ("https://user:secret@example.org/", "carries a password"),
        ("http://1.1.1.1/hook?token=abc", "not encrypted"),
        ("http://10.0.0.1/hook", "not encrypted"),
        ("https://no-such-host.invalid/", "cannot be resolved"),
    ],
)
def test_an_unusable_address_says_why_and_never_shows_a_token(url, sentence):
    with pytest.raises(DeliveryError, match=sentence) as refusal:
        resolve(url, allow_private=True)
    assert "secret" not in str(refusal.value) and "token" not in str(refusal.value)


def test_the_pinned_address_keeps_port_path_and_query():
    target = resolve("https://[::1]:8443/a/b?c=d", allow_private=True)
    assert (target.url, target.host, target.host_header) == ("https://[::1]:8443/a/b?c=d", "::1", "[::1]:8443")
    assert resolve("https://1.1.1.1", allow_private=False).host_header == "1.1.1.1"


def test_keys_are_read_newest_first():
    assert parse_keys(f"{secret(NEW)}, {secret(OLD)}") == (NEW, OLD)
    assert parse_keys(secret(NEW).rstrip("=")) == (NEW,)
    assert b"n" * 32 not in repr(Endpoint("https://example.org", (NEW,))).encode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("abc", "must be whsec_"),
        ("whsec_!!!", "no base64"),
        (secret(b"short"), "has 5 bytes: at least 24"),
        (f"{secret(NEW)},{secret(b'short')}", "key 2"),
    ],
)
def test_an_unusable_key_is_named_and_not_shown(text, sentence):
    with pytest.raises(SettingsError, match=sentence):
        parse_keys(text)
