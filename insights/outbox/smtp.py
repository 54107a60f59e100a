"""Digests by mail, once per recipient and week.

The intent is recorded before a message is handed over and the relay's acceptance after. A crash between the two
leaves it in doubt: it is sent again under the same Message-ID, and counted as such. No address enters the ledger.
"""

from __future__ import annotations

import hashlib
import smtplib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

from insights.errors import DeliveryError
from insights.jumps import within
from insights.outbox.bounces import is_hard, status_in
from insights.outbox.mailed import ACCEPTED, BOUNCED, FAILED, INTENT, subject_of
from insights.outbox.record import ACTOR, LedgerLike
from insights.outbox.relay import CONTENT, RECIPIENT, Line, Relay, close, connect, revived

__all__ = ["Line", "Mail", "MailReport", "Relay", "build_message", "close", "connect", "send_digests"]

LEASE = timedelta(minutes=2)  # longer than any relay timeout: a younger intent may still be on its way
TRIES = 2  # of one run, where the connection broke before any content was on its way
# where a crash can come: nothing recorded, intent recorded, recipient taken, content sent, relay said yes, recorded
BEGIN, INTENDED, TAKEN, DONE = "begin", "intended", "taken", "done"
POINTS = (BEGIN, INTENDED, RECIPIENT, CONTENT, TAKEN, DONE)
Point = Callable[[str, str], None]  # name of the point, recipient_id


@dataclass(frozen=True)
class Mail:
    """One digest for one person. `images` by content id; the html refers to them as `cid:<id>`.

    `unsubscribe`: address of RFC 8058, empty without. `mark`: keyed hash of the address, so that bounces count against
    this address only.
    """

    publication_id: str
    week: date
    recipient_id: str
    address: str
    subject: str
    html: str
    text: str
    images: Mapping[str, bytes]
    language: str = "fr"
    unsubscribe: str = ""
    mark: str = ""

    @property
    def subject_key(self) -> str:
        """What happens once: this person, this week."""
        return subject_of(self.week, self.recipient_id)

    def message_id(self, sender: str) -> str:
        """Message-ID, the same whenever this publication is sent to this recipient."""
        digest = hashlib.sha256(f"{self.publication_id}\n{self.recipient_id}".encode()).hexdigest()[:32]
        return f"<voc-{digest}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"


@dataclass
class MailReport:
    """What became of each recipient, by recipient_id."""

    accepted: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)  # accepted now after being in doubt
    already: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)  # an intent is too young to be called in doubt
    failed: dict[str, str] = field(default_factory=dict)
    bounced: list[str] = field(default_factory=list)  # of the failed: the address does not exist any more
    files: list[Path] = field(default_factory=list)


