"""The door against who means harm: each post on a real socket, answered in order or cut off, and the door still serves."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest
from doors import served
from intake_tools import NAME, SECRET, SOURCES, signature
from pydantic import SecretStr

from insights.intake import limits, prompt
from insights.intake.app import create_app
from insights.intake.service import CONCURRENT
from insights.settings import Settings, load_settings


@pytest.fixture(scope="module")
def door_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("door")
    secrets = {NAME: SecretStr(SECRET)}
    return load_settings(
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        hook_secrets=secrets,
        intake_max_kb=64,
        intake_per_minute=60_000,
    )


@pytest.fixture(scope="module")
def door(door_settings: Settings) -> Iterator[str]:
    app = create_app(door_settings, SOURCES)
    with served(app, http=prompt.PromptProtocol, ws="none", limit_concurrency=CONCURRENT) as url:
        yield url


def plug(url: str) -> socket.socket:
    place = urlsplit(url)
    assert place.hostname is not None
    return socket.create_connection((place.hostname, place.port or 80), timeout=60)


def raw(url: str, sent: bytes) -> bytes:
    """All that comes back for these bytes until the door closes."""
    with plug(url) as talk:
        with suppress(OSError):  # the door may have answered and closed before the end of it
            talk.sendall(sent)
            talk.shutdown(socket.SHUT_WR)
        parts = []
        try:
            while part := talk.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
    return b"".join(parts)


def post(url: str, content: bytes, path: str = f"/hooks/{NAME}", **headers: str) -> httpx.Response:
    return httpx.post(f"{url}{path}", content=content, headers={"x-signature": signature(content), **headers})


def serves(url: str) -> bool:
    return httpx.get(f"{url}/hooks/{NAME}").status_code == 200


SIGNED = [
    ("deep nesting", b'{"event": ' + b"[" * 60_000, 400),
    ("deep and closed", b'{"event": "d", "x": ' + b"[" * 900 + b"]" * 900 + b"}", 202),
    ("invalid UTF-8", b'{"event": "\xff\xfe"}', 400),
    ("overlong UTF-8", b'{"event": "\xc0\xaf"}', 400),
    ("UTF-16", '{"event": "a"}'.encode("utf-16"), 400),
    ("half a surrogate pair", b'{"event": "\\ud800"}', 400),
    ("NUL in the id", b'{"event": "a\\u0000b"}', 202),
    ("NUL in the body", b'{"event": "a"\x00}', 400),
    ("a number of 5000 digits", b'{"event": "n", "x": ' + b"9" * 5000 + b"}", 400),
    ("a number beyond floats", b'{"event": "f", "x": 1e999}', 202),
    ("NaN", b'{"event": "nan", "x": NaN}', 202),
    ("a key twice", b'{"event": "first", "event": "second"}', 202),
    ("no object", b"[]", 400),
    ("empty", b"", 400),
    ("two documents", b'{"event": "a"}{"event": "b"}', 400),
    ("an id of 60,000 characters", b'{"event": "' + b"a" * 60_000 + b'"}', 202),
    ("SQL", b'{"event": "\'; DROP TABLE inbox; --"}', 202),
    ("XML", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", 400),
    ("gzip", b"\x1f\x8b\x08\x00" + b"\x00" * 40, 400),
]


@pytest.mark.parametrize(("content", "status"), [one[1:] for one in SIGNED], ids=[one[0] for one in SIGNED])
def test_a_signed_body_of_another_kind_is_taken_or_refused(door: str, content: bytes, status: int) -> None:
    answer = post(door, content)
    assert answer.status_code == status and set(answer.json()) in ({"error"}, {"accepted", "duplicate"})
    assert serves(door)


@pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_the_content_type_decides_nothing(door: str, kind: str) -> None:
    assert post(door, b'{"event": "kind"}', **{"content-type": kind}).status_code == 202


def test_a_compressed_body_is_not_unpacked(door: str) -> None:
    import gzip

    assert post(door, gzip.compress(b" " * 10_000_000), **{"content-encoding": "gzip"}).status_code == 400


def test_a_replay_is_counted_once(door: str) -> None:
    answers = [post(door, b'{"event": "replayed"}') for _ in range(5)]
    assert [one.json()["duplicate"] for one in answers] == [False, True, True, True, True]


HEADS = [
    ("no request", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
    ("headers without end", b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 200_000 + b"\r\n", b"400"),
    ("one endless header", b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 200_000 + b"\r\n\r\n", b"400"),
    ("an endless path", b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n", b"400"),
    ("a negative length", b"POST /hooks/small_tool HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", b"400"),
    ("two lengths", b"POST /hooks/small_tool HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", b"400"),
    ("a length of 30 digits", b"POST /hooks/small_tool HTTP/1.1\r\nhost: a\r\ncontent-length: " + b"9" * 30 + b"\r\n\r\n", b"4"),
    ("length and chunks", b"POST /hooks/small_tool HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n"
     b"transfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nhost: a\r\n\r\n", b"4"),
    ("a line break in a header", b"GET / HTTP/1.1\r\nhost: a\r\nx: a\x00b\r\n\r\n", b"400"),
    ("a header folded", b"GET / HTTP/1.1\r\nhost: a\r\nx: a\r\n b\r\n\r\n", b"404"),
    ("a path out of the root", b"GET /hooks/../../etc/passwd HTTP/1.1\r\nhost: a\r\n\r\n", b"404"),
    ("a coded path", b"GET /hooks/%2e%2e%2f%00%ff HTTP/1.1\r\nhost: a\r\n\r\n", b"404"),
    ("a method nobody knows", b"BREW /hooks/small_tool HTTP/1.1\r\nhost: a\r\n\r\n", b"405"),
    ("an upgrade", b"GET /hooks/small_tool HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
     b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n", b"200"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "status"), [one[1:] for one in HEADS], ids=[one[0] for one in HEADS])
def test_a_head_of_another_kind_is_refused(door: str, sent: bytes, status: bytes) -> None:
    answer = raw(door, sent)
    # who still sends when the door closes may lose the answer to a reset: only a long one may
    assert answer.startswith(b"HTTP/1.1 " + status) or (not answer and len(sent) > 100_000)
    assert b"root:" not in answer and b"Traceback" not in answer and b"voc_ledger_up" not in answer
    assert serves(door)


def test_an_oversize_body_is_refused_before_it_is_sent(door: str) -> None:
    head = f"POST /hooks/{NAME} HTTP/1.1\r\nhost: a\r\ncontent-length: 999999999\r\n\r\n".encode()
    assert raw(door, head).startswith(b"HTTP/1.1 413")


def test_who_hangs_up_is_no_alarm(door: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    with plug(door) as talk:
        talk.sendall(f"POST /hooks/{NAME} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf".encode())
    while "cut_off" not in (told := httpx.get(f"{door}/metrics").text):
        time.sleep(0.05)
    assert "not_kept" not in told and caplog.text == ""


def test_who_sends_slowly_is_cut_off_and_others_are_served(
    door_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More half-open connections than the door has places: they are closed, and a tool's post is taken."""
    monkeypatch.setattr(prompt.PromptProtocol, "head_seconds", 1.0)
    monkeypatch.setattr(limits, "BODY_SECONDS", 1.0)
    app = create_app(door_settings, SOURCES)
    with served(app, http=prompt.PromptProtocol, ws="none", limit_concurrency=10) as url:
        slow = [plug(url) for _ in range(10)]
        for number, talk in enumerate(slow):
            begun = f"POST /hooks/{NAME} HTTP/1.1\r\nhost: a\r\n"
            talk.sendall((begun + ("content-length: 9\r\n\r\n{" if number % 2 else "x:")).encode())
        told = [talk.recv(65536) for talk in slow]
        for talk in slow:
            talk.close()
        assert [one[:12] for one in told[::2]] == [b""] * 5
        assert {one[:12] for one in told[1::2]} <= {b"HTTP/1.1 408", b"HTTP/1.1 503"}
        answer = post(url, json.dumps({"event": "after"}).encode())
        while answer.status_code == 503:
            time.sleep(0.1)
            answer = post(url, json.dumps({"event": "after"}).encode())
        assert answer.status_code == 202


def test_the_second_head_on_a_connection_has_its_time_too(
    door_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt.PromptProtocol, "head_seconds", 1.0)
    with served(create_app(door_settings, SOURCES), http=prompt.PromptProtocol) as url, plug(url) as talk:
        talk.sendall(f"GET /hooks/{NAME} HTTP/1.1\r\nhost: a\r\n\r\nGET /hoo".encode())
        got = b""
        while part := talk.recv(65536):  # ends only because the door closes
            got += part
    assert got.count(b"HTTP/1.1 200") == 1
