"""Record what a reader of a digest answers: once, with the action that an acceptance opens, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from insights.actions import DONE, DROPPED, Book
from insights.actions import edit as action_edit
from insights.actions.book import DECLARED
from insights.answers import Answer, Answers, Effects, Token, effects, fold_answers, question
from insights.answers.model import ACCEPT, FREQUENCIES, GIVEN, NEVER, UNDONE, WISHED
from insights.answers.wishes import frequency as frequency_of
from insights.digest.owners import Owner, owner_of
from insights.errors import LedgerError, RegistryMovedError
from insights.i18n import translator
from insights.irritants.registry import CORRECTED, Registry
from insights.ledger import Ledger
from insights.ledger.placements import append_all, placements
from insights.steps import actions as action_steps
from insights.steps.resolved import registry

KINDS = ("digest.answer.", "digest.frequency")
TRIES = 5
CHECKS = 5  # texts of an irritant looked at before a doubt counts as looked into
TITLE = 120  # characters of an action's title


@dataclass(frozen=True)
class Taken:
    """What came of a click. `before`: the answer that stood already, or that this link gave once; nothing changed then."""

    answer: str
    action_id: str | None = None
    before: Answer | None = None


def answers(ledger: Ledger) -> Answers:
    """The answers at this ledger version."""
    return fold_answers(ledger.events(KINDS))


def effects_now(ledger: Ledger, known: Registry, at: datetime) -> Effects:
    """What the answers change at `at`."""
    return effects(answers(ledger).standing, current_ids(known), at)


def current_ids(known: Registry) -> Mapping[str, str]:
    """The irritant that each id stands for today."""
    return {one: known.resolve(one) for one in known.irritants}


def take(ledger: Ledger, token: Token, owner: Owner, *, at: datetime) -> Taken:
    """Record the answer of a genuine link, once. An acceptance opens an action, or joins the owner's open one.

    Nothing changes where this link was used before, or another answer to the same question stands.
    """
    for _ in range(TRIES - 1):
        try:
            return _taken(ledger, token, owner, at)
        except RegistryMovedError:
            continue
    return _taken(ledger, token, owner, at)


def _taken(ledger: Ledger, token: Token, owner: Owner, at: datetime) -> Taken:
    given = answers(ledger).to(token.publication_id, token.recipient_id, token.irritant_id)
    if (before := _before(given, token.answer)) is not None:
        return Taken(token.answer, before.action_id, before)
    action_id, opening, expected = _action(ledger, token, owner, at)
    subject = question(token.publication_id, token.recipient_id, token.irritant_id)
    told = {"publication_id": token.publication_id, "recipient_id": token.recipient_id}
    told |= {"irritant_id": token.irritant_id, "answer": token.answer} | ({"action_id": action_id} if action_id else {})
    given_event = _event(GIVEN, subject, told, token.recipient_id, at, f"{subject}:{len(given)}")
    events = [given_event, *([opening] if opening else [])]
    if append_all(ledger, [(one, ()) for one in events], expected, "action.", whole=True) == 0:
        raise RegistryMovedError("Somebody answered this meanwhile: look again.")  # the next try finds that answer
    return Taken(token.answer, action_id)


def answered_before(ledger: Ledger, token: Token) -> Answer | None:
    """The answer that keeps this link from working: one that stands, or what this link gave once."""
    return _before(answers(ledger).to(token.publication_id, token.recipient_id, token.irritant_id), token.answer)


def _before(given: Sequence[Answer], answer: str) -> Answer | None:
    standing = next((one for one in given if not one.undone), None)
    return standing or next((one for one in given if one.answer == answer), None)


def _action(
    ledger: Ledger, token: Token, owner: Owner, at: datetime
) -> tuple[str | None, dict[str, Any] | None, int | None]:
    """What an acceptance stands for: the owner's open action on this irritant, else one with the event that declares it
    and the last event of the book it was built on. Nothing for another answer."""
    known = registry(ledger)
    irritant = known.resolve(token.irritant_id)
    found = known.irritants.get(irritant)
    if found is None:
        raise LedgerError(f"There is no irritant {token.irritant_id!r} any more: nothing was recorded.")
    if token.answer != ACCEPT:
        return None, None, None
    book = action_steps.book(ledger)
    if (there := _open_action(book, irritant, owner, known)) is not None:
        return there, None, None
    label = found.label(owner.language)[0]
    _ = translator(owner.language)
    title = _("Accepted from the digest: {label}").format(label=label)
    told = {"title": title[:TITLE], "irritant_id": irritant, "owner": owner.name, "decided_on": at.date()}
    draft = action_edit.declare(book, told)
    event = _event(draft.kind, draft.subject, draft.payload, owner.owner_id, at, _opening_key(draft.subject))
    return draft.subject, event, book.version


def _open_action(book: Book, irritant_id: str, owner: Owner, known: Registry) -> str | None:
    return next(
        (
            one.action_id
            for one in book.actions.values()
            if known.resolve(one.irritant_id) == irritant_id
            and one.owner == owner.name
            and one.state not in (DONE, DROPPED)
        ),
        None,
    )


def undo(ledger: Ledger, event_id: int, *, actor: str, at: datetime) -> Answer:
    """Take an answer back, and with it its effects and the action it opened, unless work on it has begun.

    Returns the answer. Raises LedgerError for what is no answer, or was taken back before.
    """
    found = next((one for one in answers(ledger).all if one.event_id == event_id), None)
    if found is None:
        raise LedgerError(f"There is no answer {event_id}: `voc mailing answers` lists them.")
    event = _event(
        UNDONE, question(found.publication_id, found.recipient_id, found.irritant_id), {"event_id": event_id},
        actor, at, f"{UNDONE}:{event_id}",
    )  # fmt: skip
    if found.undone or append_all(ledger, [(event, ())]) == 0:
        raise LedgerError(f"Answer {event_id} was taken back already.")
    if opened := _opened_by(ledger, found):
        with suppress(LedgerError):  # it cannot go any more: the action stays, the answer does not
            action_steps.undo(ledger, opened, actor=actor, at=at)
    return found


def _opened_by(ledger: Ledger, answer: Answer) -> int | None:
    """The declaration that an answer opened, while nothing was done to the action and no other acceptance rests on it."""
    if answer.action_id is None or any(one.action_id == answer.action_id for one in answers(ledger).standing):
        return None
    events = ledger.events(("action.",), subject=answer.action_id)
    by_answer = len(events) == 1 and events[0].idempotency_key == _opening_key(answer.action_id)
    return events[0].event_id if by_answer else None


def _opening_key(action_id: str) -> str:
    return f"{DECLARED}:{action_id}:answer"


def wish(ledger: Ledger, recipient_id: str, frequency: str, *, via: str, actor: str, at: datetime) -> bool:
    """Record how often a person wants the digest; False when that is what stands. Raises LedgerError for another word."""
    if frequency not in FREQUENCIES:
        raise LedgerError(f"{frequency!r} is no frequency: use {', '.join(FREQUENCIES)}.")
    known = answers(ledger)
    if known.wishes.get(recipient_id) == frequency:
        return False
    told = {"recipient_id": recipient_id, "frequency": frequency, "via": via}
    event = _event(WISHED, f"recipient:{recipient_id}", told, actor, at, f"{WISHED}:{recipient_id}:{known.version}")
    return append_all(ledger, [(event, ())]) == 1


def next_owner(owners: Sequence[Owner], known: Registry, irritant_id: str, declined: Effects) -> Owner | None:
    """Whose words fit an irritant best among those who have not said « not mine »; None when nobody's do."""
    irritant = known.irritants.get(known.resolve(irritant_id))
    if irritant is None:
        return None
    left = [one for one in owners if (one.owner_id, irritant.irritant_id) not in declined.declined]
    return owner_of(left, irritant.label_fr, irritant.label_en, *irritant.keywords)


