"""The actions as they stand: a fold of ledger events, each of which can be undone by a later one.

Payloads, by kind (subject: the action's id, ACT-0001):
  action.declared  what `declare` of insights/actions/edit.py checks: title, irritant_id and the rest of `Action`;
                   noted_on (date) where it was written down on another day than the event carries
  action.changed   any of the fields of a declaration but the measures and the comparison once the action has started
  action.state     state (planned, running, done, dropped), on (date)
  action.drawn     dimension, treated, others, seed, strata: units drawn at random
  action.approved  digest, n_customers: a person approved the message to customers (insights/actions/told.py)
  action.exported  digest, marks (a keyed hash of each customer): the approved list was written for the sending tool
  action.undone    event_id of the event taken back
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from insights.actions.model import DONE, RANDOM, RUNNING, Action, Comparison
from insights.errors import LedgerError
from insights.events import LedgerEvent

PREFIX = "action."
DECLARED, CHANGED, STATE = "action.declared", "action.changed", "action.state"
DRAWN, APPROVED, UNDONE = "action.drawn", "action.approved", "action.undone"
EXPORTED = "action.exported"
KINDS = (DECLARED, CHANGED, STATE, DRAWN, APPROVED, EXPORTED, UNDONE)
DATES = ("decided_on", "start_on", "planned_on", "done_on")
LISTS = ("reasons", "measures")
NOT_TOLD = {"action_id", "declared_by", "declared_on", "event_id", "state", "began_on"}
TOLD = frozenset(one.name for one in fields(Action)) - NOT_TOLD


@dataclass(frozen=True)
class Approval:
    """A message to customers that a person approved. `digest`: hash of its text."""

    digest: str
    n_customers: int
    by: str
    on: date
    event_id: int


@dataclass(frozen=True)
class Export:
    """A list of customers written for the sending tool. `marks`: keyed hashes of who stood on it."""

    digest: str
    marks: frozenset[str]
    by: str
    on: date


@dataclass(frozen=True)
class Book:
    """All actions by id, approved messages by action. `reserved`: highest number ever given.

    `refused`: (event id, reason) of events that were impossible when they came, because two people met: they count for
    nothing. `first`: title, irritant and start of each action as first declared. `noted`: day on which an action was
    written down, `start_noted`: on which its beginning was. `drawn`: actions whose units were ever drawn, also when the
    draw was undone since.
    """

    actions: Mapping[str, Action] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    exports: Mapping[str, tuple[Export, ...]] = field(default_factory=dict)
    reserved: int = 0
    version: int = 0
    refused: tuple[tuple[int, str], ...] = ()
    first: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    noted: Mapping[str, date] = field(default_factory=dict)
    start_noted: Mapping[str, date] = field(default_factory=dict)
    drawn: frozenset[str] = frozenset()

    def known(self, action_id: str) -> Action:
        """The action of this id. Raises LedgerError for one that is not there."""
        if (found := self.actions.get(action_id)) is None:
            raise LedgerError(f"There is no action {action_id!r}: `voc actions list` shows them.")
        return found

    def next_id(self) -> str:
        """The next id never used before: ACT-0001, ACT-0002, ..."""
        return f"ACT-{self.reserved + 1:04d}"


@dataclass
class _Work:
    """What the fold fills, event after event."""

    known: dict[str, Action] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    exports: dict[str, tuple[Export, ...]] = field(default_factory=dict)
    first: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    noted: dict[str, date] = field(default_factory=dict)
    start_noted: dict[str, date] = field(default_factory=dict)
    refused: list[tuple[int, str]] = field(default_factory=list)


_Rule = Callable[[_Work, LedgerEvent], None]


def fold(events: Iterable[LedgerEvent]) -> Book:
    """The actions after these events, in the order of their event ids; other kinds are passed over.

    An event that cannot be (a change of an action that was never declared, or whose declaration was undone) is kept in
    `refused` and counts for nothing, so that two people who met never lock the book.
    """
    ordered = sorted((one for one in events if one.kind in KINDS), key=lambda one: one.event_id)
    gone = taken_back(ordered)
    alive = [one for one in ordered if one.kind != UNDONE and one.event_id not in gone]
    work = _Work()
    for event in alive:
        try:
            _RULES[event.kind](work, event)
        except LedgerError as error:
            work.refused.append((event.event_id, str(error)))
    numbers = [int(one.subject[4:]) for one in ordered if one.kind == DECLARED and one.subject[4:].isdigit()]
    return Book(
        {one: work.known[one] for one in sorted(work.known)}, work.approvals, work.exports, max(numbers, default=0),
        max((one.event_id for one in ordered), default=0), tuple(work.refused), work.first, work.noted, work.start_noted,
        frozenset(one.subject for one in ordered if one.kind == DRAWN),
    )  # fmt: skip


def taken_back(ordered: Iterable[LedgerEvent]) -> set[int]:
    """Ids of the events that do not count: undone by an event that was not itself undone."""
    undone: set[int] = set()
    for event in sorted(ordered, key=lambda one: -one.event_id):
        if event.kind == UNDONE and event.event_id not in undone:
            undone.add(int(event.payload["event_id"]))
    return undone


def _declared(work: _Work, event: LedgerEvent) -> None:
    if event.subject in work.known:
        raise LedgerError(f"{event.subject} was declared twice by two people at once: declare the second one again.")
    told = read(event.payload)
    work.first[event.subject] = first_told(event.payload)
    work.noted[event.subject] = date.fromisoformat(event.payload.get("noted_on") or event.at.date().isoformat())
    work.known[event.subject] = Action(
        action_id=event.subject, declared_by=event.actor, declared_on=event.at.date(), event_id=event.event_id, **told
    )


def _changed(work: _Work, event: LedgerEvent) -> None:
    work.known[event.subject] = replace(_of(work.known, event), **read(event.payload))


def _state(work: _Work, event: LedgerEvent) -> None:
    found, state = _of(work.known, event), str(event.payload["state"])
    on = date.fromisoformat(event.payload["on"]) if event.payload.get("on") else event.at.date()
    if state == DONE:
        found = replace(found, done_on=on)
    if state in (RUNNING, DONE) and found.began_on is None:
        began = on if state == RUNNING else min(found.start_on or on, on)
        found = replace(found, began_on=began, start_on=found.start_on or began)
        work.start_noted[event.subject] = event.at.date()
    work.known[event.subject] = replace(found, state=state)


def _drawn(work: _Work, event: LedgerEvent) -> None:
    work.known[event.subject] = replace(
        _of(work.known, event), comparison=_comparison({**event.payload, "kind": RANDOM})
    )


def _approved(work: _Work, event: LedgerEvent) -> None:
    _of(work.known, event)
    said = event.payload
    work.approvals[event.subject] = Approval(
        str(said["digest"]), int(said["n_customers"]), event.actor, event.at.date(), event.event_id
    )


def _exported(work: _Work, event: LedgerEvent) -> None:
    _of(work.known, event)
    said = event.payload
    made = Export(str(said["digest"]), frozenset(said["marks"]), event.actor, event.at.date())
    work.exports[event.subject] = (*work.exports.get(event.subject, ()), made)


_RULES: dict[str, _Rule] = {
    DECLARED: _declared,
    CHANGED: _changed,
    STATE: _state,
    DRAWN: _drawn,
    APPROVED: _approved,
    EXPORTED: _exported,
}


def first_told(payload: Mapping[str, Any]) -> tuple[str, str, str]:
    """Title, irritant and start of a declaration: two that share them are one."""
    start = payload.get("start_on")
    return (str(payload.get("title") or ""), str(payload.get("irritant_id") or ""), str(start) if start else "")


def read(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of an action out of an event's JSON: dates, tuples and the comparison take their types."""
    told = {name: payload[name] for name in sorted(TOLD & set(payload))}
    for name in DATES:
        if told.get(name):
            told[name] = date.fromisoformat(str(told[name]))
    for name in LISTS:
        if name in told:
            told[name] = tuple(told[name])
    if "scope" in told:
        told["scope"] = {name: tuple(values) for name, values in told["scope"].items()}
    if "comparison" in told:
        told["comparison"] = _comparison(told["comparison"])
    return told


def _comparison(told: Mapping[str, Any]) -> Comparison:
    return Comparison(
        kind=str(told["kind"]),
        dimension=str(told.get("dimension") or ""),
        treated=tuple(told.get("treated") or ()),
        others=tuple(told.get("others") or ()),
        seed=told.get("seed"),
        strata=dict(told.get("strata") or {}),
    )


def _of(known: Mapping[str, Action], event: LedgerEvent) -> Action:
    if (found := known.get(event.subject)) is None:
        raise LedgerError(
            f"LedgerEvent {event.event_id} ({event.kind}) names the action {event.subject!r}, which is not known: its "
            "declaration is missing or was undone. Undo this event too, or restore the ledger."
        )
    return found
