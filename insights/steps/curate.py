"""Record what people decide about irritants: edits, corrections, proposals taken or refused, and their undoing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from insights.errors import LedgerError
from insights.irritants import edit
from insights.irritants.edit import Draft, Part
from insights.irritants.match import DEATH, MERGE, SPLIT
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Event, Ledger
from insights.ledger.placements import append_placed, placements
from insights.steps.resolved import KINDS, registry, seen

PROPOSED, TAKEN, REFUSED = "proposal.", "proposal.taken", "proposal.refused"
DECIDED, REOPENED = (TAKEN, REFUSED), "proposal.reopened"
NOTHING = "proposal.none"  # a discovery that proposes nothing: earlier proposals are stale
TEXTS_OF = """
SELECT DISTINCT m.text_sha FROM irritant_now i JOIN mention m USING (mention_id) WHERE i.irritant_id = $irritant ORDER BY 1
"""

STAND = """
SELECT DISTINCT m.text_sha, i.irritant_id FROM mention m JOIN irritant_now i USING (mention_id)
WHERE m.text_sha IN (SELECT unnest($shas::VARCHAR[])) ORDER BY ALL
"""


def record(ledger: Ledger, drafts: Sequence[Draft], *, actor: str, at: datetime) -> int:
    """Record drafts in order, each checked against the registry as it then stands; returns how many were new.

    The same draft on the same registry counts once: a form sent twice decides once. Raises LedgerError for a draft that
    cannot stand, and RegistryMovedError when somebody else was faster; those before it stay recorded.
    """
    n_new = 0
    for draft in drafts:
        events = ledger.events(KINDS)
        edit.check(events, draft)
        version = max((one.event_id for one in events), default=0)
        event = {
            "kind": draft.kind,
            "subject": draft.subject,
            "payload": draft.payload,
            "actor": actor,
            "at": at,
            "key": _key(draft, version),
        }
        n_new += append_placed(ledger, event, draft.moves, version)
    return n_new


def _key(draft: Draft, version: int) -> str:
    told = json.dumps([draft.kind, draft.subject, dict(draft.payload), draft.moves], sort_keys=True, default=str)
    return f"{draft.kind}:{draft.subject}:{version}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def undo(ledger: Ledger, event_id: int, *, actor: str, at: datetime) -> int:
    """Take a registry event back; returns the number of events recorded."""
    return record(ledger, [edit.undo(ledger.events(KINDS), event_id)], actor=actor, at=at)


def texts_of(lake: Lake, ledger: Ledger, irritant_id: str) -> list[str]:
    """Hashes of the distinct texts an irritant holds today."""
    return list(seen(lake, ledger).read(TEXTS_OF, irritant=irritant_id)["text_sha"])


def name_signal(lake: Lake, ledger: Ledger, signal_id: str, *, actor: str, at: datetime, **told: Any) -> str:
    """Make a weak signal an irritant with its texts; returns the id. `told` as of `edit.create` (label_fr, label_en, ...).

    Raises LedgerError for a signal the last discovery does not know.
    """
    signal = lake.read("SELECT * FROM weak_signal WHERE signal_id = $one", one=signal_id)
    if signal.empty:
        raise LedgerError(f"There is no weak signal {signal_id!r}: the last discovery found others.")
    shas = list(signal["text_shas"].iloc[0])
    stand = seen(lake, ledger).read(STAND, shas=shas)
    texts = list(stand[["text_sha", "irritant_id"]].itertuples(index=False, name=None))
    draft = edit.create(registry(ledger), texts, **{"lineage": "weak signal", **told})
    record(ledger, [draft], actor=actor, at=at)
    return draft.subject


@dataclass(frozen=True)
class Proposed:
    """A change that waits for a person. `evidence` and `names` are for who decides."""

    event_id: int
    kind: str  # merge, split or death
    irritant_ids: tuple[str, ...]
    at: datetime
    payload: dict[str, Any]


def open_proposals(ledger: Ledger) -> list[Proposed]:
    """Proposals of the last discovery that nobody has decided and that still make sense, oldest first."""
    known, events = registry(ledger), ledger.events((PROPOSED,))
    decided = _settled(events)
    made = [event for event in events if event.kind not in (*DECIDED, REOPENED)]
    last = {event.actor: event.payload.get("fit") for event in made}  # the newest of who proposed: discover, import
    waits = [one for one in made if one.kind != NOTHING and one.event_id not in decided]
    fresh = [one for one in waits if one.payload.get("fit") == last[one.actor]]
    refused = {_what(event) for event in made if decided.get(event.event_id) == REFUSED}
    return [_proposal(event) for event in fresh if _what(event) not in refused and _possible(known, event)]


def refused_proposals(ledger: Ledger) -> list[Proposed]:
    """Proposals that a person refused and whose irritants still stand, the newest refusal first, each change once."""
    known, events = registry(ledger), ledger.events((PROPOSED,))
    settled = _settled(events)
    made = {event.event_id: event for event in events if event.event_id in settled}
    order = [_about(event) for event in reversed(events) if event.kind == REFUSED]
    kept = [made[one] for one in dict.fromkeys(order) if settled.get(one) == REFUSED and _possible(known, made[one])]
    return [_proposal(event) for event in {_what(event): event for event in reversed(kept)}.values()][::-1]


def take(ledger: Ledger, event_id: int, *, actor: str, at: datetime, parts: Sequence[Part] = ()) -> int:
    """Accept a proposal; `parts` renames what a split makes. Returns the number of registry events recorded."""
    found = _find(ledger, event_id)
    n_new = record(ledger, [_draft(ledger, found, parts)], actor=actor, at=at)
    _decide(ledger, TAKEN, found, actor, at)
    return n_new


def refuse(ledger: Ledger, event_id: int, *, actor: str, at: datetime) -> None:
    """Refuse a proposal: the same change of the same irritants is not proposed again."""
    _decide(ledger, REFUSED, _find(ledger, event_id), actor, at)


def reopen(ledger: Ledger, event_id: int, *, actor: str, at: datetime) -> None:
    """Take back that a proposal was refused or taken: it waits again (what taking it changed is undone by `undo`).

    Raises LedgerError when the proposal was not decided.
    """
    events = ledger.events((PROPOSED,))
    last = next((one for one in reversed(events) if one.kind in (*DECIDED, REOPENED) and _about(one) == event_id), None)
    if last is None or last.kind == REOPENED:
        raise LedgerError(f"Proposal {event_id} was not decided.")
    key = f"{REOPENED}:{event_id}:{last.event_id}"
    ledger.append(REOPENED, last.subject, {"event_id": event_id}, actor=actor, at=at, key=key)


def _about(event: Event) -> int:
    return int(event.payload["event_id"])


def _settled(events: Sequence[Event]) -> dict[int, str]:
    """The last decision on each proposal that was not taken back."""
    said = {_about(event): event.kind for event in events if event.kind in (*DECIDED, REOPENED)}
    return {number: kind for number, kind in said.items() if kind != REOPENED}


def history(ledger: Ledger, irritant_id: str | None = None) -> pd.DataFrame:
    """Registry events, newest first: event_id, at, actor, kind, subject, payload, undone."""
    events = ledger.events(KINDS)
    gone = {int(event.payload["event_id"]) for event in edit.undoing(events)}
    rows = [
        {
            "event_id": event.event_id,
            "at": event.at,
            "actor": event.actor,
            "kind": event.kind.removeprefix("irritant."),
            "subject": event.subject,
            "payload": dict(event.payload),
            "undone": event.event_id in gone,
        }
        for event in reversed(events)
        if irritant_id is None or event.subject == irritant_id or irritant_id in json.dumps(event.payload)
    ]
    return pd.DataFrame(rows, columns=["event_id", "at", "actor", "kind", "subject", "payload", "undone"])


def _proposal(event: Event) -> Proposed:
    payload = dict(event.payload)
    return Proposed(
        event.event_id, event.kind.removeprefix(PROPOSED), tuple(payload["irritant_ids"]), event.at, payload
    )


def _what(event: Event) -> tuple[str, ...]:
    """What tells one change from another over fits: kind, irritants and, of a split, the name of its part."""
    names = event.payload.get("names") or {}
    return event.kind, *event.payload["irritant_ids"], str(names.get("label_fr") or names.get("label_en") or "")


def _possible(known: Registry, event: Event) -> bool:
    """Whether all irritants of a proposal still stand for themselves."""
    return all(known.resolve(one) == one and one in known.irritants for one in event.payload["irritant_ids"])


def _find(ledger: Ledger, event_id: int) -> Proposed:
    found = next((one for one in open_proposals(ledger) if one.event_id == event_id), None)
    if found is None:
        raise LedgerError(f"There is no open proposal {event_id}: `voc irritants proposals` lists them.")
    return found


def _draft(ledger: Ledger, found: Proposed, parts: Sequence[Part]) -> Draft:
    known = registry(ledger)
    if found.kind == MERGE:
        return edit.merge(known, *found.irritant_ids)
    if found.kind == DEATH:
        return edit.retire(known, found.irritant_ids[0])
    if found.kind != SPLIT:
        raise LedgerError(f"Proposal {found.event_id} is of the kind {found.kind!r}, which nobody can take.")
    texts = tuple(one.text_sha for one in placements(ledger, [found.event_id]))
    name = parts[0] if parts else _named(found.payload.get("names", {}))
    return edit.split(known, found.irritant_ids[0], [replace(name, texts=texts)])


def _named(told: dict[str, Any]) -> Part:
    source = told.get("label_source") or edit.PERSON
    return Part(told.get("label_fr"), told.get("label_en"), (), tuple(told.get("keywords") or ()), source)


def _decide(ledger: Ledger, kind: str, found: Proposed, actor: str, at: datetime) -> None:
    key = f"{kind}:{found.event_id}:{ledger.version()}"
    ledger.append(kind, found.irritant_ids[0], {"event_id": found.event_id}, actor=actor, at=at, key=key)