def rerouted(ledger: Ledger, known: Registry, owners: Sequence[Owner], at: datetime) -> dict[str, str]:
    """Declined irritants that go to somebody else now: irritant_id -> owner_id of the next best who reads digests.

    An irritant that a person has given to another owner since goes to that one.
    """
    found, wishes = effects_now(ledger, known, at), answers(ledger).wishes
    readers = [one for one in owners if frequency_of(wishes, one.owner_id, one.digest) != NEVER]
    out: dict[str, str] = {}
    for recipient, irritant_id in sorted(found.declined):
        irritant = known.irritants.get(irritant_id)
        named = next((one for one in owners if irritant and one.name == irritant.owner), None)
        if named is not None and (named.owner_id, irritant_id) not in found.declined:
            continue  # it has an owner who did not decline
        if (best := next_owner(readers, known, irritant_id, found)) is not None and best.owner_id != recipient:
            out[irritant_id] = best.owner_id
    return out


def checked(ledger: Ledger, known: Registry, found: Effects) -> dict[str, int]:
    """Irritants said to be wrong, with the number of their texts that people have checked since."""
    since: dict[str, int] = {}
    for one in found.checks:
        irritant = known.resolve(one.irritant_id)
        since[irritant] = min(since.get(irritant, one.event_id), one.event_id)
    if not since:
        return {}
    ids = [one.event_id for one in ledger.events((CORRECTED,)) if one.event_id in known.placing]
    moved = placements(ledger, ids)
    return {
        irritant: len(
            {one.text_sha for one in moved if one.event_id > first and known.resolve(one.from_id) == irritant}
        )
        for irritant, first in sorted(since.items())
    }


def doubted(ledger: Ledger, known: Registry, at: datetime) -> list[str]:
    """Irritants said to be wrong of which too few texts were checked since, those least looked at first."""
    found = checked(ledger, known, effects_now(ledger, known, at))
    return sorted((one for one, n in found.items() if n < CHECKS), key=lambda one: (found[one], one))


def _event(kind: str, subject: str, payload: Mapping[str, Any], actor: str, at: datetime, key: str) -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "payload": payload, "actor": actor, "at": at, "key": key}
