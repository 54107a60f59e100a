"""Digests in a chat: each once, each failure alone, nothing of what was said in the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from receivers import NOW, Receiver, receiver

from insights.ledger import Ledger
from insights.outbox.endpoint import Endpoint
from insights.outbox.fold import Route
from insights.outbox.mailed import fold_mailed
from insights.outbox.posts import LEASE, ChatPost, PostReport, send_posts

BODY = json.dumps({"text": "la facture est fausse", "blocks": []}).encode()


@pytest.fixture
def channel() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def post(url: str, who: str = "offers", **more: Any) -> ChatPost:
    endpoint = Endpoint(url, name=f"{who}_channel", kind="slack", allow_private=True, route=Route(cases=False), **more)
    return ChatPost(f"digest-2026-10-26-{who}-fr", date(2026, 10, 26), who, endpoint, BODY)


def send(ledger: Ledger, *posts: ChatPost, minutes: float = 0, dry_run: bool = False, out: Path = Path()) -> PostReport:
    return send_posts(ledger, posts, NOW + timedelta(minutes=minutes), dry_run=dry_run, out_dir=out)


def test_a_digest_is_posted_once_a_week(channel: Receiver, ledger: Ledger) -> None:
    assert send(ledger, post(channel.url)).accepted == ["offers"]
    assert send(ledger, post(channel.url), minutes=60).already == ["offers"]
    ((headers, body),) = channel.got
    assert body == BODY and headers["content-type"] == "application/json"


def test_what_was_said_and_where_stay_out_of_the_ledger(channel: Receiver, ledger: Ledger) -> None:
    send(ledger, post(channel.url))
    told = json.dumps([[event.subject, dict(event.payload)] for event in ledger.events(("digest.",))])
    assert "facture" not in told and "127.0.0.1" not in told
    (one,) = fold_mailed(ledger.events(("digest.",))).mails.values()
    assert (one.state, one.publication_id, one.n_in_doubt) == ("accepted", "digest-2026-10-26-offers-fr", 0)


def test_a_refusal_is_alone_and_tried_again_at_the_next_run(channel: Receiver, ledger: Ledger) -> None:
    channel.script = [(500, {})]
    report = send(ledger, post(channel.url, "app"), post(channel.url))
    assert report.accepted == ["offers"]
    assert report.failed == {"app": "app_channel refused it (500)"}
    assert send(ledger, post(channel.url, "app"), minutes=1).accepted == ["app"]


def test_no_answer_leaves_it_in_doubt_and_counts_the_second(channel: Receiver, ledger: Ledger) -> None:
    import threading

    channel.stall = threading.Event()
    one = post(channel.url, timeout_seconds=0.3)
    assert "in doubt" in send(ledger, one).failed["offers"]
    channel.stall.set()
    assert send(ledger, one, minutes=1).held == ["offers"]  # it may still be on its way
    later = LEASE.total_seconds() / 60 + 1
    report = send(ledger, one, minutes=later)
    assert (report.again, report.accepted) == (["offers"], [])
    assert len(channel.got) == 2
    (kept,) = fold_mailed(ledger.events(("digest.",))).mails.values()
    assert (kept.state, kept.n_in_doubt) == ("accepted", 1)


def test_a_dry_run_writes_files_and_records_nothing(channel: Receiver, ledger: Ledger, tmp_path: Path) -> None:
    report = send(ledger, post(channel.url), dry_run=True, out=tmp_path)
    (path,) = report.files
    assert path == tmp_path / "messages" / "offers_channel" / "digest-2026-10-26-offers-fr.json"
    assert path.read_bytes() == BODY + b"\n"
    assert channel.got == [] and ledger.events(("digest.",)) == []
