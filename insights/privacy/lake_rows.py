"""Take one person's rows out of the lake's tables, and their words out of the rows of others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from insights.contracts import BY_NAME, TABLES
from insights.keys import KeyRing
from insights.lake import Lake, Writer
from insights.privacy.decode import parsed
from insights.privacy.held import Held, in_full, of_person, params_for, speaks_of
from insights.privacy.terms import WORDS, Term

GONE = "[effacé]"
NAMED = {
    "irritant": ("label_fr", "label_en", "keywords", "said_here", "said_there"),
    "weak_signal": ("label_fr", "label_en"),
    "published": ("value",),
    "alert": ("evidence",),
}


def erase_lake_rows(lake: Lake, held: Held, terms: Sequence[Term], keys: KeyRing) -> dict[str, int]:
    """Delete in one transaction; returns rows taken out or reworded by table."""
    sealed = quarantined(lake, held, terms, keys)
    reworded = {name: _reworded(lake, name, terms) for name in NAMED}
    done: dict[str, int] = {"quarantine": len(sealed)}
    with lake.write() as writer:
        for table in TABLES:
            condition = of_person(table)
            if condition:
                params = params_for(condition, held)
                n_rows = writer.execute(f'SELECT count(*) FROM "{table.name}" WHERE {condition}', **params)[0][0]
                writer.execute(f'DELETE FROM "{table.name}" WHERE {condition}', **params)
                done[table.name] = done.get(table.name, 0) + int(n_rows)
        _delete_quarantined(writer, sealed)
        for name, frame in reworded.items():
            done[name] = done.get(name, 0) + writer.upsert(name, _still_there(writer, name, frame))
    return {name: n for name, n in done.items() if n}


def quarantined(lake: Lake, held: Held, terms: Sequence[Term], keys: KeyRing) -> pd.DataFrame:
    """Keys of the quarantined rows whose sealed content speaks of the person."""
    rows = lake.read("SELECT source, source_id, reason, raw_encrypted FROM quarantine")
    known = set(held.feedback_ids) | set(held.source_ids)
    theirs = [
        row.source_id in known or speaks_of(in_full(keys, str(row.raw_encrypted)), terms, held.identities, keys)
        for row in rows.itertuples()
    ]
    return rows.loc[np.array(theirs, dtype=bool), ["source", "source_id", "reason"]]


def _delete_quarantined(writer: Writer, sealed: pd.DataFrame) -> None:
    for source, source_id, reason in sealed.itertuples(index=False, name=None):
        writer.execute(
            "DELETE FROM quarantine WHERE source = $source AND source_id = $source_id AND reason = $reason",
            source=source, source_id=source_id, reason=reason,
        )  # fmt: skip


def _reworded(lake: Lake, table: str, terms: Sequence[Term]) -> pd.DataFrame:
    """Rows of a table in which the person's words stand, with those texts replaced."""
    words = [term for term in terms if term.kind == WORDS]
    where = " WHERE kind <> 'picture'" if table == "published" else ""  # of a digest: curves, no words
    frame = lake.read(f'SELECT * FROM "{table}"{where}')
    if frame.empty or not words:
        return frame.head(0)
    changed = frame.copy()
    for column in NAMED[table]:
        changed[column] = [without(cell, words) for cell in frame[column]]
    same = [
        _form(old) == _form(new) for old, new in zip(frame.to_dict("records"), changed.to_dict("records"), strict=True)
    ]
    return changed[[not one for one in same]]


def _form(row: Mapping[Any, Any]) -> str:
    return json.dumps([list(cell) if hasattr(cell, "tolist") else cell for cell in row.values()], default=str)


def without(cell: Any, words: Sequence[Term]) -> Any:
    """A cell without the person's words: a text or list member that holds a run of them is replaced whole."""
    if isinstance(cell, str):
        inner = parsed(cell) if cell[:1] in ("{", "[") else None
        if isinstance(inner, dict | list):
            left = without(inner, words)
            return cell if left == inner else json.dumps(left, ensure_ascii=False, sort_keys=True)
        return GONE if any(term.exact.search(cell) for term in words) else cell
    if isinstance(cell, dict):
        return {key: without(value, words) for key, value in cell.items()}
    if isinstance(cell, list | tuple | np.ndarray):
        return [without(one, words) for one in cell]
    return cell


def _still_there(writer: Writer, table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that were not deleted in this very transaction."""
    if frame.empty:
        return frame
    key = list(BY_NAME[table].key)
    columns = ", ".join(f'"{name}"' for name in key)
    left = {tuple(row) for row in writer.execute(f'SELECT {columns} FROM "{table}"')}
    return frame[[tuple(row) in left for row in frame[key].itertuples(index=False, name=None)]]
