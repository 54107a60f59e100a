"""Mails that came back: delivery reports (RFC 3464) read from files, and whether an address is dead for good.

Only what says that the address does not exist is hard. A full mailbox, a refused content, a policy of the receiver or a
fault of our own relay is not: two such weeks must not silence a reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path

from insights.errors import SourceError

STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
HARD_STATUS = re.compile(r"5\.(?:0\.0|1\.(?:0|1|2|3|4|6|10)|2\.[01]|4\.4)")  # RFC 3463, RFC 7505
HARD_CODES = (521, 550, 551, 553, 556)  # RFC 5321, RFC 7504, where no enhanced status says it better
MESSAGE_ID = re.compile(r"<[^<>\s]+>")
LARGEST_BYTES = 20_000_000


@dataclass(frozen=True)
class Bounce:
    """One recipient of one report. `message_id` of the mail that came back; `failed`: for good, as the report says."""

    message_id: str
    status: str
    failed: bool

    @property
    def hard(self) -> bool:
        """Whether the address is dead."""
        return self.failed and is_hard(None, self.status)


def is_hard(code: int | None, status: str) -> bool:
    """Whether a reply code or an enhanced status says that the address does not exist (any more)."""
    if status:
        return HARD_STATUS.fullmatch(status) is not None
    return code in HARD_CODES


def status_in(text: str) -> str:
    """The enhanced status (5.1.1) in a relay's words; empty without."""
    found = STATUS.search(text)
    return found[1] if found else ""


def bounces_in(message: EmailMessage) -> list[Bounce]:
    """The bounces that one mail reports; empty for a mail that is no delivery report, or one of a mere delay."""
    if message.get_content_type() != "multipart/report":
        return []
    parts = list(message.walk())
    blocks = [
        block for part in parts if part.get_content_type() == "message/delivery-status" for block in _blocks(part)
    ]
    ids = _original(message, parts)
    found = []
    for block in blocks:
        action, status = str(block.get("Action", "")).strip().lower(), status_in(str(block.get("Status", "")))
        if action == "failed" and ids:
            found.append(Bounce(ids, status or "5.0.0", status.startswith("5") or not status))
    return found


def read_bounces(path: Path) -> Iterator[tuple[str, list[Bounce]]]:
    """(name, bounces) of each mail: an .eml file, a folder of them, or a maildir. Raises SourceError without any."""
    files = _files(path)
    if not files:
        raise SourceError(f"{path} holds no mail: give an .eml file, a folder of them, or a maildir.")
    for file in files:
        if file.stat().st_size > LARGEST_BYTES:
            yield file.name, []
            continue
        yield file.name, bounces_in(message_from_bytes(file.read_bytes(), policy=policy.default))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if (path / "cur").is_dir() and (path / "new").is_dir():
        return sorted(file for name in ("new", "cur") for file in (path / name).iterdir() if file.is_file())
    return sorted(path.rglob("*.eml"))


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report: of the message first, then one for each recipient."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _original(message: EmailMessage, parts: Sequence[Message]) -> str:
    """Message-ID of the mail that came back: its own headers in the report, else what the report refers to."""
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            held = message_from_bytes(text if isinstance(text, bytes) else b"", policy=policy.default)
            if found := MESSAGE_ID.search(str(held.get("Message-ID", ""))):
                return found[0]
        elif part is not message and (found := MESSAGE_ID.search(str(part.get("Message-ID", "")))):
            return found[0]
    for name in ("In-Reply-To", "References"):
        if found := MESSAGE_ID.search(str(message.get(name, ""))):
            return found[0]
    return ""
