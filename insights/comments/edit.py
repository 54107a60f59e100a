"""What a person may do to comments, as drafts of events, each checked against the comments as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from insights.access.names import same_person
from insights.comments.book import DELETED, EDITED, READ, SUBJECTS, UNDONE, WRITTEN, Book, Comment
from insights.errors import LedgerError
from insights.events import LedgerEvent

LONGEST = 2000  # characters


@dataclass(frozen=True)
class Draft:
    """One event to record. `words`: what lies encrypted beside it; empty where it says nothing."""

    kind: str
    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""


def write(known: Book, about: str, about_id: str, words: str, mentions: Iterable[str]) -> Draft:
    """A new comment. Raises LedgerError for an empty one, one too long, or one about nothing."""
    if about not in SUBJECTS or not about_id:
        raise LedgerError(f"A comment is about one of {', '.join(SUBJECTS)}; {about!r} was given.")
    told = {"about": about, "about_id": about_id, "mentions": _names(mentions)}
    return Draft(WRITTEN, known.next_id(), told, _words(words))


def edit(known: Book, comment_id: str, words: str, mentions: Iterable[str], me: str) -> Draft:
    """Other words for one's own comment."""
    one = _own(known, comment_id, me)
    return Draft(EDITED, one.comment_id, {"mentions": _names(mentions)}, _words(words))


def delete(known: Book, comment_id: str, me: str) -> Draft:
    """Take one's own comment away."""
    return Draft(DELETED, _own(known, comment_id, me).comment_id)


def undo(events: Sequence[LedgerEvent], event_id: int, me: str) -> Draft:
    """Take back one's own event."""
    found = next((one for one in events if one.event_id == event_id and one.kind in (WRITTEN, EDITED, DELETED)), None)
    if found is None or not same_person(found.actor, me):
        raise LedgerError(f"Event {event_id} is no comment of {me or 'yours'}.")
    return Draft(UNDONE, found.subject, {"event_id": event_id})


def read(known: Book, name: str) -> Draft | None:
    """All that calls this reader is read; None where nothing is unread."""
    waiting = known.unread(name)
    return Draft(READ, name, {"upto": known.version}) if waiting else None


def _own(known: Book, comment_id: str, me: str) -> Comment:
    one = known.comments.get(comment_id)
    if one is None or one.deleted:
        raise LedgerError(f"There is no comment {comment_id!r} any more.")
    if not same_person(one.by, me):
        raise LedgerError(f"{comment_id} was written by {one.by}: only they may change it.")
    return one


def _words(words: str) -> str:
    text = words.strip()
    if not 1 <= len(text) <= LONGEST:
        raise LedgerError(f"A comment has 1 to {LONGEST} characters; this one has {len(text)}.")
    return text


def _names(mentions: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(" ".join(one.split()) for one in mentions if one.strip()))
