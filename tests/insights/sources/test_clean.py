"""What no store can hold is cleaned before parsing and refused after it, by name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from insights.errors import RowError
from insights.sources import Item, RawRecord
from insights.sources.base import RAGGED
from insights.sources.clean import LONGEST, clean_record, storable

AT = datetime(2026, 3, 2, tzinfo=UTC)
GOOD = Item("r1", {"kind": "survey", "occurred_at": AT, "available_at": AT, "verbatim": "mot", "anonymous": False})


def test_strings_and_keys_are_cleaned_and_the_rest_is_left() -> None:
    data = {"a\x00": ["x\ud800y", {"b": "\x00"}], "n": 1.5, "t": True, "é": "e\u0301 😀"}
    assert clean_record(RawRecord("f", 1, data)).data == {
        "a": ["x\ufffdy", {"b": ""}],
        "n": 1.5,
        "t": True,
        "é": "e\u0301 😀",
    }


def test_what_is_nested_too_deep_is_one_bad_row() -> None:
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    kept = clean_record(RawRecord("f", 1, {"a": deep, "b": "\ud800"})).data
    assert str(kept[RAGGED]).startswith("too_deep: ") and json.dumps(kept).encode()


@pytest.mark.parametrize(
    ("column", "value"),
    [("verbatim", {"a": 1}), ("verbatim", "\ud800"), ("verbatim", "a" * (LONGEST + 1)), ("customer_id", 5), ("colour", "red"),
     ("anonymous", "no"), ("occurred_at", "2026-03-02"), ("occurred_at", AT.replace(tzinfo=None)),
     ("occurred_at", AT.replace(year=9999)), ("available_at", None), ("kind", None)],
)  # fmt: skip
def test_a_value_no_column_can_hold_is_named(column: str, value: Any) -> None:
    with pytest.raises(RowError, match=rf"^(bad_{column}|missing_{column}|unknown_column): "):
        storable(replace(GOOD, feedback={**GOOD.feedback, column: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"source_id": ""},
        {"source_id": 7},
        {"answers": ({"question_id": "q", "value": float("nan")},)},
        {"answers": ({"question_id": 1, "value": 1.0},)},
        {"turns": ({"turn_no": 1.5},)},
        {"turns": ({"turn_no": 2**40},)},
        {"emails": (5,)},
        {"author": "\ud800"},
    ],
)
def test_so_are_parts_of_an_item(changes: dict[str, Any]) -> None:
    assert storable(GOOD) is GOOD
    with pytest.raises(RowError):
        storable(replace(GOOD, **changes))


def test_a_deletion_needs_an_id_only() -> None:
    assert storable(Item("r1", deleted=True)).deleted
