"""What a person may do to the registry, as drafts of events: each is checked against the registry it will change.

Nothing is written here: insights/steps/curate.py records a draft, and every recorded event can be undone by one more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from insights.contracts import UNCLASSIFIED
from insights.errors import LedgerError
from insights.events import LedgerEvent
from insights.irritants import registry as kinds
from insights.irritants.registry import Irritant, Registry, fold
from insights.mentions.text import fold as plain

Moves = tuple[tuple[str, str, str], ...]  # text_sha, from irritant, to irritant
SHORTEST, LONGEST = 3, 80  # characters of a label
PERSON = "person"


@dataclass(frozen=True)
class Draft:
    """One event to record, and the texts it moves."""

    kind: str
    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    moves: Moves = ()


@dataclass(frozen=True)
class Part:
    """One new irritant a split makes, with the texts (hashes) that go to it."""

    label_fr: str | None
    label_en: str | None
    texts: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    label_source: str = PERSON


def create(known: Registry, texts: Sequence[tuple[str, str]] = (), **told: Any) -> Draft:
    """A new irritant: label_fr, label_en (one at least), definition, owner, parent, keywords, lineage, label_source.

    `texts`: (hash, irritant it stands with today) of texts that go to it.
    """
    _free(known, told.get("label_fr"), told.get("label_en"))
    _theme(known, told.get("parent"))
    kept = {name: value for name, value in told.items() if value}
    born = known.next_ids(1)[0]
    moves = tuple((text, _place(known, before), born) for text, before in dict.fromkeys(texts))
    return Draft(kinds.BORN, born, {"label_source": PERSON, "lineage": "declared", **kept}, moves)


def rename(
    known: Registry,
    irritant_id: str,
    *,
    label_fr: str | None = None,
    label_en: str | None = None,
    definition: str | None = None,
) -> Draft:
    """Other names for an irritant; what is None stays. A name of a person is never replaced by a mined one."""
    here = _living(known, irritant_id)
    told = {"label_fr": label_fr, "label_en": label_en, "definition": definition}
    given = {name: value.strip() for name, value in told.items() if value is not None and value.strip()}
    if not given:
        raise LedgerError(f"{here.irritant_id}: give a French name, an English name or a definition.")
    if label_fr or label_en:
        _free(known, label_fr, label_en, but=here.irritant_id)
        given["label_source"] = PERSON
    return Draft(kinds.RENAMED, here.irritant_id, given)


def merge(known: Registry, irritant_id: str, into: str) -> Draft:
    """One irritant becomes part of another; its id stands for that one from now on."""
    source, target = _living(known, irritant_id), _living(known, into)
    if source.irritant_id == target.irritant_id:
        raise LedgerError(f"{source.irritant_id} cannot be merged into itself.")
    return Draft(kinds.MERGED, source.irritant_id, {"into": target.irritant_id})


def split(known: Registry, irritant_id: str, parts: Sequence[Part]) -> Draft:
    """New irritants out of one, which stays with what is left. Each text goes to one part at most."""
    source = _living(known, irritant_id)
    if not parts or not all(part.texts for part in parts):
        raise LedgerError(f"{source.irritant_id}: a split needs at least one new irritant, each with texts of its own.")
    moved = [text for part in parts for text in part.texts]
    if len(set(moved)) < len(moved):
        raise LedgerError(f"{source.irritant_id}: the parts of a split share texts; a text goes to one part only.")
    for number, part in enumerate(parts):
        _free(known, part.label_fr, part.label_en)
        if any(_same(part, other) for other in parts[:number]):
            raise LedgerError(f"{source.irritant_id}: two parts of the split have the same name.")
    ids = known.next_ids(len(parts))
    told = [
        {
            "irritant_id": one,
            "label_fr": part.label_fr,
            "label_en": part.label_en,
            "label_source": part.label_source,
            "keywords": list(part.keywords),
        }
        for one, part in zip(ids, parts, strict=True)
    ]
    moves = tuple((text, source.irritant_id, one) for one, part in zip(ids, parts, strict=True) for text in part.texts)
    return Draft(kinds.SPLIT, source.irritant_id, {"into": told}, moves)


def correct(known: Registry, texts: Sequence[str], irritant_id: str, to: str) -> Draft:
    """These texts (hashes) belong to `to`, not to `irritant_id`; with `to` the same, a person confirms them.

    Either may be `unclassified`.
    """
    before, after = _place(known, irritant_id), _place(known, to)
    if not texts:
        raise LedgerError("A correction needs at least one text.")
    moves = tuple((text, before, after) for text in dict.fromkeys(texts))
    return Draft(kinds.CORRECTED, before, {"to": after, "n_texts": len(moves)}, moves)


def move(known: Registry, irritant_id: str, theme_id: str | None) -> Draft:
    """Put an irritant under a theme, or under none."""
    _theme(known, theme_id)
    return Draft(kinds.MOVED, _living(known, irritant_id).irritant_id, {"parent": theme_id})


def theme(
    known: Registry, theme_id: str | None = None, *, label_fr: str | None = None, label_en: str | None = None
) -> Draft:
    """A new theme, or another name for one."""
    _theme(known, theme_id)
    given = {"label_fr": label_fr, "label_en": label_en}
    told = {name: _fit(value) for name, value in given.items() if value and value.strip()}
    if not told:
        raise LedgerError("A theme needs a French or an English name.")
    for other in known.themes.values():
        if other.theme_id != theme_id and any(plain(getattr(other, name) or "") == plain(told[name]) for name in told):
            raise LedgerError(f"The theme {other.theme_id} already has this name: put the irritants there.")
    return Draft(kinds.THEME, theme_id or known.next_theme(), told)


def own(known: Registry, irritant_id: str, owner: str | None) -> Draft:
    """Give an irritant to a product owner, or to nobody."""
    return Draft(kinds.OWNER, _living(known, irritant_id).irritant_id, {"owner": (owner or "").strip() or None})


def retire(known: Registry, irritant_id: str) -> Draft:
    """The irritant is dormant: nobody speaks of it any more."""
    return Draft(kinds.RETIRED, _living(known, irritant_id).irritant_id)


def wake(known: Registry, irritant_id: str) -> Draft:
    """A dormant irritant is active again."""
    return Draft(kinds.BORN, _living(known, irritant_id).irritant_id)


def hide(known: Registry, irritant_id: str) -> Draft:
    """Leave an irritant out of lists, the ranking and digests; it is counted all the same."""
    here = _living(known, irritant_id)
    if here.hidden:
        raise LedgerError(f"{here.irritant_id} is hidden already: `voc irritants show` brings it back.")
    return Draft(kinds.HIDDEN, here.irritant_id)


def show(known: Registry, irritant_id: str) -> Draft:
    """A hidden irritant is back in lists, the ranking and digests."""
    here = _living(known, irritant_id)
    if not here.hidden:
        raise LedgerError(f"{here.irritant_id} is not hidden.")
    return Draft(kinds.SHOWN, here.irritant_id)


def undo(events: Sequence[LedgerEvent], event_id: int) -> Draft:
    """Take one event back (undoing an undo brings it back). Refused where later events rest on it.

    `events`: all of the registry.
    """
    found = next((event for event in events if event.event_id == event_id and event.kind in kinds.KINDS), None)
    if found is None:
        raise LedgerError(f"There is no registry event {event_id}: `voc irritants log` lists them.")
    if any(_takes_back(event, found) for event in undoing(events)):
        raise LedgerError(f"Event {event_id} is undone already.")
    draft = Draft(kinds.UNDONE, found.subject, {"event_id": event_id})
    check(events, draft)
    return draft


def check(events: Sequence[LedgerEvent], draft: Draft) -> Registry:
    """The registry as it would be. Raises LedgerError when a draft cannot stand after these events."""
    last, known = max((event.event_id for event in events), default=0), fold(events)
    given = [str(part["irritant_id"]) for part in draft.payload.get("into", [])] if draft.kind == kinds.SPLIT else []
    given += [draft.subject] if draft.kind == kinds.BORN and draft.payload else []
    if again := [one for one in given if one in known.irritants or int(one[3:]) <= known.reserved]:
        raise LedgerError(f"Somebody else made {again[0]} meanwhile: look at the registry again.")
    return fold([*events, _Planned(last + 1, draft.kind, draft.subject, datetime.now(UTC), PERSON, draft.payload)])


@dataclass(frozen=True)
class _Planned:
    event_id: int
    kind: str
    subject: str
    at: datetime
    actor: str
    payload: Mapping[str, Any]
    idempotency_key: str = ""


def undoing(events: Sequence[LedgerEvent]) -> list[LedgerEvent]:
    """Undoing events that were not undone themselves."""
    gone: set[int] = set()
    found = []
    for event in sorted(events, key=lambda one: -one.event_id):
        if event.kind == kinds.UNDONE and event.event_id not in gone:
            gone.add(int(event.payload["event_id"]))
            found.append(event)
    return found


def _takes_back(event: LedgerEvent, other: LedgerEvent) -> bool:
    return event.kind == kinds.UNDONE and int(event.payload["event_id"]) == other.event_id


def _living(known: Registry, irritant_id: str) -> Irritant:
    found = known.irritants.get(irritant_id)
    if found is None:
        raise LedgerError(f"There is no irritant {irritant_id!r}: `voc irritants list` shows them.")
    if found.merged_into:
        raise LedgerError(
            f"{irritant_id} was merged into {known.resolve(irritant_id)}: edit that one, or undo the merge."
        )
    return found


def _place(known: Registry, irritant_id: str) -> str:
    return UNCLASSIFIED if irritant_id == UNCLASSIFIED else _living(known, irritant_id).irritant_id


def _theme(known: Registry, theme_id: str | None) -> None:
    if theme_id is not None and theme_id not in known.themes:
        raise LedgerError(f"There is no theme {theme_id!r}: `voc irritants list` shows them.")


def _free(known: Registry, label_fr: str | None, label_en: str | None, but: str = "") -> None:
    """Raises LedgerError without a name, for one of a wrong length, and for one that another irritant has."""
    given = {"label_fr": label_fr, "label_en": label_en}
    told = {name: _fit(value) for name, value in given.items() if value and value.strip()}
    if not told:
        raise LedgerError("An irritant needs a French or an English name.")
    for other in known.living():
        for name, value in told.items():
            if other.irritant_id != but and plain(getattr(other, name) or "") == plain(value):
                raise LedgerError(f"{other.irritant_id} is called {value!r} already: two irritants never share a name.")


def _fit(label: str) -> str:
    text = " ".join(label.split())
    if not SHORTEST <= len(text) <= LONGEST:
        raise LedgerError(f"A name has {SHORTEST} to {LONGEST} characters; {text[:100]!r} has {len(text)}.")
    return text


def _same(part: Part, other: Part) -> bool:
    pairs = ((part.label_fr, other.label_fr), (part.label_en, other.label_en))
    return any(one and two and plain(one) == plain(two) for one, two in pairs)