def build_message(mail: Mail, sender: str, at: datetime) -> EmailMessage:
    """multipart/alternative of the text and of the html with its pictures inside."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = mail.message_id(sender)
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    for cid, png in mail.images.items():
        html.add_related(png, "image", "png", cid=f"<{cid}>", disposition="inline", filename=f"{cid}.png")  # type: ignore[union-attr]
    message["Content-Language"] = mail.language  # last: setting the content drops or moves every Content- header
    for number, part in enumerate(message.walk()):
        if part.is_multipart():  # drawn at random otherwise: the same digest is to have the same bytes
            part.set_boundary(f"voc-{hashlib.sha256(mail.publication_id.encode()).hexdigest()[:32]}-{number}")
    return message


def send_digests(
    ledger: LedgerLike,
    relay: Relay,
    mails: Sequence[Mail],
    now: datetime,
    *,
    dry_run: bool,
    out_dir: Path,
    lease: timedelta = LEASE,
    at_point: Point | None = None,
) -> MailReport:
    """Send each mail that its recipient has not had this week; each failure alone. `now` is the wall clock.

    Dry: write .eml files below `out_dir`, record nothing. Raises DeliveryError when the relay cannot be used at all.
    `at_point` is told each of POINTS as it is passed: tests and the benchmark end the process there.
    """
    report = MailReport()
    if dry_run:
        report.files = [_write(build_message(mail, relay.sender, now), mail, out_dir / "mails") for mail in mails]
        return report
    run = _Run(ledger, relay, now, report, lease, at_point or (lambda _point, _recipient: None))
    waiting = [(mail, n) for mail in mails if (n := run.tried(mail)) is not None]
    if waiting:
        run.all(waiting)
    return report


class _Run:
    """One round over the recipients, on one connection as long as it holds."""

    def __init__(
        self, ledger: LedgerLike, relay: Relay, now: datetime, report: MailReport, lease: timedelta, at_point: Point
    ) -> None:
        self.ledger, self.relay, self.report, self.lease, self.at_point = ledger, relay, report, lease, at_point
        self._now, self._since = now, time.monotonic()

    def now(self) -> datetime:
        """The wall clock: a long run must not make its last intents look old."""
        return self._now + timedelta(seconds=time.monotonic() - self._since)

    def tried(self, mail: Mail) -> int | None:
        """How often this mail was tried; None (and noted) when it has arrived or may be on its way."""
        events = self.ledger.events(("digest.",), subject=mail.subject_key)
        if any(event.kind == ACCEPTED for event in events):
            self.report.already.append(mail.recipient_id)
            return None
        intents = [event for event in events if event.kind == INTENT]
        n_failed = sum(event.kind == FAILED for event in events)
        if len(intents) > n_failed and within(intents[-1].at, self.lease, self._now):
            self.report.held.append(mail.recipient_id)
            return None
        return len(intents)

    def all(self, waiting: Sequence[tuple[Mail, int]]) -> None:
        """Each mail in turn. Where the relay is gone for good, those left are told as failed and nothing is lost."""
        connection = connect(self.relay)
        try:
            for place, (mail, n_tried) in enumerate(waiting):
                try:
                    connection = self._one(connection, mail, n_tried)
                except DeliveryError as error:
                    for left, _ in waiting[place:]:
                        self.report.failed.setdefault(left.recipient_id, str(error))
                    return
        finally:
            close(connection)

    def _one(self, connection: Line, mail: Mail, n_tried: int) -> Line:
        """One mail; tried again at once where the connection broke before any content was on its way."""
        for number in range(n_tried + 1, n_tried + 1 + TRIES):
            connection, again = self._attempt(connection, mail, number)
            if not again:
                break
        return connection

    def _attempt(self, connection: Line, mail: Mail, number: int) -> tuple[Line, bool]:
        """Intent, hand-over, acceptance; a usable connection, and whether to try again."""
        who, subject = mail.recipient_id, mail.subject_key
        self.at_point(BEGIN, who)
        told: dict[str, object] = {"publication_id": mail.publication_id, "n": number}
        told |= {"message_id": mail.message_id(self.relay.sender)} | ({"mark": mail.mark} if mail.mark else {})
        if not self._append(INTENT, subject, told, f"intent:{number}"):
            self.report.held.append(who)  # another sender was faster
            return connection, False
        self.at_point(INTENDED, who)
        connection.in_content, connection.point = False, lambda point: self.at_point(point, who)
        try:
            connection.send_message(build_message(mail, self.relay.sender, self.now()))
        except smtplib.SMTPServerDisconnected as error:
            if connection.in_content:  # it may have been taken: left in doubt
                self.report.failed[who] = f"the relay hung up ({error}); in doubt, sent again at the next run"
                return connect(self.relay), False
            self._failed(mail, number, None, error)
            return connect(self.relay), True
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            self._failed(mail, number, _refused(error), error)
            return revived(connection, self.relay), False
        self.at_point(TAKEN, who)
        self._append(ACCEPTED, subject, told, "accepted")
        self.at_point(DONE, who)
        self.report.failed.pop(who, None)
        in_doubt = number - 1 > sum(one.kind == FAILED for one in self.ledger.events(("digest.",), subject=subject))
        (self.report.again if in_doubt else self.report.accepted).append(who)
        return connection, False

    def _failed(self, mail: Mail, number: int, refused: tuple[int, str] | None, error: Exception) -> None:
        """Record a hand-over that certainly failed, and a bounce where the address is the reason for good."""
        code, text = refused or (None, "")
        told = {"code": code, "error": type(error).__name__, "n": number}
        self._append(FAILED, mail.subject_key, told, f"failed:{number}")
        self.report.failed[mail.recipient_id] = f"the relay refused it ({code or type(error).__name__})"
        if isinstance(error, smtplib.SMTPRecipientsRefused) and is_hard(code, status_in(text)):
            bounce = {"message_id": mail.message_id(self.relay.sender), "status": status_in(text) or str(code)}
            told = {**bounce, "hard": True, "via": "smtp", "mark": mail.mark}
            self._append(BOUNCED, mail.subject_key, told, "bounced")
            self.report.bounced.append(mail.recipient_id)

    def _append(self, kind: str, subject: str, payload: Mapping[str, object], key: str) -> bool:
        return self.ledger.append(kind, subject, payload, actor=ACTOR, at=self.now(), key=f"{subject}:{key}")


def _refused(error: Exception) -> tuple[int, str] | None:
    """Code and words of a refusal; None where the relay said none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        found = next(iter(error.recipients.values()), None)
        return (int(found[0]), _words(found[1])) if found else None
    return (error.smtp_code, _words(error.smtp_error)) if isinstance(error, smtplib.SMTPResponseException) else None


def _words(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _write(message: EmailMessage, mail: Mail, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{mail.week.isoformat()}-{mail.recipient_id}.eml"
    path.write_bytes(message.as_bytes())
    return path
