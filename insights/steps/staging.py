"""Redacted rows as JSON for `ledger.staged`, and back as frames of the lake.

`{"feedback": [{...}], "answer": [...], "turn": [...], "mention": [...], "embedding": [...], "mention_irritant": [...],
"quarantine": [...], "deleted": [feedback_id, ...], "withdrawn": [...]}`: instants and dates in
ISO 8601, a vector as base64 of float32.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from insights.contracts import BY_NAME
from insights.errors import ContractError, RowError

TABLES = ("feedback", "answer", "turn", "mention", "embedding", "mention_irritant", "quarantine")
DELETED, WITHDRAWN = "deleted", "withdrawn"  # feedback that leave; feedback whose consent is refused by now
_DTYPES = {"VARCHAR": "str", "TIMESTAMPTZ": "datetime64[us, UTC]", "DOUBLE": "float64"}


def contract_frame(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with all columns of its contract, texts and instants typed as the lake gives them, also without a row."""
    if frame.empty:
        return _empty(table).copy()
    full = frame.reindex(columns=list(BY_NAME[table].column_names))
    wanted = {column.name: _DTYPES[column.type] for column in BY_NAME[table].columns if column.type in _DTYPES}
    found = full.dtypes
    return full.astype({name: dtype for name, dtype in wanted.items() if str(found[name]) != dtype})


@lru_cache(maxsize=len(TABLES))
def _empty(table: str) -> pd.DataFrame:
    columns = BY_NAME[table].columns
    return pd.DataFrame({column.name: pd.Series(dtype=_DTYPES.get(column.type, "object")) for column in columns})


def dump(table: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON values of the contract's types; NULL is left out. Raises RowError for a value of another type."""
    types = {column.name: column.type for column in BY_NAME[table].columns}
    return [
        {name: _out(value, types[name], name) for name, value in row.items() if not _is_null(value)}
        for row in frame.to_dict("records")
    ]


def load(events: Sequence[Mapping[str, Any]], table: str) -> pd.DataFrame:
    """Rows of one table out of several events, each key once (the first). Raises ContractError for other JSON."""
    rows = pd.DataFrame([row for event in events for row in event.get(table, ())])
    if rows.empty:
        return rows
    try:
        return _typed(table, rows).drop_duplicates(list(BY_NAME[table].key), ignore_index=True)
    except (KeyError, TypeError, ValueError) as error:
        raise ContractError(
            f"Staged rows of {table} are not what was written ({type(error).__name__}): their event goes to quarantine."
        ) from error


def _typed(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    for column in BY_NAME[table].columns:
        if column.name in rows and column.type == "TIMESTAMPTZ":
            rows[column.name] = pd.to_datetime(rows[column.name], utc=True, format="ISO8601")
        elif column.name in rows and column.type == "FLOAT[]":
            rows[column.name] = [np.frombuffer(base64.b64decode(text), dtype=np.float32) for text in rows[column.name]]
    return contract_frame(table, rows)


def _is_null(value: Any) -> bool:
    return value is None or (not isinstance(value, list | np.ndarray) and bool(pd.isna(value)))


def _out(value: Any, type_: str, name: str) -> Any:
    try:
        return _AS[type_](value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RowError(f"bad_{name}: {type(value).__name__} where {type_} is kept") from error


def _instant(value: Any) -> str:
    at = pd.Timestamp(value) if isinstance(value, datetime | np.datetime64) else None
    if at is None or at.tzinfo is None:
        raise ValueError("no instant with its zone")
    return str(at.isoformat())


def _day(value: Any) -> str:
    return (value.date() if isinstance(value, datetime) else date.fromisoformat(str(value))).isoformat()


def _vector(value: Any) -> str:
    return base64.b64encode(np.asarray(value, dtype=np.float32).tobytes()).decode()


_AS: dict[str, Callable[[Any], Any]] = {
    "VARCHAR": lambda value: str(value).encode("utf-8", "replace").decode(),
    "DOUBLE": float,
    "INTEGER": int,
    "BIGINT": int,
    "BOOLEAN": bool,
    "DATE": _day,
    "TIMESTAMPTZ": _instant,
    "FLOAT[]": _vector,
}
