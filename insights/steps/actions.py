"""Record what people decide about actions, and read a company's file of actions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from insights.actions import draw as drawing
from insights.actions import edit
from insights.actions.book import PREFIX, Book, fold, taken_back
from insights.actions.edit import Draft
from insights.actions.load import Wanted, load_actions, nearest
from insights.actions.model import DONE, PLANNED, Comparison
from insights.digest.owners import Owner, load_owners
from insights.errors import LedgerError, RegistryMovedError
from insights.i18n import LANGUAGES
from insights.lake import Lake
from insights.language import detect
from insights.ledger import Ledger
from insights.ledger.placements import append_placed
from insights.steps.redacting import redactor_for
from insights.steps.resolved import registry, seen

KINDS = (PREFIX,)
SPOKEN = """
SELECT i.irritant_id, count(*) AS n FROM mention m JOIN irritant_now i USING (mention_id)
WHERE m.polarity < -0.15 AND len(list_filter($words::VARCHAR[],
    word -> contains(' ' || regexp_replace(lower(strip_accents(m.text)), '[^a-z0-9]+', ' ', 'g'), ' ' || word))) > 0
GROUP BY 1
"""
UNITS = """
SELECT {dimension} AS unit, any_value(site) AS site, count(*) AS n FROM contact
WHERE {dimension} IS NOT NULL GROUP BY 1 ORDER BY 1
"""
Redact = Callable[[str], str]
Drawn = Callable[[Comparison], bool]
TRIES = 5  # times a draft is built again when somebody else was faster
OWNERS = "owners.yaml"


def book(ledger: Ledger) -> Book:
    """The actions at this ledger version."""
    return fold(ledger.events(KINDS))


def record(ledger: Ledger, build: Callable[[Book], Draft], *, actor: str, at: datetime) -> str:
    """Record one draft, built and checked on the actions as they stand; returns the action's id.

    The same draft on the same actions counts once: a form sent twice declares once, and so does an action with the title,
    the irritant and the start of one that is there. Where somebody else was faster, the draft is built again on theirs.
    """
    for _ in range(TRIES - 1):
        try:
            return _recorded(ledger, build, actor, at)
        except RegistryMovedError:
            continue
    return _recorded(ledger, build, actor, at)


def _recorded(ledger: Ledger, build: Callable[[Book], Draft], actor: str, at: datetime) -> str:
    events = ledger.events(KINDS)
    known = fold(events)
    draft = build(known)
    if there := edit.twin(known, draft):
        return there
    edit.check(events, draft)
    told = json.dumps([draft.kind, draft.subject, dict(draft.payload)], sort_keys=True, default=str)
    key = f"{draft.kind}:{draft.subject}:{known.version}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    event = {
        "kind": draft.kind, "subject": draft.subject, "payload": draft.payload, "actor": actor, "at": at, "key": key
    }  # fmt: skip
    append_placed(ledger, event, [], known.version, PREFIX)
    return draft.subject


def declare(
    lake: Lake,
    ledger: Ledger,
    told: Mapping[str, Any],
    *,
    actor: str,
    at: datetime,
    redact: Redact | None = None,
    noted: datetime | None = None,
    drawn: Drawn | None = None,
) -> str:
    """Declare an action; returns its id. Its title and owner are redacted first: the ledger holds no free text about people.

    For the pages, the command line, an imported file, and an answer to a digest alike. `noted`: when it was written down,
    where `at` is the day a record gives. `drawn`: of `edit.declare`.
    """
    known = registry(ledger)
    irritant = str(told.get("irritant_id") or "")
    if known.resolve(irritant) not in {one.irritant_id for one in known.living()}:
        raise LedgerError(f"There is no irritant {irritant!r}: `voc irritants list` shows them.")
    clean = redact or redactor_of(lake, ledger)
    whole = {
        **told,
        "irritant_id": known.resolve(irritant),
        "title": clean(str(told.get("title") or "")),
        "owner": _owner(lake, told.get("owner"), clean),
    }
    late = {"noted_on": noted.date().isoformat()} if noted is not None and noted.date() != at.date() else {}

    def build(book: Book) -> Draft:
        draft = edit.declare(book, whole, drawn)
        return replace(draft, payload={**draft.payload, **late})

    return record(ledger, build, actor=actor, at=at)


def _owner(lake: Lake, owner: Any, clean: Redact) -> str | None:
    """The owner as owners.yaml names one; anything else redacted as a title is."""
    name = " ".join(str(owner or "").split())
    named = {one.name for one in _owners(lake)}
    return (name if name in named else clean(name)) or None


def _owners(lake: Lake) -> list[Owner]:
    path = lake.settings.reference_dir / OWNERS
    return load_owners(path) if path.is_file() else []


def redactor_of(lake: Lake, ledger: Ledger) -> Redact:
    """The installation's redactor for one short text, in the language that the text is written in."""
    redactor = redactor_for(ledger, lake.settings)

    def clean(text: str) -> str:
        language = detect([text])[0]
        return str(redactor.redact([text], [language if language in LANGUAGES else "und"])[0].text or "")

    return clean


