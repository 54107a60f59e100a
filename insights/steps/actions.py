"""Record what people decide about actions, and read a company's file of actions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from insights.actions import draw as drawing
from insights.actions import edit
from insights.actions.book import PREFIX, Book, fold, taken_back
from insights.actions.edit import Draft
from insights.actions.load import Wanted, load_actions, nearest
from insights.actions.model import DONE, PLANNED
from insights.errors import LedgerError
from insights.lake import Lake
from insights.ledger import Ledger
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


def book(ledger: Ledger) -> Book:
    """The actions at this ledger version."""
    return fold(ledger.events(KINDS))


def record(ledger: Ledger, build: Callable[[Book], Draft], *, actor: str, at: datetime) -> str:
    """Record one draft, built and checked on the actions as they stand; returns the action's id.

    The same draft on the same actions counts once: a form sent twice declares once.
    """
    events = ledger.events(KINDS)
    known = fold(events)
    draft = build(known)
    edit.check(events, draft)
    told = json.dumps([draft.kind, draft.subject, dict(draft.payload)], sort_keys=True, default=str)
    key = f"{draft.kind}:{draft.subject}:{known.version}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    ledger.append(draft.kind, draft.subject, draft.payload, actor=actor, at=at, key=key)
    return draft.subject


def declare(
    lake: Lake, ledger: Ledger, told: Mapping[str, Any], *, actor: str, at: datetime, redact: Redact | None = None
) -> str:
    """Declare an action; returns its id. Its title is redacted first: the ledger holds no free text about people.

    For the pages, the command line, an imported file, and an answer to a digest alike.
    """
    known = registry(ledger)
    irritant = str(told.get("irritant_id") or "")
    if known.resolve(irritant) not in {one.irritant_id for one in known.living()}:
        raise LedgerError(f"There is no irritant {irritant!r}: `voc irritants list` shows them.")
    clean = redact or redactor_of(lake, ledger)
    whole = {**told, "irritant_id": known.resolve(irritant), "title": clean(str(told.get("title") or ""))}
    return record(ledger, lambda book: edit.declare(book, whole), actor=actor, at=at)


def redactor_of(lake: Lake, ledger: Ledger) -> Redact:
    """The installation's redactor for one short text."""
    redactor = redactor_for(ledger, lake.settings)
    return lambda text: str(redactor.redact([text], ["fr"])[0].text or "")


def undo(ledger: Ledger, event_id: int, *, actor: str, at: datetime) -> str:
    """Take an event of an action back; returns the action's id."""
    return record(ledger, lambda _: edit.undo(ledger.events(KINDS), event_id), actor=actor, at=at)


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
    lake: Lake, ledger: Ledger, path: Path, *, actor: str, at: datetime, dated: bool = False
) -> list[str]:
    """Declare the actions of a file that are not known yet by title and start; returns the ids of the new ones.

    `dated`: the file is the company's record of what was declared when, and each event carries its own day; without
    it all carry `at`, and an action that had started is shown as written down afterwards.
    """
    there = {(one.title, one.start_on) for one in book(ledger).actions.values()}
    clean = redactor_of(lake, ledger)
    made = []
    for one in load_actions(path):
        told = {**one.told, "irritant_id": one.irritant or meant(lake, ledger, one, path)}
        title = clean(" ".join(str(told["title"]).split()))
        if (title, told.get("start_on")) in there:
            continue
        decided = _noon(told.get("decided_on"), at) if dated else at
        made.append(declare(lake, ledger, {**told, "title": title}, actor=actor, at=decided, redact=lambda text: text))
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
    """Events of actions, newest first: event_id, at, actor, kind, subject, payload, undone."""
    events = ledger.events(KINDS)
    gone = taken_back(events)
    rows = [
        (
            one.event_id,
            one.at,
            one.actor,
            one.kind.removeprefix(PREFIX),
            one.subject,
            dict(one.payload),
            one.event_id in gone,
        )
        for one in reversed(events)
        if action_id is None or one.subject == action_id
    ]
    return pd.DataFrame(rows, columns=["event_id", "at", "actor", "kind", "subject", "payload", "undone"])
