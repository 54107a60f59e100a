"""Digests by mail, once per recipient and week.

The intent is recorded before a message is handed over and the relay's acceptance after. A crash between the two
leaves it in doubt: it is sent again under the same Message-ID, and counted as such. No address enters the ledger.
"""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from pathlib import Path

from insights.errors import DeliveryError
from insights.outbox.record import LedgerLike

ACTOR = "outbox"
INTENT, ACCEPTED, FAILED = "digest.intent", "digest.accepted", "digest.failed"
LEASE = timedelta(minutes=2)  # longer than any relay timeout: a younger intent may still be on its way
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Relay:
    """A mail relay. `password` may be None for a relay that asks for none."""

    host: str
    port: int = 587
    user: str = ""
    password: str | None = field(default=None, repr=False)
    starttls: bool = True
    sender: str = "voc@localhost"
    timeout_seconds: float = TIMEOUT_SECONDS
    tls: ssl.SSLContext | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Mail:
    """One digest for one person. `images` by content id; the html refers to them as `cid:<id>`."""

    publication_id: str
    week: date
    recipient_id: str
    address: str
    subject: str
    html: str
    text: str
    images: Mapping[str, bytes]
    language: str = "fr"

    @property
    def subject_key(self) -> str:
        """What happens once: this person, this week."""
        return f"digest:{self.week.isoformat()}:{self.recipient_id}"

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
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    for cid, png in mail.images.items():
        html.add_related(png, "image", "png", cid=f"<{cid}>", disposition="inline", filename=f"{cid}.png")  # type: ignore[union-attr]
    message["Content-Language"] = mail.language  # last: setting the content drops or moves every Content- header
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
) -> MailReport:
    """Send each mail that its recipient has not had this week; each failure alone. `now` is the wall clock.

    Dry: write .eml files below `out_dir`, record nothing. Raises DeliveryError when the relay cannot be used at all.
    """
    report = MailReport()
    if dry_run:
        report.files = [_write(build_message(mail, relay.sender, now), mail, out_dir / "mails") for mail in mails]
        return report
    waiting = [(mail, intents) for mail in mails if (intents := _intents(ledger, mail, now, lease, report)) is not None]
    if not waiting:
        return report
    connection = connect(relay)
    try:
        for mail, n_intents in waiting:
            connection = _send_one(ledger, relay, connection, mail, n_intents, now, report)
    finally:
        close(connection)
    return report


def _intents(ledger: LedgerLike, mail: Mail, now: datetime, lease: timedelta, report: MailReport) -> int | None:
    """How often this mail was tried; None (and noted) when it has arrived or may be on its way."""
    events = ledger.events(("digest.",), subject=mail.subject_key)
    if any(event.kind == ACCEPTED for event in events):
        report.already.append(mail.recipient_id)
        return None
    intents = [event for event in events if event.kind == INTENT]
    n_failed = sum(event.kind == FAILED for event in events)
    if len(intents) > n_failed and now - intents[-1].at < lease:
        report.held.append(mail.recipient_id)
        return None
    return len(intents)


def _send_one(
    ledger: LedgerLike,
    relay: Relay,
    connection: smtplib.SMTP,
    mail: Mail,
    n_intents: int,
    now: datetime,
    report: MailReport,
) -> smtplib.SMTP:
    """Intent, hand-over, acceptance; returns a usable connection."""
    number = n_intents + 1
    subject = mail.subject_key
    payload = {"publication_id": mail.publication_id, "message_id": mail.message_id(relay.sender), "n": number}
    if not ledger.append(INTENT, subject, payload, actor=ACTOR, at=now, key=f"{subject}:intent:{number}"):
        report.held.append(mail.recipient_id)
        return connection
    in_doubt = n_intents > sum(event.kind == FAILED for event in ledger.events(("digest.",), subject=subject))
    try:
        connection.send_message(build_message(mail, relay.sender, now))
    except smtplib.SMTPServerDisconnected as error:  # it may have been taken: left in doubt
        report.failed[mail.recipient_id] = f"the relay hung up ({error}); in doubt, sent again at the next run"
        return connect(relay)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        code = _code(error)
        failed = {"code": code, "error": type(error).__name__, "n": number}
        ledger.append(FAILED, subject, failed, actor=ACTOR, at=now, key=f"{subject}:failed:{number}")
        report.failed[mail.recipient_id] = f"the relay refused it ({code or type(error).__name__})"
        return _revived(connection, relay)
    ledger.append(ACCEPTED, subject, payload, actor=ACTOR, at=now, key=f"{subject}:accepted")
    (report.again if in_doubt else report.accepted).append(mail.recipient_id)
    return connection


def connect(relay: Relay) -> smtplib.SMTP:
    """A connection that is encrypted, or stays on this machine. Raises DeliveryError."""
    if not relay.starttls and not _is_loopback(relay.host):
        raise DeliveryError(f"{_name(relay)} is elsewhere and VOC_SMTP_STARTTLS is off: nothing goes in clear.")
    try:
        connection = smtplib.SMTP(relay.host, relay.port, timeout=relay.timeout_seconds)
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"{_name(relay)} cannot be reached ({error}): check VOC_SMTP_HOST and _PORT.") from error
    try:
        if relay.starttls:
            connection.starttls(context=relay.tls or ssl.create_default_context())
        if relay.user:
            connection.login(relay.user, relay.password or "")
    except (OSError, smtplib.SMTPException) as error:
        close(connection)
        raise DeliveryError(_refusal(relay, error)) from error
    return connection


def _name(relay: Relay) -> str:
    return f"The mail relay {relay.host}:{relay.port}"


def _refusal(relay: Relay, error: Exception) -> str:
    where = _name(relay)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{where} refuses the user or password ({error.smtp_code}): check VOC_SMTP_USER and VOC_SMTP_PASSWORD."
    if isinstance(error, ssl.SSLError):
        return f"{where} shows a certificate that cannot be trusted ({error.reason}): nothing was sent."
    return f"{where} cannot be used ({type(error).__name__}: {error}): check the VOC_SMTP_* settings."


def _revived(connection: smtplib.SMTP, relay: Relay) -> smtplib.SMTP:
    """The connection ready for the next recipient, a new one when it has broken."""
    try:
        connection.rset()
    except (OSError, smtplib.SMTPException):
        close(connection)
        return connect(relay)
    return connection


def close(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _code(error: Exception) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _text in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)


def _write(message: EmailMessage, mail: Mail, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{mail.week.isoformat()}-{mail.recipient_id}.eml"
    path.write_bytes(message.as_bytes())
    return path
