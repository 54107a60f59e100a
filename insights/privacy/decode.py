"""The texts of a file as a reader sees them: JSON, mails, pages, arrays, Parquet columns and their statistics."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default as mail_policy
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

_TAG = re.compile(r"<[^>]+>")


def decoded(path: Path) -> Iterator[str]:
    """The texts of a file as a reader sees them."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                if arrays[name].dtype.kind in "US":
                    yield from (str(one) for one in arrays[name].ravel().astype(str))
        return
    content = path.read_bytes()
    if path.suffix == ".eml":
        for part in message_from_bytes(content, policy=mail_policy).walk():
            if part.get_content_maintype() == "text":
                yield from _shown(part.get_content())
        return
    text = content.decode("utf-8", errors="replace")
    yield from _shown(text)
    if path.suffix in {".json", ".jsonl"}:
        yield from leaves(text)


def parsed(text: str) -> Any:
    """A JSON document; None for what is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def leaves(text: str) -> Iterator[str]:
    """Every text in a JSON document, names and documents inside it too; nothing for what is no JSON."""
    stack = [parsed(text)]
    while stack:
        found = stack.pop()
        if isinstance(found, str):
            yield found
            stack += [parsed(found)] if found[:1] in ("{", "[") else []
        elif isinstance(found, dict):
            stack += [*found, *found.values()]
        elif isinstance(found, list):
            stack += found
        elif isinstance(found, int | float) and not isinstance(found, bool):
            yield str(found)


def _shown(text: str) -> Iterator[str]:
    """A text as written, and as a page shows it."""
    yield text
    yield html.unescape(_TAG.sub(" ", text))


def statistics(meta: Any) -> Iterator[str]:
    """The least and greatest text of every column in a Parquet footer."""
    for group in range(meta.num_row_groups):
        for column in range(meta.num_columns):
            statistics = meta.row_group(group).column(column).statistics
            if statistics is not None and statistics.has_min_max:
                for value in (statistics.min, statistics.max):
                    if isinstance(value, str | bytes):
                        yield as_text(value)


def holds_text(type_: Any) -> bool:
    """Whether an Arrow type holds texts, or lists of them."""
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return holds_text(type_.value_type)
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_binary(type_))


def flat(column: Any) -> Any:
    """The texts of an Arrow array, out of their lists."""
    while pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = column.flatten()
    return column.cast(pa.large_string(), safe=False)


def as_text(value: str | bytes) -> str:
    """The text, whatever its bytes."""
    return value if isinstance(value, str) else value.decode("utf-8", errors="replace")
