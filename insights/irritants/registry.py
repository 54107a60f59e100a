"""The irritants as they stand: a fold of ledger events, each of which can be undone by a later one.

Ids are given once and last for ever. A merged irritant points to the one it went into, so that old rows resolve.
Payloads, by kind (subject: the irritant's id, except for undone, where it is free):
  irritant.born      label_fr, label_en, label_source, keywords, parent, owner, status, lineage, definition
  irritant.renamed   any of label_fr, label_en, label_source, keywords, definition
  irritant.merged    into
  irritant.split     into: list of {irritant_id, and the payload of a birth}; the subject stays, with what is left of it
  irritant.moved     parent (id of a theme, or nothing)
  irritant.retired   nothing: no mention for long (dormant); a later irritant.born of the same id wakes it
  irritant.owner     owner
  irritant.hidden    nothing: it stays out of lists, the ranking and digests, and is counted as before
  irritant.shown     nothing: it is back in them
  irritant.corrected to: a person put texts where they belong; which texts stands in the ledger's table `placement`
  irritant.theme     label_fr, label_en: a theme is born or renamed (subject: the theme's id, TH-01)
  irritant.undone    event_id of the event taken back
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from insights.contracts import UNCLASSIFIED
from insights.errors import LedgerError
from insights.events import LedgerEvent

BORN, RENAMED, MERGED, SPLIT = "irritant.born", "irritant.renamed", "irritant.merged", "irritant.split"
MOVED, RETIRED, OWNER, UNDONE = "irritant.moved", "irritant.retired", "irritant.owner", "irritant.undone"
CORRECTED, THEME = "irritant.corrected", "irritant.theme"
HIDDEN, SHOWN = "irritant.hidden", "irritant.shown"
KINDS = (BORN, RENAMED, MERGED, SPLIT, MOVED, RETIRED, OWNER, HIDDEN, SHOWN, CORRECTED, THEME, UNDONE)
EMERGING, ACTIVE, DORMANT, GONE = "emerging", "active", "dormant", "merged"


@dataclass(frozen=True)
class Irritant:
    """One lasting cause. A label is None in a language without evidence: readers show the other one with its mark."""

    irritant_id: str
    label_fr: str | None = None
    label_en: str | None = None
    label_source: str = "person"
    keywords: tuple[str, ...] = ()
    parent: str | None = None
    status: str = ACTIVE
    owner: str | None = None
    born_on: date | None = None
    lineage: str = "born"
    merged_into: str | None = None
    definition: str | None = None
    hidden: bool = False

    def label(self, language: str) -> tuple[str, str | None]:
        """The name to show in a language, and the language it was borrowed from (None when it is its own)."""
        return _label(self, language, self.irritant_id)


@dataclass(frozen=True)
class Theme:
    """A group of irritants; an irritant's `parent` is the id of its theme."""

    theme_id: str
    label_fr: str | None = None
    label_en: str | None = None

    def label(self, language: str) -> tuple[str, str | None]:
        """The name to show in a language, and the language it was borrowed from (None when it is its own)."""
        return _label(self, language, self.theme_id)


def _label(named: Irritant | Theme, language: str, otherwise: str) -> tuple[str, str | None]:
    own, other = (named.label_fr, named.label_en) if language == "fr" else (named.label_en, named.label_fr)
    if own:
        return own, None
    return (other, "en" if language == "fr" else "fr") if other else (otherwise, None)


