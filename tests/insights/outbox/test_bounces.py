"""Delivery reports as mail servers write them: whose they are, and whether the address is dead for good."""

from __future__ import annotations

from email import message_from_string, policy
from pathlib import Path

import pytest

from insights.errors import SourceError
from insights.outbox.bounces import Bounce, bounces_in, is_hard, read_bounces, status_in

ID = "<voc-0123456789abcdef0123456789abcdef@lumarelle.example>"
REPORT = """From: MAILER-DAEMON@mx.lumarelle.example
To: voc@lumarelle.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <20261026@mx.lumarelle.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.lumarelle.example
Arrival-Date: Mon, 26 Oct 2026 08:00:01 +0000

Final-Recipient: rfc822; po@lumarelle.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} said so

--b
Content-Type: {kind}

From: VoC <voc@lumarelle.example>
To: po@lumarelle.example
Message-ID: {message_id}
Subject: Les irritants

--b--
"""


def report(
    action: str = "failed", status: str = "5.1.1", kind: str = "text/rfc822-headers", message_id: str = ID
) -> str:
    return REPORT.format(action=action, status=status, kind=kind, message_id=message_id)


def found(text: str) -> list[Bounce]:
    return bounces_in(message_from_string(text, policy=policy.default))


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_the_mail_that_came_back_is_named(kind: str) -> None:
    assert found(report(kind=kind)) == [Bounce(ID, "5.1.1", True)]


@pytest.mark.parametrize(
    ("action", "status", "hard"),
    [
        ("failed", "5.1.1", True),
        ("Failed", "5.2.1", True),
        ("failed", "5.1.10", True),  # the domain takes no mail at all (RFC 7505)
        ("failed", "5.2.2", False),  # a full mailbox
        ("failed", "5.7.1", False),  # a policy: perhaps our own fault, and everybody's at once
        ("failed", "5.1.8", False),  # our sender's address
        ("failed", "5.4.7", False),  # it took too long
        ("failed", "4.4.7", False),
    ],
)
def test_only_a_dead_address_is_hard(action: str, status: str, hard: bool) -> None:
    assert [one.hard for one in found(report(action, status))] == [hard]


def test_a_delay_or_a_success_is_no_bounce_and_neither_is_an_answer() -> None:
    assert found(report("delayed", "4.4.1")) == found(report("delivered", "2.0.0")) == []
    assert found("Subject: I am away\n\nback on Monday") == []


def test_a_report_without_the_mail_is_matched_by_what_it_refers_to() -> None:
    text = (
        report(message_id="").replace("Message-ID: \n", "").replace("MIME-Version", f"In-Reply-To: {ID}\nMIME-Version")
    )
    assert [one.message_id for one in found(text)] == [ID]
    assert found(report(message_id="").replace("Message-ID: \n", "")) == []


def test_codes_without_a_status() -> None:
    assert is_hard(550, "") and not is_hard(552, "") and not is_hard(554, "")
    assert is_hard(550, status_in("550 5.1.1 <x>: no such user")) and not is_hard(550, status_in("5.7.1 denied"))


def test_files_folders_and_maildirs_are_read_and_rubbish_survived(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_text(report())
    (tmp_path / "two.eml").write_bytes(b"\xff\xfe\x00 no mail at all \r\n\r\n\x80")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "three.eml").write_text(report(message_id="<x@y>"))
    told = dict(read_bounces(tmp_path))
    assert [len(told[name]) for name in ("one.eml", "two.eml", "three.eml")] == [1, 0, 1]
    box = tmp_path / "box"
    for name in ("cur", "new", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new" / "1.host").write_text(report())
    (box / "cur" / "2.host:2,S").write_text("Subject: hello\n\n")
    (box / "tmp" / "3.host").write_text(report())  # still being written
    assert {name: len(one) for name, one in read_bounces(box)} == {"1.host": 1, "2.host:2,S": 0}
    with pytest.raises(SourceError, match="no mail"):
        list(read_bounces(box / "cur"))
