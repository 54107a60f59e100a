"""The comments as they stand: a fold of ledger events. Their words lie encrypted beside the events, never in them.

Payloads, by kind (subject: the comment's id, CMT-0001):
  comment.written  about (irritant, action), about_id, mentions: names of the colleagues it calls
  comment.edited   mentions; its words lie under the key of this event
  comment.deleted  its words are wiped some days later (insights/steps/comments.py)
  comment.undone   event_id of the event taken back
  comment.read     upto: what calls this reader (the subject, a name) up to this event is read
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from insights.access.names import folded, same_person
from insights.events import LedgerEvent

PREFIX = "comment."
WRITTEN, EDITED, DELETED = "comment.written", "comment.edited", "comment.deleted"
UNDONE, READ = "comment.undone", "comment.read"
IRRITANT, ACTION = "irritant", "action"
SUBJECTS = (IRRITANT, ACTION)


@dataclass(frozen=True)
class Comment:
    """One comment. `called`: colleague -> event that called them first. `key`: of the event its newest words lie under."""

    comment_id: str
    about: str
    about_id: str
    by: str
    at: datetime
    key: str
    keys: tuple[str, ...]  # of every version, the newest last
    called: Mapping[str, int] = field(default_factory=dict)
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    last_event_id: int = 0

    @property
    def deleted(self) -> bool:
        return self.deleted_at is not None


@dataclass(frozen=True)
class Book:
    """All comments by id, the deleted ones too. `read`: name -> last event that this reader has read."""

    comments: Mapping[str, Comment] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    reserved: int = 0
    version: int = 0

    def next_id(self) -> str:
        """The next id never used before: CMT-0001, CMT-0002, ..."""
        return f"CMT-{self.reserved + 1:04d}"

    def on(self, about: str, about_ids: Iterable[str]) -> list[Comment]:
        """What is said of one subject, oldest first. `about_ids`: an irritant has those merged into it."""
        wanted = set(about_ids)
        found = [one for one in self.comments.values() if one.about == about and one.about_id in wanted]
        return sorted((one for one in found if not one.deleted), key=lambda one: one.comment_id)

    def unread(self, name: str) -> list[Comment]:
        """Comments that call this colleague and were not read yet, newest first."""
        who = folded(name)
        if not who:
            return []
        seen = self.read.get(who, 0)
        calling = [one for one in self.comments.values() if not one.deleted and not same_person(one.by, name)]
        found = [(_call(one, who), one) for one in calling]
        return [one for number, one in sorted(found, key=lambda pair: -pair[0]) if number > seen]


def fold(events: Iterable[LedgerEvent]) -> Book:
    """The comments after these events; other kinds are passed over, and so is what speaks of a comment that is not there."""
    ordered = sorted((one for one in events if one.kind.startswith(PREFIX)), key=lambda one: one.event_id)
    gone = _taken_back(ordered)
    known: dict[str, Comment] = {}
    read: dict[str, int] = {}
    for event in ordered:
        if event.event_id in gone or event.kind == UNDONE:
            continue
        if event.kind == READ:
            who = folded(event.subject)
            read[who] = max(read.get(who, 0), int(event.payload["upto"]))
        elif event.kind == WRITTEN:
            known[event.subject] = _written(event)
        elif event.subject in known:
            known[event.subject] = _changed(known[event.subject], event)
    numbers = [int(one.subject[4:]) for one in ordered if one.kind == WRITTEN]
    return Book(known, read, max(numbers, default=0), max((one.event_id for one in ordered), default=0))


def _written(event: LedgerEvent) -> Comment:
    told = event.payload
    return Comment(
        event.subject, str(told["about"]), str(told["about_id"]), event.actor, event.at, event.idempotency_key,
        (event.idempotency_key,), {str(one): event.event_id for one in told.get("mentions", ())},
        last_event_id=event.event_id,
    )  # fmt: skip


def _changed(one: Comment, event: LedgerEvent) -> Comment:
    if event.kind == DELETED:
        return replace(one, deleted_at=event.at, last_event_id=event.event_id)
    called = {str(name): one.called.get(str(name), event.event_id) for name in event.payload.get("mentions", ())}
    key = event.idempotency_key
    return replace(one, key=key, keys=(*one.keys, key), called=called, edited_at=event.at, last_event_id=event.event_id)


def _call(one: Comment, who: str) -> int:
    return next((number for name, number in one.called.items() if folded(name) == who), 0)


def _taken_back(ordered: list[LedgerEvent]) -> set[int]:
    undone: set[int] = set()
    for event in reversed(ordered):
        if event.kind == UNDONE and event.event_id not in undone:
            undone.add(int(event.payload["event_id"]))
    return undone
