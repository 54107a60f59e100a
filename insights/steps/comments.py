"""Record what colleagues write to one another, read it back, and wipe what they deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, select

from insights.access.names import folded
from insights.comments import book as kinds
from insights.comments import edit
from insights.comments.book import Book, Comment, fold
from insights.comments.edit import Draft
from insights.comments.people import Person, directory, named_in, redacted
from insights.digest.owners import Owner, load_owners
from insights.errors import RegistryMovedError
from insights.ledger import Ledger
from insights.ledger.placements import append_placed
from insights.ledger.schema import EVENT, EVENT_TEXT
from insights.outbox.endpoints import Directory
from insights.settings import Settings
from insights.steps import actions
from insights.steps.actions import Redact
from insights.steps.resolved import registry

KINDS = (kinds.PREFIX,)
TRIES = 5  # times a draft is built again when somebody else was faster
WIPED_AFTER = timedelta(days=7)  # a deletion can be undone until then


@dataclass(frozen=True)
class Shown:
    """A comment with its words; None where they can no longer be read."""

    comment: Comment
    words: str | None


@dataclass(frozen=True)
class Mention:
    """Somebody called a colleague. `about`: irritant or action."""

    comment_id: str
    about: str
    about_id: str
    by: str
    at: datetime
    event_id: int


def book(ledger: Ledger) -> Book:
    """The comments at this ledger version."""
    return fold(ledger.events(KINDS))


def comments_of(ledger: Ledger, about: str, about_ids: str | Iterable[str]) -> list[Shown]:
    """What is said of one subject, oldest first, with its words."""
    ids = [about_ids] if isinstance(about_ids, str) else list(about_ids)
    return [Shown(one, ledger.text(text_key(one.key))) for one in book(ledger).on(about, ids)]


def write(
    ledger: Ledger,
    about: str,
    about_id: str,
    words: str,
    mentions: Iterable[str],
    *,
    people: Iterable[str],
    actor: str,
    at: datetime,
    redact: Redact,
) -> str:
    """Write a comment; returns its id. Its words are redacted of customers' data first, then kept encrypted.

    `people`: names that « @name » may call; who is called so is told as those in `mentions` are.
    """
    clean, called = _prepared(words, mentions, people, redact)
    return _record(ledger, lambda known: edit.write(known, about, about_id, clean, called), actor, at)


def change(
    ledger: Ledger,
    comment_id: str,
    words: str,
    mentions: Iterable[str],
    *,
    people: Iterable[str],
    actor: str,
    at: datetime,
    redact: Redact,
) -> str:
    """Other words for one's own comment; returns its id."""
    clean, called = _prepared(words, mentions, people, redact)
    return _record(ledger, lambda known: edit.edit(known, comment_id, clean, called, actor), actor, at)


def remove(ledger: Ledger, comment_id: str, *, actor: str, at: datetime) -> str:
    """Delete one's own comment; its words are wiped by the nightly purge once it can no longer be undone."""
    return _record(ledger, lambda known: edit.delete(known, comment_id, actor), actor, at)


def undo(ledger: Ledger, event_id: int, *, actor: str, at: datetime) -> str:
    """Take back one's own event on a comment."""
    return _record(ledger, lambda _: edit.undo(ledger.events(KINDS), event_id, actor), actor, at)


def unread(ledger: Ledger, name: str) -> list[Mention]:
    """Who called this colleague and was not read yet, newest first; empty for an empty name."""
    return mentions_in(book(ledger), name)


def mentions_in(known: Book, name: str) -> list[Mention]:
    """As `unread`, from comments that were folded before."""
    return [
        Mention(one.comment_id, one.about, one.about_id, one.by, one.edited_at or one.at, one.last_event_id)
        for one in known.unread(name)
    ]


def mark_read(ledger: Ledger, name: str, *, at: datetime) -> None:
    """All that calls this colleague is read."""
    draft = edit.read(book(ledger), name)
    if draft is not None:
        key = f"{draft.kind}:{folded(name)}:{draft.payload['upto']}"
        ledger.append(draft.kind, draft.subject, draft.payload, actor=name, at=at, key=key)


def people(ledger: Ledger, settings: Settings, told: Directory) -> dict[str, Person]:
    """Everybody who can be called, by name. `told`: of endpoints.yaml."""
    path = settings.reference_dir / "owners.yaml"
    owners = load_owners(path) if path.is_file() else []
    listed = [Person(name, one.to, one.language) for name, one in told.people.items()]
    return directory([*listed, *(_owner(one, told) for one in owners)], [*_responsible(ledger), *_seen(ledger)])


def wipe_deleted(ledger: Ledger, today: date) -> int:
    """Words of comments deleted longer ago than they can be undone, and of versions that were replaced: rows gone."""
    before = datetime.combine(today - WIPED_AFTER, time(), tzinfo=UTC)
    keys: list[str] = []
    for one in book(ledger).comments.values():
        if one.deleted_at is not None and one.deleted_at < before:
            keys += one.keys
        elif one.edited_at is not None and one.edited_at < before:
            keys += one.keys[:-1]
    with ledger.engine.begin() as connection:
        wiped = delete(EVENT_TEXT).where(EVENT_TEXT.c.text_key.in_([text_key(key) for key in keys]))
        return int(connection.execute(wiped).rowcount)


def text_key(event_key: str) -> str:
    """Key of a comment's words: like every note, so that retention wipes it with the others."""
    return f"note:{event_key}"


def _prepared(words: str, mentions: Iterable[str], people: Iterable[str], redact: Redact) -> tuple[str, list[str]]:
    names = list(people)
    called = [*mentions, *named_in(words, names)]
    return redacted(words.strip(), names, redact) if words.strip() else "", list(dict.fromkeys(called))


def _record(ledger: Ledger, build: Callable[[Book], Draft], actor: str, at: datetime) -> str:
    for _ in range(TRIES - 1):
        try:
            return _recorded(ledger, build, actor, at)
        except RegistryMovedError:
            continue
    return _recorded(ledger, build, actor, at)


def _recorded(ledger: Ledger, build: Callable[[Book], Draft], actor: str, at: datetime) -> str:
    """The event, then its words: the same draft on the same comments counts once."""
    known = book(ledger)
    draft = build(known)
    told = json.dumps([draft.kind, draft.subject, dict(draft.payload)], sort_keys=True)
    key = f"{draft.kind}:{draft.subject}:{known.version}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    event = {
        "kind": draft.kind, "subject": draft.subject, "payload": draft.payload, "actor": actor, "at": at, "key": key
    }  # fmt: skip
    if append_placed(ledger, event, [], known.version, kinds.PREFIX) and draft.words:
        ledger.put_text(text_key(key), f"comment:{draft.subject}", draft.words)
    return draft.subject


def _owner(one: Owner, told: Directory) -> Person:
    return Person(one.name, (one.endpoint,) if one.endpoint in told.endpoints else (), one.language)


def _responsible(ledger: Ledger) -> list[str]:
    """Owners of actions and irritants."""
    found = {one.owner for one in actions.book(ledger).actions.values()}
    found |= {one.owner for one in registry(ledger).living()}
    return sorted(one for one in found if one)


def _seen(ledger: Ledger) -> Sequence[str]:
    """Who stands beside decisions of people."""
    query = select(EVENT.c.actor).distinct()
    with ledger.engine.connect() as connection:
        found = [str(one) for one in connection.execute(query).scalars()]
    return sorted(found)


__all__ = [
    "Mention", "Shown", "book", "change", "comments_of", "mark_read", "mentions_in", "people", "remove", "text_key",
    "undo", "unread", "wipe_deleted", "write",
]  # fmt: skip