@dataclass(frozen=True)
class Registry:
    """All irritants by id, in the order of their ids, those merged away among them; themes by id.

    `reserved`: highest number ever given, also by births since undone: an id never comes back for another cause.
    `unborn`: ids whose birth was undone: what was assigned to them is unclassified.
    `placing`: ids of the live events that put texts elsewhere. `version`: id of the last event of a registry kind.
    """

    irritants: Mapping[str, Irritant] = field(default_factory=dict)
    reserved: int = 0
    themes: Mapping[str, Theme] = field(default_factory=dict)
    placing: frozenset[int] = frozenset()
    version: int = 0
    unborn: frozenset[str] = frozenset()

    def resolve(self, irritant_id: str) -> str:
        """The id an assigned id stands for today; ids unknown here, `unclassified` among them, stand for themselves."""
        seen: set[str] = set()
        while (found := self.irritants.get(irritant_id)) and found.merged_into and irritant_id not in seen:
            seen.add(irritant_id)
            irritant_id = found.merged_into
        return UNCLASSIFIED if irritant_id in self.unborn else irritant_id

    def living(self) -> list[Irritant]:
        """Irritants that can receive mentions: all but those merged away."""
        return [one for one in self.irritants.values() if one.status != GONE]

    @property
    def hidden(self) -> frozenset[str]:
        """Ids that lists, the ranking and digests leave out; they are counted all the same."""
        return frozenset(one.irritant_id for one in self.living() if one.hidden)

    def labels(self, language: str) -> dict[str, str]:
        """Name of every living irritant; one borrowed from the other language carries its mark, as in « Refund (EN) »."""
        shown = {one.irritant_id: one.label(language) for one in self.living()}
        return {one: f"{name} ({mark.upper()})" if mark else name for one, (name, mark) in shown.items()}

    def next_ids(self, n: int) -> list[str]:
        """The next `n` ids never used before: IR-0001, IR-0002, ..."""
        return [f"IR-{self.reserved + step:04d}" for step in range(1, n + 1)]

    def next_theme(self) -> str:
        """The next theme id never used before: TH-01, TH-02, ..."""
        return f"TH-{max((int(one[3:]) for one in self.themes), default=0) + 1:02d}"

    def theme_of(self, irritant_id: str) -> Theme | None:
        """The theme of an irritant as it stands today; None without one."""
        found = self.irritants.get(self.resolve(irritant_id))
        return self.themes.get(found.parent) if found and found.parent else None


_Rule = Callable[[dict[str, Irritant], LedgerEvent], None]
_NAMES = ("label_fr", "label_en", "label_source", "keywords", "definition")


def fold(events: Iterable[LedgerEvent]) -> Registry:
    """The registry after these events, in the order of their event ids; kinds of other subjects are passed over.

    Raises LedgerError for an event that cannot have happened: a change of an unknown irritant, a merge into itself.
    """
    ordered = sorted((one for one in events if one.kind in KINDS), key=lambda one: one.event_id)
    known: dict[str, Irritant] = {}
    taken_back = _taken_back(ordered)
    alive = [event for event in ordered if event.kind != UNDONE and event.event_id not in taken_back]
    for event in alive:
        if rule := _RULES.get(event.kind):
            rule(known, event)
    return Registry(
        {one: known[one] for one in sorted(known)},
        max(map(_highest, ordered), default=0),
        _themes(ordered, alive),
        frozenset(event.event_id for event in alive if event.kind in (BORN, SPLIT, CORRECTED)),
        max((event.event_id for event in ordered), default=0),
        frozenset(one for event in ordered for one in _given(event)) - set(known),
    )


def _themes(ordered: list[LedgerEvent], alive: list[LedgerEvent]) -> dict[str, Theme]:
    """Themes by id; one whose events were all undone keeps its id and has no name."""
    found = {event.subject: Theme(event.subject) for event in ordered if event.kind == THEME}
    for event in alive:
        if event.kind == THEME:
            told = {name: event.payload[name] for name in ("label_fr", "label_en") if name in event.payload}
            found[event.subject] = replace(found[event.subject], **told)
    return {one: found[one] for one in sorted(found)}


def _taken_back(ordered: list[LedgerEvent]) -> set[int]:
    """Ids of the events that do not count: undone by an event that was not itself undone."""
    undone: set[int] = set()
    for event in reversed(ordered):
        if event.kind == UNDONE and event.event_id not in undone:
            undone.add(int(event.payload["event_id"]))
    return undone