def undo(ledger: Ledger, event_id: int, *, actor: str, at: datetime) -> str:
    """Take an event of an action back; returns the action's id. Refused where it moves the goal of one that has started."""
    return record(ledger, lambda _: edit.undo(ledger.events(KINDS), event_id, at.date()), actor=actor, at=at)


def draw_units(
    lake: Lake, ledger: Ledger, action_id: str, dimension: str, *, actor: str, at: datetime, seed: int
) -> str:
    """Draw half of the teams (or sites) at random, stratified by site, before the action starts; returns its id."""
    if dimension not in ("team", "site"):
        raise LedgerError(f"{dimension!r} cannot be drawn: use team or site.")
    found = lake.read(UNITS.format(dimension=dimension))
    strata = {str(row.unit): str(row.site) if dimension == "team" else "" for row in found.itertuples()}
    comparison = drawing.draw({unit: place for unit, place in strata.items() if unit != "other"}, dimension, seed)
    return record(ledger, lambda known: edit.drawn(known, action_id, comparison, at.date()), actor=actor, at=at)


def import_actions(
    lake: Lake,
    ledger: Ledger,
    path: Path,
    *,
    actor: str,
    at: datetime,
    dated: bool = False,
    drawn: Drawn | None = None,
) -> list[str]:
    """Declare the actions of a file that are not known yet by title and start; returns the ids of the new ones.

    `dated`: the file is the company's record of what was declared when, and each event carries its own day, beside the
    day of the import; without it all carry `at`. Either way an action that had started when it was imported is shown as
    noted after its start. `drawn`: of `edit.declare`.
    """
    known = book(ledger)
    there = {(known.actions[one].title, first[2]) for one, first in known.first.items() if one in known.actions}
    there |= {(one.title, str(one.start_on or "")) for one in known.actions.values()}
    clean = redactor_of(lake, ledger)
    made = []
    for one in load_actions(path):
        told = {**one.told, "irritant_id": one.irritant or meant(lake, ledger, one, path)}
        title = clean(" ".join(str(told["title"]).split()))
        if (title, str(told.get("start_on") or "")) in there:
            continue
        decided = _noon(told.get("decided_on"), at) if dated else at
        whole = {**told, "title": title, "owner": _owner(lake, told.get("owner"), clean)}
        made.append(
            declare(
                lake, ledger, whole, actor=actor, at=decided, redact=lambda text: text, noted=at, drawn=drawn
            )
        )  # fmt: skip
        if one.state != PLANNED:
            _reach(ledger, made[-1], one, actor, at, dated)
    return made


def _noon(day: date | None, otherwise: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) if day else otherwise


def _reach(ledger: Ledger, action_id: str, one: Wanted, actor: str, at: datetime, dated: bool) -> None:
    on = one.told.get("done_on") if one.state == DONE else one.told.get("start_on")
    when = _noon(on, at) if dated else at
    record(ledger, lambda known: edit.set_state(known, action_id, one.state, on or at.date()), actor=actor, at=when)


def meant(lake: Lake, ledger: Ledger, one: Wanted, path: Path) -> str:
    """The living irritant an entry's words mean. Raises LedgerError naming the file when none fits."""
    known = registry(ledger)
    counted = seen(lake, ledger, known).read(SPOKEN, words=list(one.words))
    spoken = dict(zip(counted["irritant_id"], counted["n"].astype(int), strict=True))
    found = nearest(known.living(), one.words, spoken)
    if found is None:
        raise LedgerError(f"{path}: no irritant speaks of {', '.join(one.words)}: give the id of one instead.")
    return found


def history(ledger: Ledger, action_id: str | None = None) -> pd.DataFrame:
    """Events of actions, newest first: event_id, at, actor, kind, subject, payload, undone, and why one counts for
    nothing (`refused`, empty for nearly all: two people had met)."""
    events = ledger.events(KINDS)
    gone, refused = taken_back(events), dict(fold(events).refused)
    rows = [
        (
            one.event_id,
            one.at,
            one.actor,
            one.kind.removeprefix(PREFIX),
            one.subject,
            dict(one.payload),
            one.event_id in gone,
            refused.get(one.event_id, ""),
        )
        for one in reversed(events)
        if action_id is None or one.subject == action_id
    ]
    return pd.DataFrame(rows, columns=["event_id", "at", "actor", "kind", "subject", "payload", "undone", "refused"])
