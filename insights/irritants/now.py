"""Irritants of mentions as they stand now: assignments seen through merges, splits and corrections, nothing rewritten.

Readers query the view `irritant_now` (mention_id, irritant_id, confidence, model_version) in the place of the table
`mention_irritant`. It joins two small tables: `registry_map` (assigned id -> id today) and `registry_placed` (text and
id today before -> id today after), made from the registry and the placements of its live events.
`mention_now` is the same for pages that count: `mention_slim` (insights/lake/slim.py) with today's irritants, where a
mention without one has NULL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from insights.contracts import UNCLASSIFIED
from insights.irritants.registry import Registry

MAP, PLACED, VIEW, SLIM_VIEW = "registry_map", "registry_placed", "irritant_now", "mention_now"
FEEDBACK_SLIM, MENTION_SLIM = "feedback_slim", "mention_slim"  # insights/lake/slim.py
# an assignment is unique by mention and irritant: only where ids meet in one can two rows become the same
_MERGED = """
CREATE TEMP VIEW irritant_now AS
WITH meeting AS (SELECT assigned AS one FROM registry_map UNION ALL SELECT irritant_id FROM registry_map)
SELECT mention_id, irritant_id, confidence, model_version
FROM mention_irritant WHERE irritant_id NOT IN (SELECT one FROM meeting)
UNION ALL
SELECT i.mention_id, coalesce(r.irritant_id, i.irritant_id), max(i.confidence), max(i.model_version)
FROM mention_irritant i LEFT JOIN registry_map r ON r.assigned = i.irritant_id
WHERE i.irritant_id IN (SELECT one FROM meeting)
GROUP BY 1, 2
"""
_MERGED_AND_PLACED = """
CREATE TEMP VIEW irritant_now AS
WITH merged AS (
    SELECT i.mention_id, coalesce(r.irritant_id, i.irritant_id) AS irritant_id, i.confidence, i.model_version
    FROM mention_irritant i LEFT JOIN registry_map r ON r.assigned = i.irritant_id
),
moved AS (
    SELECT m.mention_id, p.from_id, p.to_id FROM mention m JOIN registry_placed p USING (text_sha)
)
SELECT g.mention_id, coalesce(v.to_id, g.irritant_id) AS irritant_id, max(g.confidence) AS confidence,
    max(g.model_version) AS model_version
