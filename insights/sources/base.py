"""What a source is: a reader of raw records and a pure function from a raw record to an item.

`registry()` finds every module of this package that has a `SOURCE`. Nothing here redacts or writes: that is the border.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights.errors import RowError
from insights.sources.options import Options

if TYPE_CHECKING:
    from insights.sources.pull import Pull
    from insights.sources.tables import TableSource

FIRST_YEAR, LAST_YEAR = 1990, 2100
_SCALE = re.compile(r"\s*(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")
RAGGED = "__ragged__"  # key under which a row the reader could not make out says why
KEY_PREFIX = "key:"  # a source_id made of declared key columns: the border hashes it
ROW_PREFIX = "row:"  # made of the whole row: hashed with its occurrence number in the file


@dataclass(frozen=True)
class RawRecord:
    """One record as read. `line` is its line or row in the file, from 1; `data` its fields."""

    file: str
    line: int
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """One feedback before the border: still raw, never stored.

    `feedback` holds columns of contracts.FEEDBACK except ids and what the border adds. `author`, `emails` and `phones`
    are hashed there and dropped; `names` (of the author or customer) only help to mask the text. `turns` and `answers`
    hold columns of their tables without feedback_id. Of two versions of one source_id the later `revised_at` stays.
    `deleted`: the source took it out, and so do we (then only source_id counts).
    """

    source_id: str
    feedback: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[Mapping[str, Any], ...] = ()
    turns: tuple[Mapping[str, Any], ...] = ()
    author: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Hook:
    """How a tool posts to us. `verify(headers, body, secrets, now)` raises SignatureError; any of `secrets` may fit.

    `event_key(headers, body)` is the same for every retry of one event. `records(payload)` gives the data of each
    record in the posted JSON, in the shape `parse` reads. Header names arrive in lower case.
    """

    verify: Callable[[Mapping[str, str], bytes, Sequence[str], datetime], None]
    event_key: Callable[[Mapping[str, str], bytes], str]
    records: Callable[[Any], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class RecordSource:
    """A source of feedback, one record at a time. `patterns` are globs below an export folder.

    `parse(record, options)` is pure; it raises SetAside for what is not for us (each code with its reason in
    `set_aside`) and RowError for what cannot be used. `brands` reads the brand names a file speaks of, so that redaction
    never takes them for persons; `beside` what lies beside a file and rules its reading: when it changes, the file is
    read again. `hook` and `pull` are the live ways in. `title` is what people call the tool.
    """

    name: str
    patterns: tuple[str, ...]
    read: Callable[[Path], Iterator[RawRecord]]
    parse: Callable[[RawRecord, Options], Item]
    reference: Mapping[str, str] = field(default_factory=dict)
    brands: Callable[[Path], set[str]] = lambda _: set()
    beside: Callable[[Path], str] = lambda _: ""
    title: str = ""
    set_aside: Mapping[str, str] = field(default_factory=dict)
    hook: Hook | None = None
    pull: Pull | None = None

    def item(self, record: RawRecord, options: Options) -> Item:
        """What a record becomes. Raises as `parse`, and RowError for one that the reader could not make out."""
        if RAGGED in record.data:
            raise RowError(str(record.data[RAGGED]))
        return self.parse(record, options)


@lru_cache(maxsize=1)
def registry() -> dict[str, RecordSource | TableSource]:
    """Every source of this package by name."""
    import insights.sources as package

    found: dict[str, RecordSource | TableSource] = {}
    for module in pkgutil.iter_modules(package.__path__):
        source = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "SOURCE", None)
        if source is not None:
            found[source.name] = source
    return dict(sorted(found.items()))


def feedback_id(source: str, source_id: str) -> str:
    """The lake's id of a feedback: sha256 of its source and its id there."""
    return hashlib.sha256(f"{source}\x1f{source_id}".encode()).hexdigest()


def instant(value: Any, column: str) -> datetime:
    """A UTC instant from ISO 8601. Raises RowError naming the column; a naive instant is refused."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        raise RowError(f"bad_{column}: not an ISO 8601 instant") from error
    if found.tzinfo is None:
        raise RowError(f"bad_{column}: no time zone")
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise RowError(f"bad_{column}: not a date of our years")
    return found.astimezone(UTC)


def required(data: Mapping[str, Any], column: str) -> Any:
    """A field that must be there. Raises RowError naming it."""
    value = data.get(column)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise RowError(f"missing_{column}: the field is empty or absent")
    return value


def text_or_none(value: Any) -> str | None:
    """A stripped text; None for empty and blank."""
    if value is None:
        return None
    stripped = str(value).strip()
    return stripped or None


def score(value: Any, scale: str, column: str) -> float:
    """A score within its scale `minimum-maximum`, decimal comma or point. Raises RowError out of it."""
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError as error:
        raise RowError(f"bad_{column}: not a number") from error
    low, high = (float(part) for part in _SCALE.match(scale).groups())  # type: ignore[union-attr]
    if not low <= number <= high:
        raise RowError(f"out_of_scale_{column}: {number:g} is outside {scale}")
    return number
