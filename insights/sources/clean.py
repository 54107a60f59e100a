"""Nothing a payload carries may stop a batch: strings no store can hold are cleaned, items no table can hold refused.

`clean_record` comes before a source parses, `storable` after it. Both stand in one place, `parse_all`, for files and hooks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from insights.contracts import ANSWER, FEEDBACK, TURN
from insights.errors import RowError
from insights.sources.base import RAGGED, Item, RawRecord
from insights.sources.reading import in_our_years

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and lone surrogates: neither UTF-8 nor Arrow takes them
LONGEST = 200_000  # characters of one column: two books; reading more for names would hold up all others
DEEPEST = 50
FEEDBACK_TYPES, ANSWER_TYPES, TURN_TYPES = (
    {column.name: column.type for column in table.columns} for table in (FEEDBACK, ANSWER, TURN)
)
LARGEST_INTEGER = 2**31 - 1


def clean_text(text: str) -> str:
    """The text without NUL, with U+FFFD for lone surrogates."""
    return UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def clean_record(record: RawRecord) -> RawRecord:
    """The record with every string and key cleaned; one nested too deep to be a payload keeps the reason only.

    It raises nothing: what goes to quarantine must be as clean as what does not.
    """
    try:
        return replace(record, data=_clean(record.data, DEEPEST))
    except RecursionError:
        return replace(record, data={RAGGED: f"too_deep: nested more than {DEEPEST} levels"})


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping | list | tuple):
        if depth == 0:
            raise RecursionError
        if isinstance(value, Mapping):
            return {clean_text(str(key)): _clean(item, depth - 1) for key, item in value.items()}
        return [_clean(item, depth - 1) for item in value]
    return value


def storable(item: Item) -> Item:
    """The same item. Raises RowError naming the first value that its table's column cannot hold."""
    if not isinstance(item.source_id, str) or not item.source_id:
        raise RowError("missing_source_id: no text that could be an id")
    if item.deleted:
        return item
    for name in ("kind", "occurred_at", "available_at"):
        if item.feedback.get(name) is None:
            raise RowError(f"missing_{name}: the row says none")
    _refuse(item.feedback, FEEDBACK_TYPES)
    for answer in item.answers:
        _refuse(answer, ANSWER_TYPES)
    for turn in item.turns:
        _refuse(turn, TURN_TYPES)
    for value in (item.author or "", *item.emails, *item.phones, *item.names):
        if not isinstance(value, str) or UNSTORABLE.search(value):
            raise RowError("bad_contact: an author, address, phone or name that is no text")
    return item


def _refuse(row: Mapping[str, Any], types: Mapping[str, str]) -> None:
    for name, value in row.items():
        if name not in types:
            raise RowError(f"unknown_column: {name[:40]} is no column of the table; correct `fields` or `constants`")
        if value is not None and not _fits(value, types[name], name):
            raise RowError(f"bad_{name}: does not fit {types[name]}, or is longer than {LONGEST} characters")


def _fits(value: Any, type_: str, name: str) -> bool:
    if type_ == "VARCHAR":
        return isinstance(value, str) and len(value) <= LONGEST and UNSTORABLE.search(value) is None
    if type_ == "TIMESTAMPTZ":
        return isinstance(value, datetime) and in_our_years(value, name).tzinfo is not None
    if type_ == "BOOLEAN":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return type_ == "DOUBLE" or (isinstance(value, int) and abs(value) <= LARGEST_INTEGER)
