"""The way to a mail relay: a connection that is encrypted or stays on this machine, and where in a hand-over it stands."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from insights.errors import DeliveryError

TIMEOUT_SECONDS = 30.0
END_OF_CONTENT = b"\r\n.\r\n"
RECIPIENT, CONTENT = "recipient", "content"  # points of a hand-over that only the connection knows


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


class Line(smtplib.SMTP):
    """A connection that tells when the relay has taken the recipient, and when it holds the whole content.

    `in_content`: the content of the last message was begun, so that the relay may have taken it whatever came after.
    """

    point: Callable[[str], None] | None = None
    in_content = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """DATA and the content."""
        if self.point:
            self.point(RECIPIENT)
        return super().data(msg)

    def send(self, s: Any) -> None:
        """Bytes to the relay."""
        if isinstance(s, bytes):  # commands are str: this is content
            self.in_content = True
        super().send(s)
        if self.point and isinstance(s, bytes) and s.endswith(END_OF_CONTENT):
            self.point(CONTENT)


def connect(relay: Relay) -> Line:
    """A connection that is encrypted, or stays on this machine. Raises DeliveryError."""
    if not relay.starttls and not _is_loopback(relay.host):
        raise DeliveryError(f"{_name(relay)} is elsewhere and VOC_SMTP_STARTTLS is off: nothing goes in clear.")
    try:
        connection = Line(relay.host, relay.port, timeout=relay.timeout_seconds)
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


def revived(connection: Line, relay: Relay) -> Line:
    """The connection ready for the next recipient, a new one when it has broken. Raises DeliveryError."""
    try:
        connection.rset()
    except (OSError, smtplib.SMTPException):
        close(connection)
        return connect(relay)
    return connection


def close(connection: smtplib.SMTP) -> None:
    """Say goodbye, or hang up."""
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _name(relay: Relay) -> str:
    return f"The mail relay {relay.host}:{relay.port}"


def _refusal(relay: Relay, error: Exception) -> str:
    where = _name(relay)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{where} refuses the user or password ({error.smtp_code}): check VOC_SMTP_USER and VOC_SMTP_PASSWORD."
    if isinstance(error, ssl.SSLError):
        return f"{where} shows a certificate that cannot be trusted ({error.reason}): nothing was sent."
    return f"{where} cannot be used ({type(error).__name__}: {error}): check the VOC_SMTP_* settings."


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)