def _born(known: dict[str, Irritant], event: LedgerEvent) -> None:
    if event.subject == UNCLASSIFIED:
        raise LedgerError(
            f"LedgerEvent {event.event_id}: {UNCLASSIFIED!r} is reserved; an irritant needs an id of its own."
        )
    if (before := known.get(event.subject)) is not None:
        known[event.subject] = replace(before, status=ACTIVE, merged_into=None)
        return
    known[event.subject] = _new(event.subject, event.payload, event.at, "born")


def _renamed(known: dict[str, Irritant], event: LedgerEvent) -> None:
    changes = {name: _clean(name, event.payload[name]) for name in _NAMES if name in event.payload}
    known[event.subject] = replace(_of(known, event.subject, event), **changes)


def _merged(known: dict[str, Irritant], event: LedgerEvent) -> None:
    source, target = _of(known, event.subject, event), _of(known, str(event.payload["into"]), event)
    if Registry(known).resolve(target.irritant_id) == source.irritant_id:
        raise LedgerError(f"LedgerEvent {event.event_id}: {source.irritant_id} cannot be merged into itself.")
    lineage = f"merged into {target.irritant_id}"
    known[source.irritant_id] = replace(source, status=GONE, merged_into=target.irritant_id, lineage=lineage)


def _split(known: dict[str, Irritant], event: LedgerEvent) -> None:
    source = _of(known, event.subject, event)
    for part in event.payload["into"]:
        child = _new(str(part["irritant_id"]), part, event.at, f"split of {source.irritant_id}")
        known[child.irritant_id] = replace(
            child, parent=child.parent or source.parent, owner=child.owner or source.owner
        )


def _moved(known: dict[str, Irritant], event: LedgerEvent) -> None:
    known[event.subject] = replace(_of(known, event.subject, event), parent=event.payload.get("parent"))


def _retired(known: dict[str, Irritant], event: LedgerEvent) -> None:
    known[event.subject] = replace(_of(known, event.subject, event), status=DORMANT)


def _owner(known: dict[str, Irritant], event: LedgerEvent) -> None:
    known[event.subject] = replace(_of(known, event.subject, event), owner=event.payload.get("owner"))


def _hidden(known: dict[str, Irritant], event: LedgerEvent) -> None:
    known[event.subject] = replace(_of(known, event.subject, event), hidden=event.kind == HIDDEN)


_RULES: dict[str, _Rule] = {
    BORN: _born,
    RENAMED: _renamed,
    MERGED: _merged,
    SPLIT: _split,
    MOVED: _moved,
    RETIRED: _retired,
    OWNER: _owner,
    HIDDEN: _hidden,
    SHOWN: _hidden,
}
_BIRTH = frozenset(one.name for one in fields(Irritant)) - {"irritant_id", "born_on", "merged_into", "hidden"}


def _new(irritant_id: str, payload: Mapping[str, Any], at: datetime, lineage: str) -> Irritant:
    told = {name: _clean(name, payload[name]) for name in _BIRTH & set(payload)}
    return Irritant(**{"lineage": lineage, "born_on": at.date(), **told, "irritant_id": irritant_id})


def _clean(name: str, value: Any) -> Any:
    return tuple(value or ()) if name == "keywords" else value


def _of(known: Mapping[str, Irritant], irritant_id: str, event: LedgerEvent) -> Irritant:
    if (found := known.get(irritant_id)) is None:
        raise LedgerError(
            f"LedgerEvent {event.event_id} ({event.kind}) names the irritant {irritant_id!r}, which is not in the registry: "
            "its birth is missing or was undone. Undo this event too, or restore the ledger."
        )
    return found


def _given(event: LedgerEvent) -> list[str]:
    """Ids an event gives."""
    if event.kind == SPLIT:
        return [str(part["irritant_id"]) for part in event.payload["into"]]
    return [event.subject] if event.kind == BORN else []


def _highest(event: LedgerEvent) -> int:
    """Highest number among the ids an event gives."""
    numbers = [int(one[3:]) for one in _given(event) if one.startswith("IR-") and one[3:].isdigit()]
    return max(numbers, default=0)
