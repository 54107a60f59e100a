"""Mails (.eml) and mailboxes (.mbox): what the customer wrote, without quoted mails and signatures.

The brand's own mails are known by `own_handles` (addresses or domains). The Message-ID stands for the mail, hashed at the
border: it can hold the name of a machine or of a person. What a mail answers is not kept.
"""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Any

from insights.errors import RowError, SetAside, SourceError
from insights.sources.base import KEY_PREFIX, RAGGED, Item, RawRecord, RecordSource, required, text_or_none
from insights.sources.calls import COPIED
from insights.sources.email_text import html_text, own_words
from insights.sources.files import LARGEST_TEXT, refuse_larger
from insights.sources.options import Options

SET_ASIDE = {
    "own_message": "sent by the brand itself (own_handles)",
    "auto_reply": "sent by a machine: an absence notice or a receipt",
    "bounce": "a mail that could not be delivered",
    "bulk_mail": "a newsletter or a mailing list",
    "spam": "marked as spam by the mail server",
    "no_words": "nothing but quoted mails, a signature or attachments",
}
_HEADERS = (
    "Message-ID", "Date", "From", "Reply-To", "Subject", "Auto-Submitted", "X-Autoreply", "X-Autorespond", "Precedence",
    "Return-Path", "List-Id", "X-Spam-Flag",
)  # fmt: skip
_ANSWERS = re.compile(r"^\s*(?:re|ré|rép|tr|fw|fwd|aw)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_AWAY = re.compile(
    r"^\s*(?:(?:réponse|message) automatique|absence du bureau|absent du bureau|automatic reply|auto(?:matic)?[- ]?reply|"
    r"out of (?:the )?office)\b",
    re.IGNORECASE,
)
_BROKEN = (LookupError, ValueError, TypeError, AttributeError)  # what `email` raises on hostile headers and charsets


def read(path: Path) -> Iterator[RawRecord]:
    """One record a mail. Raises SourceError for a file that is no mail or no mailbox."""
    if not path.is_file() or path.stat().st_size == 0:
        raise SourceError(f"{path.name}: the file is absent or empty. Export it again, or leave it out.")
    if path.suffix.lower() != ".mbox":
        refuse_larger(path, LARGEST_TEXT, "Take its attachments out.")
        with path.open("rb") as stream:
            message = BytesParser(policy=policy.default).parse(stream)
        yield RawRecord(path.name, 1, _picture(message, path.name))
        return
    with path.open("rb") as stream:
        if not stream.read(5) == b"From ":
            raise SourceError(f"{path.name}, line 1: it does not begin with 'From '. It is no mailbox (mbox), or cut.")
    with closing(mailbox.mbox(path, create=False)) as box:
        for place, key in enumerate(box.keys(), start=1):
            yield RawRecord(path.name, place, _of_mailbox(box, key))


def parse(record: RawRecord, options: Options) -> Item:
    """One mail. Raises SetAside for mails that are no customer's, RowError for one without date, sender or id."""
    data = record.data
    sender, name, address = _sender(data, options)
    _refuse_machines(data, address)
    sent_at = _date(required(data, "date"))
    message_id = str(required(data, "message-id")).strip().strip("<>")
    words = own_words(str(data.get("text") or ""))
    subject = text_or_none(data.get("subject"))
    if subject and not _ANSWERS.match(subject):
        words = f"{' '.join(subject.split())}\n{words}" if words else ""
    if not words:
        raise SetAside(f"no_words: {SET_ASIDE['no_words']}")
    received = _received(data, sent_at)
    described = {key: value for key, value in options.constants.items() if key in COPIED}
    return Item(
        source_id=f"{KEY_PREFIX}{message_id}",
        feedback={
            "kind": "mail",
            "channel": "email",
            **described,
            "occurred_at": sent_at,
            "available_at": received or sent_at + timedelta(days=options.available_delay_days),
            "available_basis": "source" if received else "declared",
            "verbatim": words,
            "recontact": "yes",  # who writes to us expects an answer
        },
        emails=(sender,),
        names=(name,) if name else (),
    )


