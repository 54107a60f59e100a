"""What a person may do to the actions, as drafts of events, each checked against the actions it will change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

from insights.actions import book as kinds
from insights.actions import draw, model
from insights.actions.book import Book, first_told, fold, read
from insights.actions.model import Action, Comparison
from insights.errors import LedgerError
from insights.events import LedgerEvent

SHORTEST, LONGEST = 3, 120  # characters of a title
LONGEST_DELAY = 52
FIXED = ("irritant_id", "measures", "comparison", "delay_weeks", "reasons", "decided_on", "start_on", "scope")
GOAL = (*FIXED, "began_on")
FEWEST_UNITS = 2  # a side


@dataclass(frozen=True)
class Draft:
    """One event to record."""

    kind: str
    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)


def declare(known: Book, told: Mapping[str, Any], comes_from_seed: Callable[[Comparison], bool] | None = None) -> Draft:
    """A new action: `title`, `irritant_id` and any other field of `Action`. Raises LedgerError for what cannot be.

    `comes_from_seed`: whether units said to be random are those their seed draws; without it the draw of `draw.draw`.
    """
    plain = {name: _plain(value) for name, value in told.items() if value not in (None, "", (), {})}
    if unknown := set(plain) - kinds.TOLD:
        raise LedgerError(f"An action has no {', '.join(sorted(unknown))}: use {', '.join(sorted(kinds.TOLD))}.")
    plain["title"] = _title(str(plain.get("title", "")))
    if not plain.get("irritant_id"):
        raise LedgerError("An action needs the irritant it works on (irritant_id).")
    action = _built(known.next_id(), plain)
    _possible(action)
    _random(action, comes_from_seed or repeats)
    return Draft(kinds.DECLARED, action.action_id, plain)


def twin(known: Book, draft: Draft) -> str | None:
    """The action in force that was declared with the same title, irritant and start; None without."""
    if draft.kind != kinds.DECLARED:
        return None
    same = [one for one, told in known.first.items() if told == first_told(draft.payload)]
    over = (model.DROPPED, model.DONE)
    return next((one for one in same if one in known.actions and known.actions[one].state not in over), None)


def repeats(told: Comparison) -> bool:
    """Whether the seed and the strata of a draw give exactly its units."""
    if told.seed is None or set(told.strata) != {*told.treated, *told.others}:
        return False
    return set(draw.draw(told.strata, told.dimension, told.seed).treated) == set(told.treated)


def change(known: Book, action_id: str, told: Mapping[str, Any], today: date) -> Draft:
    """Other values for an action. What it is judged by cannot change once it has started: that would be moving the goal."""
    found = known.known(action_id)
    plain = {name: _plain(value) for name, value in told.items()}
    start = _start(found)
    fixed = FIXED if model.begun(found) else [one for one in FIXED if one != "start_on"]  # it may begin late
    if late := [name for name in fixed if start and start <= today and name in plain]:
        raise LedgerError(
            f"{action_id} started on {start}: {', '.join(late)} cannot change any more. Drop it and "
            "declare another if it was wrong."
        )
    if "title" in plain:
        plain["title"] = _title(str(plain["title"]))
    changed = _built(action_id, {**_payload(found), **plain})
    _possible(changed)
    if "comparison" in plain:
        _random(changed, repeats)
    return Draft(kinds.CHANGED, action_id, plain)


def set_state(known: Book, action_id: str, state: str, on: date) -> Draft:
    """The action is planned, running, done or dropped from a day on."""
    found = known.known(action_id)
    if state not in model.STATES:
        raise LedgerError(f"{state!r} is no state of an action: use {', '.join(model.STATES)}.")
    if state == model.DONE and found.start_on and on < found.start_on:
        raise LedgerError(f"{action_id} cannot be done on {on}: it starts on {found.start_on}.")
    return Draft(kinds.STATE, action_id, {"state": state, "on": on.isoformat()})


def drawn(known: Book, action_id: str, comparison: Comparison, today: date) -> Draft:
    """Units drawn at random for an action that has not started."""
    found = known.known(action_id)
    if (start := _start(found)) and start <= today:
        raise LedgerError(f"{action_id} started on {start}: units must be drawn before the start.")
    if found.comparison.kind == model.RANDOM:
        raise LedgerError(f"{action_id} has drawn its units already: a second draw would let somebody choose.")
    if action_id in known.drawn:
        raise LedgerError(
            f"{action_id}: a draw of its units was undone. A second draw would let somebody choose: bring the first one "
            "back by undoing that undoing (`voc actions log` has its number)."
        )
    _compared(action_id, comparison)
    return Draft(kinds.DRAWN, action_id, {**asdict(comparison), "strata": dict(comparison.strata)})


def approve(known: Book, action_id: str, digest: str, n_customers: int) -> Draft:
    """A person approves one text for the customers of a proven action."""
    found = known.known(action_id)
    before = known.approvals.get(found.action_id)
    if before and before.digest == digest:
        raise LedgerError(f"{action_id}: this message was approved by {before.by} on {before.on}.")
    return Draft(kinds.APPROVED, action_id, {"digest": digest, "n_customers": n_customers})


def exported(known: Book, action_id: str, digest: str, marks: Sequence[str]) -> Draft:
    """The list of an approved message was written for the sending tool. `marks`: a keyed hash for each customer."""
    found = known.known(action_id)
    said = {"digest": digest, "marks": list(marks)}
    return Draft(kinds.EXPORTED, found.action_id, said)


def undo(events: Sequence[LedgerEvent], event_id: int, today: date | None = None) -> Draft:
    """Take one event back; undoing an undo brings it back. Refused where later events rest on it.

    `today`: with it, refused also where it would move what an action that has started is judged by.
    """
    found = next((one for one in events if one.event_id == event_id and one.kind in kinds.KINDS), None)
    if found is None:
        raise LedgerError(f"There is no event {event_id} of an action: `voc actions log` lists them.")
    if event_id in kinds.taken_back(one for one in events if one.kind in kinds.KINDS):
        raise LedgerError(f"Event {event_id} is undone already.")
    draft = Draft(kinds.UNDONE, found.subject, {"event_id": event_id})
    after = check(events, draft)
    if today is not None and found.at.date() != today:  # a slip of today may be taken back
        _goal_stays(fold(events).actions.get(found.subject), after.actions.get(found.subject), today)
    return draft


def _goal_stays(before: Action | None, after: Action | None, today: date) -> None:
    """Raises LedgerError when an undoing moves the goal of an action that started before today."""
    if before == after or not any(one is not None and _started(one, today) for one in (before, after)):
        return
    if before is None or after is None or any(getattr(before, name) != getattr(after, name) for name in GOAL):
        known = before or after
        raise LedgerError(
            f"{known.action_id if known else 'The action'} has started: its declaration, its start and its draw cannot be "
            "undone any more, as that would move the goal. Drop it and declare another if it was wrong."
        )


def _start(one: Action) -> date | None:
    """The day it began or was to begin, whichever came first; None before either is known."""
    return min((day for day in (one.start_on, one.began_on) if day is not None), default=None)


def _started(one: Action, today: date) -> bool:
    """It began, or was to begin, before today."""
    start = _start(one)
    return start is not None and start < today


def check(events: Sequence[LedgerEvent], draft: Draft) -> Book:
    """The actions as they would be. Raises LedgerError when a draft cannot stand after these events."""
    last, known = max((one.event_id for one in events), default=0), fold(events)
    there = {number for number, _ in known.refused}
    if draft.kind == kinds.DECLARED and int(draft.subject[4:]) <= known.reserved:
        raise LedgerError(f"Somebody else declared {draft.subject} meanwhile: look at the actions again.")
    after = fold([*events, _Planned(last + 1, draft.kind, draft.subject, payload=draft.payload)])
    if refused := [why for number, why in after.refused if number not in there]:
        raise LedgerError(refused[0])
    return after


@dataclass(frozen=True)
class _Planned:
    event_id: int
    kind: str
    subject: str
    at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    actor: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str = ""


def _built(action_id: str, plain: Mapping[str, Any]) -> Action:
    try:
        return Action(action_id=action_id, **read(plain))
    except (TypeError, ValueError, KeyError) as error:
        raise LedgerError(f"{action_id}: the action cannot be read ({error}).") from error


def _payload(action: Action) -> dict[str, Any]:
    return {name: _plain(getattr(action, name)) for name in kinds.TOLD if getattr(action, name) is not None}


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(item) for name, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not SHORTEST <= len(title) <= LONGEST:
        raise LedgerError(f"A title has {SHORTEST} to {LONGEST} characters; {title[:60]!r} has {len(title)}.")
    return title


def _possible(one: Action) -> None:
    """Raises LedgerError for a value out of its range or a comparison that cannot be."""
    if one.kind not in model.KINDS:
        raise LedgerError(f"{one.kind!r} is no kind of action: use {', '.join(model.KINDS)}.")
    if one.expected_share is not None and not 0 <= float(one.expected_share) <= 1:
        raise LedgerError(f"The expected effect is a share from 0 to 1; {one.expected_share} was given.")
    for name in ("effort_days", "cost_eur"):
        if (value := getattr(one, name)) is not None and float(value) < 0:
            raise LedgerError(f"{name} cannot be negative; {value} was given.")
    if not 0 <= int(one.delay_weeks) <= LONGEST_DELAY:
        raise LedgerError(f"delay_weeks goes from 0 to {LONGEST_DELAY}; {one.delay_weeks} was given.")
    if one.start_on and one.planned_on and one.planned_on < one.start_on:
        raise LedgerError(f"The action cannot be due on {one.planned_on}, before it starts on {one.start_on}.")
    _measured(one)
    _compared(one.action_id, one.comparison)


def _measured(one: Action) -> None:
    if not one.measures or (unknown := set(one.measures) - set(model.MEASURES)):
        raise LedgerError(f"{sorted(unknown) if one.measures else '-'}: measures are {', '.join(model.MEASURES)}.")
    needing = [name for name in one.measures if name != model.MENTIONS]
    if needing and not one.reasons:
        raise LedgerError(f"The measure {needing[0]!r} needs the contact reasons of the irritant (reasons).")
    if set(one.measures) & set(model.AFTER_CONTACT) and one.comparison.kind == model.NONE:
        raise LedgerError("csat, repeat and duration are compared between teams: declare a comparison.")


def _random(one: Action, comes_from_seed: Callable[[Comparison], bool]) -> None:
    """Raises LedgerError for units called random that nobody can draw again."""
    if one.comparison.kind == model.RANDOM and not comes_from_seed(one.comparison):
        raise LedgerError(
            f"{one.action_id}: these units are not those that their seed and strata draw, so they are not random. Draw them "
            "with `voc actions draw`, or declare kind: groups."
        )


def _compared(action_id: str, comparison: Comparison) -> None:
    if comparison.kind not in model.COMPARISONS:
        raise LedgerError(f"{comparison.kind!r} is no comparison: use {', '.join(model.COMPARISONS)}.")
    if comparison.kind == model.NONE:
        return
    allowed = dict.fromkeys((*model.CONTACT_DIMENSIONS, *model.MENTION_DIMENSIONS))
    if comparison.dimension not in allowed:
        raise LedgerError(f"{comparison.dimension!r} has no groups to compare: use {', '.join(allowed)}.")
    least = FEWEST_UNITS if comparison.kind == model.RANDOM else 1
    if min(len(comparison.treated), len(comparison.others)) < least:
        raise LedgerError(f"{action_id}: a comparison needs {least} or more units on each side.")
    if both := set(comparison.treated) & set(comparison.others):
        raise LedgerError(f"{action_id}: {sorted(both)[0]} stands on both sides of the comparison.")
