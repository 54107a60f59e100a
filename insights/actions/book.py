"""The actions as they stand: a fold of ledger events, each of which can be undone by a later one.

Payloads, by kind (subject: the action's id, ACT-0001):
  action.declared  what `declared` of insights/actions/edit.py checks: title, irritant_id and the rest of `Action`
  action.changed   any of the fields of a declaration but the measures and the comparison once the action has started
  action.state     state (planned, running, done, dropped), on (date)
  action.drawn     dimension, treated, others, seed, strata: units drawn at random
  action.approved  digest, n_customers: a person approved the message to customers (insights/actions/told.py)
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
KINDS = (DECLARED, CHANGED, STATE, DRAWN, APPROVED, UNDONE)
DATES = ("decided_on", "start_on", "planned_on", "done_on")
LISTS = ("reasons", "measures")
TOLD = frozenset(one.name for one in fields(Action)) - {"action_id", "declared_by", "declared_on", "event_id", "state"}


@dataclass(frozen=True)
class Approval:
    """A message to customers that a person approved. `digest`: hash of its text."""

    digest: str
    n_customers: int
    by: str
    on: date
    event_id: int


@dataclass(frozen=True)
class Book:
    """All actions by id, and approved messages by action. `reserved`: highest number ever given."""

    actions: Mapping[str, Action] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    reserved: int = 0
    version: int = 0

    def next_id(self) -> str:
        """The next id never used before: ACT-0001, ACT-0002, ..."""
        return f"ACT-{self.reserved + 1:04d}"


_Rule = Callable[[dict[str, Action], LedgerEvent], None]


def fold(events: Iterable[LedgerEvent]) -> Book:
    """The actions after these events, in the order of their event ids; other kinds are passed over.

    Raises LedgerError for a change of an action that was never declared, or whose declaration was undone.
    """
    ordered = sorted((one for one in events if one.kind in KINDS), key=lambda one: one.event_id)
    gone = taken_back(ordered)
    alive = [one for one in ordered if one.kind != UNDONE and one.event_id not in gone]
    known: dict[str, Action] = {}
    approvals: dict[str, Approval] = {}
    for event in alive:
        if event.kind == APPROVED:
            _of(known, event)
            said = event.payload
            approvals[event.subject] = Approval(
                str(said["digest"]), int(said["n_customers"]), event.actor, event.at.date(), event.event_id
            )
        else:
            _RULES[event.kind](known, event)
    numbers = [int(one.subject[4:]) for one in ordered if one.kind == DECLARED and one.subject[4:].isdigit()]
    last = max((one.event_id for one in ordered), default=0)
    return Book({one: known[one] for one in sorted(known)}, approvals, max(numbers, default=0), last)


def taken_back(ordered: Iterable[LedgerEvent]) -> set[int]:
    """Ids of the events that do not count: undone by an event that was not itself undone."""
    undone: set[int] = set()
    for event in sorted(ordered, key=lambda one: -one.event_id):
        if event.kind == UNDONE and event.event_id not in undone:
            undone.add(int(event.payload["event_id"]))
    return undone


def _declared(known: dict[str, Action], event: LedgerEvent) -> None:
    told = read(event.payload)
    known[event.subject] = Action(
        action_id=event.subject, declared_by=event.actor, declared_on=event.at.date(), event_id=event.event_id, **told
    )


def _changed(known: dict[str, Action], event: LedgerEvent) -> None:
    known[event.subject] = replace(_of(known, event), **read(event.payload))


def _state(known: dict[str, Action], event: LedgerEvent) -> None:
    found, state = _of(known, event), str(event.payload["state"])
    on = date.fromisoformat(event.payload["on"]) if event.payload.get("on") else event.at.date()
    if state == DONE:
        found = replace(found, done_on=on)
    if state in (RUNNING, DONE) and found.start_on is None:
        found = replace(found, start_on=on)
    known[event.subject] = replace(found, state=state)


def _drawn(known: dict[str, Action], event: LedgerEvent) -> None:
    known[event.subject] = replace(_of(known, event), comparison=_comparison({**event.payload, "kind": RANDOM}))


_RULES: dict[str, _Rule] = {DECLARED: _declared, CHANGED: _changed, STATE: _state, DRAWN: _drawn}


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
