"""Mail through a real SMTP server: encrypted, once per recipient and week, in doubt after a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from receivers import NOW, certificate, client_tls, server_tls

from insights.errors import DeliveryError
from insights.outbox.mailed import fold_mailed
from insights.outbox.smtp import POINTS, Mail, Relay, build_message, send_digests

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@dataclass
class Mailbox:
    """What a relay accepted; `refuse` and `kill` say what it does instead."""

    got: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    kill: list[int] = field(default_factory=list)
    hang_up: int = 0
    policy: set[str] = field(default_factory=set)
    leave_after: int = 0  # mails of a session after which the relay says goodbye
    stop_after: int = 0  # mails after which there is no relay any more
    n_session: int = 0

    controller: Controller | None = None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.n_session = 0
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        gone = self.stop_after and len(self.got) >= self.stop_after
        if gone:
            self.controller.server.close()
        if gone or (self.leave_after and self.n_session >= self.leave_after):
            server.transport.abort()
            return "421 goodbye"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return "550 no such user"
        if address in self.policy:
            return "550 5.7.1 relaying denied"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.hang_up:
            self.hang_up -= 1
            server.transport.abort()
            return "421 gone"
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        self.n_session += 1
        if self.kill:
            os.kill(self.kill.pop(), signal.SIGKILL)
        return "250 taken"


class AnyPort(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def serve(box: Mailbox, **options) -> Iterator[Relay]:
    controller = box.controller = AnyPort(box, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield Relay("localhost", controller.port, starttls=False, sender="Lumarelle <voc@lumarelle.example>")
    finally:
        controller.stop()


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def relay(box: Mailbox) -> Iterator[Relay]:
    yield from serve(box)


@pytest.fixture
def secure(box: Mailbox, tmp_path: Path) -> Iterator[Relay]:
    """A relay that insists on STARTTLS and a password."""
    paths = certificate(tmp_path, "localhost")

    def check(server, session, envelope, mechanism, auth_data):
        good = isinstance(auth_data, LoginPassword) and auth_data == LoginPassword(b"voc", b"right")
        return AuthResult(success=good, handled=good)

    options = {"require_starttls": True, "auth_required": True, "authenticator": check}
    for found in serve(box, tls_context=server_tls(paths), **options):
        yield replace(found, starttls=True, user="voc", password="right", tls=client_tls(paths))


def mail(recipient: str = "po-billing", **changes) -> Mail:
    plain = Mail(
        publication_id="digest-2026-10-26-po-fr",
        week=date(2026, 10, 26),
        recipient_id=recipient,
        address=f"{recipient}@lumarelle.example",
        subject="Les irritants de la semaine – été",
        html='<p>Très « réel »</p><img src="cid:trend-1">',
        text="Très « réel » : 1 234 €",
        images={"trend-1": PNG},
    )
    return replace(plain, **changes)


@pytest.fixture
def send(ledger, relay, tmp_path):
    def once(mails, at=NOW, dry_run=False, **changes):
        return send_digests(ledger, replace(relay, **changes), mails, at, dry_run=dry_run, out_dir=tmp_path / "out")

    return once


def test_one_message_holds_text_html_and_the_picture(send, box):
    report = send([mail()])
    assert report.accepted == ["po-billing"]
    (got,) = box.got
    assert [part.get_content_type() for part in got.walk()] == [
        *("multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png")
    ]
    assert got["Subject"] == "Les irritants de la semaine – été"
    assert got["To"] == "po-billing@lumarelle.example"
    assert got["Auto-Submitted"] == "auto-generated"
    assert "1 234 €" in got.get_body(("plain",)).get_content()
    assert "« réel »" in got.get_body(("html",)).get_content()
    (png,) = [part for part in got.walk() if part.get_content_type() == "image/png"]
    assert (png["Content-ID"], png.get_content_disposition(), png.get_content()) == ("<trend-1>", "inline", PNG)


def test_the_message_id_belongs_to_publication_and_recipient():
    sender = "Lumarelle <voc@lumarelle.example>"
    one = mail().message_id(sender)
    assert one.startswith("<voc-") and one.endswith("@lumarelle.example>")
    assert one == build_message(mail(subject="other"), sender, NOW + timedelta(days=1))["Message-ID"]
    assert one != mail("po-digital").message_id(sender)
    assert one != mail(publication_id="digest-2026-11-02-po-fr").message_id(sender)


def test_once_per_recipient_and_week(send, box):
    assert send([mail("a"), mail("b")]).accepted == ["a", "b"]
    again = send([mail("a"), mail("b"), mail("c")], at=NOW + timedelta(days=1))
    assert (again.already, again.accepted) == (["a", "b"], ["c"])
    next_week = mail("a", week=date(2026, 11, 2), publication_id="digest-2026-11-02-po-fr")
    assert send([next_week], at=NOW + timedelta(days=7)).accepted == ["a"]
    assert len(box.got) == 4


def test_each_recipients_failure_stands_alone_and_is_tried_again(send, box, ledger):
    box.refuse = {"b@lumarelle.example"}
    report = send([mail("a"), mail("b"), mail("c")])
    assert report.accepted == ["a", "c"]
    assert report.failed == {"b": "the relay refused it (550)"}
    box.refuse = set()
    assert send([mail("a"), mail("b"), mail("c")]).accepted == ["b"]
    held = str([event.payload for event in ledger.events(("digest.",))])
    assert "lumarelle.example" not in held.replace("@lumarelle.example>", "")
    assert "b@lumarelle" not in held


def test_a_relay_that_hangs_up_leaves_the_mail_in_doubt(send, box):
    box.hang_up = 1
    report = send([mail("a"), mail("b")])
    assert report.accepted == ["b"]
    assert "in doubt" in report.failed["a"]
    assert send([mail("a")]).held == ["a"]  # it may still arrive
    assert send([mail("a")], at=NOW + timedelta(minutes=3)).again == ["a"]


def test_a_mail_tried_by_a_clock_that_was_ahead_does_not_wait_for_it(send, box):
    box.hang_up = 1
    assert "in doubt" in send([mail("a")], at=NOW + timedelta(days=1)).failed["a"]
    assert send([mail("a")]).again == ["a"]  # the clock has been put right: in doubt as after any broken line
    assert send([mail("a")], at=NOW - timedelta(hours=1)).already == [
        "a"
    ]  # and once it has arrived, no clock repeats it


def test_a_sender_killed_after_hand_over_sends_again_under_the_same_id(send, box, relay, settings, ledger, tmp_path):
    script = textwrap.dedent(
        """
        import sys
        from datetime import datetime
        from pathlib import Path
        from insights.ledger import open_ledger
        from insights.outbox.smtp import Relay, send_digests
        from insights.settings import Settings
        sys.path.insert(0, sys.argv[5])
        from test_smtp import mail
        settings = Settings(data_dir=sys.argv[1], keys_dir=sys.argv[2], _env_file=None)
        relay = Relay("localhost", int(sys.argv[3]), starttls=False, sender="Lumarelle <voc@lumarelle.example>")
        print("ready", flush=True)
        sys.stdin.readline()
        with open_ledger(settings) as ledger:
            now = datetime.fromisoformat(sys.argv[4])
            send_digests(ledger, relay, [mail("a"), mail("b")], now, dry_run=False, out_dir=Path("."))
        """
    )
    folder = str(Path(__file__).parent)
    arguments = [str(settings.data_dir), str(settings.keys_dir), str(relay.port), NOW.isoformat(), folder]
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline().strip() == "ready"
        box.kill = [child.pid]
        child.stdin.write("go\n")
        child.stdin.close()
        child.wait()
    assert child.returncode == -signal.SIGKILL
    assert [event.kind for event in ledger.events(("digest.",))] == ["digest.intent"]
    report = send([mail("a"), mail("b")], at=NOW + timedelta(minutes=5))
    assert (report.again, report.accepted) == (["a"], ["b"])
    ids = [message["Message-ID"] for message in box.got]
    assert box.recipients == [f"{one}@lumarelle.example" for one in ("a", "a", "b")]
    assert ids[0] == ids[1] != ids[2]


def test_starttls_and_password(ledger, secure, box, tmp_path):
    report = send_digests(ledger, secure, [mail()], NOW, dry_run=False, out_dir=tmp_path)
    assert report.accepted == ["po-billing"]
    assert len(box.got) == 1
    assert "right" not in repr(secure)


def test_what_is_wrong_with_the_relay_is_said(ledger, secure, box, tmp_path):
    def attempt(relay: Relay):
        send_digests(ledger, relay, [mail()], NOW, dry_run=False, out_dir=tmp_path)

    with pytest.raises(DeliveryError, match="VOC_SMTP_PASSWORD"):
        attempt(replace(secure, password="wrong"))
    with pytest.raises(DeliveryError, match="cannot be trusted"):
        attempt(replace(secure, tls=None))
    with pytest.raises(DeliveryError, match="nothing goes in clear"):
        attempt(replace(secure, host="192.0.2.1", starttls=False))
    with pytest.raises(DeliveryError, match="cannot be reached"):
        attempt(replace(secure, port=1))
    assert box.got == []
    assert ledger.events(("digest.",)) == []


def test_a_dry_run_writes_the_message_and_records_nothing(send, box, ledger):
    report = send([mail()], dry_run=True, host="nowhere.invalid")
    (path,) = report.files
    assert path.name == "2026-10-26-po-billing.eml"
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"].startswith("Les irritants")
    assert (box.got, ledger.events(("digest.",))) == ([], [])


def test_the_headers_that_stop_the_digest_with_one_click():
    stop = "https://voc.lumarelle.example/unsubscribe/abc"
    message = build_message(mail(unsubscribe=stop), "voc@lumarelle.example", NOW)
    assert message["List-Unsubscribe"] == f"<{stop}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Content-Language"] == "fr"
    assert build_message(mail(), "voc@lumarelle.example", NOW)["List-Unsubscribe"] is None


def test_an_address_that_does_not_exist_is_a_bounce_and_a_policy_is_none(send, box, ledger):
    box.refuse = {"b@lumarelle.example"}
    box.policy = {"c@lumarelle.example"}
    report = send([mail("a", mark="ma"), mail("b", mark="mb"), mail("c", mark="mc")])
    assert (report.accepted, report.bounced) == (["a"], ["b"])
    assert report.failed == {"b": "the relay refused it (550)", "c": "the relay refused it (550)"}
    post = fold_mailed(ledger.events(("digest.",)))
    states = {who: (one.state, one.bounced) for (_week, who), one in post.mails.items()}
    assert states == {"a": ("accepted", None), "b": ("bounced", "550"), "c": ("failed", None)}
    assert not post.suppressed("b", "mb")
    send([mail("b", mark="mb")], at=NOW + timedelta(hours=1))  # the same week again is no second bounce
    assert not fold_mailed(ledger.events(("digest.",))).suppressed("b", "mb")
    send([mail("b", mark="mb", week=date(2026, 11, 2), publication_id="digest-2026-11-02")], at=NOW + timedelta(days=7))
    post = fold_mailed(ledger.events(("digest.",)))
    assert post.suppressed("b", "mb") and not post.suppressed("b", "another address")
    assert "b@lumarelle" not in str([event.payload for event in ledger.events(("digest.",))])


def test_a_relay_that_ends_the_session_between_mails_costs_nobody_theirs(send, box, ledger):
    box.leave_after = 2
    report = send([mail(one) for one in "abcde"])
    assert report.accepted == list("abcde")
    assert (report.failed, report.again, box.recipients) == ({}, [], [f"{one}@lumarelle.example" for one in "abcde"])


def test_a_relay_that_goes_for_good_fails_those_left_and_keeps_what_was_sent(send, box, ledger):
    box.stop_after = 1
    report = send([mail(one) for one in "abc"])
    assert report.accepted == ["a"]
    assert sorted(report.failed) == ["b", "c"]
    assert "cannot be reached" in report.failed["c"]


def test_events_of_older_versions_fold_as_before(ledger):
    subject, old = "digest:2026-10-19:po:with:colons", {"publication_id": "p", "message_id": "<m@x>", "n": 1}
    for kind, key in (("digest.intent", "i"), ("digest.accepted", "a")):
        ledger.append(kind, subject, old, actor="outbox", at=NOW, key=key)
    (one,) = fold_mailed(ledger.events(("digest.",))).mails.values()
    assert (one.week, one.recipient_id, one.state, one.mark) == (date(2026, 10, 19), "po:with:colons", "accepted", "")


@pytest.mark.parametrize("point", POINTS)
def test_whatever_point_a_sender_dies_at_each_recipient_gets_one(point, send, box, relay, settings, ledger):
    """Killed at the second of three recipients; no second copy but where the relay held the whole mail already."""
    with dying_at(point, relay, settings) as code:
        assert code == -signal.SIGKILL
    before = list(box.recipients)
    report = send([mail(one) for one in "abc"], at=NOW + timedelta(minutes=5))
    copies = {one: box.recipients.count(f"{one}@lumarelle.example") for one in "abc"}
    twice = point in ("content", "taken")
    assert copies == {"a": 1, "b": 2 if twice else 1, "c": 1}
    done = point == "done"
    assert report.already == (["a", "b"] if done else ["a"])
    assert report.again == (["b"] if point in ("intended", "recipient", "content", "taken") else [])
    ids = [str(one["Message-ID"]) for one in box.got]
    assert len(set(ids)) == 3
    one = fold_mailed(ledger.events(("digest.",))).mails[date(2026, 10, 26), "b"]
    assert (one.state, one.n_in_doubt) == ("accepted", 0 if point in ("begin", "done") else 1)
    assert before.count("c@lumarelle.example") == 0


@contextmanager
def dying_at(point, relay, settings):
    """A sender in a forked child that ends itself at a point of its second recipient; gives the child's end."""
    script = textwrap.dedent(
        """
        import os, signal, sys
        from datetime import datetime
        from pathlib import Path
        from insights.ledger import open_ledger
        from insights.outbox.smtp import Relay, send_digests
        from insights.settings import Settings
        sys.path.insert(0, sys.argv[5])
        from test_smtp import mail
        settings = Settings(data_dir=sys.argv[1], keys_dir=sys.argv[2], _env_file=None)
        relay = Relay("localhost", int(sys.argv[3]), starttls=False, sender="Lumarelle <voc@lumarelle.example>")
        def end(name, who):
            if (name, who) == (sys.argv[6], "b"):
                os.kill(os.getpid(), signal.SIGKILL)
        with open_ledger(settings) as ledger:
            now = datetime.fromisoformat(sys.argv[4])
            mails = [mail(one) for one in "abc"]
            send_digests(ledger, relay, mails, now, dry_run=False, out_dir=Path("."), at_point=end)
        """
    )
    arguments = [str(settings.data_dir), str(settings.keys_dir), str(relay.port), NOW.isoformat()]
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments, str(Path(__file__).parent), point]
    yield subprocess.run(command, check=False).returncode
