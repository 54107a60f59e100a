"""Who is called in a comment is told by chat or mail: who called, about what, the link; never the words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from receivers import NOW, Receiver, receiver
from test_messages import AnyPort, Box, chat

from insights.comments.people import Person
from insights.ledger import Ledger
from insights.outbox import Deliverer
from insights.outbox.endpoints import Directory, Recipient
from insights.outbox.mentions import Call, tell_mentioned
from insights.outbox.messages import Told
from insights.outbox.smtp import Relay
from insights.settings import Settings
from insights.steps import comments
from insights.steps.mentioned import calls_of

LABEL = {"fr": "Facture de régularisation", "en": "Catch-up bill"}


@pytest.fixture
def channel() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def call(who: Person, **changes: Any) -> Call:
    return replace(Call("CMT-0001", who, "Paul", "irritant", "IR-0001", LABEL, NOW), **changes)


def tell(ledger: Ledger, tmp_path: Path, directory: Directory, *calls: Call, dry_run: bool = False) -> Told:
    return tell_mentioned(ledger, calls, directory, NOW, dry_run=dry_run, out_dir=tmp_path / "out")


def send(ledger: Ledger, endpoint: Any, tmp_path: Path, at: Any = NOW) -> Any:
    return Deliverer(ledger, endpoint).deliver_due(at, dry_run=False, out_dir=tmp_path / "out")


def test_a_channel_is_told_once_in_the_reader_s_language(ledger: Ledger, channel: Receiver, tmp_path: Path) -> None:
    slack = chat(channel.url)
    nadia = Person("Nadia", (slack.name,), "en")
    found = Directory({slack.name: slack})
    assert tell(ledger, tmp_path, found, call(nadia)).n_queued == 1
    assert tell(ledger, tmp_path, found, call(nadia)).n_known == 1
    assert send(ledger, slack, tmp_path).n_delivered == 1
    ((_headers, body),) = channel.got
    told = json.loads(body)["text"]
    assert "Paul calls you on « Catch-up bill »" in told
    assert "https://voc.lumarelle.example/irritants?irritant=IR-0001&lang=en" in told.replace("&amp;", "&")
    assert send(ledger, slack, tmp_path).n_delivered == 0


def test_a_mail_tells_who_and_where_not_what(ledger: Ledger, tmp_path: Path) -> None:
    box = Box()
    controller = AnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        relay = Relay("localhost", controller.port, starttls=False, sender="VoC <voc@lumarelle.example>")
        mail = chat("mailto:x@lumarelle.example", "mail", relay=relay, address="x@lumarelle.example")
        about = {"about": "action", "about_id": "ACT-0002", "label": dict.fromkeys(LABEL, "Prévenir avant")}
        tell(ledger, tmp_path, Directory({mail.name: mail}), call(Person("Nadia", (mail.name,)), **about))
        assert send(ledger, mail, tmp_path).n_delivered == 1
    finally:
        controller.stop()
    letter = message_from_bytes(box.got[0], policy=policy.default)
    assert "Paul vous interpelle sur" in letter["subject"] and "Prévenir avant" in letter["subject"]
    assert "/actions?action=ACT-0002&lang=fr" in letter.get_content()


def test_quiet_hours_of_the_person_hold_it_back(ledger: Ledger, channel: Receiver, tmp_path: Path) -> None:
    slack = chat(channel.url)
    noon = Recipient("Nadia", (slack.name,), quiet=((10 * 60, 12 * 60),))  # it is eleven in Paris
    tell(ledger, tmp_path, Directory({slack.name: slack}, people={"Nadia": noon}), call(Person("Nadia", (slack.name,))))
    assert send(ledger, slack, tmp_path).n_delivered == 0
    assert send(ledger, slack, tmp_path, NOW + timedelta(hours=1)).n_delivered == 1


def test_who_has_no_channel_is_named_and_a_dry_run_writes_only(ledger: Ledger, tmp_path: Path) -> None:
    slack = chat("https://hooks.example/x")
    both = call(Person("Paul")), call(Person("Nadia", ("a_slack",)))
    told = tell(ledger, tmp_path, Directory({slack.name: slack}), *both, dry_run=True)
    assert told.nobody == {"Paul"} and len(told.files) == 1
    assert ledger.events(("message.",)) == []


def test_the_calls_of_a_comment_hold_no_word_of_it(ledger: Ledger, settings: Settings) -> None:
    comments.write(
        ledger, "irritant", "IR-0001", "@Nadia secret", ["Paul", "Ada"],
        people=["Nadia", "Paul", "Ada"], actor="Paul", at=NOW, redact=str,
    )  # fmt: skip
    found = calls_of(ledger, settings, Directory({}), list(comments.book(ledger).comments.values()))
    assert sorted(one.who.name for one in found) == ["Ada", "Nadia"], "who writes is not told of it"
    assert "secret" not in repr(found)
