"""Digests to Slack and Teams, once per recipient and week, recorded as mails are (mailed.py).

A chat knows no message id: where a crash leaves a post in doubt it is posted again and counted, and may stand there twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from insights.jumps import within
from insights.outbox.chat import Chat
from insights.outbox.endpoint import Endpoint
from insights.outbox.http import Answer
from insights.outbox.mailed import ACCEPTED, FAILED, INTENT, subject_of
from insights.outbox.record import ACTOR, LedgerLike

LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class ChatPost:
    """One digest for one channel. `body`: the JSON of the kind of its endpoint."""

    publication_id: str
    week: date
    recipient_id: str
    endpoint: Endpoint
    body: bytes = field(repr=False)

    @property
    def message_id(self) -> str:
        """The same whenever this publication goes to this recipient."""
        return f"post-{hashlib.sha256(f'{self.publication_id}:{self.recipient_id}'.encode()).hexdigest()[:32]}"


@dataclass
class PostReport:
    """What became of each recipient, by recipient_id."""

    accepted: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)  # accepted now after being in doubt
    already: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)


def send_posts(
    ledger: LedgerLike, posts: Sequence[ChatPost], now: datetime, *, dry_run: bool, out_dir: Path
) -> PostReport:
    """Post what its recipient has not had this week; each failure alone. Dry: write JSON files, record nothing."""
    report = PostReport()
    for post in posts:
        if dry_run:
            report.files.append(_write(post, out_dir / "messages"))
        else:
            _send(ledger, post, now, report)
    return report


def _send(ledger: LedgerLike, post: ChatPost, now: datetime, report: PostReport) -> None:
    subject, who = subject_of(post.week, post.recipient_id), post.recipient_id
    events = ledger.events(("digest.",), subject=subject)
    if any(event.kind == ACCEPTED for event in events):
        report.already.append(who)
        return
    intents = [event for event in events if event.kind == INTENT]
    n_doubt = len(intents) - sum(event.kind == FAILED for event in events)
    number = len(intents) + 1
    told = {"publication_id": post.publication_id, "message_id": post.message_id, "n": number, "by": post.endpoint.kind}
    young = n_doubt > 0 and within(intents[-1].at, LEASE, now)
    if young or not ledger.append(INTENT, subject, told, actor=ACTOR, at=now, key=f"{subject}:intent:{number}"):
        report.held.append(who)
        return
    answer = _posted(post, now)
    if answer.ok:
        ledger.append(ACCEPTED, subject, told, actor=ACTOR, at=now, key=f"{subject}:accepted")
        (report.again if n_doubt else report.accepted).append(who)
    elif answer.error == "timeout":  # it may have been taken: left in doubt
        report.failed[who] = f"{post.endpoint.name} did not answer; in doubt, posted again at the next run"
    else:
        refused = {"code": answer.status, "error": answer.error, "n": number}
        ledger.append(FAILED, subject, refused, actor=ACTOR, at=now, key=f"{subject}:failed:{number}")
        report.failed[who] = f"{post.endpoint.name} refused it ({answer.error or answer.status})"


def _posted(post: ChatPost, now: datetime) -> Answer:
    chat = Chat(post.endpoint)
    try:
        return chat.post(post.body, now)
    finally:
        chat.close()


def _write(post: ChatPost, folder: Path) -> Path:
    path = folder / post.endpoint.name / f"{post.publication_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(post.body + b"\n")
    return path
