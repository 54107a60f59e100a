"""Notices to people: Slack and Teams incoming webhooks, and mail. Codes and times only, no personal data.

Slack: `{"text": ...}`, https://api.slack.com/messaging/webhooks (410 when the channel is archived).
Teams: a workflow that takes an Adaptive Card, https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors.
"""

from __future__ import annotations

import json
import smtplib
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

import httpx

from insights.digest.chat import plain_signs
from insights.errors import DeliveryError, SettingsError
from insights.outbox import endpoint as kinds
from insights.outbox.carrier import Carrier, Parcel
from insights.outbox.endpoint import Endpoint
from insights.outbox.http import Answer, Client, no_answer, retry_after
from insights.outbox.smtp import Relay, close, connect
from insights.outbox.thin import as_bytes
from insights.outbox.words import TEST, Words, words_of


class Chat:
    """Posts to one channel of Slack or Teams."""

    together = claim = 1
    folder, suffix = "messages", ".json"

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.client = Client(
            allow_private=endpoint.allow_private, timeout_seconds=endpoint.timeout_seconds, tls=endpoint.tls
        )

    def close(self) -> None:
        self.client.close()

    def wait_seconds(self) -> float:
        """The channel says 429 itself."""
        return 0.0

    def written(self, parcel: Parcel, at: datetime) -> bytes:
        """The posted JSON."""
        words = words_of(parcel.body, self.endpoint.options)
        return as_bytes(slack(words) if self.endpoint.kind == kinds.SLACK else card(words))

    def carry(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """One post each."""
        return [self.post(self.written(one, at), at) for one in parcels]

    def post(self, body: bytes, at: datetime) -> Answer:
        """What the channel says to one JSON message. Never raises for what it does."""
        headers = {"content-type": "application/json"}
        try:
            reply = self.client.call("POST", self.endpoint.url, headers=headers, content=body)
        except (DeliveryError, httpx.HTTPError) as error:
            return no_answer(error)
        wait = retry_after(reply, at) if reply.status != 429 else (retry_after(reply, at) or 1.0)
        return Answer(reply.status, retry_after_seconds=wait, final=reply.status == 400)


class Letters:
    """Sends mail to one address."""

    together = claim = 1
    folder, suffix = "messages", ".eml"

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.relay: Relay = endpoint.options["relay"]

    def close(self) -> None:
        """Nothing is kept open between mails."""

    def wait_seconds(self) -> float:
        return 0.0

    def written(self, parcel: Parcel, at: datetime) -> bytes:
        """The mail."""
        return self._letter(parcel, at).as_bytes()

    def carry(self, parcels: Sequence[Parcel], at: datetime) -> list[Answer]:
        """One mail each; an SMTP code stands for the status: 250 is success, 5xx is final."""
        return [self._send(one, at) for one in parcels]

    def _letter(self, parcel: Parcel, at: datetime) -> EmailMessage:
        words = words_of(parcel.body, self.endpoint.options)
        domain = parseaddr(self.relay.sender)[1].rpartition("@")[2] or "localhost"
        message = EmailMessage()
        message["From"], message["To"] = self.relay.sender, str(self.endpoint.options["address"])
        message["Subject"] = words.title
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{parcel.message_id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n".join([*words.lines, "", words.link]))  # it drops Content-* headers set before
        message["Content-Language"] = words.language
        return message

    def _send(self, parcel: Parcel, at: datetime) -> Answer:
        if not self.relay.host:
            return Answer(None, "no_relay", "no mail relay is configured: set VOC_SMTP_HOST")
        try:
            connection = connect(self.relay)
        except DeliveryError as error:
            return Answer(None, "connection", str(error))
        try:
            connection.send_message(self._letter(parcel, at))
        except smtplib.SMTPRecipientsRefused as error:
            code = next((int(found[0]) for found in error.recipients.values()), 550)
            return Answer(code, final=code >= 500)
        except smtplib.SMTPResponseException as error:
            return Answer(int(error.smtp_code), final=error.smtp_code >= 500)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            return Answer(None, "connection", type(error).__name__)
        finally:
            close(connection)
        return Answer(250)


def slack(words: Words) -> dict[str, Any]:
    """A Slack message; `&`, `<` and `>` mean something there."""

    def plain(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    lines = [f"*{plain(words.title)}*", *map(plain, words.lines), f"<{words.link}>"]
    return {"text": "\n".join(lines)}


def card(words: Words) -> dict[str, Any]:
    """A Teams message that holds one Adaptive Card."""
    blocks: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": plain_signs(words.title), "weight": "Bolder", "wrap": True}
    ]
    blocks += [{"type": "TextBlock", "text": plain_signs(line), "wrap": True} for line in words.lines]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
        "actions": [{"type": "Action.OpenUrl", "title": words.open_it, "url": words.link}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def chat_for(endpoint: Endpoint) -> Carrier:
    """The carrier of a chat or mail endpoint. Raises SettingsError for another kind."""
    if endpoint.kind == kinds.MAIL:
        return Letters(endpoint)
    if endpoint.kind in kinds.CHATS:
        return Chat(endpoint)
    raise SettingsError(f"Endpoint {endpoint.name} is no mail, slack or teams endpoint.")


def probe_body(language: str) -> bytes:
    """The body of a notice that only says that notices arrive."""
    return json.dumps({"subject_code": TEST, "case_id": "-", "language": language, "facts": {}}).encode()