def _sender(data: Mapping[str, Any], options: Options) -> tuple[str, str | None, str]:
    """Address and name of the customer, and the address the mail came from.

    A web form that writes in the brand's name has the customer under Reply-To. Raises SetAside for the brand's own mail.
    """
    senders = _people(data.get("from"))
    if not senders:
        raise RowError("missing_from: no sender's address")
    name, address = senders[0]
    if not _is_own(address, options):
        return address, name, address
    for other_name, other in _people(data.get("reply-to")):
        if not _is_own(other, options):
            return other, other_name, address
    raise SetAside(f"own_message: {SET_ASIDE['own_message']}")


def _people(header: Any) -> list[tuple[str | None, str]]:
    found = getaddresses([str(header or "")])
    return [(text_or_none(name), address.strip().lower()) for name, address in found if "@" in address]


def _is_own(address: str, options: Options) -> bool:
    """Whether an address, its domain or a domain above it is the brand's."""
    parts = address.rpartition("@")[2].split(".")
    return options.is_own(address) or any(options.is_own(".".join(parts[n:])) for n in range(len(parts) - 1))


def _refuse_machines(data: Mapping[str, Any], address: str) -> None:
    local = address.partition("@")[0]
    precedence = str(data.get("precedence") or "").strip().lower()
    automatic = str(data.get("auto-submitted") or "no").strip().lower()
    reasons = {
        "bounce": local in ("mailer-daemon", "postmaster") or data.get("report") is True,
        "auto_reply": not automatic.startswith("no")
        or bool(data.get("x-autoreply") or data.get("x-autorespond"))
        or precedence == "auto_reply"
        or bool(_AWAY.match(str(data.get("subject") or ""))),
        "bulk_mail": bool(data.get("list-id")) or precedence in ("bulk", "list", "junk"),
        "spam": str(data.get("x-spam-flag") or "").strip().lower() == "yes",
    }
    for code, holds in reasons.items():
        if holds:
            raise SetAside(f"{code}: {SET_ASIDE[code]}")


def _date(value: Any) -> datetime:
    try:
        found = parsedate_to_datetime(str(value))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (*_BROKEN, OverflowError) as error:
        raise RowError("bad_date: the Date header is no date") from error


def _received(data: Mapping[str, Any], sent_at: datetime) -> datetime | None:
    """When our server took it in, from the newest Received header; never before it was sent."""
    with suppress(RowError):
        return max(_date(str(data["received"]).rpartition(";")[2].strip()), sent_at) if data.get("received") else None
    return None


def _of_mailbox(box: mailbox.mbox, key: str) -> dict[str, Any]:
    try:
        return _picture(BytesParser(policy=policy.default).parsebytes(box.get_bytes(key)), "mail")
    except SourceError as error:
        return {RAGGED: f"bad_mail: {error}"}


def _picture(message: EmailMessage, file: str) -> dict[str, Any]:
    """A mail as JSON: the headers that are read, and its text. Raises SourceError where it has no headers."""
    headers = {name.lower(): value for name in _HEADERS if (value := _header(message, name))}
    if "from" not in headers and "date" not in headers:
        raise SourceError(f"{file}: no mail header such as From or Date. It is no mail, or cut off: export it again.")
    if any(type(defect).__name__ == "CloseBoundaryNotFoundDefect" for defect in message.defects):
        raise SourceError(f"{file}: the mail is cut off before the end of its parts. Export it again.")
    return {
        **headers,
        "received": _header(message, "Received"),
        "report": message.get_content_type() == "multipart/report",
        "text": _text(message),
    }


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name) or "")
    except _BROKEN:
        return next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")


def _text(message: EmailMessage) -> str:
    """The plain text, else the text of the HTML; empty where there is neither."""
    try:
        part = message.get_body(preferencelist=("plain", "html"))
    except _BROKEN:
        return ""
    if part is None:
        return ""
    content = _content(part)
    return html_text(content) if part.get_content_subtype() == "html" else content


def _content(part: Any) -> str:
    """A part's text; an unknown charset is read as UTF-8, else as Windows wrote it."""
    try:
        return str(part.get_content())
    except _BROKEN:
        raw = part.get_payload(decode=True)
        if not isinstance(raw, bytes):
            return ""
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")


SOURCE = RecordSource("email_threads", ("*.eml", "*.mbox"), read, parse, title="E-mail", set_aside=SET_ASIDE)