FROM merged g LEFT JOIN moved v ON v.mention_id = g.mention_id AND v.from_id = g.irritant_id
GROUP BY 1, 2
"""
# filters on any column but the last two reach the rows of both halves: they are grouped by
_ONCE = (
    "SELECT * EXCLUDE (confidence, model_version), max(confidence) AS confidence, max(model_version) AS model_version"
)
_MEETING = """(
    SELECT coalesce(list(one), []) FROM
    (SELECT assigned AS one FROM registry_map UNION ALL SELECT irritant_id FROM registry_map)
)"""
_SLIM = "CREATE TEMP VIEW mention_now AS SELECT * FROM mention_slim"
_SLIM_MERGED = f"""
CREATE TEMP VIEW mention_now AS
SELECT * FROM mention_slim WHERE irritant_id IS NULL OR NOT list_contains({_MEETING}, irritant_id)
UNION ALL BY NAME
{_ONCE} FROM (
    SELECT s.* REPLACE (coalesce(r.irritant_id, s.irritant_id) AS irritant_id)
    FROM mention_slim s LEFT JOIN registry_map r ON r.assigned = s.irritant_id
    WHERE list_contains({_MEETING}, s.irritant_id)
) GROUP BY ALL
"""
_PLACED = "LEFT JOIN (SELECT DISTINCT hash(text_sha) AS text_key FROM registry_placed) p ON p.text_key = s.text_key"
_SLIM_MERGED_AND_PLACED = f"""
CREATE TEMP VIEW mention_now AS
SELECT s.* FROM mention_slim s {_PLACED}
WHERE s.irritant_id IS NULL OR (p.text_key IS NULL AND NOT list_contains({_MEETING}, s.irritant_id))
UNION ALL BY NAME
{_ONCE} FROM (
    SELECT s.* REPLACE (coalesce(v.to_id, r.irritant_id, s.irritant_id) AS irritant_id)
    FROM mention_slim s {_PLACED}
    LEFT JOIN registry_map r ON r.assigned = s.irritant_id
    LEFT JOIN (SELECT hash(text_sha) AS text_key, from_id, to_id FROM registry_placed) v
        ON v.text_key = s.text_key AND v.from_id = coalesce(r.irritant_id, s.irritant_id)
    WHERE s.irritant_id IS NOT NULL AND (p.text_key IS NOT NULL OR list_contains({_MEETING}, s.irritant_id))
) GROUP BY ALL
"""


class Placement(Protocol):
    """One text put from one irritant to another by one event of the ledger."""

    @property
    def event_id(self) -> int: ...
    @property
    def text_sha(self) -> str: ...
    @property
    def from_id(self) -> str: ...
    @property
    def to_id(self) -> str: ...


@dataclass(frozen=True)
class Sight:
    """What a reader needs to see irritants as they stand: tables by name, and the view over them."""

    tables: Mapping[str, pd.DataFrame]
    views: tuple[str, ...]
    version: int  # of the registry
    slim: str = ""  # the view `mention_now`, made where a query names it


def sight(known: Registry, placements: Iterable[Placement]) -> Sight:
    """The registry and the placements of its live events as a reader's tables and view."""
    resolved = {one: known.resolve(one) for one in known.irritants} | dict.fromkeys(known.unborn, UNCLASSIFIED)
    changed = {one: now for one, now in resolved.items() if one != now}
    tables = {MAP: pd.DataFrame({"assigned": list(changed), "irritant_id": list(changed.values())}, dtype="str")}
    moves = settled(known, placements)
    if not moves:
        return Sight(tables, (_MERGED,), known.version, _SLIM_MERGED if changed else _SLIM)
    rows = [(text, before, after) for (text, before), after in moves.items()]
    tables[PLACED] = pd.DataFrame(rows, columns=["text_sha", "from_id", "to_id"], dtype="str")
    return Sight(tables, (_MERGED_AND_PLACED,), known.version, _SLIM_MERGED_AND_PLACED)


def settled(known: Registry, placements: Iterable[Placement]) -> dict[tuple[str, str], str]:
    """Where each (text, irritant today) stands after all live placements, in the order they were made."""
    by_text: dict[str, list[Placement]] = defaultdict(list)
    for one in sorted(placements, key=lambda each: each.event_id):
        if one.event_id in known.placing:
            by_text[one.text_sha].append(one)
    moves: dict[tuple[str, str], str] = {}
    for text, steps in by_text.items():
        for start in dict.fromkeys(known.resolve(step.from_id) for step in steps):
            moves[text, start] = _after(known, start, steps)
    return {pair: after for pair, after in moves.items() if pair[1] != after}


def _after(known: Registry, start: str, steps: Iterable[Placement]) -> str:
    current = start
    for step in steps:
        if known.resolve(step.from_id) == current:
            current = known.resolve(step.to_id)
    return current


def as_today(assigned: pd.DataFrame, seen: Sight) -> pd.DataFrame:
    """Rows with `irritant_id` as assigned (missing: none) and `text_sha`, with the irritant of today: for a few rows, where
    the view `irritant_now` would read all.
    """
    stands = dict(seen.tables[MAP].itertuples(index=False, name=None))
    placed = seen.tables.get(PLACED, pd.DataFrame(columns=["text_sha", "from_id", "to_id"]))
    moves = {(text, before): after for text, before, after in placed.itertuples(index=False, name=None)}
    merged = [stands.get(one, one) for one in assigned["irritant_id"]]
    now = [moves.get((text, one), one) for text, one in zip(assigned["text_sha"], merged, strict=True)]
    return assigned.assign(irritant_id=pd.Series(now, index=assigned.index, dtype=object))
