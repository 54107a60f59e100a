"""The client of pulls against a real server: what is tried again and for how long it waits, and what is refused."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from loopback import Answer, Asked, serving

from insights.errors import SourceError
from insights.sources.web import WebClient

NOW = datetime(2026, 10, 30, 8, 0, tzinfo=UTC)
GOOD = Answer({"ok": True})


def fetch(answers: list[Answer], token: str = "tok", **params: Any) -> tuple[Any, list[float], list[Asked]]:
    """What one get gives for these answers in turn, the waits, and what was asked."""
    waits: list[float] = []
    planned: Iterator[Answer] = iter(answers)
    with (
        serving(lambda _: next(planned)) as (base, asked),
        WebClient(base, token, sleep=waits.append, now=lambda: NOW, draw=lambda: 0.0) as client,
    ):
        return client.get(f"{base}/page?q=a%20b", params), waits, asked


def test_query_parameters_are_added_to_those_of_the_address_and_the_token_is_sent() -> None:
    body, waits, asked = fetch([GOOD], limit=40)
    assert body == {"ok": True} and waits == []
    assert asked[0].params == {"q": "a b", "limit": "40"}
    assert asked[0].headers["authorization"] == "Bearer tok"


@pytest.mark.parametrize(
    ("token", "header", "value"),
    [
        ("user:pa:ss", "authorization", "Basic " + base64.b64encode(b"user:pa:ss").decode()),
        ("apikey=k1", "apikey", "k1"),
    ],
)
def test_other_forms_of_token(token: str, header: str, value: str) -> None:
    assert fetch([GOOD], token)[2][0].headers[header] == value


def test_no_token_sends_none() -> None:
    assert not {"authorization", "apikey"} & fetch([GOOD], "")[2][0].headers.keys()


@pytest.mark.parametrize(
    ("bad", "waits"),
    [
        (Answer({}, 429, {"Retry-After": "7"}), [7.0]),
        (Answer({}, 503, {"Retry-After": "Fri, 30 Oct 2026 08:02:00 GMT"}), [120.0]),
        (Answer({}, 429, {"x-rate-limit-reset": str(int(NOW.timestamp()) + 600)}), [600.0]),
        (Answer({}, 429, {"Retry-After": "soon"}), [0.5]),
        (Answer({}, 500), [0.5]),
        (Answer({"long": "x" * 500}, cut=100), [0.5]),
        (Answer(b"<html>busy</html>"), [0.5]),
    ],
)
def test_is_tried_again_after_the_wait_asked_for(bad: Answer, waits: list[float]) -> None:
    body, waited, asked = fetch([bad, GOOD])
    assert body == {"ok": True} and waited == waits and len(asked) == 2


def test_waits_grow_and_end_with_a_sentence() -> None:
    waits: list[float] = []
    with (
        serving(lambda _: Answer({}, 502)) as (base, asked),
        WebClient(base, attempts=4, sleep=waits.append, draw=lambda: 1.0) as client,
        pytest.raises(SourceError, match=r"answered 502 \(4 attempt"),
    ):
        client.get(f"{base}/page")
    assert waits == [1.0, 2.0, 4.0] and len(asked) == 4


def test_who_asks_for_an_hour_is_not_waited_for() -> None:
    waits: list[float] = []
    with (
        serving(lambda _: Answer({}, 429, {"Retry-After": "3600"})) as (base, _),
        WebClient(base, sleep=waits.append) as client,
        pytest.raises(SourceError, match=r"wait 3600 s.*goes on from there"),
    ):
        client.get(f"{base}/page")
    assert waits == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer({}, 401), "VOC_PULL_TOKENS"),
        (Answer({}, 404), "sources.yaml"),
        (Answer({}, 302, {"Location": "https://elsewhere.example/"}), "final address"),
    ],
)
def test_is_refused_at_once(answer: Answer, said: str) -> None:
    with (
        serving(lambda _: answer) as (base, asked),
        WebClient(base, "very-secret") as client,
        pytest.raises(SourceError, match=said) as error,
    ):
        client.get(f"{base}/page", {"query": "private words"})
    assert len(asked) == 1
    assert "very-secret" not in str(error.value) and "private" not in str(error.value)


def test_nobody_at_the_address_is_tried_again_then_told() -> None:
    with serving(lambda _: GOOD) as (base, _):
        pass
    with (
        WebClient(base, attempts=2, sleep=lambda _: None) as client,
        pytest.raises(SourceError, match="no whole answer"),
    ):
        client.get(base)


def test_another_host_never_sees_the_token() -> None:
    with (
        serving(lambda _: GOOD) as (one, asked),
        WebClient("http://127.0.0.1:1", "tok") as client,
        pytest.raises(SourceError, match="another host"),
    ):
        client.get(one)
    assert asked == []


@pytest.mark.parametrize("url", ["http://api.example/x", "ftp://api.example/x", "api.example", "http://[::bad/x"])
def test_only_https_is_asked_beyond_this_machine(url: str) -> None:
    with pytest.raises(SourceError):
        WebClient(url)
