"""What became of each digest: a fold of ledger events by recipient and week, and which addresses get no more.

Payloads, by kind (subject: digest:<week>:<recipient_id>, but for the last two kinds):
  digest.intent     publication_id, message_id, n, mark (keyed hash of the address; absent in older events)
  digest.accepted   the same
  digest.failed     code, error, n
  digest.bounced    message_id, status, hard, via (smtp, dsn), mark
  digest.resumed    recipient_id: a person says that the address works again (subject: recipient:<recipient_id>)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from insights.events import LedgerEvent

INTENT, ACCEPTED, FAILED = "digest.intent", "digest.accepted", "digest.failed"
BOUNCED, RESUMED = "digest.bounced", "digest.resumed"
OF_A_MAIL = (INTENT, ACCEPTED, FAILED, BOUNCED)
MOST_BOUNCES = 2  # hard ones, of two issues, before an address gets no more
SENT, IN_DOUBT, REFUSED, RETURNED = "accepted", "in_doubt", "failed", "bounced"


@dataclass
class Mailed:
    """One recipient's digest of one week. `n_in_doubt`: tries whose end nobody knows: so many copies may exist beside
    the accepted one."""

    week: date
    recipient_id: str
    publication_id: str = ""
    message_id: str = ""
    mark: str = ""
    n_intents: int = 0
    n_failed: int = 0
    code: int | None = None
    accepted_at: datetime | None = None
    bounced: str | None = None  # status of a bounce
    hard: bool = False

    @property
    def n_in_doubt(self) -> int:
        return self.n_intents - self.n_failed - (self.accepted_at is not None)

    @property
    def state(self) -> str:
        """bounced, accepted, in_doubt or failed: the worst thing known for sure."""
        if self.bounced is not None:
            return RETURNED
        if self.accepted_at is not None:
            return SENT
        return IN_DOUBT if self.n_in_doubt else REFUSED


@dataclass
class Post:
    """All digests by (week, recipient), and bounces since a person last said that an address works."""

    mails: dict[tuple[date, str], Mailed] = field(default_factory=dict)
    hard: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # (recipient, mark) -> message ids

    def last_week(self, recipient_id: str) -> date | None:
        """The newest week whose digest the relay took for this recipient."""
        weeks = [week for (week, who), one in self.mails.items() if who == recipient_id and one.accepted_at]
        return max(weeks, default=None)

    def suppressed(self, recipient_id: str, mark: str) -> bool:
        """Whether this address of the recipient gets no more: two issues came back for good."""
        return len(self.hard.get((recipient_id, mark), ())) >= MOST_BOUNCES

    def by_message_id(self) -> Mapping[str, Mailed]:
        """The mail each Message-ID belongs to."""
        return {one.message_id: one for one in self.mails.values() if one.message_id}


def subject_of(week: date, recipient_id: str) -> str:
    """Subject of the events of one recipient's digest of one week."""
    return f"digest:{week.isoformat()}:{recipient_id}"


def fold_mailed(events: Iterable[LedgerEvent]) -> Post:
    """What became of each digest after these events; other kinds are passed over."""
    post = Post()
    for event in sorted(events, key=lambda one: one.event_id):
        if event.kind in OF_A_MAIL:
            _told(post, event)
        elif event.kind == RESUMED:
            who = str(event.payload["recipient_id"])
            post.hard = {key: ids for key, ids in post.hard.items() if key[0] != who}
    return post


def _told(post: Post, event: LedgerEvent) -> None:
    _, week, who = event.subject.split(":", 2)
    key = (date.fromisoformat(week), who)
    one, said = post.mails.setdefault(key, Mailed(*key)), event.payload
    if event.kind in (INTENT, ACCEPTED):
        one.publication_id, one.message_id = str(said["publication_id"]), str(said.get("message_id") or "")
        one.mark = str(said.get("mark") or "")
    if event.kind == INTENT:
        one.n_intents += 1
    elif event.kind == ACCEPTED:
        one.accepted_at, one.bounced = event.at, None
    elif event.kind == FAILED:
        one.n_failed, one.code = one.n_failed + 1, said.get("code")
    elif event.kind == BOUNCED:
        one.bounced, one.hard = str(said["status"]), bool(said["hard"])
        if one.hard:
            post.hard.setdefault((who, str(said.get("mark") or "")), set()).add(str(said["message_id"]))
