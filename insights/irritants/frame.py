"""A company's existing code frame: the list of causes its people code verbatims with, read into entries.

One row a cause. Columns, in French or English, in any order and case: label (or label_fr, label_en), definition,
examples (parted by a bar or by lines), owner, theme, code. A cause that stands on several rows (one example a row) is
one entry. The whole file is taken, or none of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from insights.errors import SourceError
from insights.irritants.edit import LONGEST, SHORTEST
from insights.language import detect
from insights.mentions.text import fold

NAMES = {
    "label_fr": ("label_fr", "libelle_fr", "libelle francais", "nom_fr", "french label"),
    "label_en": ("label_en", "libelle_en", "libelle anglais", "name_en", "english label"),
    "label": ("label", "libelle", "nom", "name", "cause", "irritant", "categorie", "category", "code label"),
    "definition": ("definition", "description", "comment coder", "coding rule"),
    "examples": ("examples", "exemples", "example", "exemple", "verbatim", "verbatims", "verbatim exemple"),
    "owner": ("owner", "responsable", "proprietaire", "product owner", "po"),
    "theme": ("theme", "famille", "parent", "family", "group", "groupe", "niveau 1", "level 1"),
    "code": ("code", "id", "identifiant", "code id"),
}
_PARTS = re.compile(r"\s*(?:\||\n|\r|;;)\s*")
SHOWN_ROWS = 5


@dataclass(frozen=True)
class Entry:
    """One cause of the frame. One label at least; examples are as written, not redacted yet."""

    label_fr: str | None
    label_en: str | None
    definition: str | None = None
    examples: tuple[str, ...] = ()
    owner: str | None = None
    theme: str | None = None
    code: str | None = None
    rows: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The label in the language it has."""
        return self.label_fr or self.label_en or ""


def read_frame(rows: Sequence[Mapping[str, Any]], what: str) -> list[Entry]:
    """Entries of a table's rows, in order. Raises SourceError naming the rows (2 is the first below the header) and why."""
    columns = _columns(rows[0] if rows else {}, what)
    problems: list[str] = []
    entries: dict[str, Entry] = {}
    for number, row in enumerate(rows, start=2):
        cells = {name: _text(row.get(column)) for name, column in columns.items()}
        if not any(cells.values()):
            continue
        if problem := _problem(cells):
            problems.append(f"row {number}: {problem}")
            continue
        one = _entry(cells, number)
        key = fold(one.name)
        entries[key] = _joined(entries[key], one) if key in entries else one
    if problems or not entries:
        more = f" and {len(problems) - SHOWN_ROWS} more" if len(problems) > SHOWN_ROWS else ""
        said = "; ".join(problems[:SHOWN_ROWS]) or "it has no row with a label"
        raise SourceError(f"{what}: this code frame cannot be imported, nothing was changed: {said}{more}.")
    return list(entries.values())


def _columns(first: Mapping[str, Any], what: str) -> dict[str, str]:
    plain = {fold(str(column)).replace("_", " ").strip(): str(column) for column in first}
    found = {
        name: plain[alias.replace("_", " ")]
        for name, aliases in NAMES.items()
        for alias in aliases[::-1]
        if alias.replace("_", " ") in plain
    }
    if not {"label", "label_fr", "label_en"} & set(found):
        given = ", ".join(map(str, first)) or "nothing"
        raise SourceError(f"{what}: no column holds the label (label, label_fr or label_en); it has {given}.")
    return found


def _text(value: Any) -> str | None:
    if isinstance(value, list | tuple):
        value = "\n".join(str(one) for one in value if one is not None)
    text = "" if pd.isna(value) else str(value).strip()
    return text or None


def _problem(cells: Mapping[str, str | None]) -> str:
    labels = [cells[name] for name in ("label", "label_fr", "label_en") if cells.get(name)]
    if not labels:
        return "it has no label"
    named = [" ".join(name.split()) for name in (*labels, cells.get("theme")) if name]
    bad = [name for name in named if not SHORTEST <= len(name) <= LONGEST]
    return f"the name {bad[0][:60]!r} is not of {SHORTEST} to {LONGEST} characters" if bad else ""


def _entry(cells: Mapping[str, str | None], number: int) -> Entry:
    fr, en = cells.get("label_fr"), cells.get("label_en")
    if (label := cells.get("label")) and not (fr or en):
        fr, en = (None, label) if detect([label], default="fr")[0] == "en" else (label, None)
    examples = tuple(part for part in _PARTS.split(cells.get("examples") or "") if part)
    told = {name: cells.get(name) for name in ("definition", "owner", "theme", "code")}
    return Entry(fr, en, examples=examples, rows=(number,), **told)


def _joined(first: Entry, more: Entry) -> Entry:
    """Two rows of one cause: the first says what it is, the later ones add what it lacks and their examples."""
    lacking = ("label_fr", "label_en", "definition", "owner", "theme", "code")
    told = {name: getattr(first, name) or getattr(more, name) for name in lacking}
    examples = tuple(dict.fromkeys((*first.examples, *more.examples)))
    return replace(first, **told, examples=examples, rows=(*first.rows, *more.rows))
